//! Keys in the AWS CloudHSM cluster of a custom key store: they are made there, used there, and deleted there.

use super::own_key_stores::{gone, secret_of, store_of};
use crate::{
    access::Permit,
    blob::{self, Parsed},
    context::EncryptionContext,
    error::{Error, ErrorKind, Result},
    key::{KeyRecord, MaterialId},
    key_store::{
        Backing, CloudHsmCluster, ClusterCiphertext, ClusterDescription, ClusterError, ClusterErrorKind, ClusterRecord,
        KeyStoreRecord,
    },
    secret::Secret,
    store::{ClusterKey, RecordName, Transaction, unless_damaged, waiting},
};
use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use core::any::Any;

/// The longest id that a key may have in a cluster: it stands in the name of a record.
const LONGEST_ID: usize = 128;

/// A cluster, and the password by which it is used.
pub(super) struct Link<'v> {
    id: String,
    cluster: &'v Arc<dyn CloudHsmCluster>,
    password: Arc<Secret>,
}

/// The cluster of that id, if the host has one for the account of the custom key store.
fn cluster<'v>(
    transaction: &Transaction<'v>,
    store: &KeyStoreRecord,
    id: &str,
) -> Result<&'v Arc<dyn CloudHsmCluster>, ClusterError> {
    transaction.vault().clusters.get(id, &store.account).ok_or_else(|| {
        ClusterError::new(
            ClusterErrorKind::NotFound,
            format!(
                "the host has no AWS CloudHSM cluster of that id for the account {}: cloud_hsm_cluster gives the vault's own \
                 account one, and cloud_hsm_cluster_of others",
                store.account
            ),
        )
    })
}

/// What a cluster is, without a password.
pub(super) fn describe(
    transaction: &mut Transaction<'_>,
    store: &KeyStoreRecord,
    id: &str,
) -> Result<Result<ClusterDescription, ClusterError>> {
    if transaction.vault().is_waiting() {
        return Err(waiting());
    }
    match cluster(transaction, store, id) {
        Ok(cluster) => told(transaction.ask(&[b"describe", id.as_bytes()], || cluster.describe())),
        Err(error) => Ok(Err(error)),
    }
}

/// A custom key store is disconnected.
pub(super) fn disconnect(transaction: &mut Transaction<'_>, store: &KeyStoreRecord, id: &str) -> Result<()> {
    match cluster(transaction, store, id) {
        Ok(cluster) => transaction.ask(&[b"disconnect", id.as_bytes()], || cluster.disconnect()).map(drop),
        Err(_) => Ok(()),
    }
}

/// An answer of a cluster, which is kept for the next time that the operation is computed.
fn told<T: Clone>(answer: Result<Arc<Result<T, ClusterError>>>) -> Result<Result<T, ClusterError>> {
    answer.map(|answer| Result::clone(&answer))
}

impl<'v> Link<'v> {
    /// To what is behind a custom key store. An error of the vault, or that the host has no such cluster.
    pub(super) fn of(
        transaction: &mut Transaction<'v>,
        store: &KeyStoreRecord,
        behind: &ClusterRecord,
    ) -> Result<Result<Self, ClusterError>> {
        let password = secret_of(transaction, store)?;
        // A host that is waited for has all that the operation looks at, before anyone outside is asked.
        if transaction.vault().is_waiting() {
            return Err(waiting());
        }
        let id = behind.id.clone();
        Ok(cluster(transaction, store, &id).map(|cluster| Self { id, cluster, password }))
    }

    /// Has the cluster do something, once for an operation: the parts are what it depends on, beside the cluster and its password.
    fn ask<T: Any + Send + Sync>(
        &self,
        transaction: &mut Transaction<'_>,
        method: &str,
        parts: &[&[u8]],
        call: impl FnOnce(&dyn CloudHsmCluster, &Secret) -> Result<T, ClusterError>,
    ) -> Result<Arc<Result<T, ClusterError>>> {
        let behind = [method.as_bytes(), self.id.as_bytes(), self.password.expose()];
        transaction.ask(&[&behind, parts].concat(), || call(&**self.cluster, &self.password))
    }

    /// Finds out whether the cluster is there and active, and whether the password is good.
    pub(super) fn connect(&self, transaction: &mut Transaction<'_>) -> Result<Result<(), ClusterError>> {
        told(self.ask(transaction, "connect", &[], |cluster, password| {
            cluster.describe()?;
            cluster.connect(password)
        }))
    }

    pub(super) fn random(
        &self,
        transaction: &mut Transaction<'_>,
        length: usize,
    ) -> Result<Result<Secret, ClusterError>> {
        let parts = [&length.to_be_bytes()[..]];
        let bytes = self.ask(transaction, "random", &parts, |cluster, password| {
            let bytes = cluster.random(password, length)?;
            check_length(bytes.len(), length)?;
            Ok(bytes)
        })?;
        Ok(copy(&bytes))
    }

    fn key(&self, id: &str) -> ClusterKey {
        ClusterKey { cluster: Arc::clone(self.cluster), password: Arc::clone(&self.password), id: id.to_string() }
    }
}

/// Makes the key of a KMS key, and returns its id in the cluster.
pub(super) fn create(
    transaction: &mut Transaction<'_>,
    link: &Link<'_>,
    store: &KeyStoreRecord,
    key: &KeyRecord,
) -> Result<Result<String, ClusterError>> {
    let label = key.id.to_string();
    let made = told(link.ask(transaction, "create_key", &[label.as_bytes()], |cluster, password| {
        cluster.create_key(password, &label)
    }))?;
    let id = match made {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_id = !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(is_name);
    let is_taken = if is_id { transaction.note(&RecordName::key_store_key(&store.id, &id)) } else { Ok(false) };
    // Another KMS key's is not deleted where this one is not stored.
    if !matches!(is_taken, Ok(true)) {
        transaction.made_outside(RecordName::key(&key.region, key.id.as_bytes()), link.key(&id));
    }
    let refused = match (is_taken?, is_id) {
        (false, true) => return Ok(Ok(id)),
        (true, _) => "the cluster gave a key the id of another one",
        (false, false) => "the cluster gave a key an id that is none: 1 to 128 letters, digits, '-', '_' and '.'",
    };
    Ok(Err(ClusterError::new(ClusterErrorKind::Internal, refused)))
}

/// Encrypts under a key in a cluster.
pub(super) fn seal(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    context: &EncryptionContext,
    plaintext: &Secret,
) -> Result<(Vec<u8>, MaterialId)> {
    let key = permit.key();
    let (link, id, material) = of_key(transaction, key)?;
    let blob = blob::seal_in_cluster(&key.id, &material, context, |aad| {
        let parts = [id.as_bytes(), aad, plaintext.expose()];
        let sealed = told(link.ask(transaction, "encrypt", &parts, |cluster, password| {
            let sealed = cluster.encrypt(password, id, plaintext, aad)?;
            check_length(sealed.ciphertext.len(), plaintext.len())?;
            Ok(sealed)
        }))?;
        sealed.map_err(|error| refused(key, &error))
    })?;
    Ok((blob, material))
}

/// Decrypts by a key in a cluster; nothing where it has no material of that reference.
pub(super) fn open(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    parsed: &Parsed<'_>,
    context: &EncryptionContext,
) -> Result<Option<(Secret, MaterialId)>> {
    let key = permit.key();
    let (link, id, material) = of_key(transaction, key)?;
    if material.reference() != parsed.material {
        return Ok(None);
    }
    let plaintext = parsed.open_in_cluster(context, |ciphertext, aad| {
        let ClusterCiphertext { iv, ciphertext: sealed, tag } = ciphertext;
        let parts = [id.as_bytes(), aad, iv, sealed, tag];
        let opened = link.ask(transaction, "decrypt", &parts, |cluster, password| {
            let opened = cluster.decrypt(password, id, ciphertext, aad)?;
            check_length(opened.len(), ciphertext.ciphertext.len())?;
            Ok(opened)
        })?;
        copy(&opened).map_err(|error| refused(key, &error))
    })?;
    Ok(Some((plaintext, material)))
}

/// The answer is kept as long as the operation may be computed again.
fn copy(secret: &Result<Secret, ClusterError>) -> Result<Secret, ClusterError> {
    secret.as_ref().map(|secret| Secret::copy_of(secret.expose())).map_err(ClusterError::clone)
}

/// GCM neither adds nor takes away.
fn check_length(length: usize, expected: usize) -> Result<(), ClusterError> {
    if length == expected {
        return Ok(());
    }
    Err(ClusterError::new(
        ClusterErrorKind::Internal,
        format!("the cluster gave {length} bytes in place of {expected}"),
    ))
}

/// The cluster that a key is in, its id there, and the id of its material.
fn of_key<'v, 'k>(transaction: &mut Transaction<'v>, key: &'k KeyRecord) -> Result<(Link<'v>, &'k str, MaterialId)> {
    let store = store_of(transaction, key)?;
    let Backing::Cluster(behind) = &store.backing else { return Err(gone(key)) };
    let (id, material) = key.external_key.as_deref().zip(key.current_material).ok_or_else(|| gone(key))?;
    let link = Link::of(transaction, &store, behind)?.map_err(|error| refused(key, &error))?;
    Ok((link, id, material))
}

/// What a cryptographic operation answers where the cluster fails: "a general failure with many possible causes. To identify the
/// cause, see the error message" (`KMSInvalidStateException`).
fn refused(key: &KeyRecord, error: &ClusterError) -> Error {
    match error.kind() {
        ClusterErrorKind::InvalidCiphertext => error.answer(ErrorKind::InvalidCiphertext, ""),
        kind => {
            // The cluster's own words stay in the process.
            let because = kind.text();
            let arn = key.arn();
            let (kind, message) = match kind {
                // "You can retry the request": it may be back.
                ClusterErrorKind::Unreachable => {
                    (ErrorKind::KeyUnavailable, format!("{arn} is unavailable: {because}."))
                }
                _ => (ErrorKind::KmsInvalidState, format!("{arn} cannot be used: {because}.")),
            };
            error.answer(kind, message)
        }
    }
}

/// Has the key of a KMS key deleted when the KMS key is, as well as that can be done: "KMS makes a best effort to delete the associated key
/// material from the associated CloudHSM cluster" (`ScheduleKeyDeletion`). What fails leaves it there, of no use to anyone here, and is
/// no reason to keep the KMS key.
pub(super) fn delete(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<()> {
    let (Some(store), Some(id)) = (&key.custom_key_store, &key.external_key) else { return Ok(()) };
    let name = RecordName::key_store(&key.account, &key.region, store);
    let store = unless_damaged(transaction.get::<KeyStoreRecord>(name))?.flatten();
    let Some(store) = store.filter(|store| store.is_connected()) else { return Ok(()) };
    let Backing::Cluster(behind) = &store.backing else { return Ok(()) };
    if let Some(Ok(link)) = unless_damaged(Link::of(transaction, &store, behind))? {
        transaction.deletes_outside(link.key(id));
    }
    Ok(())
}
