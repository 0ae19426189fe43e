//! Keys in a key manager outside of AWS, behind the external key store proxy of a custom key store. No proxy is reached yet.

use crate::{
    access::Caller,
    api::ConnectionErrorCodeType,
    error::{Error, ErrorKind, Result},
    key_store::{KeyStoreRecord, ProxyRecord},
    secret::Secret,
    store::Transaction,
};
use alloc::format;

/// Whether a proxy with a public endpoint answers, before a custom key store is made of it or changed to it.
pub(super) fn check_proxy(
    _: &mut Transaction<'_>,
    _: &Caller,
    _: &KeyStoreRecord,
    proxy: &ProxyRecord,
    _: &Secret,
) -> Result<()> {
    let message = format!("The external key store proxy {}{} cannot be reached.", proxy.endpoint, proxy.path);
    Err(Error::new(ErrorKind::XksProxyUriUnreachable, message))
}

/// Whether the key manager behind a proxy can be used.
#[expect(clippy::unnecessary_wraps, reason = "what asks the proxy")]
pub(super) fn connect(
    _: &mut Transaction<'_>,
    _: &Caller,
    _: &KeyStoreRecord,
    _: &ProxyRecord,
) -> Result<Result<(), ConnectionErrorCodeType>> {
    Ok(Err(ConnectionErrorCodeType::XksProxyNotReachable))
}

/// Whether the external key of that id is there, and fit to be the material of a KMS key.
pub(super) fn check_key(
    _: &mut Transaction<'_>,
    _: &Caller,
    _: &KeyStoreRecord,
    _: &ProxyRecord,
    key: &str,
) -> Result<()> {
    Err(Error::new(ErrorKind::XksKeyNotFound, format!("The external key {key} is not found.")))
}
