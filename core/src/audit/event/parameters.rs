//! What the trail keeps of requests and responses, written in the names of CloudTrail: no bytes and no tokens, so neither
//! plaintexts, data keys, ciphertexts, messages, signatures and MACs, nor what gives a permission.

use super::{dates, json::put_text};
use crate::clock::{TIMESTAMP, Timestamp};
use alloc::{format, vec::Vec};
use core::fmt::Display;
use serde::{
    Serialize, Serializer,
    de::value::Error,
    ser::{Error as _, Impossible, SerializeMap, SerializeSeq, SerializeStruct},
};

/// The longest value of a member. CloudTrail leaves out longer ones as well, so that one call cannot fill the trail.
const LONGEST: usize = 100 * 1024;

/// Members of text that give a permission, are a secret, or lead to one; and what stands elsewhere in a record.
const WITHHELD: [&str; 5] =
    ["GrantToken", "GrantTokens", "KeyStorePassword", "Recipient", "XksProxyAuthenticationCredential"];

/// Which members are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Everything,
    /// The ids of the key materials that were used, which CloudTrail has beside the response.
    MaterialIds,
}

impl Kept {
    fn takes(self, name: &str) -> bool {
        match self {
            Self::Everything => !WITHHELD.contains(&name),
            Self::MaterialIds => name.ends_with("KeyMaterialId"),
        }
    }
}

/// Appends a member with a structure as its value, if anything of it is kept.
pub(super) fn put_member(into: &mut Vec<u8>, name: &str, value: &impl Serialize, kept: Kept) {
    let before = into.len();
    into.extend_from_slice(b",\"");
    into.extend_from_slice(name.as_bytes());
    into.extend_from_slice(b"\":");
    let begun = into.len();
    let mut writer = Writer { into, kept, is_omitted: false };
    let is_kept = value.serialize(&mut writer).is_ok() && !writer.is_omitted;
    let is_too_long = into.len() - begun > LONGEST;
    if !is_kept || is_too_long || matches!(into.get(begun..), Some(b"{}" | b"null")) {
        into.truncate(before);
    }
    if is_too_long {
        into.shrink_to(before);
    }
}

struct Writer<'a> {
    into: &'a mut Vec<u8>,
    kept: Kept,
    /// Whether the value that was written last is none to keep.
    is_omitted: bool,
}

impl Writer<'_> {
    fn put(&mut self, text: &str) {
        self.into.extend_from_slice(text.as_bytes());
    }

    fn put_shown(&mut self, value: impl Display) {
        self.put(&format!("{value}"));
    }

    /// Appends a value after what `begin` writes; neither if the value is not to be kept.
    fn put_or_omit(
        &mut self,
        begin: impl FnOnce(&mut Self) -> Result<(), Error>,
        value: &(impl Serialize + ?Sized),
    ) -> Result<bool, Error> {
        let before = self.into.len();
        begin(self)?;
        value.serialize(&mut *self)?;
        let is_kept = !core::mem::take(&mut self.is_omitted);
        if !is_kept {
            self.into.truncate(before);
        }
        Ok(is_kept)
    }
}

/// A list or an object that is being written.
struct Open<'a, 'w> {
    writer: &'w mut Writer<'a>,
    begun: bool,
    end: &'static str,
}

impl<'a, 'w> Open<'a, 'w> {
    fn new(writer: &'w mut Writer<'a>, begin: &str, end: &'static str) -> Self {
        writer.put(begin);
        Self { writer, begun: false, end }
    }

    fn next(
        &mut self,
        name: impl FnOnce(&mut Writer<'_>) -> Result<(), Error>,
        value: &(impl Serialize + ?Sized),
    ) -> Result<(), Error> {
        let is_first = !self.begun;
        let begin = |writer: &mut Writer<'_>| {
            if !is_first {
                writer.put(",");
            }
            name(writer)
        };
        self.begun |= self.writer.put_or_omit(begin, value)?;
        Ok(())
    }

    fn finish(self) {
        self.writer.put(self.end);
    }
}

impl SerializeSeq for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.next(|_| Ok(()), value)
    }

    fn end(self) -> Result<(), Error> {
        self.finish();
        Ok(())
    }
}

/// An encryption context: its names are the caller's, and stay as they are.
impl SerializeMap for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Error> {
        Err(Error::custom("entries come whole"))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Error> {
        Err(Error::custom("entries come whole"))
    }

    fn serialize_entry<K: Serialize + ?Sized, V: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &V,
    ) -> Result<(), Error> {
        let name = |writer: &mut Writer<'_>| {
            key.serialize(&mut *writer)?;
            writer.put(":");
            Ok(())
        };
        self.next(name, value)
    }

    fn end(self) -> Result<(), Error> {
        self.finish();
        Ok(())
    }
}

impl SerializeStruct for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    /// CloudTrail's names are AWS's with their first letter in lower case: `keyId`, `aWSAccountId`.
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        if !self.writer.kept.takes(name) {
            return Ok(());
        }
        let put_name = |writer: &mut Writer<'_>| {
            let (first, rest) = name.split_at_checked(1).unwrap_or((name, ""));
            writer.put("\"");
            writer.into.extend(first.bytes().map(|letter| letter.to_ascii_lowercase()));
            writer.put(rest);
            writer.put("\":");
            Ok(())
        };
        self.next(put_name, value)
    }

    fn end(self) -> Result<(), Error> {
        self.finish();
        Ok(())
    }
}

/// Values that no request and no response has.
macro_rules! unused {
    ($($method:ident: $type:ty,)*) => { $(
        fn $method(self, _: $type) -> Result<(), Error> {
            Err(Error::custom("no request has such a value"))
        }
    )* };
}

impl<'a, 'w> Serializer for &'w mut Writer<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Open<'a, 'w>;
    type SerializeMap = Open<'a, 'w>;
    type SerializeStruct = Open<'a, 'w>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeStructVariant = Impossible<(), Error>;

    /// So that bytes come as such, and not as text.
    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Error> {
        self.is_omitted = true;
        Ok(())
    }

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.put_shown(value);
        Ok(())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.put_shown(value);
        Ok(())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        self.put_shown(value);
        Ok(())
    }

    /// Times alone, which come in a newtype.
    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        #[expect(clippy::cast_possible_truncation, reason = "saturating is what is wanted")]
        let millis = (value * 1000.0) as i64;
        put_text(self.into, &dates::spoken(Timestamp::from_millis(millis)));
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Result<(), Error> {
        put_text(self.into, text);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.is_omitted = true;
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.put("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<(), Error> {
        self.serialize_str(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Error> {
        debug_assert_eq!(name, TIMESTAMP);
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        Err(Error::custom("no request has such a value"))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Open<'a, 'w>, Error> {
        Ok(Open::new(self, "[", "]"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Open<'a, 'w>, Error> {
        Ok(Open::new(self, "{", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Open<'a, 'w>, Error> {
        Ok(Open::new(self, "{", "}"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Error> {
        Err(Error::custom("no request has such a value"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Error> {
        Err(Error::custom("no request has such a value"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        Err(Error::custom("no request has such a value"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        Err(Error::custom("no request has such a value"))
    }

    unused! {
        serialize_i8: i8, serialize_i16: i16, serialize_i64: i64, serialize_u8: u8, serialize_u16: u16,
        serialize_u32: u32, serialize_f32: f32, serialize_char: char,
    }
}
