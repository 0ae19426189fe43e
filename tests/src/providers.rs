//! Every provider of primitives. What is tested with one is tested with all.

use pocketkms::{OsRandom, Provider};
use std::sync::Arc;

/// The providers with their names. A new one is a line here.
pub fn all() -> Vec<(&'static str, Provider)> {
    vec![("RustCrypto", Provider::rust_crypto(Arc::new(OsRandom))), ("native", Provider::native(Arc::new(OsRandom)))]
}
