//! From JavaScript.

use super::host;
use crate::fault::Fault;
use pocketkms::{
    Error, ErrorKind,
    shape::{Enumeration, Member, Shape, Structure, Type},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor, value::StringDeserializer},
    forward_to_deserialize_any,
};
use std::{fmt, slice::Iter};
use wasm_bindgen::JsValue;

/// Reads a value as its type wants it. `name` is what an error calls it.
pub(crate) fn read<T: Shape + for<'de> Deserialize<'de>>(value: &JsValue, name: &'static str) -> Result<T, Fault> {
    T::deserialize(Reader { value: value.clone(), shape: T::TYPE, path: Path::Top(name) })
}

/// Where in a request a value stands, for the error that names it.
#[derive(Clone, Copy)]
enum Path<'a> {
    Top(&'static str),
    Member(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, u32),
}

/// `tags[0].tagKey`: without the name of the request itself, as AWS writes it too.
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Top(name) | Path::Member(Path::Top(_), name) => f.write_str(name),
            Path::Member(parent, name) => write!(f, "{parent}.{name}"),
            Path::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

impl Path<'_> {
    /// A value of another JavaScript type: a mistake in the program.
    fn wrong_type(&self, wanted: &str, value: &JsValue) -> Fault {
        let text_for_bytes = value.is_string() && wanted == BYTES;
        let hint = if text_for_bytes { "; text becomes bytes by new TextEncoder().encode(text)" } else { "" };
        Fault::misuse(format!("{self} must be {wanted}, not {}{hint}", host::describe(value)))
    }

    /// A value that AWS refuses too, in its words.
    fn refused(&self, value: &str, constraint: impl fmt::Display) -> Fault {
        let message = format!(
            "1 validation error detected: Value {value} at '{self}' failed to satisfy constraint: Member must {constraint}"
        );
        Error::new(ErrorKind::Validation, message).into()
    }
}

const BYTES: &str = "a Uint8Array";

struct Reader<'a> {
    value: JsValue,
    shape: Type,
    path: Path<'a>,
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Fault;

    /// The shape knows what there must be, so that it does not matter what is asked for.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Self { value, shape, path } = self;
        let wrong_type = |wanted| path.wrong_type(wanted, &value);
        match shape {
            Type::Unit => visitor.visit_unit(),
            Type::Boolean => visitor.visit_bool(value.as_bool().ok_or_else(|| wrong_type("a boolean"))?),
            Type::Integer => visitor.visit_i32(integer(&value).ok_or_else(|| wrong_type("a 32-bit integer"))?),
            Type::String => visitor.visit_string(text(&value, &path)?),
            Type::Timestamp => visitor.visit_f64(seconds(&value).ok_or_else(|| wrong_type("a valid Date"))?),
            Type::Bytes | Type::Secret => visitor.visit_byte_buf(bytes(&value, &path)?),
            Type::Map => visitor.visit_map(Pairs::new(&value, path)?),
            Type::List(item) => visitor.visit_seq(Items::new(value, *item, path)?),
            Type::Enumeration(names) => {
                visitor.visit_enum(IntoDeserializer::<Fault>::into_deserializer(one_of(names, &value, &path)?))
            }
            Type::Structure(structure) => visitor.visit_map(Members::new(value, structure, path)?),
        }
    }

    /// A member that is not there is not read at all, so what comes here is there.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    /// Bytes are bytes.
    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

fn integer(value: &JsValue) -> Option<i32> {
    let number = value.as_f64()?;
    let fits = number.fract() == 0.0 && number >= f64::from(i32::MIN) && number <= f64::from(i32::MAX);
    #[expect(clippy::cast_possible_truncation, reason = "it fits")]
    fits.then_some(number as i32)
}

/// Text in JavaScript may hold half a character, which UTF-8 cannot hold. Replacing it, as `TextEncoder` does, would
/// make one encryption context of two.
fn text(value: &JsValue, path: &Path<'_>) -> Result<String, Fault> {
    let text = value.as_string().ok_or_else(|| path.wrong_type("a string", value))?;
    let replaced = text.contains(char::REPLACEMENT_CHARACTER);
    if replaced && !host::is_unicode(value) {
        return Err(path.refused(&format!("'{text}'"), "be valid Unicode, without half of a surrogate pair"));
    }
    Ok(text)
}

fn seconds(value: &JsValue) -> Option<f64> {
    let millis = host::millis(value);
    millis.is_finite().then_some(millis / 1000.0)
}

/// A copy in a vector without spare capacity, which a secret takes over as it is.
fn bytes(value: &JsValue, path: &Path<'_>) -> Result<Vec<u8>, Fault> {
    let length = host::bytes_length(value);
    if length < 0.0 {
        return Err(path.wrong_type(BYTES, value));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length; one beyond has no room")]
    let length = length as usize;
    let mut bytes = Vec::new();
    // To resize at once would end the whole module where there is no room.
    if bytes.try_reserve_exact(length).is_err() {
        return Err(Fault::misuse(format!("{path} has {length} bytes, for which there is no memory")));
    }
    bytes.resize(length, 0);
    host::copy_bytes(value, 0, &mut bytes);
    Ok(bytes)
}

fn one_of(names: &Enumeration, value: &JsValue, path: &Path<'_>) -> Result<String, Fault> {
    let text = text(value, path)?;
    if names.values.iter().any(|(name, _)| *name == text) {
        return Ok(text);
    }
    let names = names.values.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    Err(path.refused(&format!("'{text}'"), format!("satisfy enum value set: [{names}]")))
}

/// The members of a structure, by the names that it knows. A name that it does not know is refused: a misspelt
/// `encryptionContext` must not go unnoticed.
struct Members<'a> {
    object: JsValue,
    left: Iter<'static, Member>,
    current: Option<(String, Type, JsValue)>,
    path: Path<'a>,
}

impl<'a> Members<'a> {
    fn new(object: JsValue, structure: &'static Structure, path: Path<'a>) -> Result<Self, Fault> {
        if !host::is_object(&object) {
            return Err(path.wrong_type(&format!("an object ({})", structure.name), &object));
        }
        for key in items(&host::names(&object)).filter_map(|key| key.as_string()) {
            if !structure.members.iter().any(|member| member.camel_name() == key) {
                let known = structure.members.iter().map(Member::camel_name).collect::<Vec<_>>().join(", ");
                let path = Path::Member(&path, &key);
                return Err(Fault::misuse(format!("{path} is no member of {}, which has: {known}", structure.name)));
            }
        }
        Ok(Self { object, left: structure.members.iter(), current: None, path })
    }
}

/// The items of a list.
fn items(list: &JsValue) -> impl Iterator<Item = JsValue> {
    (0..length(list).unwrap_or_default()).map(|index| host::item(list, index))
}

/// How long a list is, if it is one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "JavaScript's lists are no longer")]
fn length(list: &JsValue) -> Option<u32> {
    let length = host::list_length(list);
    (length >= 0.0).then_some(length as u32)
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        for member in self.left.by_ref() {
            let name = member.camel_name();
            let value = host::member(&self.object, &name.as_str().into());
            if !value.is_undefined() && !value.is_null() {
                self.current = Some((name, member.shape, value));
                let key: StringDeserializer<Fault> = member.wire_name().into_deserializer();
                return seed.deserialize(key).map(Some);
            }
            if member.required {
                return Err(Path::Member(&self.path, &name).refused("null", "not be null"));
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (name, shape, value) = self.current.take().ok_or_else(Fault::out_of_turn)?;
        seed.deserialize(Reader { value, shape, path: Path::Member(&self.path, &name) })
    }
}

/// An encryption context: its names are the user's, and stay as they are.
struct Pairs<'a> {
    object: JsValue,
    names: JsValue,
    left: std::ops::Range<u32>,
    value: JsValue,
    name: String,
    path: Path<'a>,
}

impl<'a> Pairs<'a> {
    fn new(value: &JsValue, path: Path<'a>) -> Result<Self, Fault> {
        if !host::is_object(value) {
            return Err(path.wrong_type("a plain object of strings", value));
        }
        let names = host::names(value);
        let left = 0..length(&names).unwrap_or_default();
        Ok(Self { object: value.clone(), names, left, value: JsValue::UNDEFINED, name: String::new(), path })
    }
}

impl<'de> MapAccess<'de> for Pairs<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some(index) = self.left.next() else { return Ok(None) };
        let name = host::item(&self.names, index);
        self.name = text(&name, &self.path)?;
        self.value = host::member(&self.object, &name);
        let key: StringDeserializer<Fault> = self.name.clone().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let path = Path::Member(&self.path, &self.name);
        seed.deserialize(Reader { value: self.value.clone(), shape: Type::String, path })
    }
}

struct Items<'a> {
    list: JsValue,
    left: std::ops::Range<u32>,
    item: Type,
    path: Path<'a>,
}

impl<'a> Items<'a> {
    fn new(value: JsValue, item: Type, path: Path<'a>) -> Result<Self, Fault> {
        match length(&value) {
            Some(length) => Ok(Self { list: value, left: 0..length, item, path }),
            None => Err(path.wrong_type("an array", &value)),
        }
    }
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(index) = self.left.next() else { return Ok(None) };
        let path = Path::Item(&self.path, index);
        seed.deserialize(Reader { value: host::item(&self.list, index), shape: self.item, path }).map(Some)
    }
}
