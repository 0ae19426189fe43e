//! To JavaScript.

use super::host;
use crate::fault::Fault;
use pocketkms::shape::{Shape, Value};
use wasm_bindgen::JsValue;

/// Writes a value as JavaScript wants it.
pub(crate) fn write<T: Shape>(value: &T) -> Result<JsValue, Fault> {
    shown(value.value())
}

/// A copy in JavaScript's own memory, straight from where the core wipes.
pub(crate) fn bytes(bytes: &[u8]) -> Result<JsValue, Fault> {
    host::new_bytes(bytes).map_err(|_| Fault::misuse(format!("there is no memory for {} bytes", bytes.len())))
}

fn shown(value: Value<'_>) -> Result<JsValue, Fault> {
    Ok(match value {
        Value::Nothing | Value::TooManyBytes(_) => JsValue::UNDEFINED,
        Value::Boolean(value) => value.into(),
        Value::Integer(value) => value.into(),
        // As a number, and not as a `BigInt`: lengths, which are less than 2^53.
        #[expect(clippy::cast_precision_loss, reason = "a length")]
        Value::Unsigned(value) => (value as f64).into(),
        Value::Seconds(value) => value.into(),
        #[expect(clippy::cast_precision_loss, reason = "milliseconds that a Date can hold")]
        Value::Timestamp(time) => host::new_date(time.as_millis() as f64),
        Value::Text(text) => text.into(),
        Value::SecretText(text) => text.expose().into(),
        Value::Name(name) => name.into(),
        Value::Bytes(shown) => bytes(shown)?,
        Value::Secret(secret) => bytes(secret.expose())?,
        // An encryption context: its names are the user's, and stay as they are.
        Value::Map(pairs) => {
            let object = host::object([]);
            pairs.each(&mut |name, value| host::add_member(&object, &name.into(), &value.unwrap_or_default().into()));
            object
        }
        Value::List(items) => {
            let (list, mut failed) = (host::new_list(), None);
            items.each(&mut |item| match shown(item) {
                Ok(item) => host::add_item(&list, &item),
                Err(fault) => failed = Some(fault),
            });
            failed.map_or(Ok(list), Err)?
        }
        Value::Structure(members) => {
            let mut described = members.structure().members.iter();
            let (object, mut failed) = (host::object([]), None);
            members.each(&mut |value| match (described.next(), shown(value)) {
                (Some(member), Ok(value)) if !value.is_undefined() => {
                    host::add_member(&object, &member.camel_name().into(), &value);
                }
                (_, Ok(_)) => {}
                (_, Err(fault)) => failed = Some(fault),
            });
            failed.map_or(Ok(object), Err)?
        }
    })
}
