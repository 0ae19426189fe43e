//! The key derivation function in counter mode of NIST SP 800-108 Rev. 1, section 4.1, with HMAC.
//!
//! Our own, since the field's crate for it offers no prepared keys, and preparing costs as much as deriving.

use super::{Hash, MacKey};

/// Derives `out` from an HMAC key that was prepared for `hash`: `HMAC(key, [i] || label || 0x00 || context || [L])` for
/// i = 1, 2, …
///
/// `[i]` and `[L]`, the length of `out` in bits, are 32 bits big endian. The label has no zero byte or a length that
/// follows from its beginning, so that it and the context can be separated in one way only.
pub(crate) fn derive(key: &dyn MacKey, hash: Hash, label: &[u8], context: &[&[u8]; 2], out: &mut [u8]) {
    let bits = u32::try_from(out.len() * 8).unwrap_or(u32::MAX).to_be_bytes();
    let [first, second] = *context;
    counter_mode(key, hash, [label, &[0], first, second, &bits], out);
}

/// `HMAC(key, [i] || fixed input)`, the fixed input being the parts in a row.
fn counter_mode(key: &dyn MacKey, hash: Hash, fixed_input: [&[u8]; 5], out: &mut [u8]) {
    let [first, second, third, fourth, fifth] = fixed_input;
    for (counter, block) in (1_u32..).zip(out.chunks_mut(hash.length())) {
        key.mac(&[&counter.to_be_bytes(), first, second, third, fourth, fifth], block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Hash, Provider};
    use alloc::{string::String, vec, vec::Vec};
    use std::{env, fs, path::Path, println};

    fn derived(hash: Hash, key: &[u8], label: &[u8], context: &[u8], length: usize) -> String {
        let mut out = vec![0; length];
        // Cut anywhere: two parts of a context are the same as the whole.
        let (first, second) = context.split_at(context.len() / 3);
        derive(&*Provider::default().mac.key(hash, key), hash, label, &[first, second], &mut out);
        hex::encode(out)
    }

    /// Made with OpenSSL, through pyca/cryptography's `KBKDFHMAC` in counter mode with both lengths in 4 bytes.
    #[test]
    fn vectors_of_another_implementation() {
        let key: Vec<u8> = (0..32).collect();
        let context: Vec<u8> = (0..64).collect();
        for (label, context, expected) in [
            (
                "PocketKMS Key Material Id 1",
                &context[..16],
                "6db7c6ad1c3dea72bb955f6f481c845d3683202a705347a60c66f4d2e8b27aac",
            ),
            (
                "PocketKMS CiphertextBlob 1",
                &context,
                "bcf4b0d00d9a8e272bcf4a40894eb7dd2a49986c1e3e97bfd9a988ecd1e3fa97\
                 7d4c8da6862b37967983cc50852c6aed5b0565b772a7afdaa79eb7662029bbaa",
            ),
            (
                "label",
                b"context",
                // Longer than two blocks, and no multiple of one.
                "793c8c6322234b76061bb6be858d899cf6c2cf3a2cf075f22bed2b8a17d10ff1\
                 cd9a6cdfd6c0f4bcaea6f6700b4decc8cb28a019968a859f4e2d4ec8c686dbd5\
                 a33e6943413e3db9b6c04a28022f936e",
            ),
        ] {
            assert_eq!(derived(Hash::Sha256, &key, label.as_bytes(), context, expected.len() / 2), expected, "{label}");
        }
    }

    /// The vectors that lie beside the repository, where they do; they may not be copied into it.
    #[test]
    fn vectors_of_the_encryption_sdk() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/aws-esdk/edk-kdf.json");
        let Ok(json) = fs::read(&file) else {
            assert!(env::var_os("CI").is_none(), "{} is missing", file.display());
            println!("{} is not there: the other vectors must do", file.display());
            return;
        };
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let kdf = &json["kdf_ctr_hmac"];
        let cases = |group: &str| kdf[group].as_array().unwrap().clone();
        let (fixed, labelled) = (cases("fixed_input"), cases("label_and_context"));
        for hash in ["sha256", "sha384"] {
            for (group, least) in [(&fixed, 5), (&labelled, 24)] {
                let count = group.iter().filter(|case| case["hash"] == hash).count();
                assert!(count >= least, "{count} vectors with {hash} only");
            }
        }
        for case in fixed.iter().chain(&labelled) {
            let bytes = |name: &str| hex::decode(case[name].as_str().unwrap()).unwrap();
            let length = usize::try_from(case["length"].as_u64().unwrap()).unwrap();
            let hash = match case["hash"].as_str().unwrap() {
                "sha256" => Hash::Sha256,
                "sha384" => Hash::Sha384,
                other => panic!("{other} is new"),
            };
            let out = if case.get("fixed_input_hex").is_some() {
                let mut out = vec![0; length];
                let key = Provider::default().mac.key(hash, &bytes("key_hex"));
                counter_mode(&*key, hash, [&bytes("fixed_input_hex"), &[], &[], &[], &[]], &mut out);
                hex::encode(out)
            } else {
                derived(hash, &bytes("key_hex"), &bytes("label_hex"), &bytes("context_hex"), length)
            };
            assert_eq!(out, case["output_hex"].as_str().unwrap(), "{}", case["name"]);
        }
    }
}
