//! From JavaScript.

use super::host;
use crate::fault::Fault;
use pocketkms::{
    Error, ErrorKind, Secret, SecretText, Timestamp,
    shape::{self, Given, Member, Shape, Structure, Type},
};
use std::fmt;
use wasm_bindgen::JsValue;
use zeroize::Zeroizing;

/// Reads a value as its type wants it. `name` is what an error calls it.
pub(crate) fn read<T: Shape>(value: &JsValue, name: &'static str) -> Result<T, Fault> {
    Ok(shape::read(given(value, T::TYPE, &Path::Top(name))?)?)
}

/// What of a call's options belongs to `T`: itself the call's `whole`, or flattened into that.
pub(crate) fn options<T: Shape>(value: &JsValue, whole: Type, streams: bool) -> Result<T, Fault> {
    let (Type::Structure(part), Type::Structure(whole)) = (T::TYPE, whole) else { return Err(Fault::unknown_type()) };
    let path = Path::Top("options");
    check_names(value, whole.name, whole.offered(streams), &path)?;
    Ok(shape::read(members(value, part, &path)?)?)
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
    fn wrong_type(&self, wanted: &str, value: &JsValue) -> Fault {
        let text_for_bytes = value.is_string() && wanted == BYTES;
        let hint = if text_for_bytes { "; text becomes bytes by new TextEncoder().encode(text)" } else { "" };
        Fault::misuse(format!("{self} must be {wanted}, not {}{hint}", host::describe(value)))
    }
}

const BYTES: &str = "a Uint8Array";

/// What was given of a type, as far as it is of that form at all.
fn given(value: &JsValue, shape: Type, path: &Path<'_>) -> Result<Given, Fault> {
    let wrong_type = |wanted| path.wrong_type(wanted, value);
    Ok(match shape {
        Type::Unit => Given::Nothing,
        Type::Boolean => Given::Boolean(value.as_bool().ok_or_else(|| wrong_type("a boolean"))?),
        Type::Integer => Given::Integer(integer(value).ok_or_else(|| wrong_type("a 32-bit integer"))?),
        Type::Unsigned(greatest) => Given::Unsigned(unsigned(value, greatest, path)?),
        Type::String | Type::Enumeration(_) => Given::Text(text(value, path)?),
        Type::SecretText => Given::SecretText(SecretText::copy_of(&Zeroizing::new(text(value, path)?))),
        Type::Seconds => Given::Seconds(value.as_f64().ok_or_else(|| wrong_type("a number of seconds"))?),
        Type::Timestamp => Given::Timestamp(date(value).ok_or_else(|| wrong_type("a valid Date"))?),
        Type::Bytes => Given::Bytes(bytes(value, path)?),
        Type::Secret => Given::Secret(Secret::from(bytes(value, path)?)),
        Type::Map => Given::Map(pairs(value, path)?),
        Type::List(item) => {
            let length = length(value).ok_or_else(|| wrong_type("an array"))?;
            let item = |index| given(&host::item(value, index), *item, &Path::Item(path, index));
            Given::List((0..length).map(item).collect::<Result<_, _>>()?)
        }
        Type::Structure(structure) => {
            check_names(value, structure.name, structure.members.iter(), path)?;
            members(value, structure, path)?
        }
    })
}

/// The members of a structure, by the names that it knows. What is flattened is read by itself.
fn members(object: &JsValue, structure: &'static Structure, path: &Path<'_>) -> Result<Given, Fault> {
    let member = |member: &Member| {
        let name = member.camel_name();
        let value = host::member(object, &name.as_str().into());
        if member.flattened || value.is_undefined() || value.is_null() {
            return Ok(Given::Nothing);
        }
        given(&value, member.shape, &Path::Member(path, &name))
    };
    Ok(Given::Structure(structure, structure.members.iter().map(member).collect::<Result<_, Fault>>()?))
}

/// An encryption context: its names are the user's, and stay as they are.
fn pairs(object: &JsValue, path: &Path<'_>) -> Result<Vec<(String, Option<String>)>, Fault> {
    if !host::is_object(object) {
        return Err(path.wrong_type("a plain object of strings", object));
    }
    let pair = |name: JsValue| {
        let text_of_name = text(&name, path)?;
        let value = text(&host::member(object, &name), &Path::Member(path, &text_of_name))?;
        Ok((text_of_name, Some(value)))
    };
    items(&host::names(object)).map(pair).collect()
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
fn unsigned(value: &JsValue, greatest: u64, path: &Path<'_>) -> Result<u64, Fault> {
    let greatest = greatest.min((1 << 53) - 1);
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..=greatest as f64).contains(number));
    let number = number.ok_or_else(|| path.wrong_type(&format!("a whole number from 0 to {greatest}"), value))?;
    Ok(number as u64)
}

/// Text in JavaScript may hold half a character, which UTF-8 cannot hold. Replacing it, as `TextEncoder` does, would
/// make one encryption context of two.
fn text(value: &JsValue, path: &Path<'_>) -> Result<String, Fault> {
    let text = value.as_string().ok_or_else(|| path.wrong_type("a string", value))?;
    let replaced = text.contains(char::REPLACEMENT_CHARACTER);
    if replaced && !host::is_unicode(value) {
        let message = format!("{path} is no valid Unicode: it has half of a surrogate pair");
        return Err(Error::new(ErrorKind::Validation, message).into());
    }
    Ok(text)
}

fn date(value: &JsValue) -> Option<Timestamp> {
    let millis = host::millis(value);
    millis.is_finite().then(|| time(millis))
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

/// Refuses a name that the structure does not know: a misspelt `encryptionContext` must not go unnoticed.
fn check_names(
    object: &JsValue,
    structure: &str,
    members: impl Iterator<Item = &'static Member>,
    path: &Path<'_>,
) -> Result<(), Fault> {
    if !host::is_object(object) {
        return Err(path.wrong_type(&format!("an object ({structure})"), object));
    }
    let known: Vec<_> = members.map(Member::camel_name).collect();
    match items(&host::names(object)).filter_map(|key| key.as_string()).find(|key| !known.contains(key)) {
        None => Ok(()),
        Some(key) => {
            let (path, known) = (Path::Member(path, &key), known.join(", "));
            Err(Fault::misuse(format!("{path} is no member of {structure}, which has: {known}")))
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
