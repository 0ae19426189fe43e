//! What carries requests to external key store proxies.

use super::Place;
use crate::convert::{
    bytes,
    host::{add_member, member, new_object, object},
    read,
};
use pocketkms::{ErrorKind, XksRequest, XksResponse, XksTransport, XksTransportError, XksTransportErrorKind, api};
use wasm_bindgen::JsValue;

/// A function of the app's.
pub(crate) struct Transport(Place);

impl Transport {
    pub(crate) fn at(place: u32) -> Self {
        Self(Place(place))
    }
}

impl XksTransport for Transport {
    fn send(&self, request: &XksRequest) -> Result<XksResponse, XksTransportError> {
        let described = describe(request).ok_or_else(|| failed("there is no memory for the request"))?;
        let Some(answer) = self.0.call("send", [described]) else { return Err(failed("the answer has yet to come")) };
        let answer = answer.map_err(|failure| {
            let is_late = failure.name == "TimeoutError";
            let error =
                failure.into_error(if is_late { ErrorKind::DependencyTimeout } else { ErrorKind::KeyUnavailable });
            let kind = match error.kind() {
                ErrorKind::DependencyTimeout => XksTransportErrorKind::TimedOut,
                _ => XksTransportErrorKind::Unreachable,
            };
            XksTransportError::new(kind, error)
        })?;
        let body: Option<api::Blob> = read(&member(&answer, &"body".into()), "the body").ok();
        response(member(&answer, &"status".into()).as_f64(), body)
            .ok_or_else(|| XksTransportError::new(XksTransportErrorKind::InvalidResponse, "this is no response"))
    }
}

fn failed(text: &'static str) -> XksTransportError {
    XksTransportError::new(XksTransportErrorKind::Unreachable, text)
}

fn describe(request: &XksRequest) -> Option<JsValue> {
    let headers = new_object();
    for (name, value) in request.headers() {
        add_member(&headers, &name.into(), &value.into());
    }
    Some(object([
        ("url", request.url().into()),
        ("endpoint", request.endpoint().into()),
        ("path", request.path().into()),
        ("headers", headers),
        ("body", bytes(request.body()).ok()?),
    ]))
}

/// The half in JavaScript has checked it: a whole number of 16 bits, and bytes.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is no status becomes one that is none"
)]
fn response(status: Option<f64>, body: Option<api::Blob>) -> Option<XksResponse> {
    Some(XksResponse { status: status? as u16, body: body?.into_vec() })
}
