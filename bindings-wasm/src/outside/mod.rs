//! What an app has put in the place of something outside of the vault. It answers by promises (`js/outside/places.js`): a run that asks it
//! for an answer that has yet to come lacks it, and comes to nothing.

mod cluster;
mod transport;

pub(crate) use cluster::Cluster;
pub(crate) use transport::Transport;

use crate::{
    convert::host::{call_outside, drop_outside, list, member, tell_outside},
    fault::Thrown,
    run::lack,
};
use pocketkms::{Error, ErrorKind, Untrusted};
use wasm_bindgen::prelude::*;

/// The number that the half in JavaScript has for it.
struct Place(u32);

impl Place {
    /// What it answers; nothing where that has yet to come.
    fn call<const N: usize>(&self, method: &str, given: [JsValue; N]) -> Option<Result<JsValue, Failure>> {
        let answer = call_outside(self.0, method, &list(given));
        if answer.is_undefined() {
            lack();
            return None;
        }
        let text = |name: &str| member(&answer, &name.into()).as_string();
        Some(match text("failed") {
            None => Ok(member(&answer, &"value".into())),
            Some(name) => Err(Failure {
                name,
                kind: text("kind"),
                message: text("message").unwrap_or_default(),
                explanation: text("explanation"),
                thrown: Thrown::new(&member(&answer, &"thrown".into())),
            }),
        })
    }

    fn tell<const N: usize>(&self, method: &str, given: [JsValue; N]) {
        tell_outside(self.0, method, &list(given));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop_outside(self.0);
    }
}

/// What the app threw.
struct Failure {
    name: String,
    /// Of a `ClusterError`.
    kind: Option<String>,
    message: String,
    explanation: Option<String>,
    thrown: Thrown,
}

impl Failure {
    /// As an error: of the kind that its name says, if it is one of AWS KMS.
    fn into_error(self, otherwise: ErrorKind) -> Error {
        let Self { name, kind: _, message, explanation, thrown } = self;
        let error = match ErrorKind::ALL.iter().find(|kind| kind.name() == name) {
            Some(kind) => explanation.into_iter().fold(Error::new(*kind, message), Error::explain),
            None => Error::new(otherwise, "").explain(words(&name, &message)),
        };
        error.with_origin(thrown.to_origin())
    }
}

/// What an app's own error says. It is not for callers.
fn words(name: &str, message: &str) -> String {
    format!("{}: {}", Untrusted(name), Untrusted(message))
}
