//! Custom key stores: what is kept of them, and what is behind them (AWS KMS Developer Guide, "Custom key stores").
//!
//! What is behind an AWS CloudHSM key store is the host's: a [`CloudHsmCluster`], which a PKCS#11 token is, or whatever it puts in
//! its place. What is behind an external key store answers to AWS's XKS proxy API ([`xks`]).

mod cluster;
mod clusters;
mod record;
pub(crate) mod xks;

pub use cluster::{CloudHsmCluster, ClusterCiphertext, ClusterDescription, ClusterError, ClusterErrorKind};
pub(crate) use clusters::Clusters;
pub(crate) use record::{Backing, Claim, ClusterRecord, KeyStoreRecord, ProxyRecord, same_endpoint};
pub use xks::{XksRequest, XksResponse, XksTransport, XksTransportError, XksTransportErrorKind};
