//! A request from JSON: first held against the description of its type, so that all that it breaks is known, then read.

use super::json::{Json, Text};
use crate::shape::{Limits, Member, Place, Type, Violations};
use alloc::{collections::BTreeSet, format, string::String};
use serde::{
    Deserializer,
    de::{
        IntoDeserializer, Visitor,
        value::{Error, MapDeserializer, SeqDeserializer, StrDeserializer},
    },
    forward_to_deserialize_any,
};

/// Collects what a value breaks of the limits of its type. The error is of the form alone: it is no such type.
pub(super) fn check(
    json: &Json<'_>,
    shape: Type,
    limits: &Limits,
    place: &Place<'_>,
    violations: &mut Violations,
) -> Result<(), String> {
    match (shape, json) {
        (Type::Boolean, Json::Boolean(_)) | (Type::Timestamp, Json::Number(_)) | (Type::Unit, _) => {}
        (Type::Integer, Json::Number(number)) => match number.parse() {
            Ok(number) => violations.number(place, limits, number),
            Err(_) => return Err("NUMBER_VALUE can not be converted to an Integer".into()),
        },
        (Type::String, Json::Text(text)) => violations.text(place, limits, text.as_str()),
        (Type::SecretText, Json::Text(text)) => violations.secret_text(place, limits, text.as_str()),
        (Type::Enumeration(allowed), Json::Text(text)) => {
            if !allowed.values.iter().any(|(name, _)| *name == text.as_str()) {
                violations.name(place, text.as_str(), allowed);
            }
        }
        (Type::Bytes | Type::Secret, Json::Text(text)) => {
            let length = decoded_length(text.as_str().as_bytes())
                .ok_or("STRING_VALUE can not be converted to a Blob: it is not valid base64")?;
            violations.length(place, limits, length);
        }
        (Type::Map, Json::Object(pairs)) => map(pairs, place, violations)?,
        (Type::List(item), Json::List(items)) => {
            violations.length(place, limits, items.len());
            let each = limits.items.unwrap_or(&Limits::NONE);
            for (index, json) in items.iter().enumerate() {
                let place = Place::Item(place, index);
                match json {
                    Json::Null => violations.missing(&place),
                    json => check(json, *item, each, &place, violations)?,
                }
            }
        }
        (Type::Structure(structure), Json::Object(object)) => {
            for member in structure.members {
                self::member(member, object, place, violations)?;
            }
        }
        (shape, json) => return Err(mismatch(shape, json)),
    }
    Ok(())
}

/// How many bytes a text is the base64 of (RFC 4648, section 4, padded and canonical), if it is of any. It is decoded later, once.
fn decoded_length(text: &[u8]) -> Option<usize> {
    #[allow(clippy::needless_bitwise_bool, reason = "without branches it compiles to vector instructions")]
    let symbol = |byte: &u8| byte.is_ascii_alphanumeric() | (*byte == b'+') | (*byte == b'/');
    let (symbols, unused) = match text {
        [symbols @ .., b'=', b'='] => (symbols, "AQgw"),
        [symbols @ .., b'='] => (symbols, "AEIMQUYcgkosw048"),
        symbols => (symbols, ""),
    };
    // The bits of the last symbol that belong to no byte are zero.
    let canonical = unused.is_empty() || symbols.last().is_some_and(|last| unused.as_bytes().contains(last));
    let valid = symbols.iter().fold(true, |valid, byte| valid & symbol(byte));
    (text.len().is_multiple_of(4) && canonical && valid).then(|| symbols.len().saturating_mul(3) / 4)
}

/// A member of a structure. One that is `null` is as one that is not there.
fn member(
    member: &Member,
    object: &[(Text<'_>, Json<'_>)],
    place: &Place<'_>,
    violations: &mut Violations,
) -> Result<(), String> {
    let place = Place::Member(place, member);
    let mut given = object.iter().filter(|(name, _)| member.has_wire_name(name.as_str()));
    match (given.next(), given.next()) {
        (_, Some(_)) => return Err(format!("Member '{}' is given more than once", member.wire_name())),
        (None | Some((_, Json::Null)), None) if member.required => violations.missing(&place),
        (None | Some((_, Json::Null)), None) => {}
        (Some((_, json)), None) => check(json, member.shape, &member.limits, &place, violations)?,
    }
    Ok(())
}

/// Text by text. Two values for one name are refused: a reader of the first and a reader of the last would each
/// authenticate another context.
fn map(pairs: &[(Text<'_>, Json<'_>)], place: &Place<'_>, violations: &mut Violations) -> Result<(), String> {
    let mut names = BTreeSet::new();
    let mut size = 0_usize;
    for (name, value) in pairs {
        if !names.insert(name.as_str()) {
            return Err("A key of a map is given more than once".into());
        }
        match value {
            Json::Text(text) => size = size.saturating_add(name.as_str().len()).saturating_add(text.as_str().len()),
            Json::Null => violations.hidden(place, "Map value must satisfy constraint: [Member must not be null]"),
            other => return Err(mismatch(Type::String, other)),
        }
    }
    violations.context(place, size);
    Ok(())
}

/// AWS's words for a value of another type.
fn mismatch(shape: Type, json: &Json<'_>) -> String {
    let found = match json {
        Json::Null => "NULL_VALUE",
        Json::Boolean(true) => "TRUE_VALUE",
        Json::Boolean(false) => "FALSE_VALUE",
        Json::Number(_) => "NUMBER_VALUE",
        Json::Text(_) => "STRING_VALUE",
        Json::List(_) => return "Start of list found where not expected".into(),
        Json::Object(_) => return "Start of structure or map found where not expected".into(),
    };
    let expected = match shape {
        Type::Unit | Type::Map | Type::Structure(_) => return "Expected map or null".into(),
        Type::List(_) => return "Expected list or null".into(),
        Type::Boolean => "a Boolean",
        Type::Integer | Type::Unsigned(_) => "an Integer",
        Type::Seconds => "a Double",
        Type::Timestamp => "a Date",
        Type::String | Type::SecretText | Type::Enumeration(_) => "a String",
        Type::Bytes | Type::Secret => "a Blob",
    };
    format!("{found} can not be converted to {expected}")
}

/// Reads what [`check`] has found to be of its type.
impl<'de> Deserializer<'de> for &'de Json<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Json::Null => visitor.visit_unit(),
            Json::Boolean(value) => visitor.visit_bool(*value),
            Json::Number(number) => match (number.parse(), number.parse()) {
                (Ok(integer), _) => visitor.visit_i64(integer),
                (_, Ok(float)) => visitor.visit_f64(float),
                _ => Err(serde::de::Error::custom("a number out of range")),
            },
            Json::Text(text) => visitor.visit_borrowed_str(text.as_str()),
            Json::List(items) => visitor.visit_seq(SeqDeserializer::new(items.iter())),
            Json::Object(pairs) => {
                visitor.visit_map(MapDeserializer::new(pairs.iter().map(|(name, value)| (name.as_str(), value))))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Json::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Json::Text(text) => visitor.visit_enum(StrDeserializer::new(text.as_str())),
            _ => Err(serde::de::Error::custom("a name")),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for &'de Json<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
