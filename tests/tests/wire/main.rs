//! AWS's JSON protocol, as bytes: what AWS KMS answers, and that nothing else goes out.

mod answers;
mod forms;
mod observed;
mod silence;

use pocketkms::{Kms, WireResponse};
use serde_json::Value;

/// The answer to a request whose body is this JSON.
pub(crate) fn call(kms: &Kms, operation: &str, body: &Value) -> WireResponse {
    kms.call(&format!("TrentService.{operation}"), body.to_string().as_bytes())
}

/// The body of an answer.
#[track_caller]
pub(crate) fn json(response: &WireResponse) -> Value {
    let text = String::from_utf8_lossy(response.body.expose());
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The body of an answer that must be good.
#[track_caller]
pub(crate) fn ok(kms: &Kms, operation: &str, body: &Value) -> Value {
    let response = call(kms, operation, body);
    let body = json(&response);
    assert_eq!(response.status, 200, "{body}");
    body
}

/// The name and text of an answer that must be an exception; the text is `None` where there is no `message`.
#[track_caller]
pub(crate) fn exception(response: &WireResponse) -> (u16, String, Option<String>) {
    let Value::Object(mut members) = json(response) else { panic!("no object") };
    let name = members.remove("__type").expect("a __type").as_str().expect("a text").to_owned();
    let message = members.remove("message").map(|text| text.as_str().expect("a text").to_owned());
    assert!(members.is_empty(), "an exception has more: {members:?}");
    (response.status, name, message)
}

/// A call must fail with this exception and text, and status 400.
#[track_caller]
pub(crate) fn refused(kms: &Kms, operation: &str, body: &Value, name: &str, message: Option<&str>) {
    let found = exception(&call(kms, operation, body));
    assert_eq!((found.0, &*found.1, found.2.as_deref()), (400, name, message));
}
