//! Every provider of primitives. What is tested with one is tested with all.

use crate::elsewhere;
use pocketkms::{Aead, OsRandom, Provider};
use pocketkms_native::Library;
use std::sync::Arc;

/// The providers with their names. A new one is a line here.
pub fn all() -> Vec<(&'static str, Provider)> {
    let native = Provider::native(Arc::new(OsRandom));
    let mut all = vec![
        ("RustCrypto", Provider::rust_crypto(Arc::new(OsRandom))),
        ("native", native.clone()),
        ("RustCrypto elsewhere", elsewhere::provider()),
    ];
    // The native one has AES-GCM from the library that is fastest on this processor. Another processor gets the other.
    for library in Library::ALL {
        let (name, aead): (_, &'static dyn Aead) = match library {
            Library::AwsLc => ("native with AWS-LC", &Library::AwsLc),
            #[cfg(target_arch = "x86_64")]
            Library::Ring => ("native with ring", &Library::Ring),
        };
        all.push((name, Provider { aead, ..native.clone() }));
    }
    all
}
