//! A response as JSON, in a buffer that leaves no copy of a secret behind where it grows.

use super::json::special;
use crate::{
    secret::Secret,
    shape::{Structure, Type},
};
use alloc::string::ToString;
use core::fmt::Display;
use serde::{
    Serialize, Serializer,
    de::value::Error,
    ser::{Error as _, Impossible, SerializeMap, SerializeSeq, SerializeStruct},
};

/// The bytes of a value. Of what the type describes, secrets that are empty are left out: AWS has none where an answer is encrypted for
/// a recipient.
pub(super) fn write(value: &impl Serialize, described: &Type) -> Result<Secret, Error> {
    let structure = if let Type::Structure(structure) = described { Some(*structure) } else { None };
    let mut buffer = Buffer { room: Secret::zeroed(2048), length: 0, structure };
    value.serialize(&mut buffer)?;
    Ok(Secret::copy_of(buffer.written()))
}

/// What is written so far, in room that is wiped.
struct Buffer {
    room: Secret,
    length: usize,
    structure: Option<&'static Structure>,
}

impl Buffer {
    fn written(&self) -> &[u8] {
        self.room.expose().get(..self.length).unwrap_or_default()
    }

    /// Whether the member that was written last is an empty secret.
    fn ends_in_nothing(&self, name: &str) -> bool {
        let is_secret = || {
            let members = self.structure.iter().flat_map(|structure| structure.members);
            members.filter(|member| member.is_secret()).any(|member| member.has_wire_name(name))
        };
        self.written().ends_with(b":\"\"") && is_secret()
    }

    fn put(&mut self, text: &str) {
        let end = self.length.saturating_add(text.len());
        if end > self.room.len() {
            let mut larger = Secret::zeroed(end.saturating_mul(2));
            larger.expose_mut().iter_mut().zip(self.written()).for_each(|(place, byte)| *place = *byte);
            // The smaller one is wiped as it is dropped.
            self.room = larger;
        }
        if let Some(place) = self.room.expose_mut().get_mut(self.length..end) {
            place.copy_from_slice(text.as_bytes());
            self.length = end;
        }
    }

    fn put_shown(&mut self, value: impl Display) {
        self.put(&value.to_string());
    }

    fn put_text(&mut self, text: &str) {
        self.put("\"");
        let mut rest = text;
        while let Some((plain, quoted)) = special(rest.as_bytes()).and_then(|at| rest.split_at_checked(at)) {
            self.put(plain);
            let mut characters = quoted.chars();
            match characters.next() {
                Some(quoted @ ('"' | '\\')) => self.put(if quoted == '"' { "\\\"" } else { "\\\\" }),
                Some(control) => self.put(&alloc::format!("\\u{:04x}", u32::from(control))),
                None => {}
            }
            rest = characters.as_str();
        }
        self.put(rest);
        self.put("\"");
    }
}

/// A list or an object that is being written.
struct Open<'a> {
    buffer: &'a mut Buffer,
    begun: bool,
    end: &'static str,
}

impl<'a> Open<'a> {
    fn new(buffer: &'a mut Buffer, begin: &str, end: &'static str) -> Self {
        buffer.put(begin);
        Self { buffer, begun: false, end }
    }

    fn next(&mut self) -> &mut Buffer {
        if self.begun {
            self.buffer.put(",");
        }
        self.begun = true;
        self.buffer
    }

    fn finish(self) {
        self.buffer.put(self.end);
    }
}

impl SerializeSeq for Open<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(self.next())
    }

    fn end(self) -> Result<(), Error> {
        self.finish();
        Ok(())
    }
}

impl SerializeMap for Open<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        key.serialize(self.next())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.buffer.put(":");
        value.serialize(&mut *self.buffer)
    }

    fn end(self) -> Result<(), Error> {
        self.finish();
        Ok(())
    }
}

impl SerializeStruct for Open<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        let before = (self.begun, self.buffer.length);
        SerializeMap::serialize_entry(self, name, value)?;
        if self.buffer.ends_in_nothing(name) {
            (self.begun, self.buffer.length) = before;
        }
        Ok(())
    }

    fn end(self) -> Result<(), Error> {
        self.finish();
        Ok(())
    }
}

/// Values that no response has.
macro_rules! unused {
    ($($method:ident: $type:ty,)*) => { $(
        fn $method(self, _: $type) -> Result<(), Error> {
            Err(Error::custom("no response has such a value"))
        }
    )* };
}

impl<'a> Serializer for &'a mut Buffer {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Open<'a>;
    type SerializeMap = Open<'a>;
    type SerializeStruct = Open<'a>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeStructVariant = Impossible<(), Error>;

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.put_shown(value);
        Ok(())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.put_shown(value);
        Ok(())
    }

    /// Times alone, and they are finite.
    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        self.put_shown(value);
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Result<(), Error> {
        self.put_text(text);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
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

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        Err(Error::custom("no response has such a value"))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Open<'a>, Error> {
        Ok(Open::new(self, "[", "]"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Open<'a>, Error> {
        Ok(Open::new(self, "{", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Open<'a>, Error> {
        Ok(Open::new(self, "{", "}"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Error> {
        Err(Error::custom("no response has such a value"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Error> {
        Err(Error::custom("no response has such a value"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        Err(Error::custom("no response has such a value"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        Err(Error::custom("no response has such a value"))
    }

    unused! {
        serialize_i8: i8, serialize_i16: i16, serialize_i64: i64, serialize_u8: u8, serialize_u16: u16,
        serialize_u32: u32, serialize_u64: u64, serialize_f32: f32, serialize_char: char, serialize_bytes: &[u8],
    }
}
