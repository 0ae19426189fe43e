//! The table: what comes of each operation in each state.

use crate::scene::{ALIAS, NEW_ALIAS, OTHER_ALIAS, Scene, WITH_IMPORTED_MATERIAL, grant};
use pocketkms::{
    ErrorKind, Kms, Result,
    api::*,
    keys::{
        DataKeyPairSpec, DataKeySpec, EncapsulationAlgorithmSpec, EncryptionAlgorithmSpec, ExpirationModelType,
        KeyAgreementAlgorithmSpec, KeySpec, MacAlgorithmSpec, SigningAlgorithmSpec,
    },
};
use pocketkms_tests::{
    cluster::proxy_request,
    vault::{context, error},
};

/// What a cell of the table says.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell {
    /// The operation succeeds.
    Fine,
    /// `DisabledException: <key ARN> is disabled.`
    Disabled,
    /// `KMSInvalidStateException: <key ARN> is pending deletion.`
    Pending,
    /// `KMSInvalidStateException: <key ARN> is not pending deletion.`
    NotPending,
    /// `NotFoundException`: the key that was named does not exist.
    NoKey,
    /// `NotFoundException`: the alias that was named went with its key.
    NoAlias,
    /// `AccessDeniedException`: the key that a ciphertext names does not exist.
    NoKeyOfCiphertext,
}

impl Cell {
    pub(crate) fn check(self, scene: &Scene, result: Result<()>, place: &str) {
        let arn = &scene.key.arn;
        let (kind, message) = match self {
            Self::Fine => return result.unwrap_or_else(|error| panic!("{place}: {error}")),
            Self::Disabled => (ErrorKind::Disabled, format!("{arn} is disabled.")),
            Self::Pending => (ErrorKind::KmsInvalidState, format!("{arn} is pending deletion.")),
            Self::NotPending => (ErrorKind::KmsInvalidState, format!("{arn} is not pending deletion.")),
            Self::NoKey => (ErrorKind::NotFound, format!("Key '{}' does not exist", scene.key.arn)),
            Self::NoAlias => (ErrorKind::NotFound, format!("Alias {} is not found.", scene.alias_arn(ALIAS))),
            Self::NoKeyOfCiphertext => {
                let error = error(result);
                let words = "on the resource associated with this ciphertext because the resource does not exist";
                assert_eq!(error.kind(), ErrorKind::AccessDenied, "{place}");
                return assert!(error.message().contains(words), "{place}: {error}");
            }
        };
        let error = error(result);
        assert_eq!((error.kind(), error.message()), (kind, &*message), "{place}");
    }
}

/// A row of the table: a way to call an operation, and what comes of it in each of [`STATES`].
pub(crate) struct Row {
    pub(crate) operation: Operation,
    pub(crate) what: &'static str,
    /// What kind of key it is about.
    pub(crate) spec: KeySpec,
    /// Whether it is a multi-Region primary key.
    pub(crate) is_multi_region: bool,
    pub(crate) call: fn(&Scene, &Kms) -> Result<()>,
    pub(crate) cells: [Cell; 5],
}

macro_rules! rows {
    ($($request:ident($what:expr) $make:expr => $cells:expr;)*) => {
        rows! { of KeySpec::SymmetricDefault; $($request($what) $make => $cells;)* }
    };
    (of $spec:expr; $($request:ident($what:expr) $make:expr => $cells:expr;)*) => {
        vec![$(Row {
            spec: $spec,
            is_multi_region: false,
            operation: <$request as Request>::OPERATION,
            what: $what,
            call: |scene, kms| {
                let make: fn(&Scene) -> $request = $make;
                kms.execute(&make(scene)).map(drop)
            },
            cells: $cells,
        },)*]
    };
}

use Cell::{Disabled, Fine, NoAlias, NoKey, NoKeyOfCiphertext, NotPending, Pending};

// In the order of STATES: enabled, disabled, pending deletion, cancelled, deleted.
const ALWAYS: [Cell; 5] = [Fine; 5];
const WHILE_IT_EXISTS: [Cell; 5] = [Fine, Fine, Fine, Fine, NoKey];
const WHILE_ITS_ALIAS_EXISTS: [Cell; 5] = [Fine, Fine, Fine, Fine, NoAlias];
const UNLESS_IT_GOES: [Cell; 5] = [Fine, Fine, Pending, Fine, NoKey];
const IF_USABLE: [Cell; 5] = [Fine, Disabled, Pending, Disabled, NoKey];
const IF_USABLE_BY_ALIAS: [Cell; 5] = [Fine, Disabled, Pending, Disabled, NoAlias];
const IF_USABLE_BY_CIPHERTEXT: [Cell; 5] = [Fine, Disabled, Pending, Disabled, NoKeyOfCiphertext];
const ONLY_IF_IT_GOES: [Cell; 5] = [NotPending, NotPending, Fine, NotPending, NoKey];

pub(crate) fn table() -> Vec<Row> {
    let mut rows = management();
    rows.extend(aliases());
    rows.extend(cryptography());
    rows.extend(macs());
    rows.extend(signatures());
    rows.extend(rsa_signatures());
    rows.extend(rsa_encryption());
    rows.extend(sm2());
    rows.extend(agreements());
    rows.extend(encapsulation());
    rows.extend(other_signers());
    rows.extend(rotation());
    // A multi-Region key without replicas does all that another one does.
    let regional = [regions(), management(), aliases(), cryptography(), rotation()];
    rows.extend(regional.into_iter().flatten().map(|row| Row { is_multi_region: true, ..row }));
    rows.extend(imports());
    rows.extend(custom_key_stores());
    rows
}

fn replicate(scene: &Scene) -> ReplicateKeyRequest {
    ReplicateKeyRequest { key_id: scene.key(), replica_region: "eu-west-1".into(), ..Default::default() }
}

fn regions() -> Vec<Row> {
    rows! {
        ReplicateKeyRequest("") replicate => IF_USABLE;
        UpdatePrimaryRegionRequest("")
            |scene| {
                // Where the key's state refuses that, it is to refuse the other, too.
                let _ = scene.kms.replicate_key(replicate(scene));
                UpdatePrimaryRegionRequest { key_id: scene.key(), primary_region: "eu-west-1".into() }
            }
            => IF_USABLE;
    }
}

fn management() -> Vec<Row> {
    rows! {
        CreateKeyRequest("another one") |_| CreateKeyRequest::default() => ALWAYS;
        DescribeKeyRequest("by id") |scene| DescribeKeyRequest { key_id: scene.key(), ..Default::default() }
            => WHILE_IT_EXISTS;
        DescribeKeyRequest("by alias") |_| DescribeKeyRequest { key_id: ALIAS.into(), ..Default::default() }
            => WHILE_ITS_ALIAS_EXISTS;
        ListKeysRequest("all") |_| ListKeysRequest::default() => ALWAYS;
        UpdateKeyDescriptionRequest("")
            |scene| UpdateKeyDescriptionRequest { key_id: scene.key(), description: "new".into() }
            => UNLESS_IT_GOES;
        EnableKeyRequest("") |scene| EnableKeyRequest { key_id: scene.key() } => UNLESS_IT_GOES;
        DisableKeyRequest("") |scene| DisableKeyRequest { key_id: scene.key() } => UNLESS_IT_GOES;
        ScheduleKeyDeletionRequest("")
            |scene| ScheduleKeyDeletionRequest { key_id: scene.key(), pending_window_in_days: None }
            => UNLESS_IT_GOES;
        CancelKeyDeletionRequest("") |scene| CancelKeyDeletionRequest { key_id: scene.key() } => ONLY_IF_IT_GOES;
        TagResourceRequest("")
            |scene| TagResourceRequest {
                key_id: scene.key(),
                tags: vec![Tag { tag_key: "a".into(), tag_value: "b".into() }],
            }
            => UNLESS_IT_GOES;
        UntagResourceRequest("")
            |scene| UntagResourceRequest { key_id: scene.key(), tag_keys: vec!["a".into()] }
            => UNLESS_IT_GOES;
        ListResourceTagsRequest("")
            |scene| ListResourceTagsRequest { key_id: scene.key(), ..Default::default() }
            => WHILE_IT_EXISTS;
        PutKeyPolicyRequest("")
            |scene| PutKeyPolicyRequest {
                key_id: scene.key(),
                policy: r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}}"#.into(),
                ..Default::default()
            }
            => WHILE_IT_EXISTS;
        GetKeyPolicyRequest("") |scene| GetKeyPolicyRequest { key_id: scene.key(), policy_name: None }
            => WHILE_IT_EXISTS;
        GetKeyLastUsageRequest("") |scene| GetKeyLastUsageRequest { key_id: scene.key() }
            => WHILE_IT_EXISTS;
        ListKeyPoliciesRequest("")
            |scene| ListKeyPoliciesRequest { key_id: scene.key(), ..Default::default() }
            => WHILE_IT_EXISTS;
        CreateGrantRequest("") |scene| grant(&scene.key()) => IF_USABLE;
        ListGrantsRequest("") |scene| ListGrantsRequest { key_id: scene.key(), ..Default::default() }
            => WHILE_IT_EXISTS;
        ListRetirableGrantsRequest("")
            |_| ListRetirableGrantsRequest {
                retiring_principal: Some("arn:aws:iam::000000000000:user/bob".into()),
                ..Default::default()
            }
            => ALWAYS;
        RetireGrantRequest("")
            |scene| RetireGrantRequest {
                key_id: Some(scene.key.arn.clone()),
                grant_id: Some(scene.grant.clone()),
                ..Default::default()
            }
            => WHILE_IT_EXISTS;
        RevokeGrantRequest("")
            |scene| RevokeGrantRequest { key_id: scene.key(), grant_id: scene.grant.clone(), dry_run: None }
            => WHILE_IT_EXISTS;
        GenerateRandomRequest("") |_| GenerateRandomRequest { number_of_bytes: Some(8), ..Default::default() }
            => ALWAYS;
    }
}

/// They name no key, and mind none: what their own states mean stands in the tests `key_stores`.
fn custom_key_stores() -> Vec<Row> {
    rows! {
        DescribeCustomKeyStoresRequest("") |_| DescribeCustomKeyStoresRequest::default() => ALWAYS;
        CreateCustomKeyStoreRequest("") |_| proxy_request("s") => ALWAYS;
        UpdateCustomKeyStoreRequest("")
            |scene| UpdateCustomKeyStoreRequest {
                custom_key_store_id: made(scene),
                new_custom_key_store_name: Some("new".into()),
                ..Default::default()
            }
            => ALWAYS;
        DeleteCustomKeyStoreRequest("") |scene| DeleteCustomKeyStoreRequest { custom_key_store_id: made(scene) } => ALWAYS;
        ConnectCustomKeyStoreRequest("") |scene| ConnectCustomKeyStoreRequest { custom_key_store_id: made(scene) } => ALWAYS;
        DisconnectCustomKeyStoreRequest("")
            |scene| {
                let custom_key_store_id = made(scene);
                let request = ConnectCustomKeyStoreRequest { custom_key_store_id: custom_key_store_id.clone() };
                scene.kms.connect_custom_key_store(request).expect("an answer");
                DisconnectCustomKeyStoreRequest { custom_key_store_id }
            }
            => ALWAYS;
    }
}

/// A custom key store.
fn made(scene: &Scene) -> String {
    scene.kms.create_custom_key_store(proxy_request("s")).expect("a custom key store").custom_key_store_id
}

fn aliases() -> Vec<Row> {
    rows! {
        CreateAliasRequest("for the key")
            |scene| CreateAliasRequest { alias_name: NEW_ALIAS.into(), target_key_id: scene.key() }
            => UNLESS_IT_GOES;
        UpdateAliasRequest("to the key")
            |scene| UpdateAliasRequest { alias_name: OTHER_ALIAS.into(), target_key_id: scene.key() }
            => UNLESS_IT_GOES;
        UpdateAliasRequest("away from the key")
            |scene| UpdateAliasRequest { alias_name: ALIAS.into(), target_key_id: scene.other.key_id.clone() }
            => WHILE_ITS_ALIAS_EXISTS;
        DeleteAliasRequest("of the key") |_| DeleteAliasRequest { alias_name: ALIAS.into() }
            => WHILE_ITS_ALIAS_EXISTS;
        ListAliasesRequest("all") |_| ListAliasesRequest::default() => ALWAYS;
        ListAliasesRequest("of the key")
            |scene| ListAliasesRequest { key_id: Some(scene.key()), ..Default::default() }
            => WHILE_IT_EXISTS;
    }
}

fn cryptography() -> Vec<Row> {
    rows! {
        EncryptRequest("by id")
            |scene| EncryptRequest { key_id: scene.key(), plaintext: vec![1].into(), ..Default::default() }
            => IF_USABLE;
        EncryptRequest("by alias")
            |_| EncryptRequest { key_id: ALIAS.into(), plaintext: vec![1].into(), ..Default::default() }
            => IF_USABLE_BY_ALIAS;
        DecryptRequest("by the ciphertext alone") |scene| decrypt(scene, None) => IF_USABLE_BY_CIPHERTEXT;
        DecryptRequest("naming the key") |scene| decrypt(scene, Some(scene.key())) => IF_USABLE;
        DecryptRequest("naming the alias") |scene| decrypt(scene, Some(ALIAS.into())) => IF_USABLE_BY_ALIAS;
        ReEncryptRequest("from the key")
            |scene| re_encrypt(&scene.blob, None, scene.other.key_id.clone())
            => IF_USABLE_BY_CIPHERTEXT;
        ReEncryptRequest("from the key, naming it")
            |scene| re_encrypt(&scene.blob, Some(scene.key()), scene.other.key_id.clone())
            => IF_USABLE;
        ReEncryptRequest("to the key") |scene| re_encrypt(&scene.other_blob, None, scene.key()) => IF_USABLE;
        ReEncryptRequest("from the key to itself")
            |scene| re_encrypt(&scene.blob, None, scene.key())
            => IF_USABLE_BY_CIPHERTEXT;
        GenerateDataKeyRequest("")
            |scene| GenerateDataKeyRequest {
                key_id: scene.key(),
                key_spec: Some(DataKeySpec::Aes256),
                ..Default::default()
            }
            => IF_USABLE;
        GenerateDataKeyWithoutPlaintextRequest("")
            |scene| GenerateDataKeyWithoutPlaintextRequest {
                key_id: scene.key(),
                number_of_bytes: Some(32),
                ..Default::default()
            }
            => IF_USABLE;
        GenerateDataKeyPairRequest("")
            |scene| GenerateDataKeyPairRequest {
                encryption_context: None,
                key_id: scene.key(),
                key_pair_spec: DataKeyPairSpec::EccNistP256,
                grant_tokens: None,
                recipient: None,
                dry_run: None,
            }
            => IF_USABLE;
        GenerateDataKeyPairWithoutPlaintextRequest("")
            |scene| GenerateDataKeyPairWithoutPlaintextRequest {
                encryption_context: None,
                key_id: scene.key(),
                key_pair_spec: DataKeyPairSpec::EccNistP256,
                grant_tokens: None,
                dry_run: None,
            }
            => IF_USABLE;
    }
}

fn macs() -> Vec<Row> {
    rows! {
        of KeySpec::Hmac256;
        GenerateMacRequest("by id") |scene| mac(scene.key()) => IF_USABLE;
        GenerateMacRequest("by alias") |_| mac(ALIAS.into()) => IF_USABLE_BY_ALIAS;
        VerifyMacRequest("by id") |scene| verify(scene, scene.key()) => IF_USABLE;
        VerifyMacRequest("by alias") |scene| verify(scene, ALIAS.into()) => IF_USABLE_BY_ALIAS;
    }
}

fn signatures() -> Vec<Row> {
    rows! {
        of KeySpec::EccNistP256;
        SignRequest("by id") |scene| sign(scene.key()) => IF_USABLE;
        SignRequest("by alias") |_| sign(ALIAS.into()) => IF_USABLE_BY_ALIAS;
        VerifyRequest("by id") |scene| verify_signature(scene, scene.key()) => IF_USABLE;
        VerifyRequest("by alias") |scene| verify_signature(scene, ALIAS.into()) => IF_USABLE_BY_ALIAS;
        GetPublicKeyRequest("by id") |scene| GetPublicKeyRequest { key_id: scene.key(), ..Default::default() }
            => IF_USABLE;
    }
}

fn rsa_signatures() -> Vec<Row> {
    rows! {
        of KeySpec::Rsa3072;
        SignRequest("by RSA") |scene| rsa_sign(scene.key()) => IF_USABLE;
        VerifyRequest("by RSA") |scene| rsa_verify(scene, scene.key()) => IF_USABLE;
        GetPublicKeyRequest("of RSA") |scene| GetPublicKeyRequest { key_id: scene.key(), ..Default::default() }
            => IF_USABLE;
    }
}

fn rsa_encryption() -> Vec<Row> {
    rows! {
        of KeySpec::Rsa2048;
        EncryptRequest("by RSA")
            |scene| EncryptRequest {
                key_id: scene.key(),
                plaintext: vec![1].into(),
                encryption_algorithm: Some(OAEP),
                ..Default::default()
            }
            => IF_USABLE;
        DecryptRequest("by RSA") |scene| rsa_decrypt(scene, scene.key()) => IF_USABLE;
        DecryptRequest("by RSA, naming the alias") |scene| rsa_decrypt(scene, ALIAS.into()) => IF_USABLE_BY_ALIAS;
        ReEncryptRequest("from a key of RSA")
            |scene| ReEncryptRequest {
                ciphertext_blob: Some(scene.blob.clone()),
                source_key_id: Some(scene.key()),
                source_encryption_algorithm: Some(OAEP),
                destination_key_id: scene.other.key_id.clone(),
                ..Default::default()
            }
            => IF_USABLE;
        ReEncryptRequest("to a key of RSA")
            |scene| ReEncryptRequest {
                destination_encryption_algorithm: Some(OAEP),
                ..re_encrypt(&scene.other_blob, None, scene.key())
            }
            => IF_USABLE;
    }
}

fn sm2() -> Vec<Row> {
    const SM2: Option<EncryptionAlgorithmSpec> = Some(EncryptionAlgorithmSpec::Sm2pke);
    rows! {
        of KeySpec::Sm2;
        EncryptRequest("by SM2")
            |scene| EncryptRequest {
                key_id: scene.key(),
                plaintext: vec![1].into(),
                encryption_algorithm: SM2,
                ..Default::default()
            }
            => IF_USABLE;
        DecryptRequest("by SM2")
            |scene| DecryptRequest { encryption_algorithm: SM2, ..rsa_decrypt(scene, scene.key()) }
            => IF_USABLE;
        GetPublicKeyRequest("of SM2")
            |scene| GetPublicKeyRequest { key_id: scene.key(), ..Default::default() }
            => IF_USABLE;
    }
}

const OAEP: EncryptionAlgorithmSpec = EncryptionAlgorithmSpec::RsaesOaepSha256;

fn rsa_decrypt(scene: &Scene, key_id: String) -> DecryptRequest {
    DecryptRequest {
        ciphertext_blob: Some(scene.blob.clone()),
        key_id: Some(key_id),
        encryption_algorithm: Some(OAEP),
        ..Default::default()
    }
}

fn rsa_sign(key_id: String) -> SignRequest {
    SignRequest { signing_algorithm: SigningAlgorithmSpec::RsassaPkcs1V15Sha256, ..sign(key_id) }
}

fn rsa_verify(scene: &Scene, key_id: String) -> VerifyRequest {
    VerifyRequest { signing_algorithm: SigningAlgorithmSpec::RsassaPkcs1V15Sha256, ..verify_signature(scene, key_id) }
}

fn agreements() -> Vec<Row> {
    rows! {
        of KeySpec::EccNistP384;
        DeriveSharedSecretRequest("by id")
            |scene| DeriveSharedSecretRequest {
                key_id: scene.key(),
                key_agreement_algorithm: KeyAgreementAlgorithmSpec::Ecdh,
                public_key: scene.blob.clone(),
                grant_tokens: None,
                dry_run: None,
                recipient: None,
            }
            => IF_USABLE;
    }
}

fn encapsulation() -> Vec<Row> {
    rows! {
        of KeySpec::MlKem512;
        EncapsulateRequest("by id")
            |scene| EncapsulateRequest {
                key_id: scene.key(),
                encapsulation_algorithm: EncapsulationAlgorithmSpec::MlKem,
                grant_tokens: None,
                dry_run: None,
            }
            => IF_USABLE;
        DecapsulateRequest("by id")
            |scene| DecapsulateRequest {
                key_id: scene.key(),
                shared_secret_ciphertext_blob: scene.blob.clone(),
                encapsulation_algorithm: EncapsulationAlgorithmSpec::MlKem,
                grant_tokens: None,
                dry_run: None,
            }
            => IF_USABLE;
        GetPublicKeyRequest("of ML-KEM") |scene| GetPublicKeyRequest { key_id: scene.key(), ..Default::default() }
            => IF_USABLE;
    }
}

/// The same with other algorithms of other specs.
macro_rules! signers {
    ($($spec:ident $algorithm:ident)*) => {{
        let mut rows = Vec::new();
        $(rows.extend(rows! {
            of KeySpec::$spec;
            SignRequest(stringify!($spec))
                |scene| SignRequest { signing_algorithm: SigningAlgorithmSpec::$algorithm, ..sign(scene.key()) }
                => IF_USABLE;
            VerifyRequest(stringify!($spec))
                |scene| VerifyRequest {
                    signing_algorithm: SigningAlgorithmSpec::$algorithm,
                    ..verify_signature(scene, scene.key())
                }
                => IF_USABLE;
        });)*
        rows
    }};
}

fn other_signers() -> Vec<Row> {
    signers! {
        EccSecgP256k1 EcdsaSha256
        EccNistEdwards25519 Ed25519Sha512
        MlDsa44 MlDsaShake256
        MlDsa65 MlDsaShake256
        MlDsa87 MlDsaShake256
    }
}

fn sign(key_id: String) -> SignRequest {
    SignRequest {
        key_id,
        message: b"of the key".to_vec().into(),
        message_type: None,
        grant_tokens: None,
        signing_algorithm: SigningAlgorithmSpec::EcdsaSha256,
        dry_run: None,
    }
}

fn verify_signature(scene: &Scene, key_id: String) -> VerifyRequest {
    let SignRequest { key_id, message, message_type, grant_tokens, signing_algorithm, dry_run } = sign(key_id);
    let signature = scene.blob.clone();
    VerifyRequest { key_id, message, message_type, signature, signing_algorithm, grant_tokens, dry_run }
}

fn mac(key_id: String) -> GenerateMacRequest {
    GenerateMacRequest {
        message: b"of the key".to_vec().into(),
        key_id,
        mac_algorithm: MacAlgorithmSpec::HmacSha256,
        grant_tokens: None,
        dry_run: None,
    }
}

fn verify(scene: &Scene, key_id: String) -> VerifyMacRequest {
    let GenerateMacRequest { message, key_id, mac_algorithm, grant_tokens, dry_run } = mac(key_id);
    VerifyMacRequest { message, key_id, mac_algorithm, mac: scene.blob.clone(), grant_tokens, dry_run }
}

fn rotation() -> Vec<Row> {
    rows! {
        EnableKeyRotationRequest("")
            |scene| EnableKeyRotationRequest { key_id: scene.key(), rotation_period_in_days: None }
            => IF_USABLE;
        DisableKeyRotationRequest("") |scene| DisableKeyRotationRequest { key_id: scene.key() } => IF_USABLE;
        GetKeyRotationStatusRequest("") |scene| GetKeyRotationStatusRequest { key_id: scene.key() }
            => WHILE_IT_EXISTS;
        RotateKeyOnDemandRequest("") |scene| RotateKeyOnDemandRequest { key_id: scene.key() } => IF_USABLE;
        ListKeyRotationsRequest("")
            |scene| ListKeyRotationsRequest { key_id: scene.key(), ..Default::default() }
            => WHILE_IT_EXISTS;
    }
}

fn imports() -> Vec<Row> {
    rows! {
        of WITH_IMPORTED_MATERIAL;
        GetParametersForImportRequest("")
            |scene| GetParametersForImportRequest {
                key_id: scene.key(),
                wrapping_algorithm: AlgorithmSpec::RsaesOaepSha256,
                wrapping_key_spec: WrappingKeySpec::Rsa2048,
            }
            => UNLESS_IT_GOES;
        ImportKeyMaterialRequest("the same again")
            |scene| ImportKeyMaterialRequest {
                key_id: scene.key(),
                import_token: scene.blob.clone(),
                encrypted_key_material: scene.other_blob.clone(),
                expiration_model: Some(ExpirationModelType::KeyMaterialDoesNotExpire),
                ..Default::default()
            }
            => UNLESS_IT_GOES;
        DeleteImportedKeyMaterialRequest("")
            |scene| DeleteImportedKeyMaterialRequest { key_id: scene.key(), key_material_id: None }
            => WHILE_IT_EXISTS;
    }
}

fn decrypt(scene: &Scene, key_id: Option<String>) -> DecryptRequest {
    DecryptRequest {
        ciphertext_blob: Some(scene.blob.clone()),
        encryption_context: Some(context()),
        key_id,
        ..Default::default()
    }
}

fn re_encrypt(blob: &Blob, source_key_id: Option<String>, destination_key_id: String) -> ReEncryptRequest {
    ReEncryptRequest {
        ciphertext_blob: Some(blob.clone()),
        source_encryption_context: Some(context()),
        source_key_id,
        destination_key_id,
        ..Default::default()
    }
}
