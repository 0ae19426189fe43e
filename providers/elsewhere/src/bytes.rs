//! Values as bytes. Nothing in here may be read later or by anyone else: the two sides are of one build.

use alloc::vec::Vec;
use zeroize::{Zeroize, Zeroizing};

/// Bytes that hold secrets, whichever they are.
pub(crate) type Wiped = Zeroizing<Vec<u8>>;

/// What is being written. It grows by moving, and leaves nothing behind.
#[derive(Default)]
pub(crate) struct Writer(Wiped);

impl Writer {
    /// With room for so many bytes, so that most need not grow.
    pub(crate) fn with_room(length: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(length)))
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        let Self(written) = self;
        if written.capacity() - written.len() < bytes.len() {
            let mut grown = Vec::with_capacity(2 * written.capacity() + bytes.len());
            grown.extend_from_slice(written);
            written.zeroize();
            **written = grown;
        }
        written.extend_from_slice(bytes);
    }

    pub(crate) fn finish(self) -> Wiped {
        self.0
    }
}

/// What is left to be read.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }
}

/// A value that crosses. Both sides agree on what comes next; so there is no word about it in the bytes.
pub(crate) trait Value<'a>: Sized {
    fn write(&self, writer: &mut Writer);

    /// `None` where these are not the bytes of one.
    fn read(reader: &mut Reader<'a>) -> Option<Self>;
}

impl Value<'_> for () {
    fn write(&self, _: &mut Writer) {}

    fn read(_: &mut Reader<'_>) -> Option<Self> {
        Some(())
    }
}

impl Value<'_> for u8 {
    fn write(&self, writer: &mut Writer) {
        writer.bytes(&[*self]);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.array().map(|[byte]| byte)
    }
}

impl Value<'_> for u32 {
    fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.to_le_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.array().map(Self::from_le_bytes)
    }
}

/// A length, or a number of bits. None is longer than a memory of 32 bits.
impl Value<'_> for usize {
    fn write(&self, writer: &mut Writer) {
        u32::try_from(*self).unwrap_or(u32::MAX).write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        u32::read(reader)?.try_into().ok()
    }
}

impl<'a> Value<'a> for &'a [u8] {
    fn write(&self, writer: &mut Writer) {
        self.len().write(writer);
        writer.bytes(self);
    }

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let length = usize::read(reader)?;
        reader.bytes(length)
    }
}

impl<'a, const N: usize> Value<'a> for &'a [u8; N] {
    fn write(&self, writer: &mut Writer) {
        writer.bytes(&self[..]);
    }

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.bytes(N)?.try_into().ok()
    }
}

impl<const N: usize> Value<'_> for [u8; N] {
    fn write(&self, writer: &mut Writer) {
        writer.bytes(self);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.array()
    }
}

impl Value<'_> for Vec<u8> {
    fn write(&self, writer: &mut Writer) {
        (&**self).write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        <&[u8]>::read(reader).map(<[u8]>::to_vec)
    }
}

impl Value<'_> for Wiped {
    fn write(&self, writer: &mut Writer) {
        (&***self).write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Vec::read(reader).map(Zeroizing::new)
    }
}

impl<'a, A: Value<'a>, B: Value<'a>> Value<'a> for (A, B) {
    fn write(&self, writer: &mut Writer) {
        self.0.write(writer);
        self.1.write(writer);
    }

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        Some((A::read(reader)?, B::read(reader)?))
    }
}

impl<'a, T: Value<'a>, E: Value<'a>> Value<'a> for Result<T, E> {
    fn write(&self, writer: &mut Writer) {
        match self {
            Ok(value) => {
                0_u8.write(writer);
                value.write(writer);
            }
            Err(error) => {
                1_u8.write(writer);
                error.write(writer);
            }
        }
    }

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        match u8::read(reader)? {
            0 => T::read(reader).map(Ok),
            1 => E::read(reader).map(Err),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_or_too_long_is_no_value_and_needs_no_memory() {
        let bytes = [255, 255, 255, 255, 1];
        assert!(<&[u8]>::read(&mut Reader(&bytes)).is_none());
        assert!(u32::read(&mut Reader(&bytes[..3])).is_none());
        assert!(<&[u8; 6]>::read(&mut Reader(&bytes)).is_none());
        assert!(<Result<u8, u8>>::read(&mut Reader(&[2, 0])).is_none());
    }

    #[test]
    fn values_come_back_as_they_were_however_long_they_are() {
        let mut writer = Writer::default();
        let long = alloc::vec![7; 1000];
        (long.as_slice(), 5_usize).write(&mut writer);
        Err::<u8, _>([1_u8, 2]).write(&mut writer);
        let written = writer.finish();
        let mut reader = Reader(&written);
        assert_eq!(<(&[u8], usize)>::read(&mut reader), Some((&*long, 5)));
        assert_eq!(<Result<u8, [u8; 2]>>::read(&mut reader), Some(Err([1, 2])));
        assert!(reader.0.is_empty());
    }
}
