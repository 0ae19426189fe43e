//! Keys in a key manager outside of AWS, behind the external key store proxy of a custom key store.

use super::own_key_stores::{gone, secret_of, store_of};
use crate::{
    access::{Caller, Permit, Requester},
    api::{ConnectionErrorCodeType, Operation},
    blob::{self, Parsed},
    context::EncryptionContext,
    error::Result,
    key::{KeyRecord, SymmetricMaterial},
    key_store::{
        Backing, KeyStoreRecord, ProxyRecord,
        xks::{Failure, ProxyClient, RequestMetadata, XksProxy},
    },
    secret::Secret,
    store::{Transaction, waiting},
};
use alloc::{string::ToString, sync::Arc, vec::Vec};

fn check_health(client: &ProxyClient<'_>) -> Result<(), Failure> {
    client.check_health()
}

/// Whether a proxy with a public endpoint answers, before a custom key store is made of it or changed to it.
pub(super) fn check_proxy(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    operation: Operation,
    proxy: &ProxyRecord,
    secret: &Secret,
) -> Result<()> {
    ask(transaction, caller, operation, None, (proxy, secret), check_health)?.map_err(Failure::into_store_error)
}

/// Whether the key manager behind a proxy can be used.
pub(super) fn connect(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    store: &KeyStoreRecord,
    proxy: &ProxyRecord,
) -> Result<Result<(), ConnectionErrorCodeType>> {
    let secret = secret_of(transaction, store)?;
    let operation = Operation::ConnectCustomKeyStore;
    let answer = ask(transaction, caller, operation, None, (proxy, &secret), check_health)?;
    Ok(answer.map_err(|failure| failure.connection_error()))
}

/// Whether the external key of that id is there, and fit to be the material of a KMS key.
pub(super) fn check_key(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    store: &KeyStoreRecord,
    proxy: &ProxyRecord,
    external_key: &str,
) -> Result<()> {
    // As a part of an address it would be a way to another one: whatever carries the request resolves it.
    if matches!(external_key, "." | "..") {
        return Err(Failure::no_such_key().into_key_error());
    }
    let secret = secret_of(transaction, store)?;
    let operation = Operation::CreateKey;
    ask(transaction, caller, operation, None, (proxy, &secret), |client| client.check_key(external_key))?
        .map_err(Failure::into_key_error)
}

/// Encrypts under a key in an external key store: under its own material, and then by the external key.
pub(super) fn seal(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    caller: &Caller,
    material: &SymmetricMaterial,
    plaintext: &Secret,
    context: &EncryptionContext,
) -> Result<Vec<u8>> {
    let link = Link::of(transaction, permit)?;
    let provider = transaction.provider();
    blob::seal_externally(provider, &permit.key().id, material, context, plaintext.expose(), |sealed, aad| {
        link.ask(transaction, permit, caller, |client, key| client.encrypt(key, sealed, aad))
    })
}

/// Decrypts by the external key, and then by the key's own material.
pub(super) fn open(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    caller: &Caller,
    material: &SymmetricMaterial,
    parsed: &Parsed<'_>,
    context: &EncryptionContext,
) -> Result<Secret> {
    let link = Link::of(transaction, permit)?;
    let provider = transaction.provider();
    let opened = parsed.open_externally(provider, material, context, |wrapped, aad| {
        link.ask(transaction, permit, caller, |client, key| client.decrypt(key, wrapped, aad))
    })?;
    opened.map_err(|_| Failure::wrong_plaintext().into_use_error())
}

/// The custom key store that a key is in.
struct Link {
    store: Arc<KeyStoreRecord>,
    secret: Arc<Secret>,
}

impl Link {
    fn of(transaction: &mut Transaction<'_>, permit: &Permit) -> Result<Self> {
        let store = store_of(transaction, permit.key())?;
        let secret = secret_of(transaction, &store)?;
        Ok(Self { store, secret })
    }

    /// Has the proxy use the external key.
    fn ask<T: Send + Sync + 'static>(
        &self,
        transaction: &mut Transaction<'_>,
        permit: &Permit,
        caller: &Caller,
        call: impl FnOnce(&ProxyClient<'_>, &str) -> Result<T, Failure>,
    ) -> Result<T> {
        let key = permit.key();
        let (Backing::Proxy(proxy), Some(external_key)) = (&self.store.backing, &key.external_key) else {
            return Err(gone(key));
        };
        let behind = (proxy, &*self.secret);
        ask(transaction, caller, permit.operation(), Some(key), behind, |client| call(client, external_key))?
            .map_err(Failure::into_use_error)
    }
}

/// Calls a proxy for an operation of the caller's, about a key if there is one.
fn ask<T>(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    operation: Operation,
    key: Option<&KeyRecord>,
    (proxy, secret_access_key): (&ProxyRecord, &Secret),
    call: impl FnOnce(&ProxyClient<'_>) -> Result<T, Failure>,
) -> Result<Result<T, Failure>> {
    let metadata = metadata(transaction, caller, operation, key)?;
    // A host that is waited for has all that the operation looks at, before anyone outside is asked.
    if transaction.vault().is_waiting() {
        return Err(waiting());
    }
    let Some(transport) = &transaction.vault().xks else { return Ok(Err(Failure::no_transport())) };
    let ProxyRecord { endpoint, path, access_key_id, .. } = proxy;
    Ok(call(&ProxyClient {
        transport: &**transport,
        provider: transaction.provider(),
        proxy: XksProxy { uri_endpoint: endpoint, uri_path: path, access_key_id, secret_access_key },
        region: caller.region(),
        now: transaction.now(),
        metadata,
    }))
}

fn metadata(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    operation: Operation,
    key: Option<&KeyRecord>,
) -> Result<RequestMetadata> {
    let stated = |name: &str| Some(caller.session()?.stated(name)?.to_string());
    Ok(RequestMetadata {
        aws_principal_arn: Some(Requester::of(caller.principal()).principal_arn()),
        aws_source_vpc: stated("aws:sourcevpc"),
        aws_source_vpce: stated("aws:sourcevpce"),
        kms_key_arn: key.map(KeyRecord::arn),
        kms_operation: operation.name(),
        kms_request_id: transaction.request_id()?,
        kms_via_service: stated("kms:viaservice"),
    })
}
