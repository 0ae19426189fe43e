//! What JavaScript catches: an error of the core, a mistake in the calling program, or what that program threw itself.

use js_sys::{Object, Reflect, TypeError};
use pocketkms::Error;
use std::fmt;
use wasm_bindgen::JsValue;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The core's own answer. The half in JavaScript makes an error of the right class of it.
    Kms(Error),
    /// A value that is not of the type that the TypeScript declarations ask for: a `TypeError`.
    Misuse(String),
    /// What a getter of the request threw, handed on as it is.
    Thrown(JsValue),
}

impl Fault {
    pub(crate) fn misuse(message: impl Into<String>) -> Self {
        Self::Misuse(message.into())
    }

    /// A type of the core that the converter does not know. Any test of the operation would see it.
    pub(crate) fn unknown_type() -> Self {
        Self::misuse("a type that the binding does not know")
    }

    /// Serde asked for a value before its key.
    pub(crate) fn out_of_turn() -> Self {
        Self::misuse("a value without a name")
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Kms(error)
    }
}

impl From<Fault> for JsValue {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Kms(error) => describe(&error),
            Fault::Misuse(message) => TypeError::new(&message).into(),
            Fault::Thrown(value) => value,
        }
    }
}

/// A plain object with all that an error says.
fn describe(error: &Error) -> JsValue {
    let object = Object::new();
    let set = |name: &str, value: JsValue| {
        // A new object takes any member.
        let _ = Reflect::set(&object, &name.into(), &value);
    };
    set("code", error.kind().code().into());
    set("message", error.message().into());
    set("explanation", error.explanation().map_or(JsValue::UNDEFINED, JsValue::from));
    set("cause", error.causes().first().map_or(JsValue::UNDEFINED, describe));
    object.into()
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kms(error) => error.fmt(f),
            Self::Misuse(message) => f.write_str(message),
            Self::Thrown(value) => write!(f, "{value:?}"),
        }
    }
}

impl std::error::Error for Fault {}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::misuse(message.to_string())
    }
}

impl serde::ser::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::misuse(message.to_string())
    }
}
