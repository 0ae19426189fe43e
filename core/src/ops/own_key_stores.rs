//! The custom key stores of the caller's account and Region: how they are found and written, and what only one of them may have.

use crate::{
    access::AccountPermit,
    error::{Echo, Error, ErrorKind, Result},
    key::KeyRecord,
    key_store::{Claim, ClusterError, ClusterErrorKind, KeyStoreRecord},
    secret::Secret,
    store::{RecordName, Transaction, missing},
};
use alloc::{format, sync::Arc};

/// The custom key store of that id, of the caller's account and Region.
pub(super) fn find(
    transaction: &mut Transaction<'_>,
    permit: &AccountPermit<'_>,
    id: &str,
) -> Result<Arc<KeyStoreRecord>> {
    // What is no id is no name of a record either.
    let is_id = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let name = RecordName::key_store(permit.account(), permit.region(), id);
    let found = if is_id { transaction.get::<KeyStoreRecord>(name)? } else { None };
    found.ok_or_else(|| not_found(id))
}

pub(super) fn not_found(named: &str) -> Error {
    Error::new(ErrorKind::CustomKeyStoreNotFound, format!("Custom key store '{}' does not exist.", Echo(named)))
}

/// The error of what needs a connected custom key store.
pub(super) fn not_connected(store: &KeyStoreRecord) -> Error {
    in_state(store).explain("connect it with ConnectCustomKeyStore; DescribeCustomKeyStores says how far it is")
}

/// The error of what the state of a custom key store does not allow.
pub(super) fn in_state(store: &KeyStoreRecord) -> Error {
    Error::new(
        ErrorKind::CustomKeyStoreInvalidState,
        format!(
            "The connection state of the custom key store {} is {}, which is not valid for this request.",
            store.id, store.state
        ),
    )
}

pub(super) fn put(transaction: &mut Transaction<'_>, store: &KeyStoreRecord) -> Result<()> {
    transaction.put(RecordName::key_store(&store.account, &store.region, &store.id), store)
}

/// The custom key store that a key is in.
pub(super) fn store_of(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<Arc<KeyStoreRecord>> {
    let store = key.custom_key_store.as_deref().ok_or_else(|| gone(key))?;
    let store = transaction.get::<KeyStoreRecord>(RecordName::key_store(&key.account, &key.region, store))?;
    store.ok_or_else(|| gone(key))
}

/// What leads from a key to its custom key store, or to what is behind that, is not there.
pub(super) fn gone(key: &KeyRecord) -> Error {
    Error::new(ErrorKind::RecordCorrupted, format!("the custom key store of {} is gone", key.arn()))
}

fn secret_name(store: &KeyStoreRecord) -> RecordName {
    RecordName::key_store_secret(&store.account, &store.region, &store.id)
}

/// The password of a custom key store, or the secret key for its proxy.
pub(super) fn secret_of(transaction: &mut Transaction<'_>, store: &KeyStoreRecord) -> Result<Arc<Secret>> {
    let name = secret_name(store);
    transaction.get_secret(name.clone())?.ok_or_else(|| missing(name.as_str()))
}

pub(super) fn put_secret(transaction: &mut Transaction<'_>, store: &KeyStoreRecord, secret: Secret) -> Result<()> {
    let name = secret_name(store);
    transaction.note(&name)?;
    transaction.put_secret(name, secret);
    Ok(())
}

pub(super) fn delete_secret(transaction: &mut Transaction<'_>, store: &KeyStoreRecord) -> Result<()> {
    let name = secret_name(store);
    if transaction.note(&name)? {
        transaction.delete(name);
    }
    Ok(())
}

/// The record of what only one custom key store may have.
fn claim_name(transaction: &Transaction<'_>, store: &KeyStoreRecord, claim: &Claim) -> RecordName {
    let hash = transaction.provider().digest.sha256(&[claim.what.as_bytes()]);
    RecordName::key_store_claim(&store.account, &store.region, &hash)
}

/// Takes what only one custom key store may have.
pub(super) fn take(transaction: &mut Transaction<'_>, store: &KeyStoreRecord, claim: Claim) -> Result<()> {
    let name = claim_name(transaction, store, &claim);
    if transaction.note(&name)? {
        return Err(Error::new(claim.kind, claim.message));
    }
    transaction.put(name, &store.id)
}

/// Gives it back.
pub(super) fn release(transaction: &mut Transaction<'_>, store: &KeyStoreRecord, claim: &Claim) -> Result<()> {
    let name = claim_name(transaction, store, claim);
    if transaction.note(&name)? {
        transaction.delete(name);
    }
    Ok(())
}

/// What a request answers where a cluster is not there or not active; other failures are no error of the request.
pub(super) fn check_cluster(outcome: Result<(), &ClusterError>) -> Result<()> {
    let Err(error) = outcome else { return Ok(()) };
    let kind = match error.kind() {
        ClusterErrorKind::NotActive => ErrorKind::CloudHsmClusterNotActive,
        ClusterErrorKind::NoActiveHsm => ErrorKind::CloudHsmClusterInvalidConfiguration,
        _ => return Ok(()),
    };
    Err(refused(kind, error))
}

pub(super) fn refused(kind: ErrorKind, error: &ClusterError) -> Error {
    let message = format!("The AWS CloudHSM cluster cannot be used: {}.", error.kind().text());
    error.answer(kind, message)
}
