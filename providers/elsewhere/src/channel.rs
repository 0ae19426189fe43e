//! The way between the two sides.

use crate::bytes::Wiped;

/// How a request comes to the other side.
pub trait Channel: Send + Sync {
    /// The other side's answer to a request; nothing where no one is there.
    fn call(&self, request: &[u8]) -> Option<Wiped>;
}
