//! `GetParametersForImport`, `ImportKeyMaterial`, `DeleteImportedKeyMaterial`: one material.

use pocketkms::{
    ErrorKind, Kms, Timestamp, Vault,
    api::*,
    keys::{ExpirationModelType, KeySpec, KeyState, OriginType},
};
use pocketkms_tests::{
    imports::{algorithm, external_key, import, import_request, parameters, wrap},
    store::Shared,
    vault::{
        Opened, START, builder, create_key, create_key_of, decrypt, describe, encrypt, error, generate_mac, public_key,
        refused, root, sign, vault,
    },
};

const MATERIAL: [u8; 32] = [7; 32];
const OTHER: [u8; 32] = [8; 32];

fn delete(kms: &Kms, key: &str) -> DeleteImportedKeyMaterialResponse {
    let request = DeleteImportedKeyMaterialRequest { key_id: key.into(), key_material_id: None };
    kms.delete_imported_key_material(request).expect("a key that takes material")
}

fn expiring(kms: &Kms, key: &KeyMetadata, material: &[u8], valid_to: Timestamp) -> ImportKeyMaterialRequest {
    ImportKeyMaterialRequest { expiration_model: None, valid_to: Some(valid_to), ..import_request(kms, key, material) }
}

#[track_caller]
fn refused_as_pending(kms: &Kms, key: &KeyMetadata) {
    let request = EncryptRequest { key_id: key.key_id.clone(), plaintext: vec![1].into(), ..Default::default() };
    refused(kms.encrypt(request), ErrorKind::KmsInvalidState, &format!("{} is pending import.", key.arn));
}

#[test]
fn a_key_waits_for_its_material_and_works_with_it() {
    let (kms, _) = vault();
    let key = external_key(&kms, KeySpec::SymmetricDefault);
    assert_eq!((key.key_state, key.enabled, key.origin), (KeyState::PendingImport, false, OriginType::External));
    assert_eq!((&key.current_key_material_id, key.expiration_model, key.valid_to), (&None, None, None));
    refused_as_pending(&kms, &key);

    let imported = import(&kms, &key, &MATERIAL).unwrap();
    assert_eq!(imported.key_id, key.arn);
    let described = describe(&kms, &key.key_id);
    assert_eq!((described.key_state, described.enabled), (KeyState::Enabled, true));
    assert_eq!(described.expiration_model, Some(ExpirationModelType::KeyMaterialDoesNotExpire));
    assert_eq!((described.valid_to, &described.current_key_material_id), (None, &imported.key_material_id));
    let blob = encrypt(&kms, &key.key_id, b"secret");
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"secret");

    // Deleted, it stays known, and the same material brings everything back.
    let deleted = delete(&kms, &key.key_id);
    assert_eq!((deleted.key_id, &deleted.key_material_id), (key.arn.clone(), &imported.key_material_id));
    let described = describe(&kms, &key.key_id);
    assert_eq!((described.key_state, described.expiration_model), (KeyState::PendingImport, None));
    assert_eq!(described.current_key_material_id, imported.key_material_id);
    refused_as_pending(&kms, &key);
    let message = format!("{} is pending import.", key.arn);
    refused(decrypt(&kms, &blob), ErrorKind::KmsInvalidState, &message);
    // To delete it again changes nothing.
    assert_eq!(delete(&kms, &key.key_id).key_material_id, imported.key_material_id);

    let message = "The key material was not imported into the KMS key before.";
    refused(import(&kms, &key, &OTHER), ErrorKind::IncorrectKeyMaterial, message);
    assert_eq!(import(&kms, &key, &MATERIAL).unwrap(), imported);
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"secret");
}

#[test]
fn material_expires_by_the_clock() {
    let (kms, clock) = vault();
    let key = external_key(&kms, KeySpec::SymmetricDefault);
    let valid_to = START.plus_days(10);
    kms.import_key_material(expiring(&kms, &key, &MATERIAL, valid_to)).unwrap();
    let described = describe(&kms, &key.key_id);
    assert_eq!(described.expiration_model, Some(ExpirationModelType::KeyMaterialExpires));
    assert_eq!(described.valid_to, Some(valid_to));
    let blob = encrypt(&kms, &key.key_id, b"secret");

    clock.set(Timestamp::from_millis(valid_to.as_millis() - 1));
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"secret");
    clock.set(valid_to);
    refused_as_pending(&kms, &key);
    assert!(decrypt(&kms, &blob).is_err());
    let described = describe(&kms, &key.key_id);
    assert_eq!((described.key_state, described.valid_to), (KeyState::PendingImport, None));
    // What has expired stays so, whatever the clock shows.
    clock.set(START);
    refused_as_pending(&kms, &key);

    clock.set(valid_to);
    import(&kms, &key, &MATERIAL).unwrap();
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"secret");
    clock.set(START.plus_days(10_000));
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"secret");
}

#[test]
fn an_expiry_can_be_changed_by_another_import() {
    let (kms, clock) = vault();
    let key = external_key(&kms, KeySpec::SymmetricDefault);
    kms.import_key_material(expiring(&kms, &key, &MATERIAL, START.plus_days(1))).unwrap();
    kms.import_key_material(expiring(&kms, &key, &MATERIAL, START.plus_days(20))).unwrap();
    clock.set(START.plus_days(19));
    encrypt(&kms, &key.key_id, b"secret");
    clock.set(START.plus_days(20));
    refused_as_pending(&kms, &key);
}

#[test]
fn any_call_removes_what_has_expired() {
    let (builder, clock) = builder();
    let store = Shared::new();
    let kms = Opened::from(builder.create_in(store.clone(), &root()).unwrap());
    let key = external_key(&kms, KeySpec::SymmetricDefault);
    kms.import_key_material(expiring(&kms, &key, &MATERIAL, START.plus_days(1))).unwrap();
    let materials = || store.names().into_iter().filter(|name| name.starts_with("material/")).count();
    let reminders = || store.names().into_iter().filter(|name| name.starts_with("deletion/")).count();
    assert_eq!((materials(), reminders()), (1, 1));
    clock.set(START.plus_days(1));
    kms.list_aliases(ListAliasesRequest::default()).unwrap();
    assert_eq!((materials(), reminders()), (0, 0));
}

#[test]
fn another_process_does_not_use_what_was_deleted() {
    let (builder, clock) = builder();
    let store = Shared::new();
    let kms = Opened::from(builder.create_in(store.clone(), &root()).unwrap());
    let other: Opened = Vault::builder().clock(clock).open(store, &root()).unwrap().into();
    let key = external_key(&kms, KeySpec::SymmetricDefault);
    import(&kms, &key, &MATERIAL).unwrap();
    let blob = encrypt(&kms, &key.key_id, b"secret");
    assert_eq!(decrypt(&other, &blob).unwrap(), b"secret");
    delete(&kms, &key.key_id);
    other.vault.refresh();
    refused(decrypt(&other, &blob), ErrorKind::KmsInvalidState, &format!("{} is pending import.", key.arn));
}

#[test]
fn an_import_says_what_it_expects() {
    let (kms, clock) = vault();
    let key = external_key(&kms, KeySpec::SymmetricDefault);
    let request = import_request(&kms, &key, &MATERIAL);
    let with = |model, valid_to| ImportKeyMaterialRequest { expiration_model: model, valid_to, ..request.clone() };
    let does_not = Some(ExpirationModelType::KeyMaterialDoesNotExpire);
    for (request, message) in [
        (with(None, None), "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"),
        (
            with(does_not, Some(START.plus_days(1))),
            "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
        ),
        (with(None, Some(START)), "The validTo date must be in the future, and at most 365 days from now"),
        (
            with(None, Some(START.plus_days(366))),
            "The validTo date must be in the future, and at most 365 days from now",
        ),
    ] {
        refused(kms.import_key_material(request), ErrorKind::Validation, message);
    }
    // The token is good for as many imports as there are, for 24 hours.
    clock.set(Timestamp::from_millis(START.plus_days(1).as_millis() - 1));
    kms.import_key_material(request.clone()).unwrap();
    kms.import_key_material(request.clone()).unwrap();
    clock.set(START.plus_days(1));
    refused(kms.import_key_material(request), ErrorKind::ExpiredImportToken, "The import token is expired.");
}

#[test]
fn tokens_are_of_one_key_and_one_vault() {
    let (kms, _) = vault();
    let (first, second) =
        (external_key(&kms, KeySpec::SymmetricDefault), external_key(&kms, KeySpec::SymmetricDefault));
    let request = import_request(&kms, &first, &MATERIAL);
    let message = "The import token is not valid, or is associated with a different KMS key.";
    let of_second = ImportKeyMaterialRequest { key_id: second.arn, ..request.clone() };
    refused(kms.import_key_material(of_second), ErrorKind::InvalidImportToken, message);
    let mut token = request.import_token.to_vec();
    for at in [0, 1, 2, token.len() / 2, token.len() - 1] {
        token[at] ^= 1;
        let altered = ImportKeyMaterialRequest { import_token: token.clone().into(), ..request.clone() };
        refused(kms.import_key_material(altered), ErrorKind::InvalidImportToken, message);
        token[at] ^= 1;
    }
    let short = ImportKeyMaterialRequest { import_token: vec![b'I', 1].into(), ..request.clone() };
    refused(kms.import_key_material(short), ErrorKind::InvalidImportToken, message);
    assert!(request.import_token.len() <= 6144);

    // Material that was wrapped for another token.
    let other = import_request(&kms, &first, &MATERIAL);
    let mixed = ImportKeyMaterialRequest { encrypted_key_material: other.encrypted_key_material, ..request.clone() };
    let error = error(kms.import_key_material(mixed));
    assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidCiphertext, ""));
    kms.import_key_material(request).unwrap();
}

#[test]
fn only_keys_of_that_origin_take_material() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    let message = format!("{} origin is AWS_KMS which is not valid for this operation.", key.arn);
    let unsupported = ErrorKind::UnsupportedOperation;
    refused(parameters(&kms, &key.arn, AlgorithmSpec::RsaesOaepSha256).map(drop), unsupported, &message);
    let request = ImportKeyMaterialRequest {
        key_id: key.arn.clone(),
        import_token: vec![1].into(),
        encrypted_key_material: vec![1].into(),
        expiration_model: Some(ExpirationModelType::KeyMaterialDoesNotExpire),
        ..Default::default()
    };
    refused(kms.import_key_material(request), unsupported, &message);
    let request = DeleteImportedKeyMaterialRequest { key_id: key.arn.clone(), key_material_id: None };
    refused(kms.delete_imported_key_material(request), unsupported, &message);
}

#[test]
fn wrapping_algorithms_fit_the_kind_of_key() {
    let (kms, _) = vault();
    let unsupported = ErrorKind::UnsupportedOperation;
    for (spec, algorithm, wrapping, is_taken) in [
        (KeySpec::SymmetricDefault, AlgorithmSpec::RsaesPkcs1V15, WrappingKeySpec::Rsa2048, false),
        (KeySpec::SymmetricDefault, AlgorithmSpec::Sm2pke, WrappingKeySpec::Sm2, false),
        (KeySpec::SymmetricDefault, AlgorithmSpec::RsaAesKeyWrapSha256, WrappingKeySpec::Rsa2048, false),
        (KeySpec::SymmetricDefault, AlgorithmSpec::RsaesOaepSha1, WrappingKeySpec::Rsa3072, true),
        (KeySpec::SymmetricDefault, AlgorithmSpec::RsaesOaepSha256, WrappingKeySpec::Rsa4096, true),
        (KeySpec::Rsa2048, AlgorithmSpec::RsaesOaepSha256, WrappingKeySpec::Rsa4096, false),
        (KeySpec::Rsa2048, AlgorithmSpec::RsaAesKeyWrapSha1, WrappingKeySpec::Rsa2048, true),
        (KeySpec::EccNistP521, AlgorithmSpec::RsaesOaepSha256, WrappingKeySpec::Rsa2048, false),
        (KeySpec::EccNistP521, AlgorithmSpec::RsaesOaepSha256, WrappingKeySpec::Rsa3072, true),
        (KeySpec::EccNistP521, AlgorithmSpec::RsaAesKeyWrapSha256, WrappingKeySpec::Rsa2048, true),
    ] {
        let key_id = external_key(&kms, spec).key_id;
        let request =
            GetParametersForImportRequest { key_id, wrapping_algorithm: algorithm, wrapping_key_spec: wrapping };
        match kms.get_parameters_for_import(request) {
            Ok(parameters) => {
                assert!(is_taken, "{spec} {algorithm} {wrapping}");
                assert_eq!(parameters.parameters_valid_to, START.plus_days(1));
                assert!(parameters.import_token.len() <= 6144);
            }
            Err(error) => assert_eq!((error.kind(), is_taken), (unsupported, false), "{spec} {algorithm} {wrapping}"),
        }
    }
}

/// The private key of a key pair that was made for use outside.
fn private_key(kms: &Opened, spec: KeySpec) -> Vec<u8> {
    use pocketkms::keys::DataKeyPairSpec;
    let pair = DataKeyPairSpec::ALL.iter().copied().find(|pair| KeySpec::from(*pair) == spec).expect("a pair");
    let request = GenerateDataKeyPairRequest {
        encryption_context: None,
        key_id: create_key(kms).key_id,
        key_pair_spec: pair,
        grant_tokens: None,
        recipient: None,
        dry_run: None,
    };
    let response = kms.generate_data_key_pair(request).expect("a pair");
    response.private_key_plaintext.into_exposed()
}

#[test]
fn key_pairs_are_imported_as_pkcs8() {
    let (kms, _) = vault();
    for spec in [
        KeySpec::EccNistP256,
        KeySpec::EccNistP384,
        KeySpec::EccNistP521,
        KeySpec::EccSecgP256k1,
        KeySpec::EccNistEdwards25519,
        KeySpec::Rsa2048,
        KeySpec::MlKem768,
    ] {
        let key = external_key(&kms, spec);
        let pkcs8 = private_key(&kms, spec);
        let request = GetPublicKeyRequest { key_id: key.key_id.clone(), ..Default::default() };
        let message = format!("{} is pending import.", key.arn);
        refused(kms.get_public_key(request), ErrorKind::KmsInvalidState, &message);
        let imported = import(&kms, &key, &pkcs8).unwrap();
        assert_eq!(imported.key_material_id, None, "{spec}: one material, without an id");
        let described = describe(&kms, &key.key_id);
        assert_eq!((described.key_state, described.current_key_material_id), (KeyState::Enabled, None));
        let spki = public_key(&kms, &key);
        // It never changes; the same one may come again.
        let message = "The key material was not imported into the KMS key before.";
        let other = private_key(&kms, spec);
        refused(import(&kms, &key, &other), ErrorKind::IncorrectKeyMaterial, message);
        delete(&kms, &key.key_id);
        refused(import(&kms, &key, &other), ErrorKind::IncorrectKeyMaterial, message);
        import(&kms, &key, &pkcs8).unwrap();
        assert_eq!(public_key(&kms, &key), spki);
        if key.signing_algorithms.is_some() {
            sign(&kms, &key, b"message");
        }
    }
}

#[test]
fn a_seed_of_ml_dsa_is_imported_as_pkcs8() {
    let (kms, _) = vault();
    let key = external_key(&kms, KeySpec::MlDsa44);
    // RFC 9881, section 6: the seed alone, [0] IMPLICIT OCTET STRING.
    let head = [0x30, 0x34, 2, 1, 0, 0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 0x11, 4, 0x22, 0x80, 0x20];
    import(&kms, &key, &[&head[..], &[9; 32]].concat()).unwrap();
    sign(&kms, &key, b"message");
    let other = external_key(&kms, KeySpec::MlDsa65);
    let message = "The key material is not valid for the key spec ML_DSA_65.";
    refused(import(&kms, &other, &[&head[..], &[9; 32]].concat()), ErrorKind::IncorrectKeyMaterial, message);
}

#[test]
fn material_must_fit_the_key() {
    let (kms, _) = vault();
    for (spec, lengths) in [
        (KeySpec::SymmetricDefault, &[31, 33, 16][..]),
        (KeySpec::Hmac224, &[27, 29, 32]),
        (KeySpec::Hmac512, &[32, 63, 65]),
        (KeySpec::EccNistP256, &[0, 1, 32, 64]),
        (KeySpec::EccNistEdwards25519, &[32]),
        (KeySpec::Rsa2048, &[1, 256]),
    ] {
        let key = external_key(&kms, spec);
        let parameters = parameters(&kms, &key.arn, algorithm(spec)).unwrap();
        for length in lengths {
            let wrapped = wrap(parameters.public_key.expose(), algorithm(spec), &vec![7; *length]);
            let request = ImportKeyMaterialRequest {
                key_id: key.arn.clone(),
                import_token: parameters.import_token.clone(),
                encrypted_key_material: wrapped,
                expiration_model: Some(ExpirationModelType::KeyMaterialDoesNotExpire),
                ..Default::default()
            };
            let message = format!("The key material is not valid for the key spec {spec}.");
            refused(kms.import_key_material(request), ErrorKind::IncorrectKeyMaterial, &message);
        }
    }
    // A key of another curve.
    let key = external_key(&kms, KeySpec::EccNistP256);
    let other = private_key(&kms, KeySpec::EccSecgP256k1);
    assert_eq!(error(import(&kms, &key, &other)).kind(), ErrorKind::IncorrectKeyMaterial);
}

#[test]
fn hmac_keys_take_as_many_bytes_as_their_macs_have() {
    let (kms, _) = vault();
    for (spec, length) in
        [(KeySpec::Hmac224, 28), (KeySpec::Hmac256, 32), (KeySpec::Hmac384, 48), (KeySpec::Hmac512, 64)]
    {
        let key = external_key(&kms, spec);
        import(&kms, &key, &vec![5; length]).unwrap();
        let mac = generate_mac(&kms, &key, b"message");
        assert_eq!(mac.len(), length);
        // Two keys of the same material make the same MACs: the material is what was given.
        let twin = external_key(&kms, spec);
        import(&kms, &twin, &vec![5; length]).unwrap();
        assert_eq!(generate_mac(&kms, &twin, b"message"), mac);
        assert_ne!(generate_mac(&kms, &create_key_of(&kms, spec), b"message"), mac);
    }
}

#[test]
fn a_key_that_is_to_be_deleted_stays_so_and_its_material_may_go() {
    let (kms, clock) = vault();
    let key = external_key(&kms, KeySpec::SymmetricDefault);
    // At the very moment at which the key goes, and a bit before.
    for days in [7, 3] {
        kms.import_key_material(expiring(&kms, &key, &MATERIAL, clock_now(&kms).plus_days(days))).unwrap();
    }
    let schedule = ScheduleKeyDeletionRequest { key_id: key.key_id.clone(), pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(schedule.clone()).unwrap();
    let token = parameters(&kms, &key.arn, AlgorithmSpec::RsaesOaepSha256).map(drop);
    refused(token, ErrorKind::KmsInvalidState, &format!("{} is pending deletion.", key.arn));
    clock.set(START.plus_days(3));
    assert_eq!(describe(&kms, &key.key_id).key_state, KeyState::PendingDeletion);
    kms.cancel_key_deletion(CancelKeyDeletionRequest { key_id: key.key_id.clone() }).unwrap();
    assert_eq!(describe(&kms, &key.key_id).key_state, KeyState::PendingImport);
    import(&kms, &key, &MATERIAL).unwrap();
    delete(&kms, &key.key_id);
    kms.import_key_material(expiring(&kms, &key, &MATERIAL, START.plus_days(10))).unwrap();
    kms.schedule_key_deletion(schedule).unwrap();
    clock.set(START.plus_days(10));
    let request = DescribeKeyRequest { key_id: key.key_id, ..Default::default() };
    assert_eq!(error(kms.describe_key(request)).kind(), ErrorKind::NotFound);
}

/// When the vault's clock stands.
fn clock_now(kms: &Opened) -> Timestamp {
    create_key(kms).creation_date
}
