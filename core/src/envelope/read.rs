//! Reading fields from bytes that may not all have come yet.

use crate::error::Error;

/// Why nothing could be read.
pub(crate) enum Incomplete {
    /// So many bytes from the front are needed at least.
    Needs(usize),
    /// More bytes would not help.
    Invalid(Error),
}

impl Incomplete {
    /// So many more are needed after those.
    pub(crate) fn and(self, more: usize) -> Self {
        match self {
            Self::Needs(length) => Self::Needs(length.saturating_add(more)),
            Self::Invalid(error) => Self::Invalid(error),
        }
    }
}

impl From<Error> for Incomplete {
    fn from(error: Error) -> Self {
        Self::Invalid(error)
    }
}

pub(crate) type Read<T> = Result<T, Incomplete>;

/// How many bytes hold the length of a field.
pub(crate) const FIELD_PREFIX: usize = 2;

/// Takes fields from the front of bytes. All numbers are big endian.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// How many bytes were taken.
    pub(crate) const fn position(&self) -> usize {
        self.position
    }

    /// The next `length` bytes.
    pub(crate) fn take(&mut self, length: usize) -> Read<&'a [u8]> {
        let end = self.position.saturating_add(length);
        let taken = self.bytes.get(self.position..end).ok_or(Incomplete::Needs(end))?;
        self.position = end;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let needs = self.position.saturating_add(N);
        self.take(N)?.try_into().map_err(|_| Incomplete::Needs(needs))
    }

    pub(crate) fn u8(&mut self) -> Read<u8> {
        self.array().map(u8::from_be_bytes)
    }

    pub(crate) fn u16(&mut self) -> Read<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Read<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Read<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// A field with its length in two bytes before it.
    pub(crate) fn field(&mut self) -> Read<&'a [u8]> {
        let length = self.u16()?;
        self.take(length.into())
    }
}
