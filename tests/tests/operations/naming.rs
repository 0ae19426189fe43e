//! How a key is named: by id, key ARN, alias name, alias ARN; from which account and Region; by which operation.

use super::common::{NO_KEY, elsewhere, text_error};
use pocketkms::{
    Audit, ErrorKind, Kms, Result,
    api::*,
    keys::{
        DataKeyPairSpec, DataKeySpec, EncapsulationAlgorithmSpec, ExpirationModelType, KeyAgreementAlgorithmSpec,
        MacAlgorithmSpec, SigningAlgorithmSpec,
    },
};
use pocketkms_tests::{
    store::Counted,
    vault::{Opened, builder, context, create_alias, create_key, describe, encrypt, error, explained, root, vault},
};

const ALIAS: &str = "alias/orders";
const OTHER_ALIAS: &str = "alias/other";

/// A vault with a key that has an alias, and what it encrypted.
struct Scene {
    kms: Opened,
    key: KeyMetadata,
    blob: Blob,
}

impl Scene {
    fn set() -> Self {
        Self::of(vault().0)
    }

    fn of(kms: Opened) -> Self {
        let key = create_key(&kms);
        create_alias(&kms, ALIAS, &key.key_id);
        create_alias(&kms, OTHER_ALIAS, &create_key(&kms).key_id);
        let blob = encrypt(&kms, &key.key_id, b"secret");
        Self { kms, key, blob }
    }

    fn alias_arn(&self) -> String {
        self.key.arn.replace(&format!("key/{}", self.key.key_id), ALIAS)
    }
}

/// An operation that names a key, and whether the model has `InvalidArnException` for it.
struct Call {
    name: String,
    knows_invalid_arn: bool,
    run: fn(&Scene, &Kms, String) -> Result<()>,
}

impl Call {
    /// What a bad ARN is to this operation.
    fn bad_arn(&self) -> ErrorKind {
        if self.knows_invalid_arn { ErrorKind::InvalidArn } else { ErrorKind::NotFound }
    }

    fn refused(&self, scene: &Scene, kms: &Kms, key: &str, kind: ErrorKind, message: &str) {
        let error = error((self.run)(scene, kms, key.into()));
        assert_eq!((error.kind(), error.message()), (kind, message), "{} of '{key}'", self.name);
    }
}

macro_rules! calls {
    ($($request:ident($member:ident, $knows_invalid_arn:literal) $make:expr;)*) => {
        vec![$(Call {
            name: concat!(stringify!($request), ".", stringify!($member)).into(),
            knows_invalid_arn: $knows_invalid_arn,
            run: |scene, kms, key| {
                let make: fn(&Scene, String) -> $request = $make;
                match kms.execute(&make(scene, key)) {
                    // The scene's key is a symmetric one: what another kind of key does found it, and looked at its usage or origin.
                    Err(error) if error.kind() == ErrorKind::InvalidKeyUsage => Ok(()),
                    Err(error) if error.message().ends_with("which is not valid for this operation.") => Ok(()),
                    result => result.map(drop),
                }
            },
        },)*]
    };
}

/// What takes aliases too.
fn by_any_name() -> Vec<Call> {
    calls! {
        DescribeKeyRequest(key_id, true) |_, key_id| DescribeKeyRequest { key_id, ..Default::default() };
        EncryptRequest(key_id, false)
            |_, key_id| EncryptRequest { key_id, plaintext: vec![1].into(), ..Default::default() };
        DecryptRequest(key_id, false) |scene, key_id| DecryptRequest {
            key_id: Some(key_id),
            ciphertext_blob: Some(scene.blob.clone()),
            encryption_context: Some(context()),
            ..Default::default()
        };
        ReEncryptRequest(source_key_id, false) |scene, key_id| ReEncryptRequest {
            source_key_id: Some(key_id),
            ciphertext_blob: Some(scene.blob.clone()),
            source_encryption_context: Some(context()),
            destination_key_id: scene.key.arn.clone(),
            ..Default::default()
        };
        GenerateDataKeyRequest(key_id, false)
            |_, key_id| GenerateDataKeyRequest { key_id, key_spec: Some(DataKeySpec::Aes256), ..Default::default() };
        GenerateDataKeyWithoutPlaintextRequest(key_id, false) |_, key_id| GenerateDataKeyWithoutPlaintextRequest {
            key_id,
            number_of_bytes: Some(9),
            ..Default::default()
        };
        GenerateDataKeyPairRequest(key_id, false) |_, key_id| GenerateDataKeyPairRequest {
            encryption_context: None,
            key_id,
            key_pair_spec: DataKeyPairSpec::EccNistP256,
            grant_tokens: None,
            recipient: None,
            dry_run: None,
        };
        GenerateDataKeyPairWithoutPlaintextRequest(key_id, false) |_, key_id| GenerateDataKeyPairWithoutPlaintextRequest {
            encryption_context: None,
            key_id,
            key_pair_spec: DataKeyPairSpec::EccNistP256,
            grant_tokens: None,
            dry_run: None,
        };
        GenerateMacRequest(key_id, false) |_, key_id| GenerateMacRequest {
            message: vec![1].into(),
            key_id,
            mac_algorithm: MacAlgorithmSpec::HmacSha256,
            grant_tokens: None,
            dry_run: None,
        };
        VerifyMacRequest(key_id, false) |_, key_id| VerifyMacRequest {
            message: vec![1].into(),
            key_id,
            mac_algorithm: MacAlgorithmSpec::HmacSha256,
            mac: vec![1].into(),
            grant_tokens: None,
            dry_run: None,
        };
        SignRequest(key_id, false) |_, key_id| SignRequest {
            key_id,
            message: vec![1].into(),
            message_type: None,
            grant_tokens: None,
            signing_algorithm: SigningAlgorithmSpec::EcdsaSha256,
            dry_run: None,
        };
        VerifyRequest(key_id, false) |_, key_id| VerifyRequest {
            key_id,
            message: vec![1].into(),
            message_type: None,
            signature: vec![1].into(),
            signing_algorithm: SigningAlgorithmSpec::EcdsaSha256,
            grant_tokens: None,
            dry_run: None,
        };
        GetPublicKeyRequest(key_id, true) |_, key_id| GetPublicKeyRequest { key_id, ..Default::default() };
        EncapsulateRequest(key_id, false) |_, key_id| EncapsulateRequest {
            key_id,
            encapsulation_algorithm: EncapsulationAlgorithmSpec::MlKem,
            grant_tokens: None,
            dry_run: None,
        };
        DecapsulateRequest(key_id, false) |_, key_id| DecapsulateRequest {
            key_id,
            shared_secret_ciphertext_blob: vec![1].into(),
            encapsulation_algorithm: EncapsulationAlgorithmSpec::MlKem,
            grant_tokens: None,
            dry_run: None,
        };
        DeriveSharedSecretRequest(key_id, false) |_, key_id| DeriveSharedSecretRequest {
            key_id,
            key_agreement_algorithm: KeyAgreementAlgorithmSpec::Ecdh,
            public_key: vec![1].into(),
            grant_tokens: None,
            dry_run: None,
            recipient: None,
        };
    }
}

/// The destination has the source's errors before its own, so it stands apart.
fn destination() -> Vec<Call> {
    calls! {
        ReEncryptRequest(destination_key_id, false) |scene, destination_key_id| ReEncryptRequest {
            destination_key_id,
            ciphertext_blob: Some(scene.blob.clone()),
            source_encryption_context: Some(context()),
            ..Default::default()
        };
    }
}

/// What takes key ids and key ARNs only.
fn by_id() -> Vec<Call> {
    calls! {
        UpdateKeyDescriptionRequest(key_id, true)
            |_, key_id| UpdateKeyDescriptionRequest { key_id, description: "new".into() };
        EnableKeyRequest(key_id, true) |_, key_id| EnableKeyRequest { key_id };
        DisableKeyRequest(key_id, true) |_, key_id| DisableKeyRequest { key_id };
        CreateAliasRequest(target_key_id, false)
            |_, target_key_id| CreateAliasRequest { alias_name: "alias/new".into(), target_key_id };
        ListAliasesRequest(key_id, true)
            |_, key_id| ListAliasesRequest { key_id: Some(key_id), ..Default::default() };
        EnableKeyRotationRequest(key_id, true)
            |_, key_id| EnableKeyRotationRequest { key_id, rotation_period_in_days: None };
        DisableKeyRotationRequest(key_id, true) |_, key_id| DisableKeyRotationRequest { key_id };
        GetKeyRotationStatusRequest(key_id, true) |_, key_id| GetKeyRotationStatusRequest { key_id };
        RotateKeyOnDemandRequest(key_id, true) |_, key_id| RotateKeyOnDemandRequest { key_id };
        ListKeyRotationsRequest(key_id, true)
            |_, key_id| ListKeyRotationsRequest { key_id, ..Default::default() };
        GetParametersForImportRequest(key_id, true) |_, key_id| GetParametersForImportRequest {
            key_id,
            wrapping_algorithm: AlgorithmSpec::RsaesOaepSha256,
            wrapping_key_spec: WrappingKeySpec::Rsa2048,
        };
        ImportKeyMaterialRequest(key_id, true) |_, key_id| ImportKeyMaterialRequest {
            key_id,
            import_token: vec![1].into(),
            encrypted_key_material: vec![1].into(),
            expiration_model: Some(ExpirationModelType::KeyMaterialDoesNotExpire),
            ..Default::default()
        };
        DeleteImportedKeyMaterialRequest(key_id, true)
            |_, key_id| DeleteImportedKeyMaterialRequest { key_id, key_material_id: None };
        ScheduleKeyDeletionRequest(key_id, true)
            |_, key_id| ScheduleKeyDeletionRequest { key_id, pending_window_in_days: None };
        CancelKeyDeletionRequest(key_id, true) |scene, key_id| {
            // There must be something to cancel where the key is found.
            if key_id == scene.key.key_id || key_id == scene.key.arn {
                let scheduled = scene.key.key_id.clone();
                let request = ScheduleKeyDeletionRequest { key_id: scheduled, pending_window_in_days: None };
                scene.kms.schedule_key_deletion(request).ok();
            }
            CancelKeyDeletionRequest { key_id }
        };
        TagResourceRequest(key_id, true) |_, key_id| TagResourceRequest { key_id, tags: vec![] };
        UntagResourceRequest(key_id, true) |_, key_id| UntagResourceRequest { key_id, tag_keys: vec![] };
        ListResourceTagsRequest(key_id, true)
            |_, key_id| ListResourceTagsRequest { key_id, ..Default::default() };
        PutKeyPolicyRequest(key_id, true) |_, key_id| PutKeyPolicyRequest {
            key_id,
            policy: DEFAULT_POLICY.into(),
            ..Default::default()
        };
        GetKeyPolicyRequest(key_id, true) |_, key_id| GetKeyPolicyRequest { key_id, policy_name: None };
        ReplicateKeyRequest(key_id, true) |_, key_id| ReplicateKeyRequest {
            key_id,
            replica_region: "eu-central-1".into(),
            ..Default::default()
        };
        UpdatePrimaryRegionRequest(key_id, true)
            |_, key_id| UpdatePrimaryRegionRequest { key_id, primary_region: "eu-central-1".into() };
        GetKeyLastUsageRequest(key_id, true) |_, key_id| GetKeyLastUsageRequest { key_id };
        ListKeyPoliciesRequest(key_id, true)
            |_, key_id| ListKeyPoliciesRequest { key_id, ..Default::default() };
        CreateGrantRequest(key_id, true) |_, key_id| grant_request(key_id);
        ListGrantsRequest(key_id, true) |_, key_id| ListGrantsRequest { key_id, ..Default::default() };
        RetireGrantRequest(key_id, true) |scene, key_id| RetireGrantRequest {
            grant_id: Some(grant(scene, &key_id)),
            key_id: Some(key_id),
            ..Default::default()
        };
        RevokeGrantRequest(key_id, true)
            |scene, key_id| RevokeGrantRequest { grant_id: grant(scene, &key_id), key_id, dry_run: None };
    }
}

/// The same grant each time.
fn grant_request(key_id: String) -> CreateGrantRequest {
    CreateGrantRequest {
        key_id,
        grantee_principal: Some("arn:aws:iam::000000000000:user/alice".into()),
        operations: vec![GrantOperation::Decrypt],
        name: Some("alices".into()),
        ..Default::default()
    }
}

/// The id of a grant; it must be there where the key is found.
fn grant(scene: &Scene, key_id: &str) -> String {
    if key_id == scene.key.key_id || key_id == scene.key.arn {
        // A key whose deletion another call scheduled gets none; there it is no matter which grant is named.
        if let Ok(granted) = scene.kms.create_grant(grant_request(key_id.into())) {
            return granted.grant_id;
        }
    }
    "0".repeat(64)
}

/// A key policy that is as good as none.
const DEFAULT_POLICY: &str =
    r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "kms:*", "Resource": "*"}}"#;

/// Its alias is looked up in the caller's account first, so it stands apart.
fn update_alias() -> Vec<Call> {
    calls! {
        UpdateAliasRequest(target_key_id, false)
            |_, target_key_id| UpdateAliasRequest { alias_name: OTHER_ALIAS.into(), target_key_id };
    }
}

fn all() -> Vec<Call> {
    [by_any_name(), destination(), by_id(), update_alias()].into_iter().flatten().collect()
}

#[test]
fn every_operation_that_names_a_key_is_tried() {
    let tried: Vec<_> = all().into_iter().map(|call| call.name).collect();
    for operation in pocketkms::api::model() {
        let pocketkms::shape::Type::Structure(request) = operation.request else { panic!("a request is a structure") };
        for member in request.members.iter().filter(|member| member.name.ends_with("key_id")) {
            let name = format!("{}Request.{}", operation.operation.name(), member.name);
            // An external key is no KMS key.
            assert!(tried.contains(&name) || member.name == "xks_key_id", "{name} is not tried");
        }
    }
}

#[test]
fn a_key_is_named_by_id_and_key_arn_everywhere() {
    for call in all() {
        for name in [|scene: &Scene| scene.key.key_id.clone(), |scene: &Scene| scene.key.arn.clone()] {
            let scene = Scene::set();
            (call.run)(&scene, &scene.kms, name(&scene)).unwrap_or_else(|error| panic!("{}: {error}", call.name));
        }
    }
}

#[test]
fn a_key_is_named_by_alias_and_alias_arn_where_the_model_allows_it() {
    let scene = Scene::set();
    for call in by_any_name().into_iter().chain(destination()) {
        for name in [ALIAS.to_string(), scene.alias_arn()] {
            (call.run)(&scene, &scene.kms, name).unwrap_or_else(|error| panic!("{}: {error}", call.name));
        }
    }
    // The answer names the key itself.
    assert_eq!(describe(&scene.kms, ALIAS), scene.key);
    assert_eq!(describe(&scene.kms, &scene.alias_arn()), scene.key);
}

#[test]
fn an_alias_is_refused_where_the_model_asks_for_an_id() {
    let scene = Scene::set();
    for call in by_id().into_iter().chain(update_alias()) {
        call.refused(&scene, &scene.kms, ALIAS, ErrorKind::NotFound, &format!("Invalid keyId '{ALIAS}'"));
        let arn = scene.alias_arn();
        call.refused(&scene, &scene.kms, &arn, call.bad_arn(), &format!("Invalid keyId '{arn}'"));
        explained((call.run)(&scene, &scene.kms, arn), call.bad_arn(), &["takes a key id or key ARN, not an alias"]);
    }
}

#[test]
fn a_name_of_no_known_form_is_refused_by_every_operation() {
    let scene = Scene::set();
    let id = &scene.key.key_id;
    let upper = id.to_uppercase();
    let no_dashes = id.replace('-', "");
    for call in all() {
        for text in ["orders", &upper, &no_dashes, "key/", "alias/", "alias/a b", "mrk-1", " "] {
            call.refused(&scene, &scene.kms, text, ErrorKind::NotFound, &format!("Invalid keyId '{text}'"));
        }
        for arn in [
            "arn:".to_string(),
            "arn:aws:kms:us-east-1:000000000000".into(),
            format!("arn:aws:s3:us-east-1:000000000000:key/{id}"),
            format!("arn:aws-cn:kms:us-east-1:000000000000:key/{id}"),
            format!("arn:aws:kms:us-east-1:12345:key/{id}"),
            format!("arn:aws:kms::000000000000:key/{id}"),
            format!("arn:aws:kms:us-east-1:000000000000:{id}"),
            format!("arn:aws:kms:us-east-1:000000000000:grant/{id}"),
        ] {
            call.refused(&scene, &scene.kms, &arn, call.bad_arn(), &format!("Invalid arn '{arn}'"));
        }
    }
}

#[test]
fn a_name_has_1_to_2048_characters() {
    let scene = Scene::set();
    for call in all() {
        for (text, relation, limit) in [(String::new(), "greater", 1), ("a".repeat(2049), "less", 2048)] {
            let error = pocketkms_tests::vault::error((call.run)(&scene, &scene.kms, text.clone()));
            let member = call.name.split('.').nth(1).unwrap();
            let member = ["keyId", "sourceKeyId", "destinationKeyId", "targetKeyId"]
                .into_iter()
                .find(|camel| camel.to_lowercase() == member.replace('_', ""))
                .unwrap();
            assert_eq!(
                (error.kind(), error.message()),
                (ErrorKind::Validation, &*text_error(member, &text, relation, limit))
            );
        }
        let longest = "a".repeat(2048);
        call.refused(&scene, &scene.kms, &longest, ErrorKind::NotFound, &format!("Invalid keyId '{longest}'"));
    }
}

#[test]
fn a_key_that_is_not_there_is_not_found_by_any_operation() {
    let scene = Scene::set();
    let arn = scene.key.arn.replace(&scene.key.key_id, NO_KEY);
    for call in all() {
        for name in [NO_KEY, &arn] {
            call.refused(&scene, &scene.kms, name, ErrorKind::NotFound, &format!("Key '{arn}' does not exist"));
        }
    }
    for call in by_any_name().into_iter().chain(destination()) {
        let message = "Alias arn:aws:kms:us-east-1:000000000000:alias/nobody is not found.";
        call.refused(&scene, &scene.kms, "alias/nobody", ErrorKind::NotFound, message);
    }
}

#[test]
fn an_arn_of_another_region_is_refused_by_every_operation() {
    let scene = Scene::set();
    for call in all() {
        let arn = scene.key.arn.replace("us-east-1", "eu-west-1");
        call.refused(&scene, &scene.kms, &arn, ErrorKind::NotFound, "Invalid arn eu-west-1");
        explained((call.run)(&scene, &scene.kms, arn), ErrorKind::NotFound, &["another Region"]);
    }
    for call in by_any_name().into_iter().chain(destination()) {
        let arn = scene.alias_arn().replace("us-east-1", "eu-west-1");
        call.refused(&scene, &scene.kms, &arn, ErrorKind::NotFound, "Invalid arn eu-west-1");
    }
}

/// What a caller of another account gets to see.
fn denied(call: &Call, arn: &str) -> String {
    let action = match &*call.name {
        "ReEncryptRequest.source_key_id" => "ReEncryptFrom",
        "ReEncryptRequest.destination_key_id" => "ReEncryptTo",
        name => name.split("Request.").next().expect("its operation"),
    };
    format!(
        "User: arn:aws:iam::111122223333:root is not authorized to perform: kms:{action} on resource: {arn} because no \
         resource-based policy allows the kms:{action} action"
    )
}

#[test]
fn another_account_is_denied_by_arn_and_finds_nothing_by_id() {
    let scene = Scene::set();
    let stranger = elsewhere(&scene.kms, "111122223333", "us-east-1");
    let KeyMetadata { key_id, arn, .. } = &scene.key;
    for call in by_any_name().into_iter().chain(by_id()) {
        let denied = denied(&call, arn);
        call.refused(&scene, &stranger, arn, ErrorKind::AccessDenied, &denied);
        // An id alone means a key of one's own account, and so does the ARN that the account's key would have.
        let own = arn.replace("000000000000", "111122223333");
        call.refused(&scene, &stranger, key_id, ErrorKind::NotFound, &format!("Key '{own}' does not exist"));
        call.refused(&scene, &stranger, &own, ErrorKind::NotFound, &format!("Key '{own}' does not exist"));
    }
    // Whether another account has a key or an alias is no one's business: what does not exist is answered as what may not be
    // used.
    let no_key = arn.replace(key_id, NO_KEY);
    let alias = scene.alias_arn();
    for call in by_any_name() {
        for arn in [alias.clone(), alias.replace("alias/", "alias/no-"), no_key.clone()] {
            call.refused(&scene, &stranger, &arn, ErrorKind::AccessDenied, &denied(&call, &arn));
        }
    }
}

/// What fell due at a key is done when someone with a right to the key comes by, not when anybody names it.
#[test]
fn no_one_without_a_right_to_a_key_makes_the_vault_write() {
    let (builder, clock) = builder();
    let store = Counted::default();
    // Whatever is recorded of a call: that it was refused is.
    let builder = builder.audit(Audit::off());
    let scene = Scene::of(builder.create_in(store.clone(), &root()).expect("a vault").into());
    let request = EnableKeyRotationRequest { key_id: scene.key.arn.clone(), rotation_period_in_days: Some(90) };
    scene.kms.enable_key_rotation(request).expect("a rotation");
    let eve = elsewhere(&scene.kms, "111122223333", "us-east-1");
    // Aliases and a key of her own, so that nothing is refused before the other's key is looked at.
    let own = create_key(&eve);
    create_alias(&eve, ALIAS, &own.key_id);
    create_alias(&eve, OTHER_ALIAS, &own.key_id);
    clock.advance_days(120);

    let before = store.commits();
    // The calls that need something to cancel or take away make it first, as the key's owner.
    let prepared = ["CancelKeyDeletion", "RetireGrant", "RevokeGrant"];
    let calls = || all().into_iter().filter(|call| !prepared.iter().any(|name| call.name.starts_with(name)));
    let (key_id, grant_id) = (scene.key.arn.clone(), "0".repeat(64));
    let revoke = RevokeGrantRequest { key_id: key_id.clone(), grant_id: grant_id.clone(), dry_run: None };
    assert_eq!(error(eve.revoke_grant(revoke)).kind(), ErrorKind::AccessDenied);
    let retire = RetireGrantRequest { key_id: Some(key_id), grant_id: Some(grant_id), ..Default::default() };
    assert_eq!(error(eve.retire_grant(retire)).kind(), ErrorKind::AccessDenied);
    let cancel = CancelKeyDeletionRequest { key_id: scene.key.arn.clone() };
    assert_eq!(error(eve.cancel_key_deletion(cancel)).kind(), ErrorKind::AccessDenied);
    for call in calls() {
        let error = error((call.run)(&scene, &eve, scene.key.arn.clone()));
        assert!(matches!(error.kind(), ErrorKind::AccessDenied), "{}: {error}", call.name);
        assert_eq!(store.commits(), before, "{} made the vault write", call.name);
    }
    for call in calls() {
        for name in [scene.key.key_id.clone(), scene.alias_arn()] {
            let error = error((call.run)(&scene, &eve, name));
            let kinds = [ErrorKind::NotFound, ErrorKind::InvalidArn, ErrorKind::AccessDenied];
            assert!(kinds.contains(&error.kind()), "{}: {error}", call.name);
            assert_eq!(store.commits(), before, "{} made the vault write", call.name);
        }
    }
    let blob = || Some(scene.blob.clone());
    let decrypt = DecryptRequest { ciphertext_blob: blob(), encryption_context: Some(context()), ..Default::default() };
    let re_encrypt = ReEncryptRequest {
        ciphertext_blob: blob(),
        source_encryption_context: Some(context()),
        destination_key_id: own.arn,
        ..Default::default()
    };
    assert_eq!(error(eve.decrypt(decrypt.clone())).kind(), ErrorKind::AccessDenied);
    assert_eq!(error(eve.re_encrypt(re_encrypt)).kind(), ErrorKind::AccessDenied);
    assert_eq!(store.commits(), before, "a ciphertext made the vault write");

    // The key's own account does not notice any of it.
    scene.kms.decrypt(decrypt).expect("the plaintext");
    assert_eq!(store.commits(), before + 1, "the rotation that fell due");
}
