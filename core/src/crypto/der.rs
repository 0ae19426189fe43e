//! Writing DER (ITU-T X.690): a value with its tag and length, wiped on drop since there are private keys among them.

use crate::secret::Secret;
use alloc::vec::Vec;

pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const NULL: &[u8] = &[0x05, 0x00];
pub(crate) const INTEGER_ZERO: &[u8] = &[0x02, 0x01, 0x00];

/// An encoded value.
pub(crate) struct Der(Secret);

impl Der {
    /// The parts in a row are the content.
    pub(crate) fn of(tag: u8, parts: &[&[u8]]) -> Self {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let bytes = length.to_be_bytes();
        let significant = bytes.iter().position(|byte| *byte != 0).map_or(&[][..], |at| bytes.get(at..).unwrap_or(&[]));
        // Section 8.1.3: lengths below 128 in one byte, others after their own length, which eight bytes at most have.
        let mut header = Vec::from([tag]);
        match significant {
            [] => header.push(0),
            [short @ ..0x80] => header.push(*short),
            long => {
                header.push(0x80 | u8::try_from(long.len()).unwrap_or(8));
                header.extend(long);
            }
        }
        let mut value = Secret::zeroed(header.len() + length);
        let content = core::iter::once(&*header).chain(parts.iter().copied()).flatten();
        value.expose_mut().iter_mut().zip(content).for_each(|(to, from)| *to = *from);
        Self(value)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.expose()
    }

    pub(crate) fn into_secret(self) -> Secret {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_in_their_shortest_form() {
        for (length, header) in [
            (0, &[4, 0][..]),
            (1, &[4, 1]),
            (127, &[4, 127]),
            (128, &[4, 0x81, 128]),
            (255, &[4, 0x81, 255]),
            (256, &[4, 0x82, 1, 0]),
            (0x1_0000, &[4, 0x83, 1, 0, 0]),
        ] {
            let content = alloc::vec![7; length];
            let (first, second) = content.split_at(length / 2);
            assert_eq!(Der::of(OCTET_STRING, &[first, second]).bytes(), [header, &content].concat());
        }
    }
}
