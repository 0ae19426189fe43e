//! Reading CBOR (RFC 8949), as far as attestation documents have it: whatever has a definite length. It lends what it reads, and
//! allocates nothing.

/// What is left to read.
#[derive(Clone, Copy)]
pub(super) struct Cbor<'a>(&'a [u8]);

/// The major types (section 3.1).
const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
/// The encoding of null.
const NULL: u8 = 0xf6;

impl<'a> Cbor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next item's major type and argument; nothing where the length is not stated before.
    fn head(&mut self) -> Option<(u8, u64)> {
        let (initial, rest) = self.0.split_first()?;
        self.0 = rest;
        let argument = match initial & 0x1f {
            short @ 0..=23 => u64::from(short),
            size @ 24..=27 => {
                let bytes = self.take(1 << (size - 24))?;
                bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
            }
            _ => return None,
        };
        Some((initial >> 5, argument))
    }

    /// The argument of an item of that major type.
    fn of(&mut self, major: u8) -> Option<u64> {
        self.head().and_then(|(found, argument)| (found == major).then_some(argument))
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn unsigned(&mut self) -> Option<u64> {
        self.of(UNSIGNED)
    }

    /// A negative number `-1 - n` as its `n`.
    pub(super) fn negative(&mut self) -> Option<u64> {
        self.of(NEGATIVE)
    }

    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.of(BYTES)?;
        self.take(usize::try_from(length).ok()?)
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = self.of(TEXT)?;
        str::from_utf8(self.take(usize::try_from(length).ok()?)?).ok()
    }

    /// How many items follow.
    pub(super) fn array(&mut self) -> Option<u64> {
        self.of(ARRAY)
    }

    /// How many pairs of items follow.
    pub(super) fn map(&mut self) -> Option<u64> {
        self.of(MAP)
    }

    /// Passes over the tag, if that comes next.
    pub(super) fn skip_tag(&mut self, tag: u64) {
        let mut ahead = *self;
        if ahead.of(TAG) == Some(tag) {
            *self = ahead;
        }
    }

    /// Passes over null, if that comes next.
    pub(super) fn is_null(&mut self) -> bool {
        match self.0 {
            [NULL, rest @ ..] => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// Passes over an item with all that is in it. However deep that is, it is counted and not descended into.
    pub(super) fn skip(&mut self) -> Option<()> {
        let mut items: u64 = 1;
        while let Some(left) = items.checked_sub(1) {
            let (major, argument) = self.head()?;
            let inside = match major {
                BYTES | TEXT => {
                    self.take(usize::try_from(argument).ok()?)?;
                    0
                }
                ARRAY => argument,
                MAP => argument.checked_mul(2)?,
                TAG => 1,
                _ => 0,
            };
            items = left.checked_add(inside)?;
        }
        Some(())
    }

    /// Nothing where anything is left.
    pub(super) fn finish(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// The head of a byte string of that length, to be hashed before it: in its shortest form (section 4.2.1).
pub(super) fn bytes_head(length: usize) -> ([u8; 9], usize) {
    let mut head = [0; 9];
    let (size, number) = match length {
        0..=23 => (0, 0),
        24..=0xff => (1, 24),
        0x100..=0xffff => (2, 25),
        0x1_0000..=0xffff_ffff => (4, 26),
        _ => (8, 27),
    };
    let argument = (length as u64).to_be_bytes();
    let short = if size == 0 { argument[7] } else { number };
    let begin = argument.len() - size;
    let bytes = core::iter::once(BYTES << 5 | short).chain(argument.into_iter().skip(begin));
    head.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    (head, 1 + size)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8949, appendix A.
    #[test]
    fn items_are_read_as_the_rfc_has_them() {
        assert_eq!(Cbor::new(&[0x17]).unsigned(), Some(23));
        assert_eq!(Cbor::new(&[0x18, 0x64]).unsigned(), Some(100));
        assert_eq!(Cbor::new(&[0x19, 0x03, 0xe8]).unsigned(), Some(1000));
        assert_eq!(Cbor::new(&[0x1b, 0, 0, 0, 0xe8, 0xd4, 0xa5, 0x10, 0]).unsigned(), Some(1_000_000_000_000));
        assert_eq!(Cbor::new(&[0x38, 0x63]).negative(), Some(99));
        assert_eq!(Cbor::new(&[0x44, 1, 2, 3, 4]).bytes(), Some(&[1, 2, 3, 4][..]));
        assert_eq!(Cbor::new(&[0x62, 0xc3, 0x00]).text(), None);
        assert_eq!(Cbor::new(&[0x62, 0xc3, 0xbc]).text(), Some("\u{fc}"));
        assert_eq!(Cbor::new(&[0x83, 1, 2, 3]).array(), Some(3));
        assert_eq!(Cbor::new(&[0xa2, 1, 2, 3, 4]).map(), Some(2));
    }

    #[test]
    fn what_is_cut_short_or_claims_too_much_is_refused() {
        for bytes in [
            &[][..],
            &[0x18],
            &[0x1b, 0, 0, 0],
            &[0x44, 1, 2, 3],
            &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
            // Indefinite lengths, and heads that mean nothing.
            &[0x5f, 0x41, 1, 0xff],
            &[0x5c, 1],
        ] {
            assert_eq!(Cbor::new(bytes).bytes(), None, "{bytes:?}");
            assert_eq!(Cbor::new(bytes).skip(), None, "{bytes:?}");
        }
        // Depth and number cost nothing.
        let deep = alloc::vec![0x81; 1 << 20];
        assert_eq!(Cbor::new(&deep).skip(), None);
        assert_eq!(Cbor::new(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]).skip(), None);
        assert_eq!(Cbor::new(&[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]).skip(), None);
    }

    #[test]
    fn an_item_is_passed_over_whole() {
        // {"a": [1, h'02', null], 18({}): "x"}, and a 7 after it.
        let mut cbor = Cbor::new(&[0xa2, 0x61, 0x61, 0x83, 1, 0x41, 2, 0xf6, 0xd2, 0xa0, 0x61, 0x78, 7]);
        assert_eq!(cbor.skip(), Some(()));
        assert_eq!(cbor.unsigned(), Some(7));
        assert_eq!(cbor.finish(), Some(()));
    }

    #[test]
    fn heads_are_in_their_shortest_form() {
        for (length, expected) in [
            (0, &[0x40][..]),
            (23, &[0x57]),
            (24, &[0x58, 24]),
            (0xff, &[0x58, 0xff]),
            (0x100, &[0x59, 1, 0]),
            (0x1_0000, &[0x5a, 0, 1, 0, 0]),
        ] {
            let (head, size) = bytes_head(length);
            assert_eq!(head.get(..size), Some(expected), "{length}");
        }
    }
}
