//! From JavaScript.

use super::host;
use crate::fault::Fault;
use pocketkms::{
    Error, ErrorKind, Timestamp,
    shape::{Enumeration, Given, Member, Shape, Structure, Type, check_given},
};
use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, StringDeserializer},
    },
    forward_to_deserialize_any,
};
use std::{fmt, slice::Iter};
use wasm_bindgen::JsValue;

/// Reads a value as its type wants it. `name` is what an error calls it.
pub(crate) fn read<T: Shape + for<'de> Deserialize<'de>>(value: &JsValue, name: &'static str) -> Result<T, Fault> {
    T::deserialize(Reader { value: value.clone(), shape: T::TYPE, path: Path::Top(name) }).map_err(
        |unread| match unread {
            Unread::Fault(fault) => fault,
            // The core knows AWS's words, and all else that the request breaks.
            Unread::Invalid => match check_given(&Value(value.clone()), T::TYPE) {
                Err(error) => error.into(),
                Ok(()) => Fault::misuse(format!("{name} cannot be read")),
            },
        },
    )
}

/// What of a call's options belongs to `T`: itself the call's `whole`, or flattened into that.
pub(crate) fn options<T: Shape + for<'de> Deserialize<'de>>(
    value: &JsValue,
    whole: Type,
    streams: bool,
) -> Result<T, Fault> {
    let (Type::Structure(part), Type::Structure(whole)) = (T::TYPE, whole) else { return Err(Fault::unknown_type()) };
    let read = || {
        let path = Path::Top("options");
        check_names(value, whole.name, whole.offered(streams), &path)?;
        let own = Members { object: value.clone(), left: part.members.iter(), current: None, path };
        T::deserialize(MapAccessDeserializer::new(own))
    };
    read().map_err(|unread| match unread {
        Unread::Fault(fault) => fault,
        Unread::Invalid => match check_given(&Value(value.clone()), T::TYPE) {
            Err(error) => error.into(),
            Ok(()) => Fault::misuse("options cannot be read"),
        },
    })
}

/// Why a value could not be read.
#[derive(Debug)]
enum Unread {
    Fault(Fault),
    /// A required member is missing, or a name is not in its enumeration.
    Invalid,
}

impl From<Fault> for Unread {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault) => fault.fmt(f),
            Self::Invalid => f.write_str("a member is missing, or has no value of its type"),
        }
    }
}

impl std::error::Error for Unread {}

impl serde::de::Error for Unread {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Fault::misuse(message.to_string()).into()
    }
}

/// What a clock of JavaScript's shows, which is the time of a valid `Date`.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds that a Date can hold")]
pub(crate) fn time(now: f64) -> Timestamp {
    Timestamp::from_millis(now as i64)
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
    fn wrong_type(&self, wanted: &str, value: &JsValue) -> Unread {
        let text_for_bytes = value.is_string() && wanted == BYTES;
        let hint = if text_for_bytes { "; text becomes bytes by new TextEncoder().encode(text)" } else { "" };
        Fault::misuse(format!("{self} must be {wanted}, not {}{hint}", host::describe(value))).into()
    }
}

const BYTES: &str = "a Uint8Array";

struct Reader<'a> {
    value: JsValue,
    shape: Type,
    path: Path<'a>,
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Unread;

    /// The shape knows what there must be, so that it does not matter what is asked for.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        let Self { value, shape, path } = self;
        let wrong_type = |wanted| path.wrong_type(wanted, &value);
        match shape {
            Type::Unit => visitor.visit_unit(),
            Type::Boolean => visitor.visit_bool(value.as_bool().ok_or_else(|| wrong_type("a boolean"))?),
            Type::Integer => visitor.visit_i32(integer(&value).ok_or_else(|| wrong_type("a 32-bit integer"))?),
            Type::Unsigned(greatest) => visitor.visit_u64(unsigned(&value, greatest, &path)?),
            Type::String | Type::SecretText => visitor.visit_string(text(&value, &path)?),
            Type::Seconds => visitor.visit_f64(value.as_f64().ok_or_else(|| wrong_type("a number of seconds"))?),
            Type::Timestamp => visitor.visit_f64(seconds(&value).ok_or_else(|| wrong_type("a valid Date"))?),
            Type::Bytes | Type::Secret => visitor.visit_byte_buf(bytes(&value, &path)?),
            Type::Map => visitor.visit_map(Pairs::new(&value, path)?),
            Type::List(item) => visitor.visit_seq(Items::new(value, *item, path)?),
            Type::Enumeration(names) => {
                visitor.visit_enum(IntoDeserializer::<Unread>::into_deserializer(one_of(names, &value, &path)?))
            }
            Type::Structure(structure) => visitor.visit_map(Members::new(value, structure, path)?),
        }
    }

    /// A member that is not there is not read at all, so what comes here is there.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unread> {
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

/// A number up to `greatest`, and to the greatest that JavaScript counts to without gaps.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a safe integer"
)]
fn unsigned(value: &JsValue, greatest: u64, path: &Path<'_>) -> Result<u64, Unread> {
    let greatest = greatest.min((1 << 53) - 1);
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..=greatest as f64).contains(number));
    let number = number.ok_or_else(|| path.wrong_type(&format!("a whole number from 0 to {greatest}"), value))?;
    Ok(number as u64)
}

/// Text in JavaScript may hold half a character, which UTF-8 cannot hold. Replacing it, as `TextEncoder` does, would
/// make one encryption context of two.
fn text(value: &JsValue, path: &Path<'_>) -> Result<String, Unread> {
    let text = value.as_string().ok_or_else(|| path.wrong_type("a string", value))?;
    let replaced = text.contains(char::REPLACEMENT_CHARACTER);
    if replaced && !host::is_unicode(value) {
        let message = format!("{path} is no valid Unicode: it has half of a surrogate pair");
        return Err(Fault::from(Error::new(ErrorKind::Validation, message)).into());
    }
    Ok(text)
}

fn seconds(value: &JsValue) -> Option<f64> {
    let millis = host::millis(value);
    millis.is_finite().then_some(millis / 1000.0)
}

/// A copy in a vector without spare capacity, which a secret takes over as it is.
fn bytes(value: &JsValue, path: &Path<'_>) -> Result<Vec<u8>, Unread> {
    let length = host::bytes_length(value);
    if length < 0.0 {
        return Err(path.wrong_type(BYTES, value));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length; one beyond has no room")]
    let length = length as usize;
    let mut bytes = Vec::new();
    // To resize at once would end the whole module where there is no room.
    if bytes.try_reserve_exact(length).is_err() {
        return Err(Fault::misuse(format!("{path} has {length} bytes, for which there is no memory")).into());
    }
    bytes.resize(length, 0);
    host::copy_bytes(value, 0, &mut bytes);
    Ok(bytes)
}

fn one_of(names: &Enumeration, value: &JsValue, path: &Path<'_>) -> Result<String, Unread> {
    let text = text(value, path)?;
    let known = names.values.iter().any(|(name, _)| *name == text);
    known.then_some(text).ok_or(Unread::Invalid)
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
    fn new(object: JsValue, structure: &'static Structure, path: Path<'a>) -> Result<Self, Unread> {
        check_names(&object, structure.name, structure.members.iter(), &path)?;
        Ok(Self { object, left: structure.members.iter(), current: None, path })
    }
}

fn check_names(
    object: &JsValue,
    structure: &str,
    members: impl Iterator<Item = &'static Member>,
    path: &Path<'_>,
) -> Result<(), Unread> {
    if !host::is_object(object) {
        return Err(path.wrong_type(&format!("an object ({structure})"), object));
    }
    let known: Vec<_> = members.map(Member::camel_name).collect();
    match items(&host::names(object)).filter_map(|key| key.as_string()).find(|key| !known.contains(key)) {
        None => Ok(()),
        Some(key) => {
            let (path, known) = (Path::Member(path, &key), known.join(", "));
            Err(Fault::misuse(format!("{path} is no member of {structure}, which has: {known}")).into())
        }
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
    type Error = Unread;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unread> {
        for member in self.left.by_ref() {
            let name = member.camel_name();
            let value = host::member(&self.object, &name.as_str().into());
            if !value.is_undefined() && !value.is_null() {
                self.current = Some((name, member.shape, value));
                let key: StringDeserializer<Unread> = member.wire_name().into_deserializer();
                return seed.deserialize(key).map(Some);
            }
            if member.required {
                return Err(Unread::Invalid);
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unread> {
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
    fn new(value: &JsValue, path: Path<'a>) -> Result<Self, Unread> {
        if !host::is_object(value) {
            return Err(path.wrong_type("a plain object of strings", value));
        }
        let names = host::names(value);
        let left = 0..length(&names).unwrap_or_default();
        Ok(Self { object: value.clone(), names, left, value: JsValue::UNDEFINED, name: String::new(), path })
    }
}

impl<'de> MapAccess<'de> for Pairs<'_> {
    type Error = Unread;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unread> {
        let Some(index) = self.left.next() else { return Ok(None) };
        let name = host::item(&self.names, index);
        self.name = text(&name, &self.path)?;
        self.value = host::member(&self.object, &name);
        let key: StringDeserializer<Unread> = self.name.clone().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unread> {
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
    fn new(value: JsValue, item: Type, path: Path<'a>) -> Result<Self, Unread> {
        match length(&value) {
            Some(length) => Ok(Self { list: value, left: 0..length, item, path }),
            None => Err(path.wrong_type("an array", &value)),
        }
    }
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Unread;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unread> {
        let Some(index) = self.left.next() else { return Ok(None) };
        let path = Path::Item(&self.path, index);
        seed.deserialize(Reader { value: host::item(&self.list, index), shape: self.item, path }).map(Some)
    }
}

/// A value, for the core to say what it breaks.
struct Value(JsValue);

impl Given for Value {
    fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn number(&self) -> Option<i32> {
        integer(&self.0)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length")]
    fn length(&self) -> Option<usize> {
        let length = host::bytes_length(&self.0);
        (length >= 0.0).then_some(length as usize)
    }

    fn items(&self) -> Option<Vec<Self>> {
        length(&self.0).map(|_| items(&self.0).map(Self).collect())
    }

    fn pairs(&self) -> Option<Vec<(String, String)>> {
        let pair = |name: JsValue| Some((name.as_string()?, host::member(&self.0, &name).as_string()?));
        host::is_object(&self.0).then(|| items(&host::names(&self.0)).filter_map(pair).collect())
    }

    fn member(&self, member: &Member) -> Option<Self> {
        let value = host::is_object(&self.0).then(|| host::member(&self.0, &member.camel_name().into()))?;
        (!value.is_undefined() && !value.is_null()).then_some(Self(value))
    }
}
