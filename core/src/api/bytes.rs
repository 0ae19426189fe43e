//! Bytes in requests and responses.

use crate::shape::{Type, shape};
use alloc::vec::Vec;
use core::ops::Deref;

/// Bytes that are no secret: a ciphertext.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Blob(Vec<u8>);

shape! { Blob => Type::Bytes, |blob| Bytes(blob), Bytes(bytes) => Some(Self(bytes)); }

impl Blob {
    /// The bytes.
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Deref for Blob {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Blob {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
