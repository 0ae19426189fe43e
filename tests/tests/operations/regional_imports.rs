//! Imported material of multi-Region keys: each Region is given it by itself, and the primary says which it may be.

use super::common::elsewhere;
use KeyMaterialState::{Current, NonCurrent, PendingMultiRegionImportAndRotation, PendingRotation};
use pocketkms::{
    ErrorKind, Kms, ManualClock, Result,
    api::*,
    keys::{ExpirationModelType, ImportState, KeyMaterialState, KeySpec, KeyState, OriginType},
};
use pocketkms_tests::{
    imports::{import, import_request},
    vault::{Opened, START, decrypt, describe, encrypt, error, refused, vault},
};

const ACCOUNT: &str = "000000000000";
const FRANKFURT: &str = "eu-central-1";
const DUBLIN: &str = "eu-west-1";
const FIRST: [u8; 32] = [1; 32];
const SECOND: [u8; 32] = [2; 32];
const THIRD: [u8; 32] = [3; 32];

fn primary(kms: &Kms, spec: KeySpec) -> KeyMetadata {
    let request = CreateKeyRequest {
        key_spec: Some(spec),
        key_usage: spec.usages().first().copied(),
        origin: Some(OriginType::External),
        multi_region: Some(true),
        ..Default::default()
    };
    kms.create_key(request).expect("a key").key_metadata
}

fn replicate(kms: &Kms, key: &KeyMetadata, region: &str) -> Result<KeyMetadata> {
    let request =
        ReplicateKeyRequest { key_id: key.key_id.clone(), replica_region: region.into(), ..Default::default() };
    Ok(kms.replicate_key(request)?.replica_key_metadata.expect("metadata"))
}

/// A primary key with material, and a replica in Frankfurt without.
fn scene(spec: KeySpec, material: &[u8]) -> (Opened, Kms, ManualClock, [KeyMetadata; 2]) {
    let (kms, clock) = vault();
    let key = primary(&kms, spec);
    import(&kms, &key, material).expect("material");
    let replica = replicate(&kms, &key, FRANKFURT).expect("a replica");
    let there = elsewhere(&kms, ACCOUNT, FRANKFURT);
    (kms, there, clock, [key, replica])
}

fn import_as(kms: &Kms, key: &KeyMetadata, material: &[u8], kind: ImportType) -> Result<String> {
    let request = ImportKeyMaterialRequest { import_type: Some(kind), ..import_request(kms, key, material) };
    kms.import_key_material(request).map(|response| response.key_material_id.expect("a symmetric key"))
}

fn rotate(kms: &Kms, key: &KeyMetadata) -> Result<()> {
    kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.key_id.clone() }).map(drop)
}

fn delete(kms: &Kms, key: &KeyMetadata, material: &str) {
    let key_material_id = Some(material.into());
    let request = DeleteImportedKeyMaterialRequest { key_id: key.key_id.clone(), key_material_id };
    kms.delete_imported_key_material(request).expect("deleted");
}

/// What each material of a key is, and whether it is there.
fn materials(kms: &Kms, key: &KeyMetadata) -> Vec<(KeyMaterialState, bool)> {
    let include_key_material = Some(IncludeKeyMaterial::AllKeyMaterial);
    let request = ListKeyRotationsRequest { key_id: key.key_id.clone(), include_key_material, ..Default::default() };
    let listed = kms.list_key_rotations(request).expect("a list").rotations.into_iter();
    listed.map(|entry| (entry.key_material_state, entry.import_state == Some(ImportState::Imported))).collect()
}

fn state(kms: &Kms, key: &KeyMetadata) -> KeyState {
    describe(kms, &key.key_id).key_state
}

#[test]
fn a_replica_begins_without_material_and_takes_that_of_its_primary_alone() {
    let (kms, there, _, [key, replica]) = scene(KeySpec::SymmetricDefault, &FIRST);
    assert_eq!((replica.key_state, replica.expiration_model), (KeyState::Creating, None));
    assert_eq!(state(&there, &replica), KeyState::PendingImport);
    assert_eq!(materials(&there, &replica), [(Current, false)]);
    let blob = encrypt(&kms, &key.key_id, b"secret");
    let pending = format!("{} is pending import.", replica.arn);
    refused(decrypt(&there, &blob), ErrorKind::KmsInvalidState, &pending);

    let message = "The key material was not imported into the KMS key before.";
    refused(import(&there, &replica, &SECOND), ErrorKind::IncorrectKeyMaterial, message);
    let message = format!("{} is a multi-Region replica key which is not valid for this operation.", replica.arn);
    for material in [&FIRST, &SECOND] {
        let answer = import_as(&there, &replica, material, ImportType::NewKeyMaterial);
        refused(answer, ErrorKind::UnsupportedOperation, &message);
    }
    // A token is of one Region's key.
    let request = ImportKeyMaterialRequest { key_id: replica.arn.clone(), ..import_request(&kms, &key, &FIRST) };
    assert_eq!(error(there.import_key_material(request)).kind(), ErrorKind::InvalidImportToken);

    import(&there, &replica, &FIRST).expect("the same material");
    assert_eq!(state(&there, &replica), KeyState::Enabled);
    assert_eq!(decrypt(&there, &blob).expect("the same material"), b"secret");
}

/// "Deleting" and expiry are each Region's own, and so is the time for which material is imported.
#[test]
fn what_a_region_loses_the_others_keep() {
    let (kms, there, clock, [key, replica]) = scene(KeySpec::SymmetricDefault, &FIRST);
    let expiring = ImportKeyMaterialRequest {
        expiration_model: Some(ExpirationModelType::KeyMaterialExpires),
        valid_to: Some(START.plus_days(1)),
        ..import_request(&there, &replica, &FIRST)
    };
    there.import_key_material(expiring).expect("material for a day");
    assert_eq!(describe(&there, &replica.key_id).valid_to, Some(START.plus_days(1)));
    assert_eq!(describe(&kms, &key.key_id).valid_to, None);
    clock.set(START.plus_days(1));
    assert_eq!((state(&kms, &key), state(&there, &replica)), (KeyState::Enabled, KeyState::PendingImport));
    import(&there, &replica, &FIRST).expect("again");
    let material = describe(&kms, &key.key_id).current_key_material_id.expect("material");
    delete(&kms, &key, &material);
    assert_eq!((state(&kms, &key), state(&there, &replica)), (KeyState::PendingImport, KeyState::Enabled));
    encrypt(&there, &replica.key_id, b"secret");
    // What has no material is not replicated.
    let message = format!("{} is pending import.", key.arn);
    refused(replicate(&kms, &key, DUBLIN), ErrorKind::KmsInvalidState, &message);
}

#[test]
fn all_regions_change_to_new_material_at_once() {
    let (kms, there, clock, [key, replica]) = scene(KeySpec::SymmetricDefault, &FIRST);
    import(&there, &replica, &FIRST).expect("material");
    let old = encrypt(&kms, &key.key_id, b"old");
    let second = import_as(&kms, &key, &SECOND, ImportType::NewKeyMaterial).expect("new material");
    let waiting = [(Current, true), (PendingMultiRegionImportAndRotation, true)];
    assert_eq!(materials(&kms, &key), waiting);
    assert_eq!(materials(&there, &replica), [(Current, true)]);
    let none = format!("No available key material pending rotation for the key: {}.", key.arn);
    refused(rotate(&kms, &key), ErrorKind::KmsInvalidState, &none);
    let message = "The key material was not imported into the KMS key before.";
    let third = import_as(&there, &replica, &THIRD, ImportType::ExistingKeyMaterial);
    refused(third, ErrorKind::IncorrectKeyMaterial, message);

    // A second replica comes to it, and has to be given both.
    let dublin = elsewhere(&kms, ACCOUNT, DUBLIN);
    let another = replicate(&kms, &key, DUBLIN).expect("a replica");
    for material in [&SECOND, &FIRST] {
        import(&there, &replica, material).expect("material of the primary");
    }
    assert_eq!(materials(&there, &replica), waiting);
    refused(rotate(&kms, &key), ErrorKind::KmsInvalidState, &none);
    import(&dublin, &another, &SECOND).expect("material of the primary");
    assert_eq!(materials(&dublin, &another), [(Current, false), (PendingRotation, true)]);
    let ready = [(Current, true), (PendingRotation, true)];
    assert_eq!([materials(&kms, &key), materials(&there, &replica)], [ready, ready]);

    clock.set(START.plus_days(1));
    rotate(&kms, &key).expect("everywhere");
    let rotated = [(NonCurrent, true), (Current, true)];
    assert_eq!([materials(&kms, &key), materials(&there, &replica)], [rotated, rotated]);
    assert_eq!(materials(&dublin, &another), [(NonCurrent, false), (Current, true)]);
    let new = encrypt(&there, &replica.key_id, b"new");
    assert_eq!(decrypt(&kms, &new).expect("the new material"), b"new");
    assert_eq!(decrypt(&there, &old).expect("the old material"), b"old");
    for (kms, key) in [(&*kms, &key), (&there, &replica)] {
        assert_eq!(describe(kms, &key.key_id).current_key_material_id.as_ref(), Some(&second));
        let request = ListKeyRotationsRequest { key_id: key.key_id.clone(), ..Default::default() };
        let rotations = kms.list_key_rotations(request).expect("a list").rotations;
        assert_eq!(rotations.iter().map(|entry| entry.rotation_date).collect::<Vec<_>>(), [Some(START.plus_days(1))]);
    }
    refused(rotate(&kms, &key), ErrorKind::KmsInvalidState, &none);
}

/// What waits for its rotation is deleted everywhere with the primary's, and other material can be imported in its place.
#[test]
fn pending_material_goes_with_the_primarys() {
    let (kms, there, clock, [key, replica]) = scene(KeySpec::SymmetricDefault, &FIRST);
    import(&there, &replica, &FIRST).expect("material");
    let give_both = |material: &[u8]| {
        let id = import_as(&kms, &key, material, ImportType::NewKeyMaterial).expect("new material");
        import_as(&there, &replica, material, ImportType::ExistingKeyMaterial).expect("the primary's");
        id
    };
    let second = give_both(&SECOND);
    // A replica's alone is its own.
    delete(&there, &replica, &second);
    assert_eq!(materials(&kms, &key)[1], (PendingMultiRegionImportAndRotation, true));
    import(&there, &replica, &SECOND).expect("again");
    delete(&kms, &key, &second);
    assert_eq!([materials(&kms, &key), materials(&there, &replica)], [[(Current, true)], [(Current, true)]]);

    // The primary's expires, and the replica's is replaced with what the primary is given then.
    let request = ImportKeyMaterialRequest {
        import_type: Some(ImportType::NewKeyMaterial),
        expiration_model: Some(ExpirationModelType::KeyMaterialExpires),
        valid_to: Some(START.plus_days(1)),
        ..import_request(&kms, &key, &SECOND)
    };
    kms.import_key_material(request).expect("material for a day");
    import(&there, &replica, &SECOND).expect("the primary's");
    clock.set(START.plus_days(1));
    let message = "The key material was not imported into the KMS key before.";
    refused(import(&there, &replica, &THIRD), ErrorKind::IncorrectKeyMaterial, message);
    assert_eq!(materials(&there, &replica)[1], (PendingMultiRegionImportAndRotation, true));
    give_both(&THIRD);
    rotate(&kms, &key).expect("everywhere");
    let blob = encrypt(&there, &replica.key_id, b"secret");
    assert_eq!(decrypt(&kms, &blob).expect("the third material"), b"secret");
}

/// A replica that is to be deleted keeps no one from rotating; should it stay, it waits for the material.
#[test]
fn a_replica_that_waits_for_its_deletion_is_not_waited_for() {
    let (kms, there, _, [key, replica]) = scene(KeySpec::SymmetricDefault, &FIRST);
    import(&there, &replica, &FIRST).expect("material");
    let request = ScheduleKeyDeletionRequest { key_id: replica.key_id.clone(), pending_window_in_days: Some(7) };
    there.schedule_key_deletion(request).expect("a key to delete");
    import_as(&kms, &key, &SECOND, ImportType::NewKeyMaterial).expect("new material");
    rotate(&kms, &key).expect("the primary alone");
    let blob = encrypt(&kms, &key.key_id, b"secret");
    there.cancel_key_deletion(CancelKeyDeletionRequest { key_id: replica.key_id.clone() }).expect("it stays");
    assert_eq!(state(&there, &replica), KeyState::PendingImport);
    assert_eq!(materials(&there, &replica), [(NonCurrent, true), (Current, false)]);
    import(&there, &replica, &SECOND).expect("the primary's");
    there.enable_key(EnableKeyRequest { key_id: replica.key_id.clone() }).expect("enabled");
    assert_eq!(decrypt(&there, &blob).expect("the second material"), b"secret");
}

/// Any Region's key can become the primary, and be given new material then.
#[test]
fn another_primary_takes_new_material() {
    let (kms, there, _, [key, replica]) = scene(KeySpec::SymmetricDefault, &FIRST);
    import(&there, &replica, &FIRST).expect("material");
    let request = UpdatePrimaryRegionRequest { key_id: key.key_id.clone(), primary_region: FRANKFURT.into() };
    kms.update_primary_region(request).expect("two keys with material");
    let answer = import_as(&kms, &key, &SECOND, ImportType::NewKeyMaterial);
    assert_eq!(error(answer).kind(), ErrorKind::UnsupportedOperation);
    import_as(&there, &replica, &SECOND, ImportType::NewKeyMaterial).expect("new material");
    import(&kms, &key, &SECOND).expect("the primary's");
    rotate(&there, &replica).expect("everywhere");
    let blob = encrypt(&kms, &key.key_id, b"secret");
    assert_eq!(decrypt(&there, &blob).expect("the second material"), b"secret");
}

/// Other keys keep their first material, in every Region.
#[test]
fn keys_of_other_kinds_have_one_material_in_all_regions() {
    let (kms, there, _, [key, replica]) = scene(KeySpec::Hmac256, &FIRST);
    let message = "The key material was not imported into the KMS key before.";
    refused(import(&there, &replica, &SECOND), ErrorKind::IncorrectKeyMaterial, message);
    import(&there, &replica, &FIRST).expect("the primary's");
    assert_eq!((state(&kms, &key), state(&there, &replica)), (KeyState::Enabled, KeyState::Enabled));
}
