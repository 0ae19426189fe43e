//! Any bytes as a key of an app: PEM or DER, public or private, of RSA or of an elliptic curve.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use pocketkms::{
    ErrorKind, OsRandom, Provider, Secret,
    envelope::{EcdhCurveSpec, PaddingScheme, RawEcdhKeyring, RawEcdhSchema, RawRsaKeyring},
};
use std::{cell::LazyCell, sync::Arc};

thread_local! {
    static PROVIDER: LazyCell<Provider> = LazyCell::new(|| Provider::rust_crypto(Arc::new(OsRandom)));
}

/// The first byte chooses what the key is for. What is taken as DER is taken in PEM, too.
pub fn key_file(data: &[u8]) -> bool {
    let [choice, key @ ..] = data else { return false };
    let taken = PROVIDER.with(|provider| takes(provider, *choice, key));
    if taken && key.first() == Some(&0x30) {
        let label = if choice & 1 == 0 { "PUBLIC KEY" } else { "PRIVATE KEY" };
        let lines: Vec<_> = BASE64_STANDARD.encode(key).into_bytes().chunks(64).map(<[u8]>::to_vec).collect();
        let body = String::from_utf8(lines.join(&b'\n')).expect("base64");
        let pem = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        assert!(PROVIDER.with(|provider| takes(provider, *choice, pem.as_bytes())), "DER, but not its PEM");
    }
    taken
}

fn takes(provider: &Provider, choice: u8, key: &[u8]) -> bool {
    let secret = Secret::copy_of(key);
    let curve = EcdhCurveSpec::ALL[usize::from(choice >> 2) % EcdhCurveSpec::ALL.len()];
    let padding = PaddingScheme::OaepSha256Mgf1;
    let error = match choice & 3 {
        0 => RawRsaKeyring::new(provider, "fuzz", "key", padding, Some(key), None).err(),
        1 => RawRsaKeyring::new(provider, "fuzz", "key", padding, None, Some(&secret)).err(),
        2 => {
            let schema = RawEcdhSchema::EphemeralPrivateKeyToStaticPublicKey { recipient_public_key: key };
            RawEcdhKeyring::new(provider, schema, curve).err()
        }
        _ => {
            let schema = RawEcdhSchema::PublicKeyDiscovery { recipient_private_key: &secret };
            RawEcdhKeyring::new(provider, schema, curve).err()
        }
    };
    if let Some(error) = &error {
        assert_eq!(error.kind(), ErrorKind::Validation, "{}", error.report());
        // An explanation may stand in a log: no key may stand in it.
        assert!(key.len() < 16 || !error.report().contains(&*String::from_utf8_lossy(key)), "the key is disclosed");
    }
    error.is_none()
}
