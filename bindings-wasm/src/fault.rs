//! What JavaScript catches: an error of the core, or a mistake in the calling program. Both as plain objects, so that
//! whatever else comes out of a call is known to have ended the instance (`js/answer.js`).

use crate::convert::host::{list, object};
use pocketkms::{Attempt, Error, Origin};
use send_wrapper::SendWrapper;
use std::{fmt, sync::Arc};
use wasm_bindgen::JsValue;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The core's own answer. The half in JavaScript makes an error of the right class of it.
    Kms(Error),
    /// A value that is not of the type that the TypeScript declarations ask for. The half in JavaScript makes a `TypeError`
    /// of it.
    Misuse(String),
}

impl Fault {
    pub(crate) fn misuse(message: impl Into<String>) -> Self {
        Self::Misuse(message.into())
    }

    /// A type of the core that the converter does not know. Any test of the operation would see it.
    pub(crate) fn unknown_type() -> Self {
        Self::misuse("a type that the binding does not know")
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
            Fault::Misuse(message) => object([("misuse", message.into())]),
        }
    }
}

/// What an app's own code threw, on its way through the core.
#[derive(Clone)]
pub(crate) struct Thrown(Arc<SendWrapper<JsValue>>);

impl Thrown {
    pub(crate) fn new(thrown: &JsValue) -> Self {
        Self(Arc::new(SendWrapper::new(thrown.clone())))
    }

    pub(crate) fn to_origin(&self) -> Origin {
        Arc::new(self.clone())
    }

    /// What the app threw, if it is this that an error came from.
    fn of(error: &Error) -> JsValue {
        let thrown = error.origin().and_then(|origin| origin.downcast_ref::<Self>());
        thrown.map_or(JsValue::UNDEFINED, |Self(thrown)| JsValue::clone(thrown))
    }
}

/// A plain object with all that an error says. The error of an attempt is the cause of that number.
fn describe(error: &Error) -> JsValue {
    let causes = error.causes();
    let attempts = error.attempts().map(|Attempt { index, provider_id, key_name, key_arn, error, .. }| {
        let cause = error.and_then(|error| causes.iter().position(|cause| std::ptr::eq(cause, error)));
        object([
            ("index", index.into()),
            ("providerId", provider_id.into()),
            ("keyName", key_name.into()),
            ("keyArn", key_arn.map_or(JsValue::UNDEFINED, JsValue::from)),
            ("cause", cause.map_or(JsValue::UNDEFINED, JsValue::from)),
        ])
    });
    object([
        ("code", error.kind().code().into()),
        ("message", error.message().into()),
        ("explanation", error.explanation().map_or(JsValue::UNDEFINED, JsValue::from)),
        ("causes", list(causes.iter().map(describe))),
        ("attempts", list(attempts)),
        ("description", error.describe().into()),
        ("origin", Thrown::of(error)),
    ])
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kms(error) => error.fmt(f),
            Self::Misuse(message) => f.write_str(message),
        }
    }
}
