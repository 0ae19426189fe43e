//! Bytes in a plain vector.

use super::{Given, Type};
use alloc::vec::Vec;

/// The only type of bytes without a name of its own: `structures!` takes no other for `bytes`.
pub(crate) trait Plain {
    const TYPE: Type;
}

impl Plain for Vec<u8> {
    const TYPE: Type = Type::Bytes;
}

pub(crate) fn read(given: Given) -> Option<Vec<u8>> {
    match given {
        Given::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}
