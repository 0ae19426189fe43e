//! A caller's client, with a method per operation.

use crate::{Caller, KmsError};
use pocketkms::Secret;
#[allow(clippy::wildcard_imports, reason = "the types that the list of operations names")]
use pocketkms::api::*;

/// AWS KMS in this process: a vault, as one caller sees it. `Vault.client` makes it. May be used from several threads.
#[derive(uniffi::Object)]
pub struct Kms(pub(crate) pocketkms::Kms);

/// What AWS KMS would answer over HTTP.
#[derive(uniffi::Record)]
pub struct WireResponse {
    /// The HTTP status: 200, or that of the exception.
    pub status: i32,
    /// The body, `application/x-amz-json-1.1`; empty where the operation returns nothing. It may hold a plaintext.
    pub body: Secret,
}

#[uniffi::export]
impl Kms {
    /// Who calls.
    pub fn caller(&self) -> Caller {
        self.0.caller().into()
    }

    /// Whether the vault was closed.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Answers a request of AWS's JSON protocol, for apps that carry such requests over a channel of their own: `target` is the
    /// header `X-Amz-Target`, such as `TrentService.Encrypt`, and `body` its JSON, at most 1 MiB.
    ///
    /// It throws nothing: errors are responses, with AWS's name and text and nothing else. PocketKMS's own errors, that of a
    /// closed vault among them, are a `KMSInternalException` without a text.
    pub fn call(&self, target: &str, body: &Secret) -> WireResponse {
        let response = self.0.call(target, body.expose());
        WireResponse { status: response.status.into(), body: response.body }
    }
}

macro_rules! operation_methods {
    ($(($name:ident, $method:ident, $camel:literal, $request:ident, $response:ty, $doc:literal))*) => {
        #[uniffi::export]
        impl Kms {
            $(
                #[doc = $doc]
                pub fn $method(&self, request: $request) -> Result<$response, KmsError> {
                    Ok(self.0.$method(request)?)
                }
            )*
        }
    };
}
pocketkms::operations!(operation_methods);
pocketkms::branch_key_operations!(operation_methods);
pocketkms::parcel_operations!(operation_methods);
