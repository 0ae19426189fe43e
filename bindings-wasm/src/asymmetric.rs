//! The primitives. Those that have public keys are a second module, which the half in JavaScript loads when one of them is first asked
//! for: then the run of an operation comes to nothing, and it runs again (`js/ask.js`).

use crate::convert::host;
use pocketkms::{OsRandom, PrimitiveError, Provider, Random, Rsa, RsaPrivateKey, RsaPublicKey, Runs};
use pocketkms_elsewhere::{Channel, Elsewhere};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
};
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
            RUN.lacks.store(true, Relaxed);
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
                if self.private_key(&key)?.modulus_length() * 8 != bits {
                    return Err(PrimitiveError::RsaPrivateKey);
                }
                Ok(std::mem::take(&mut *key))
            }
            Err(_) => {
                RUN.lacks.store(true, Relaxed);
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

/// The run of an operation. There is one thread, and one run at a time.
struct Run {
    lacks: AtomicBool,
    /// How much was counted in it.
    counting: AtomicU32,
    /// How much of that was counted in a run before.
    counted: AtomicU32,
}

static RUN: Run = Run { lacks: AtomicBool::new(false), counting: AtomicU32::new(0), counted: AtomicU32::new(0) };

impl Runs for Run {
    fn lacks(&self) -> bool {
        self.lacks.load(Relaxed)
    }

    fn counts(&self) -> bool {
        self.counting.fetch_add(1, Relaxed) >= self.counted.load(Relaxed)
    }
}

/// A run begins.
pub(crate) fn begin_run() {
    RUN.lacks.store(false, Relaxed);
    RUN.counting.store(0, Relaxed);
}

/// What the second module must have, too: else they are of different builds.
#[wasm_bindgen(js_name = primitivesBuild)]
#[allow(unreachable_pub, reason = "wasm-bindgen exports it")]
pub fn primitives_build() -> u32 {
    pocketkms_elsewhere::BUILD
}

/// How much the last run counted.
#[wasm_bindgen(js_name = countedInRun)]
#[allow(unreachable_pub, reason = "wasm-bindgen exports it")]
pub fn counted_in_run() -> u32 {
    RUN.counting.load(Relaxed)
}

/// The next run is one of an operation that has counted so much before.
#[wasm_bindgen(js_name = runAfter)]
#[allow(unreachable_pub, reason = "wasm-bindgen exports it")]
pub fn run_after(counted: u32) {
    begin_run();
    RUN.counted.store(counted, Relaxed);
}
