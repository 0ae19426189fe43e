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
        xks::{Failure, ProxyClient, RequestMetadata, Wrapped, XksProxy},
    },
    secret::Secret,
    store::Transaction,
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
    ask(transaction, caller, operation, None, (proxy, secret), &[b"health"], check_health)?
        .map_err(Failure::into_store_error)
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
    let answer = ask(transaction, caller, operation, None, (proxy, &secret), &[b"health"], check_health)?;
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
    let parts = [b"metadata", external_key.as_bytes()];
    ask(transaction, caller, operation, None, (proxy, &secret), &parts, |client| client.check_key(external_key))?
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
    let (provider, key) = (transaction.provider(), &permit.key().id);
    // No two times the same by itself: it is kept, so that the proxy is asked once.
    let names = context.canonical_bytes();
    let parts = [b"sealed", &key.as_bytes()[..], material.id.reference(), &names, plaintext.expose()];
    let sealed =
        transaction.kept(&parts, || blob::seal_within(provider, key, material, context, plaintext.expose()))?;
    blob::seal_externally(provider, key, material, context, |aad| {
        let parts = [b"encrypt", &sealed[..], aad];
        link.ask(transaction, permit, caller, &parts, |client, key| client.encrypt(key, &sealed, aad))
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
        let Wrapped { metadata, initialization_vector, ciphertext, authentication_tag } = *wrapped;
        let parts = [b"decrypt", metadata, initialization_vector, ciphertext, authentication_tag, aad];
        link.ask(transaction, permit, caller, &parts, |client, key| client.decrypt(key, wrapped, aad))
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
    fn ask<T: Clone + Send + Sync + 'static>(
        &self,
        transaction: &mut Transaction<'_>,
        permit: &Permit,
        caller: &Caller,
        parts: &[&[u8]],
        call: impl FnOnce(&ProxyClient<'_>, &str) -> Result<T, Failure>,
    ) -> Result<T> {
        let key = permit.key();
        let (Backing::Proxy(proxy), Some(external_key)) = (&self.store.backing, &key.external_key) else {
            return Err(gone(key));
        };
        let behind = (proxy, &*self.secret);
        let parts = [&[external_key.as_bytes()], parts].concat();
        ask(transaction, caller, permit.operation(), Some(key), behind, &parts, |client| call(client, external_key))?
            .map_err(Failure::into_use_error)
    }
}

/// Calls a proxy for an operation of the caller's, about a key if there is one; once, however often the operation is computed. The parts are
/// what is asked for.
fn ask<T: Clone + Send + Sync + 'static>(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    operation: Operation,
    key: Option<&KeyRecord>,
    (proxy, secret_access_key): (&ProxyRecord, &Secret),
    parts: &[&[u8]],
    call: impl FnOnce(&ProxyClient<'_>) -> Result<T, Failure>,
) -> Result<Result<T, Failure>> {
    let metadata = metadata(transaction, caller, operation, key)?;
    let Some(transport) = &transaction.vault().xks else { return Ok(Err(Failure::no_transport())) };
    let ProxyRecord { endpoint, path, access_key_id, .. } = proxy;
    let client = ProxyClient {
        transport: &**transport,
        provider: transaction.provider(),
        proxy: XksProxy { uri_endpoint: endpoint, uri_path: path, access_key_id, secret_access_key },
        region: caller.region(),
        now: transaction.now(),
        metadata,
    };
    let behind = [endpoint.as_bytes(), path.as_bytes(), access_key_id.as_bytes(), secret_access_key.expose()];
    let answer = transaction.ask(&[&behind, parts].concat(), || call(&client))?;
    Ok(Result::clone(&answer))
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
