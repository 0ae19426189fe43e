//! Any bytes as a record of the store.

use super::scene::{ALIAS, Scene, builder};
use crate::vault::root;
use pocketkms::{
    Error, ErrorKind, Kms, Result, Sealed, Vault,
    api::{
        DecryptRequest, DescribeKeyRequest, EncryptRequest, ListAliasesRequest, ListKeyRotationsRequest,
        ListKeysRequest, ListResourceTagsRequest, RotateKeyOnDemandRequest, ScheduleKeyDeletionRequest,
    },
};
use std::cell::LazyCell;

thread_local! {
    static SCENE: LazyCell<Scene> = LazyCell::new(Scene::new);
}

/// The first byte chooses the record. Whatever stands there, each operation succeeds or says that a record is damaged, and
/// `verify` finds the damage.
pub fn record(data: &[u8]) -> bool {
    let [choice, value @ ..] = data else { return false };
    SCENE.with(|scene| {
        let store = scene.store.copy();
        let names = store.names();
        let name = &names[usize::from(*choice) % names.len()];
        store.tamper(name, |record| record.value = Sealed::from_stored(value));
        let vault = match builder().open(store, &root()) {
            Ok(vault) => vault,
            Err(error) => {
                is_of_a_record(&error);
                return false;
            }
        };
        use_all(&vault, &vault.client(), scene);
        vault.verify().is_ok_and(|damaged| damaged.is_empty())
    })
}

fn use_all(vault: &Vault, kms: &Kms, scene: &Scene) {
    let key_id = scene.key.key_id.clone();
    let described = |key_id: &str| kms.describe_key(DescribeKeyRequest { key_id: key_id.into(), ..Default::default() });
    answered(described(&key_id));
    answered(described(ALIAS));
    answered(kms.list_keys(ListKeysRequest::default()));
    answered(kms.list_aliases(ListAliasesRequest::default()));
    answered(kms.list_resource_tags(ListResourceTagsRequest { key_id: key_id.clone(), ..Default::default() }));
    answered(kms.list_key_rotations(ListKeyRotationsRequest { key_id: key_id.clone(), ..Default::default() }));
    answered(kms.decrypt(DecryptRequest { ciphertext_blob: Some(scene.blob.clone().into()), ..Default::default() }));
    let plaintext = b"new".to_vec().into();
    answered(kms.encrypt(EncryptRequest { key_id: ALIAS.into(), plaintext, ..Default::default() }));
    answered(kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key_id.clone() }));
    answered(kms.schedule_key_deletion(ScheduleKeyDeletionRequest { key_id, ..Default::default() }));
    answered(vault.verify());
    answered(vault.snapshot());
}

fn answered<T>(result: Result<T>) {
    if let Err(error) = result {
        is_of_a_record(&error);
    }
}

/// Of a damaged record, or what the operation would answer if the record said what it now says.
fn is_of_a_record(error: &Error) {
    let kind = error.kind();
    let named = matches!(
        kind,
        ErrorKind::RecordCorrupted
            | ErrorKind::UnsupportedVersion
            | ErrorKind::WrongRootKey
            | ErrorKind::NotFound
            | ErrorKind::AccessDenied
            | ErrorKind::Disabled
            | ErrorKind::KmsInvalidState
            | ErrorKind::KeyUnavailable
            | ErrorKind::InvalidKeyUsage
            | ErrorKind::InvalidCiphertext
            | ErrorKind::UnsupportedOperation
            | ErrorKind::LimitExceeded
            | ErrorKind::Conflict
    );
    assert!(named, "{}", error.report());
}
