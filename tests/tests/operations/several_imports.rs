//! Several imported materials of one key: new ones, rotation to them, and what of them is missing.

use pocketkms::{
    ErrorKind, Kms, Vault,
    api::*,
    keys::{ExpirationModelType, ImportState, KeyMaterialState, KeySpec, KeyState, RotationType},
};
use pocketkms_tests::{
    imports::{external_key, import, import_request},
    store::Shared,
    vault::{Opened, START, builder, create_alias, decrypt, describe, encrypt, error, refused, root, vault},
};

const FIRST: [u8; 32] = [1; 32];
const SECOND: [u8; 32] = [2; 32];
const THIRD: [u8; 32] = [3; 32];

fn import_as(kms: &Kms, key: &KeyMetadata, material: &[u8], kind: ImportType) -> pocketkms::Result<String> {
    let request = ImportKeyMaterialRequest { import_type: Some(kind), ..import_request(kms, key, material) };
    kms.import_key_material(request).map(|response| response.key_material_id.expect("a symmetric key"))
}

fn rotate(kms: &Kms, key: &KeyMetadata) -> pocketkms::Result<RotateKeyOnDemandResponse> {
    kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.key_id.clone() })
}

fn delete(kms: &Kms, key: &KeyMetadata, material: &str) {
    let request =
        DeleteImportedKeyMaterialRequest { key_id: key.key_id.clone(), key_material_id: Some(material.into()) };
    assert_eq!(kms.delete_imported_key_material(request).unwrap().key_material_id.as_deref(), Some(material));
}

/// Id, state and whether it is there, of each material.
fn materials(kms: &Kms, key: &KeyMetadata) -> Vec<(String, KeyMaterialState, ImportState)> {
    list(kms, key, IncludeKeyMaterial::AllKeyMaterial)
        .into_iter()
        .map(|entry| (entry.key_material_id, entry.key_material_state, entry.import_state.expect("imported")))
        .collect()
}

fn list(kms: &Kms, key: &KeyMetadata, include: IncludeKeyMaterial) -> Vec<RotationsListEntry> {
    let request = ListKeyRotationsRequest {
        key_id: key.key_id.clone(),
        include_key_material: Some(include),
        ..Default::default()
    };
    kms.list_key_rotations(request).unwrap().rotations
}

use ImportState::{Imported, PendingImport};
use KeyMaterialState::{Current, NonCurrent, PendingRotation};

#[test]
fn new_material_waits_for_its_rotation() {
    let (kms, clock) = vault();
    let key = external_key(&kms, KeySpec::SymmetricDefault);
    let none = format!("No available key material pending rotation for the key: {}.", key.arn);
    refused(rotate(&kms, &key), ErrorKind::KmsInvalidState, &format!("{} is pending import.", key.arn));
    let first = import(&kms, &key, &FIRST).unwrap().key_material_id.unwrap();
    refused(rotate(&kms, &key), ErrorKind::KmsInvalidState, &none);
    let old = encrypt(&kms, &key.key_id, b"old");

    let second = import_as(&kms, &key, &SECOND, ImportType::NewKeyMaterial).unwrap();
    assert_eq!(describe(&kms, &key.key_id).current_key_material_id, Some(first.clone()));
    assert_eq!(
        materials(&kms, &key),
        [(first.clone(), Current, Imported), (second.clone(), PendingRotation, Imported)]
    );
    assert!(list(&kms, &key, IncludeKeyMaterial::RotationsOnly).is_empty());
    let pending = &list(&kms, &key, IncludeKeyMaterial::AllKeyMaterial)[1];
    assert_eq!((pending.rotation_date, pending.rotation_type), (None, None));

    // One can wait.
    let error = error(import_as(&kms, &key, &THIRD, ImportType::NewKeyMaterial));
    assert_eq!(error.kind(), ErrorKind::KmsInvalidState);
    let words = format!("because another key material (id: {second}) is pending rotation.");
    assert!(error.message().starts_with("New key material (id: ") && error.message().ends_with(&words), "{error}");

    clock.set(START.plus_days(1));
    assert_eq!(rotate(&kms, &key).unwrap().key_id, key.arn);
    assert_eq!(describe(&kms, &key.key_id).current_key_material_id, Some(second.clone()));
    assert_eq!(materials(&kms, &key), [(first.clone(), NonCurrent, Imported), (second.clone(), Current, Imported)]);
    let rotation = &list(&kms, &key, IncludeKeyMaterial::RotationsOnly)[0];
    assert_eq!(rotation.rotation_date, Some(START.plus_days(1)));
    assert_eq!(rotation.rotation_type, Some(RotationType::OnDemand));
    let new = encrypt(&kms, &key.key_id, b"new");
    assert_eq!((decrypt(&kms, &old).unwrap(), decrypt(&kms, &new).unwrap()), (b"old".to_vec(), b"new".to_vec()));
    refused(rotate(&kms, &key), ErrorKind::KmsInvalidState, &none);
}

#[test]
fn a_key_of_which_some_material_is_missing_does_nothing() {
    let (kms, _) = vault();
    let key = external_key(&kms, KeySpec::SymmetricDefault);
    let first = import(&kms, &key, &FIRST).unwrap().key_material_id.unwrap();
    let old = encrypt(&kms, &key.key_id, b"old");
    let second = import_as(&kms, &key, &SECOND, ImportType::NewKeyMaterial).unwrap();
    rotate(&kms, &key).unwrap();
    let new = encrypt(&kms, &key.key_id, b"new");

    // Either of them: also what the other one encrypted does not decrypt then.
    for (material, bytes) in [(&first, &FIRST), (&second, &SECOND)] {
        delete(&kms, &key, material);
        assert_eq!(describe(&kms, &key.key_id).key_state, KeyState::PendingImport);
        for blob in [&old, &new] {
            refused(decrypt(&kms, blob), ErrorKind::KmsInvalidState, &format!("{} is pending import.", key.arn));
        }
        let missing = materials(&kms, &key).into_iter().filter(|(_, _, there)| *there == PendingImport);
        assert!(missing.map(|(id, ..)| id).eq([material.clone()]));
        // The default is material that was there before.
        assert_eq!(import(&kms, &key, bytes).unwrap().key_material_id.as_ref(), Some(material));
        assert_eq!(describe(&kms, &key.key_id).key_state, KeyState::Enabled);
    }
    // Both are needed.
    delete(&kms, &key, &first);
    delete(&kms, &key, &second);
    import(&kms, &key, &FIRST).unwrap();
    assert_eq!(describe(&kms, &key.key_id).key_state, KeyState::PendingImport);
    import(&kms, &key, &SECOND).unwrap();
    assert_eq!((decrypt(&kms, &old).unwrap(), decrypt(&kms, &new).unwrap()), (b"old".to_vec(), b"new".to_vec()));
}

#[test]
fn material_that_waits_is_forgotten_when_it_is_deleted() {
    let (kms, clock) = vault();
    let key = external_key(&kms, KeySpec::SymmetricDefault);
    let first = import(&kms, &key, &FIRST).unwrap().key_material_id.unwrap();
    let second = import_as(&kms, &key, &SECOND, ImportType::NewKeyMaterial).unwrap();
    delete(&kms, &key, &second);
    assert_eq!(describe(&kms, &key.key_id).key_state, KeyState::Enabled);
    assert_eq!(materials(&kms, &key), [(first.clone(), Current, Imported)]);
    let request = DeleteImportedKeyMaterialRequest { key_id: key.key_id.clone(), key_material_id: Some(second) };
    assert_eq!(error(kms.delete_imported_key_material(request)).kind(), ErrorKind::NotFound);

    // The same by the clock.
    let request = ImportKeyMaterialRequest {
        import_type: Some(ImportType::NewKeyMaterial),
        expiration_model: Some(ExpirationModelType::KeyMaterialExpires),
        valid_to: Some(START.plus_days(2)),
        ..import_request(&kms, &key, &THIRD)
    };
    kms.import_key_material(request).unwrap();
    assert_eq!(materials(&kms, &key).len(), 2);
    let described = describe(&kms, &key.key_id);
    assert_eq!(
        (described.valid_to, described.expiration_model),
        (None, Some(ExpirationModelType::KeyMaterialDoesNotExpire))
    );
    clock.set(START.plus_days(2));
    assert_eq!(describe(&kms, &key.key_id).key_state, KeyState::Enabled);
    assert_eq!(materials(&kms, &key), [(first, Current, Imported)]);
}

#[test]
fn the_earliest_expiry_counts() {
    let (kms, clock) = vault();
    let key = external_key(&kms, KeySpec::SymmetricDefault);
    let expiring = |material: &[u8], days, kind| {
        let request = ImportKeyMaterialRequest {
            import_type: Some(kind),
            expiration_model: None,
            valid_to: Some(START.plus_days(days)),
            ..import_request(&kms, &key, material)
        };
        kms.import_key_material(request).unwrap().key_material_id.unwrap()
    };
    let first = expiring(&FIRST, 20, ImportType::NewKeyMaterial);
    let second = expiring(&SECOND, 10, ImportType::NewKeyMaterial);
    assert_eq!(describe(&kms, &key.key_id).valid_to, Some(START.plus_days(20)));
    rotate(&kms, &key).unwrap();
    assert_eq!(describe(&kms, &key.key_id).valid_to, Some(START.plus_days(10)));
    clock.set(START.plus_days(10));
    assert_eq!(
        materials(&kms, &key),
        [(first.clone(), NonCurrent, Imported), (second.clone(), Current, PendingImport)]
    );
    let described = describe(&kms, &key.key_id);
    assert_eq!((described.key_state, described.valid_to), (KeyState::PendingImport, Some(START.plus_days(20))));
    clock.set(START.plus_days(20));
    assert_eq!(materials(&kms, &key), [(first, NonCurrent, PendingImport), (second, Current, PendingImport)]);
}

#[test]
fn what_is_new_and_what_is_not() {
    let (kms, _) = vault();
    let key = external_key(&kms, KeySpec::SymmetricDefault);
    let incorrect = ErrorKind::IncorrectKeyMaterial;
    let not_before = "The key material was not imported into the KMS key before.";
    refused(import_as(&kms, &key, &FIRST, ImportType::ExistingKeyMaterial), incorrect, not_before);
    let first = import_as(&kms, &key, &FIRST, ImportType::NewKeyMaterial).unwrap();
    let already = "The key material is already associated with the KMS key.";
    refused(import_as(&kms, &key, &FIRST, ImportType::NewKeyMaterial), incorrect, already);

    let described = |material: &[u8], id: Option<&str>, description: Option<&str>| {
        kms.import_key_material(ImportKeyMaterialRequest {
            key_material_id: id.map(Into::into),
            key_material_description: description.map(Into::into),
            ..import_request(&kms, &key, material)
        })
    };
    described(&FIRST, Some(&first), Some("of 2023")).unwrap();
    let description = || list(&kms, &key, IncludeKeyMaterial::AllKeyMaterial)[0].key_material_description.clone();
    assert_eq!(description().as_deref(), Some("of 2023"));
    described(&FIRST, None, None).unwrap();
    assert_eq!(description().as_deref(), Some("of 2023"), "the former one stays");
    let message = "The key material does not have the specified KeyMaterialId.";
    refused(described(&FIRST, Some(&"0".repeat(64)), None), incorrect, message);
    for (id, description) in [(Some("x"), None), (None, Some("ä"))] {
        assert_eq!(error(described(&FIRST, id, description)).kind(), ErrorKind::Validation);
    }
    let both = ImportKeyMaterialRequest {
        import_type: Some(ImportType::NewKeyMaterial),
        key_material_id: Some(first),
        ..import_request(&kms, &key, &SECOND)
    };
    let message = "KeyMaterialId cannot be specified when ImportType is NEW_KEY_MATERIAL";
    refused(kms.import_key_material(both), ErrorKind::Validation, message);

    // Other keys have one material for good.
    let mac = external_key(&kms, KeySpec::Hmac256);
    let message = "ImportType is valid only for symmetric encryption keys; key spec is HMAC_256";
    refused(import_as(&kms, &mac, &FIRST, ImportType::NewKeyMaterial), ErrorKind::Validation, message);
}

#[test]
fn imported_keys_have_no_schedule() {
    let (kms, _) = vault();
    let key = external_key(&kms, KeySpec::SymmetricDefault);
    import(&kms, &key, &FIRST).unwrap();
    let message = format!("{} origin is EXTERNAL which is not valid for this operation.", key.arn);
    let request = EnableKeyRotationRequest { key_id: key.key_id.clone(), rotation_period_in_days: None };
    refused(kms.enable_key_rotation(request), ErrorKind::UnsupportedOperation, &message);
    let request = GetKeyRotationStatusRequest { key_id: key.key_id };
    refused(kms.get_key_rotation_status(request), ErrorKind::UnsupportedOperation, &message);
}

/// "To rotate manually, create a new key and move the alias": apps that name the alias change nothing, and what the former key
/// encrypted decrypts as before.
#[test]
fn rotation_by_moving_an_alias() {
    let (kms, _) = vault();
    let (former, new) = (external_key(&kms, KeySpec::SymmetricDefault), external_key(&kms, KeySpec::SymmetricDefault));
    import(&kms, &former, &FIRST).unwrap();
    import(&kms, &new, &SECOND).unwrap();
    create_alias(&kms, "alias/orders", &former.key_id);
    let blob = encrypt(&kms, "alias/orders", b"old");
    kms.update_alias(UpdateAliasRequest { alias_name: "alias/orders".into(), target_key_id: new.key_id.clone() })
        .unwrap();
    let newer = encrypt(&kms, "alias/orders", b"new");
    assert_eq!((decrypt(&kms, &blob).unwrap(), decrypt(&kms, &newer).unwrap()), (b"old".to_vec(), b"new".to_vec()));
    let request = DeleteImportedKeyMaterialRequest { key_id: new.key_id, key_material_id: None };
    kms.delete_imported_key_material(request).unwrap();
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"old");
    assert!(decrypt(&kms, &newer).is_err());
}

/// What is known of a material is damaged: the material is not used beyond its time, and calls do not go round in circles.
#[test]
fn damage_does_not_prolong_a_material() {
    let (builder, clock) = builder();
    let store = Shared::new();
    let kms = Opened::from(builder.create_in(store.clone(), &root()).unwrap());
    let key = external_key(&kms, KeySpec::SymmetricDefault);
    let request = ImportKeyMaterialRequest {
        expiration_model: None,
        valid_to: Some(START.plus_days(1)),
        ..import_request(&kms, &key, &FIRST)
    };
    kms.import_key_material(request).unwrap();
    let blob = encrypt(&kms, &key.key_id, b"secret");
    drop(kms);
    let name = store.names().into_iter().find(|name| name.starts_with("rotation/")).expect("a material");
    store.tamper_bytes(&name, |bytes| bytes[40] ^= 1);
    let kms = Opened::from(Vault::builder().clock(clock.clone()).open(store, &root()).unwrap());
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"secret");
    clock.set(START.plus_days(1));
    refused(decrypt(&kms, &blob), ErrorKind::KmsInvalidState, &format!("{} is pending import.", key.arn));
    assert_eq!(describe(&kms, &key.key_id).key_id, key.key_id);
}
