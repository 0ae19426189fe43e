//! How a request reaches the external key store proxy: the host's business.

use alloc::{boxed::Box, format, string::String, sync::Arc, vec::Vec};
use core::{fmt, time::Duration};

/// Carries requests to external key store proxies: by HTTPS, or to a proxy in this process.
///
/// It is called in the middle of an operation of the vault, in the thread of the call, while nobody is kept from using the vault. An operation
/// that is computed again, since another change came in between, sends a request again only where that is another one now.
pub trait XksTransport: Send + Sync {
    /// Sends a request, and returns the response whatever its status is. Redirections are not followed: the signature is
    /// for this address alone.
    ///
    /// # Errors
    /// Where there is no response, or none after [`XksRequest::TIMEOUT`], or one that is longer than [`XksRequest::MAX_RESPONSE`].
    fn send(&self, request: &XksRequest) -> Result<XksResponse, XksTransportError>;
}

/// One that several vaults share.
impl<T: XksTransport + ?Sized> XksTransport for Arc<T> {
    fn send(&self, request: &XksRequest) -> Result<XksResponse, XksTransportError> {
        (**self).send(request)
    }
}

/// A request of AWS's XKS proxy API, version 1: an HTTP POST of JSON, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XksRequest {
    pub(super) endpoint: String,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl XksRequest {
    /// How long AWS KMS waits for a response ("XKS proxy API", "KMS considerations"), connecting included.
    pub const TIMEOUT: Duration = Duration::from_millis(250);

    /// The most bytes of a response's body that are taken. No valid one has half as many.
    pub const MAX_RESPONSE: usize = 16 * 1024;

    /// Whose proxy it is: `https://` and the name of a host, to be called on port 443.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The path at that host. It begins with a slash.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Both together.
    pub fn url(&self) -> String {
        format!("{}{}", self.endpoint, self.path)
    }

    /// The headers, all but `Host`, which is that of the endpoint and is signed, too.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The body. It holds no plaintext of a caller's: what is encrypted by a proxy is encrypted already.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// What a proxy answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XksResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body, at most [`XksRequest::MAX_RESPONSE`] bytes.
    pub body: Vec<u8>,
}

/// Why there is no response.
#[derive(Debug)]
pub struct XksTransportError {
    kind: XksTransportErrorKind,
    cause: Box<dyn core::error::Error + Send + Sync>,
}

/// What went wrong on the way, as far as it is known.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XksTransportErrorKind {
    /// No connection: the name is not known, or no one listens there; or the connection broke.
    Unreachable,
    /// The other side did not prove by its certificate that it is the endpoint, or speaks no version of TLS that is good.
    Tls,
    /// No response in the time allotted.
    TimedOut,
    /// What came is no HTTP response, or too long.
    InvalidResponse,
}

impl XksTransportError {
    /// A failure of that kind, and what is known about it. An [`Error`](crate::Error) is among the causes of what the vault's
    /// caller gets, with its origin.
    pub fn new(kind: XksTransportErrorKind, cause: impl Into<Box<dyn core::error::Error + Send + Sync>>) -> Self {
        Self { kind, cause: cause.into() }
    }

    /// Its kind.
    pub fn kind(&self) -> XksTransportErrorKind {
        self.kind
    }

    pub(super) fn into_cause(self) -> Box<dyn core::error::Error + Send + Sync> {
        self.cause
    }
}

impl fmt::Display for XksTransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl core::error::Error for XksTransportError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&*self.cause)
    }
}
