//! The wire: AWS JSON 1.1 as bytes in, status and bytes out, for whatever carries it (docs/wire.md). No HTTP is here, no
//! signature, and nothing of an error but what AWS would say.

mod json;
mod read;
mod write;

#[allow(clippy::wildcard_imports, reason = "the list names every request and response")]
use crate::api::*;
use crate::{
    error::{Error, ErrorKind},
    kms::Kms,
    ops::Execute,
    secret::Secret,
    shape::{self, Given, Shape, Type, Value, check_given},
};
use alloc::{string::String, vec::Vec};
use json::Json;

/// What the target of every operation begins with.
const SERVICE: &str = "TrentService.";

/// Reads a request, or anything else that is described, from AWS's JSON: `PascalCase` members, bytes in base64, times in seconds since
/// 1970.
///
/// # Errors
/// [`Validation`](ErrorKind::Validation) for what is no JSON of that form, and what lacks a required member. The limits of a request are
/// checked when it is carried out.
///
/// ```
/// # fn main() -> pocketkms::Result<()> {
/// let request: pocketkms::api::DescribeKeyRequest = pocketkms::from_json(br#"{"KeyId":"alias/photos"}"#)?;
/// assert_eq!(request.key_id, "alias/photos");
/// # Ok(())
/// # }
/// ```
pub fn from_json<T: Shape>(json: &[u8]) -> Result<T, Error> {
    let refused = |text: &str| Error::new(ErrorKind::Validation, text);
    let json = json::parse(json).ok_or_else(|| refused("it is no JSON"))?;
    shape::read(read::given(&json, T::TYPE).map_err(|text| refused(&text))?)
}

/// Writes a response, or anything else that is described, as AWS's JSON. It may hold a plaintext, and so is wiped on drop.
pub fn to_json<T: Shape>(value: &T) -> Secret {
    write::write(value.value())
}

/// What AWS KMS would answer over HTTP.
pub struct WireResponse {
    /// The HTTP status: 200, or that of the exception.
    pub status: u16,
    /// The body, `application/x-amz-json-1.1`; empty where the operation answers nothing. It may hold a plaintext, and so is
    /// wiped on drop.
    pub body: Secret,
    /// The error of PocketKMS's own behind a `KMSInternalException`, such as a full disk. It is for the host in this process, and
    /// never part of the body.
    pub cause: Option<Error>,
}

impl Kms {
    /// The most bytes of the body of a request of AWS's JSON protocol.
    pub const MAX_CALL_BODY: usize = 1024 * 1024;

    /// Answers a request of AWS's JSON protocol: `target` is its header `X-Amz-Target`, such as `TrentService.Encrypt`, and
    /// `body` its JSON, at most 1 MiB.
    ///
    /// It does not fail: errors are responses, with the name and text of AWS and nothing else. Errors of PocketKMS's own
    /// and those that the service model does not list for the operation are `KMSInternalException`, without a text. AWS's clients
    /// retry those, which helps against none of PocketKMS's own and makes a change twice whose outcome is unknown: what answers
    /// such a client in this process does better to fail with [`cause`](WireResponse::cause).
    ///
    /// ```
    /// # fn main() -> pocketkms::Result<()> {
    /// # let kms = pocketkms::Vault::builder().create_in_memory(&pocketkms::RootKey::from_bytes(&[7; 32])?)?.client();
    /// let response = kms.call("TrentService.ListKeys", b"{}");
    /// assert_eq!(response.status, 200);
    /// assert_eq!(response.body.expose(), br#"{"Keys":[],"Truncated":false}"#);
    /// # Ok(())
    /// # }
    /// ```
    pub fn call(&self, target: &str, body: &[u8]) -> WireResponse {
        self.answer(target, body).unwrap_or_else(ErrorResponse::into_response)
    }

    fn answer(&self, target: &str, body: &[u8]) -> Result<WireResponse, ErrorResponse> {
        let name = target.strip_prefix(SERVICE).unwrap_or_default();
        let Some(operation) = Operation::ALL.iter().find(|operation| operation.name() == name) else {
            return Err(ErrorResponse::plain(400, "UnknownOperationException"));
        };
        if body.len() > Self::MAX_CALL_BODY {
            return Err(ErrorResponse::plain(413, "RequestEntityTooLargeException"));
        }
        let json = json::parse(body).ok_or_else(|| ErrorResponse::serialization(String::new()))?;
        self.dispatch(*operation, &json)
    }

    fn perform_json<R: Execute>(&self, json: &Json<'_>) -> Result<WireResponse, ErrorResponse> {
        let refuse = |error| ErrorResponse::of(R::OPERATION, error);
        let given = self.given(json, R::OPERATION, R::TYPE)?;
        let request = R::read(given).ok_or_else(|| ErrorResponse::serialization(String::new()))?;
        let response = self.execute(&request).map_err(refuse)?;
        let body = match <R::Response as Shape>::TYPE {
            // "If the operation succeeds, it returns a JSON object with no properties" (ConnectCustomKeyStore).
            Type::Unit if R::OPERATION.answers_an_empty_object() => Secret::copy_of(b"{}"),
            Type::Unit => Secret::default(),
            _ => write::write(response.value()),
        };
        Ok(WireResponse { status: 200, body, cause: None })
    }

    /// What a body has of a request, if that breaks no limits.
    fn given(&self, json: &Json<'_>, operation: Operation, shape: Type) -> Result<Given, ErrorResponse> {
        let given = read::given(json, shape).map_err(ErrorResponse::serialization)?;
        match check_given(&given, shape) {
            Ok(()) => Ok(given),
            Err(error) => {
                self.note_refused(operation, &error);
                Err(ErrorResponse::of(operation, error))
            }
        }
    }
}

macro_rules! dispatch {
    ($(($name:ident, $method:ident, $camel:literal, $request:ident, $response:ty, $doc:literal))*) => {
        impl Kms {
            fn dispatch(&self, operation: Operation, json: &Json<'_>) -> Result<WireResponse, ErrorResponse> {
                match operation { $(Operation::$name => self.perform_json::<$request>(json),)* }
            }
        }
    };
}
crate::operations!(dispatch);

/// An error as it goes out.
struct ErrorResponse {
    status: u16,
    name: &'static str,
    /// Empty where AWS says nothing.
    text: String,
    /// What is kept from the caller.
    cause: Option<Error>,
}

impl ErrorResponse {
    /// An error of the core. Only what the operation's model lists, and what every AWS service may answer, goes out; and
    /// what is wrong with a grant token, which the model of `DescribeKey` forgets.
    fn of(operation: Operation, error: Error) -> Self {
        let kind = error.kind();
        let common = [
            ErrorKind::AccessDenied,
            ErrorKind::Validation,
            ErrorKind::UnsupportedOperation,
            ErrorKind::InvalidGrantToken,
            ErrorKind::Throttling,
            ErrorKind::ExpiredToken,
        ];
        if common.contains(&kind) || operation.errors().contains(&kind) {
            Self::named(kind, error.message().into())
        } else {
            let cause = kind.is_own().then_some(error);
            Self { cause, ..Self::named(ErrorKind::KmsInternal, String::new()) }
        }
    }

    fn named(kind: ErrorKind, text: String) -> Self {
        let text = if kind == ErrorKind::KmsInternal { String::new() } else { text };
        Self { text, ..Self::plain(kind.http_status(), kind.name()) }
    }

    fn plain(status: u16, name: &'static str) -> Self {
        Self { status, name, text: String::new(), cause: None }
    }

    /// The body is no JSON of the request's form.
    fn serialization(text: String) -> Self {
        Self { text, ..Self::plain(400, "SerializationException") }
    }

    fn into_response(self) -> WireResponse {
        let Self { status, name, text, cause } = self;
        let named = |name: &str, text: String| (String::from(name), Some(text));
        let mut members = Vec::from([named("__type", name.into())]);
        if !text.is_empty() {
            members.push(named("message", text));
        }
        WireResponse { status, body: write::write(Value::Map(&members)), cause }
    }
}
