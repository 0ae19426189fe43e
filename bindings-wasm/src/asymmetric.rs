//! The primitives. Those that have public keys are a second module, which the half in JavaScript loads when one of them is first asked
//! for: then the run of an operation comes to nothing, and it runs again (`js/ask.js`).

use crate::{
    convert::host,
    run::{RUN, lack},
};
use pocketkms::{OsRandom, PrimitiveError, Provider, Random, Rsa, RsaPrivateKey, RsaPublicKey};
use pocketkms_elsewhere::{Channel, Elsewhere};
use std::sync::Arc;
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

/// The primitives of this package.
pub(crate) fn provider() -> Provider {
    Provider { rsa: &RsaKeys, runs: &RUN, ..Provider::with_asymmetric(Arc::new(OsRandom), &SECOND) }
}

static SECOND: Elsewhere<Second> = Elsewhere(&Second);

/// The second module.
struct Second;

impl Channel for Second {
    fn call(&self, request: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let Ok(length) = usize::try_from(host::ask_primitive(request)) else {
            lack();
            return None;
        };
        let mut answer = Zeroizing::new(vec![0; length]);
        host::take_primitive(&mut answer);
        Some(answer)
    }
}

/// RSA keys are made by the platform, where it makes any: a prime takes WebAssembly seconds.
struct RsaKeys;

impl Rsa for RsaKeys {
    fn generate(&self, bits: usize, random: &dyn Random) -> Result<Vec<u8>, PrimitiveError> {
        let wanted = u32::try_from(bits).unwrap_or_default();
        match usize::try_from(host::rsa_key(wanted)) {
            Ok(0) => Rsa::generate(&SECOND, bits, random),
            Ok(length) => {
                let mut key = Zeroizing::new(vec![0; length]);
                host::take_rsa_key(&mut key);
                // It is the platform's: looked at before it is anyone's key.
                let public = self.private_key(&key).and_then(|key| key.public_key());
                if public.is_ok_and(|spki| has_public_half_of(&spki, bits)) {
                    Ok(std::mem::take(&mut *key))
                } else {
                    Rsa::generate(&SECOND, bits, random)
                }
            }
            Err(_) => {
                lack();
                Err(PrimitiveError::RsaPrivateKey)
            }
        }
    }

    fn public_key(&self, spki: &[u8]) -> Result<Box<dyn RsaPublicKey>, PrimitiveError> {
        Rsa::public_key(&SECOND, spki)
    }

    fn private_key(&self, pkcs8: &[u8]) -> Result<Box<dyn RsaPrivateKey>, PrimitiveError> {
        Rsa::private_key(&SECOND, pkcs8)
    }
}

/// What the second module must have, too: else they are of different builds.
#[wasm_bindgen(js_name = primitivesBuild)]
#[allow(unreachable_pub, reason = "wasm-bindgen exports it")]
pub fn primitives_build() -> u32 {
    pocketkms_elsewhere::BUILD
}

/// Whether a `SubjectPublicKeyInfo` is of a modulus of exactly so many bits, and of the exponent 65537, as AWS KMS makes them.
fn has_public_half_of(spki: &[u8], bits: usize) -> bool {
    const EXPONENT: [u8; 5] = [0x02, 0x03, 0x01, 0x00, 0x01];
    let Some(before) = spki.strip_suffix(&EXPONENT) else { return false };
    let Some(at) = before.len().checked_sub(bits / 8) else { return false };
    // The highest bit is set, and so a zero stands before it, which says that this is no negative number.
    matches!(before.split_at(at), ([.., 0], [first, ..]) if first & 0x80 != 0)
}
