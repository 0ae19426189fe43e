//! Keys in the AWS CloudHSM cluster of a custom key store: they are made there, used there, and deleted there.

use super::own_key_stores::{gone, secret_of, store_of};
use crate::{
    access::Permit,
    blob::{self, Parsed},
    context::EncryptionContext,
    error::{Error, ErrorKind, Result},
    key::{KeyRecord, MaterialId},
    key_store::{Backing, CloudHsmCluster, ClusterError, ClusterErrorKind, ClusterRecord, KeyStoreRecord, Made},
    secret::Secret,
    store::{OpenVault, RecordName, Transaction, unless_damaged, waiting},
};
use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

/// The longest id that a key may have in a cluster: it stands in the name of a record.
const LONGEST_ID: usize = 128;

/// A cluster, and the password by which it is used.
pub(super) struct Link<'v> {
    cluster: &'v Arc<dyn CloudHsmCluster>,
    password: Arc<Secret>,
}

/// The cluster of that id, if the host has one.
pub(super) fn cluster<'v>(
    transaction: &Transaction<'v>,
    id: &str,
) -> Result<&'v Arc<dyn CloudHsmCluster>, ClusterError> {
    transaction.vault().clusters.get(id).ok_or_else(|| {
        ClusterError::new(
            ClusterErrorKind::NotFound,
            "the host has no AWS CloudHSM cluster of that id: cloud_hsm_cluster gives it one",
        )
    })
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
        Ok(cluster(transaction, &behind.id).map(|cluster| Self { cluster, password }))
    }

    /// Whether the cluster is there and active.
    pub(super) fn describe(&self) -> Result<(), ClusterError> {
        self.cluster.describe().map(drop)
    }

    /// Finds out whether the password is good.
    pub(super) fn connect(&self) -> Result<(), ClusterError> {
        self.cluster.connect(&self.password)
    }

    pub(super) fn random(&self, length: usize) -> Result<Secret, ClusterError> {
        let bytes = self.cluster.random(&self.password, length)?;
        check_length(bytes.len(), length)?;
        Ok(bytes)
    }
}

/// Makes the key of a KMS key, and returns its id in the cluster.
pub(super) fn create(
    transaction: &mut Transaction<'_>,
    link: &Link<'_>,
    store: &KeyStoreRecord,
    key: &KeyRecord,
) -> Result<Result<String, ClusterError>> {
    // Once, also where the operation is run again: nothing says which of two keys would be the right one.
    let label = key.id.to_string();
    let made = transaction.vault().once(|| Ok(link.cluster.create_key(&link.password, &label)))?;
    let id = match &*made {
        Ok(id) => id.clone(),
        Err(error) => return Ok(Err(error.clone())),
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_id = !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(is_name);
    let is_taken = if is_id { transaction.note(&RecordName::key_store_key(&store.id, &id)) } else { Ok(false) };
    // Another KMS key's is not deleted where this one is not stored.
    if !matches!(is_taken, Ok(true)) {
        let (cluster, password) = (Arc::clone(link.cluster), Arc::clone(&link.password));
        transaction.made_outside(Made { cluster, password, key: id.clone() });
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
        let sealed = link.cluster.encrypt(&link.password, id, plaintext, aad);
        let sealed = sealed.and_then(|sealed| {
            check_length(sealed.ciphertext.len(), plaintext.len())?;
            Ok(sealed)
        });
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
        let opened = link.cluster.decrypt(&link.password, id, ciphertext, aad);
        let opened = opened.and_then(|opened| {
            check_length(opened.len(), ciphertext.ciphertext.len())?;
            Ok(opened)
        });
        opened.map_err(|error| refused(key, &error))
    })?;
    Ok(Some((plaintext, material)))
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

/// Deletes the key of a KMS key that is gone, as well as that can be done: "KMS makes a best effort to delete the associated key
/// material from the associated CloudHSM cluster" (`ScheduleKeyDeletion`). What fails leaves it there, of no use to anyone here.
pub(super) fn delete(vault: &OpenVault, key: &KeyRecord) {
    let _ = vault.read(|transaction| {
        let (Some(store), Some(id)) = (&key.custom_key_store, &key.external_key) else { return Ok(()) };
        let name = RecordName::key_store(&key.account, &key.region, store);
        let store = unless_damaged(transaction.get::<KeyStoreRecord>(name))?.flatten();
        let Some(store) = store.filter(|store| store.is_connected()) else { return Ok(()) };
        let Backing::Cluster(behind) = &store.backing else { return Ok(()) };
        if let Ok(link) = Link::of(transaction, &store, behind)? {
            let _ = link.cluster.delete_key(&link.password, id);
        }
        Ok(())
    });
}
