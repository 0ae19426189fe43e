//! `DescribeCustomKeyStores`, `DeleteCustomKeyStore`, `ConnectCustomKeyStore`, `DisconnectCustomKeyStore`. How one is made and changed
//! stands in `key_store_settings`.

use super::{
    Execute,
    cluster_keys::{self, Link},
    external_keys,
    own_key_stores::{check_cluster, delete_secret, find, in_state, not_found, put, release},
    page::{List, Page},
    target::account_permit,
    validate::invalid,
};
use crate::{
    access::{Caller, Question},
    api::{
        ConnectCustomKeyStoreRequest, ConnectionErrorCodeType, ConnectionStateType, CustomKeyStoresListEntry,
        DeleteCustomKeyStoreRequest, DescribeCustomKeyStoresRequest, DescribeCustomKeyStoresResponse,
        DisconnectCustomKeyStoreRequest, Request, XksProxyConfigurationType,
    },
    error::{Error, ErrorKind, Result},
    key_store::{Backing, KeyStoreRecord},
    secret::SecretText,
    store::{RecordName, Transaction},
};
use alloc::{format, vec::Vec};

impl Execute for DescribeCustomKeyStoresRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<DescribeCustomKeyStoresResponse> {
        if self.custom_key_store_id.is_some() && self.custom_key_store_name.is_some() {
            return Err(invalid("Specify a CustomKeyStoreId or a CustomKeyStoreName, but not both."));
        }
        let permit = account_permit(transaction, &Question::new(caller, Self::OPERATION))?;
        let list = List::of(Self::OPERATION.name(), self.limit, self.marker.as_deref());
        let page = Page::of(&list, transaction, caller)?;
        let one = |store: &KeyStoreRecord| DescribeCustomKeyStoresResponse {
            custom_key_stores: Vec::from([entry(store)]),
            next_marker: None,
            truncated: false,
        };
        if let Some(id) = &self.custom_key_store_id {
            return find(transaction, &permit, id).map(|store| one(&store));
        }
        let prefix = RecordName::key_stores(permit.account(), permit.region());
        if let Some(name) = &self.custom_key_store_name {
            let found = transaction.list(&prefix, None, 1, |store: &KeyStoreRecord| store.name == *name)?;
            let store = found.into_iter().next().map(|(_, store)| store);
            return store.map(|store| one(&store)).ok_or_else(|| not_found(name));
        }
        let (found, next_marker) = page.records(transaction, &prefix, None, |_: &KeyStoreRecord| true)?;
        Ok(DescribeCustomKeyStoresResponse {
            custom_key_stores: found.iter().map(|(_, store)| entry(store)).collect(),
            truncated: next_marker.is_some(),
            next_marker,
        })
    }
}

/// What is told of a custom key store.
fn entry(store: &KeyStoreRecord) -> CustomKeyStoresListEntry {
    let (cluster, proxy) = match &store.backing {
        Backing::Cluster(cluster) => (Some(cluster), None),
        Backing::Proxy(proxy) => (None, Some(proxy)),
    };
    CustomKeyStoresListEntry {
        custom_key_store_id: Some(store.id.clone()),
        custom_key_store_name: Some(store.name.clone()),
        cloud_hsm_cluster_id: cluster.map(|cluster| cluster.id.clone()),
        trust_anchor_certificate: cluster.map(|cluster| cluster.trust_anchor.clone()),
        connection_state: Some(store.state),
        connection_error_code: store.connection_error,
        creation_date: Some(store.created()),
        custom_key_store_type: Some(store.kind()),
        xks_proxy_configuration: proxy.map(|proxy| XksProxyConfigurationType {
            connectivity: Some(proxy.connectivity),
            access_key_id: Some(SecretText::copy_of(&proxy.access_key_id)),
            uri_endpoint: Some(proxy.endpoint.clone()),
            uri_path: Some(proxy.path.clone()),
            vpc_endpoint_service_name: proxy.service_name.clone(),
            vpc_endpoint_service_owner: proxy.service_owner.clone(),
        }),
    }
}

impl Execute for DeleteCustomKeyStoreRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let permit = account_permit(transaction, &Question::new(caller, Self::OPERATION))?;
        let store = find(transaction, &permit, &self.custom_key_store_id)?;
        // A key is made only while the store is connected, and so none comes in while this looks for them.
        if store.state != ConnectionStateType::Disconnected {
            return Err(in_state(&store).explain("disconnect it with DisconnectCustomKeyStore first"));
        }
        if transaction.names(&RecordName::key_store_keys(&store.id)).next().transpose()?.is_some() {
            let message = format!("The custom key store {} contains KMS keys.", store.id);
            return Err(Error::new(ErrorKind::CustomKeyStoreHasCmks, message)
                .explain("schedule their deletion, and wait until they are deleted"));
        }
        for claim in store.claims() {
            release(transaction, &store, &claim)?;
        }
        delete_secret(transaction, &store)?;
        transaction.delete(RecordName::key_store(&store.account, &store.region, &store.id));
        Ok(())
    }
}

impl Execute for ConnectCustomKeyStoreRequest {
    /// The connection is tried at once, and its outcome is the store's state: the answer says nothing of it, as AWS's.
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let permit = account_permit(transaction, &Question::new(caller, Self::OPERATION))?;
        let store = find(transaction, &permit, &self.custom_key_store_id)?;
        if store.state == ConnectionStateType::Failed {
            return Err(in_state(&store).explain("disconnect it, correct the error, and connect it again"));
        }
        let outcome = connect(transaction, caller, &store)?;
        let state = if outcome.is_ok() { ConnectionStateType::Connected } else { ConnectionStateType::Failed };
        let connection_error = outcome.err();
        let password_refusal = connection_error.filter(|error| is_of_password(&store, *error));
        let store = KeyStoreRecord::clone(&store);
        put(transaction, &KeyStoreRecord { state, connection_error, password_refusal, ..store })
    }
}

/// Whether the cluster does not take the password. "Before you can connect your custom key store to its AWS CloudHSM cluster, you must
/// change the `kmsuser` account password and update the key store password value for the custom key store" (`ConnectionErrorCode`).
fn is_of_password(store: &KeyStoreRecord, error: ConnectionErrorCodeType) -> bool {
    use ConnectionErrorCodeType::{InvalidCredentials, UserLockedOut};
    store.cluster().is_some() && matches!(error, InvalidCredentials | UserLockedOut)
}

fn connect(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    store: &KeyStoreRecord,
) -> Result<Result<(), ConnectionErrorCodeType>> {
    let behind = match &store.backing {
        Backing::Cluster(behind) => behind,
        Backing::Proxy(proxy) => return external_keys::connect(transaction, caller, store, proxy),
    };
    let link = match Link::of(transaction, store, behind)? {
        Ok(link) => link,
        Err(error) => return Ok(Err(error.kind().connection_error())),
    };
    if let Some(refusal) = store.password_refusal {
        // It is not given to the cluster again: after a few wrong ones that locks its kmsuser out, for everyone.
        return Ok(Err(refusal));
    }
    match link.connect(transaction)? {
        Ok(()) => Ok(Ok(())),
        Err(error) => check_cluster(Err(&error)).map(|()| Err(error.kind().connection_error())),
    }
}

impl Execute for DisconnectCustomKeyStoreRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let permit = account_permit(transaction, &Question::new(caller, Self::OPERATION))?;
        let store = find(transaction, &permit, &self.custom_key_store_id)?;
        if matches!(store.state, ConnectionStateType::Disconnected | ConnectionStateType::Disconnecting) {
            return Err(in_state(&store));
        }
        if let Backing::Cluster(behind) = &store.backing {
            cluster_keys::disconnect(transaction, &store, &behind.id)?;
        }
        let state = ConnectionStateType::Disconnected;
        put(transaction, &KeyStoreRecord { state, connection_error: None, ..KeyStoreRecord::clone(&store) })
    }
}
