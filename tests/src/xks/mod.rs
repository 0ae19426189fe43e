//! An external key store proxy of the tests' own, made from AWS's specification of the XKS proxy API, version 1: with an external
//! key manager behind it, signatures checked by code of its own, and every way in which one can fail. In this process it is an
//! [`XksTransport`](pocketkms::XksTransport) itself; [`server`] has it answer over HTTP.

mod manager;
mod proxy;
pub mod server;
mod signature;

pub use manager::{ExternalKey, KeyManager};
pub use proxy::{ACCESS_KEY_ID, Answer, ENDPOINT, Fault, PATH, Proxy, SECRET_ACCESS_KEY, Seen};
pub use signature::{Credential, check as check_signature};
