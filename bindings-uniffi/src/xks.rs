//! What carries requests to external key store proxies.

use crate::KmsError;
use pocketkms::{Error, ErrorKind, XksTransportError, XksTransportErrorKind};
use std::{collections::HashMap, sync::Arc};

/// A request of AWS's XKS proxy API, version 1: an HTTP POST of JSON, signed. It holds no plaintext of a caller's: what a proxy encrypts is
/// encrypted already.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct XksRequest {
    /// The endpoint and the path.
    pub url: String,
    /// Whose proxy it is: `https://` and the name of a host.
    pub endpoint: String,
    /// The path at that host.
    pub path: String,
    /// The headers, all but `Host`, which is that of the endpoint and is signed, too.
    pub headers: HashMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl From<&pocketkms::XksRequest> for XksRequest {
    fn from(request: &pocketkms::XksRequest) -> Self {
        Self {
            url: request.url(),
            endpoint: request.endpoint().into(),
            path: request.path().into(),
            headers: request.headers().map(|(name, value)| (name.into(), value.into())).collect(),
            body: request.body().to_vec(),
        }
    }
}

/// What a proxy answered.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct XksResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body, of which 16 KiB are taken at most.
    pub body: Vec<u8>,
}

/// Carries requests to external key store proxies.
#[uniffi::export(with_foreign)]
pub trait XksTransport: Send + Sync {
    /// Sends a request, and returns the response whatever its status is; redirections are not followed. AWS KMS waits 250 milliseconds.
    /// It is called in the middle of an operation, on the thread of the call, and must not call the vault. What it throws is among the
    /// causes of what the operation throws: a `DependencyTimeoutException` where no answer came in time, anything else where the proxy
    /// cannot be reached.
    fn send(&self, request: XksRequest) -> Result<XksResponse, KmsError>;
}

/// The core's view of it.
pub(crate) struct ForeignTransport(pub(crate) Arc<dyn XksTransport>);

impl pocketkms::XksTransport for ForeignTransport {
    fn send(&self, request: &pocketkms::XksRequest) -> Result<pocketkms::XksResponse, XksTransportError> {
        match self.0.send(request.into()) {
            Ok(XksResponse { status, body }) => Ok(pocketkms::XksResponse { status, body }),
            Err(error) => {
                let error = Error::from(error);
                let kind = match error.kind() {
                    ErrorKind::DependencyTimeout => XksTransportErrorKind::TimedOut,
                    _ => XksTransportErrorKind::Unreachable,
                };
                Err(XksTransportError::new(kind, error))
            }
        }
    }
}
