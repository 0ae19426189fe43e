//! A request from JSON, as its description has it. What it breaks of its limits is found afterwards, all of it.

use super::json::{Json, Text};
use crate::{
    clock::Timestamp,
    secret::{Secret, SecretText},
    shape::{Given, Member, Type},
};
use alloc::{borrow::ToOwned, collections::BTreeSet, format, string::String, vec::Vec};
use base64::{Engine, prelude::BASE64_STANDARD};

/// What was given of a type. The error is of the form alone: it is no such type.
pub(super) fn given(json: &Json<'_>, shape: Type) -> Result<Given, String> {
    Ok(match (shape, json) {
        (Type::Unit, _) => Given::Nothing,
        (Type::Boolean, Json::Boolean(value)) => Given::Boolean(*value),
        (Type::Timestamp, Json::Number(number)) => {
            Given::Timestamp(Timestamp::from_seconds(number.parse().map_err(|_| mismatch(shape, json))?))
        }
        (Type::Integer, Json::Number(number)) => {
            let number = number.parse().map_err(|_| "NUMBER_VALUE can not be converted to an Integer")?;
            Given::Integer(number)
        }
        (Type::Unsigned(greatest), Json::Number(number)) => {
            let number = number.parse().ok().filter(|number| *number <= greatest);
            Given::Unsigned(number.ok_or_else(|| mismatch(shape, json))?)
        }
        (Type::Seconds, Json::Number(number)) => Given::Seconds(number.parse().map_err(|_| mismatch(shape, json))?),
        (Type::String | Type::Enumeration(_), Json::Text(text)) => Given::Text(text.as_str().into()),
        (Type::SecretText, Json::Text(text)) => Given::SecretText(SecretText::copy_of(text.as_str())),
        (Type::Bytes, Json::Text(text)) => Given::Bytes(bytes(text)?),
        (Type::Secret, Json::Text(text)) => Given::Secret(Secret::from(bytes(text)?)),
        (Type::Map, Json::Object(pairs)) => map(pairs)?,
        (Type::List(item), Json::List(items)) => {
            let item =
                |json: &Json<'_>| if matches!(json, Json::Null) { Ok(Given::Nothing) } else { given(json, *item) };
            Given::List(items.iter().map(item).collect::<Result<_, _>>()?)
        }
        (Type::Structure(structure), Json::Object(object)) => {
            let members = structure.members.iter().map(|described| member(described, object));
            Given::Structure(structure, members.collect::<Result<_, _>>()?)
        }
        (shape, json) => return Err(mismatch(shape, json)),
    })
}

/// Decodes from where the text stands (RFC 4648, section 4, padded and canonical), without a copy of it that would have to be wiped.
fn bytes(text: &Text<'_>) -> Result<Vec<u8>, String> {
    BASE64_STANDARD
        .decode(text.as_str())
        .map_err(|_| "STRING_VALUE can not be converted to a Blob: it is not valid base64".into())
}

/// A member of a structure. One that is `null` is as one that is not there.
fn member(member: &Member, object: &[(Text<'_>, Json<'_>)]) -> Result<Given, String> {
    let mut found = object.iter().filter(|(name, _)| member.wire == name.as_str());
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(format!("Member '{}' is given more than once", member.wire)),
        (None | Some((_, Json::Null)), None) => Ok(Given::Nothing),
        (Some((_, json)), None) => given(json, member.shape),
    }
}

/// Text by text. Two values for one name are refused: a reader of the first and a reader of the last would each
/// authenticate another context.
fn map(pairs: &[(Text<'_>, Json<'_>)]) -> Result<Given, String> {
    let mut names = BTreeSet::new();
    let pair = |(name, value): &(Text<'_>, Json<'_>)| {
        let value = match value {
            Json::Text(text) => Some(text.as_str().to_owned()),
            Json::Null => None,
            other => return Err(mismatch(Type::String, other)),
        };
        Ok((name.as_str().to_owned(), value))
    };
    if !pairs.iter().all(|(name, _)| names.insert(name.as_str())) {
        return Err("A key of a map is given more than once".into());
    }
    Ok(Given::Map(pairs.iter().map(pair).collect::<Result<_, _>>()?))
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
