//! External key stores: AWS's XKS proxy API, version 1 (github.com/aws/aws-kms-xksproxy-api-spec). What a request says and how
//! it is signed, what a response has to be, and what a failure is called. How they get there is the host's: [`XksTransport`].

mod failure;
mod proxy;
mod request;
mod response;
mod transport;
mod wrapped;

pub(crate) use failure::Failure;
pub(crate) use proxy::{ProxyClient, XksProxy};
pub(crate) use request::RequestMetadata;
pub(crate) use response::Encrypted;
pub use transport::{XksRequest, XksResponse, XksTransport, XksTransportError, XksTransportErrorKind};
pub(crate) use wrapped::Wrapped;
