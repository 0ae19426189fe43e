//! What a caller may set. All may be left out.

use crate::{convert::read, fault::Fault};
use pocketkms::{
    EncryptionContext, Provider, Secret,
    api::Blob,
    envelope::{
        AlgorithmSuite, CommitmentPolicy, DecryptOptions, DiscoveryFilter, EcdhCurveSpec, EncryptOptions, KmsKeyring,
        Limits, PaddingScheme, RangeOptions, RawAesKeyring, RawEcdhKeyring, RawEcdhSchema, RawRsaKeyring,
        ReencryptOptions, RewrapOptions,
    },
    shape::{Member, Shape, Structure, Type},
};
use serde::Deserialize;
use wasm_bindgen::JsValue;

/// Options, described as the core's own types are, and so read and checked in the same way.
macro_rules! options {
    ($($name:ident, $called:literal { $($member:ident: $type:ty,)* })*) => { $(
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(super) struct $name { $(pub(super) $member: Option<$type>,)* }

        impl Shape for $name {
            const TYPE: Type = Type::Structure(&Structure {
                name: $called,
                doc: "",
                members: &[$(Member {
                    name: stringify!($member),
                    wire: None,
                    doc: "",
                    required: false,
                    shape: <$type as Shape>::TYPE,
                    limits: pocketkms::shape::Limits::NONE,
                },)*],
            });
        }
    )* };
}

options! {
    Client, "EncryptionClientOptions" {
        commitment_policy: CommitmentPolicy,
        max_encrypted_data_keys: i32,
        max_frame_length: i32,
        max_unframed_length: i32,
    }

    Encrypt, "EncryptOptions" {
        encryption_context: EncryptionContext,
        required_encryption_context_keys: Vec<String>,
        algorithm_suite: AlgorithmSuite,
        frame_length: i32,
    }

    Decrypt, "DecryptOptions" {
        encryption_context: EncryptionContext,
        required_encryption_context_keys: Vec<String>,
        unsigned_only: bool,
        sidecar: Blob,
    }

    Kms, "KmsKeyringOptions" {
        multi_region_aware: bool,
        grant_tokens: Vec<String>,
    }

    Filter, "DiscoveryFilter" {
        account_ids: Vec<String>,
        partition: String,
    }

    RawAes, "RawAesKeyringOptions" {
        namespace: String,
        name: String,
        wrapping_key: Secret,
    }

    RawEcdh, "RawEcdhKeyringOptions" {
        curve_spec: EcdhCurveSpec,
        sender_private_key: Secret,
        recipient_public_key: Blob,
        recipient_private_key: Secret,
    }

    Rewrap, "RewrapOptions" {
        encryption_context: EncryptionContext,
        required_encryption_context_keys: Vec<String>,
        sidecar: Blob,
        sidecar_only: bool,
    }

    Ranges, "RangeReaderOptions" {
        encryption_context: EncryptionContext,
        required_encryption_context_keys: Vec<String>,
        sidecar: Blob,
        accept_unverified_signature: bool,
    }

    Reencrypt, "ReencryptOptions" {
        encryption_context: EncryptionContext,
        required_encryption_context_keys: Vec<String>,
        sidecar: Blob,
        algorithm_suite: AlgorithmSuite,
        frame_length: i32,
    }

    KmsAnswer, "KmsAnswer" {
        key_id: String,
        plaintext: Secret,
        ciphertext_blob: Blob,
    }

    BranchKeyAnswer, "BranchKeyMaterials" {
        branch_key_version: String,
        branch_key: Secret,
    }

    RawRsa, "RawRsaKeyringOptions" {
        namespace: String,
        name: String,
        padding_scheme: PaddingScheme,
        public_key: Blob,
        private_key: Secret,
    }
}

/// What a client is made with.
pub(crate) fn client_options(value: &JsValue) -> Result<(CommitmentPolicy, Limits), Fault> {
    let Client { commitment_policy, max_encrypted_data_keys, max_frame_length, max_unframed_length } =
        read(value, "options")?;
    let mut limits = Limits::default();
    if let Some(limit) = unsigned("maxEncryptedDataKeys", max_encrypted_data_keys)? {
        limits.max_encrypted_data_keys = limit;
    }
    if let Some(limit) = unsigned("maxFrameLength", max_frame_length)? {
        limits.max_frame_length = limit;
    }
    if let Some(limit) = unsigned("maxUnframedLength", max_unframed_length)? {
        limits.max_unframed_length = limit;
    }
    Ok((commitment_policy.unwrap_or(CommitmentPolicy::RequireEncryptRequireDecrypt), limits))
}

pub(crate) fn encrypt_options(value: &JsValue, plaintext_length: Option<u64>) -> Result<EncryptOptions, Fault> {
    let options: Encrypt = read(value, "options")?;
    Ok(EncryptOptions {
        encryption_context: options.encryption_context.unwrap_or_default(),
        required_encryption_context_keys: options.required_encryption_context_keys.unwrap_or_default(),
        algorithm_suite: options.algorithm_suite,
        frame_length: unsigned("frameLength", options.frame_length)?,
        plaintext_length,
    })
}

pub(crate) fn decrypt_options(value: &JsValue) -> Result<DecryptOptions, Fault> {
    let options: Decrypt = read(value, "options")?;
    Ok(DecryptOptions {
        encryption_context: options.encryption_context.unwrap_or_default(),
        required_encryption_context_keys: options.required_encryption_context_keys.unwrap_or_default(),
        unsigned_only: options.unsigned_only.unwrap_or_default(),
        sidecar: options.sidecar.map(Blob::into_vec),
    })
}

/// What is asked of a message, with the sidecar that it may have.
fn of_message(context: Option<EncryptionContext>, names: Option<Vec<String>>, sidecar: Option<Blob>) -> DecryptOptions {
    DecryptOptions {
        encryption_context: context.unwrap_or_default(),
        required_encryption_context_keys: names.unwrap_or_default(),
        unsigned_only: false,
        sidecar: sidecar.map(Blob::into_vec),
    }
}

pub(crate) fn rewrap_options(value: &JsValue) -> Result<RewrapOptions, Fault> {
    let Rewrap { encryption_context, required_encryption_context_keys, sidecar, sidecar_only } =
        read(value, "options")?;
    Ok(RewrapOptions {
        decrypt: of_message(encryption_context, required_encryption_context_keys, sidecar),
        sidecar_only: sidecar_only.unwrap_or_default(),
    })
}

pub(crate) fn range_options(value: &JsValue, message_length: f64) -> Result<RangeOptions, Fault> {
    let Ranges { encryption_context, required_encryption_context_keys, sidecar, accept_unverified_signature } =
        read(value, "options")?;
    Ok(RangeOptions {
        decrypt: of_message(encryption_context, required_encryption_context_keys, sidecar),
        message_length: length(Some(message_length)),
        accept_unverified_signature: accept_unverified_signature.unwrap_or_default(),
    })
}

pub(crate) fn reencrypt_options(value: &JsValue) -> Result<ReencryptOptions, Fault> {
    let Reencrypt { encryption_context, required_encryption_context_keys, sidecar, algorithm_suite, frame_length } =
        read(value, "options")?;
    Ok(ReencryptOptions {
        decrypt: of_message(encryption_context, required_encryption_context_keys, sidecar),
        algorithm_suite,
        frame_length: unsigned("frameLength", frame_length)?,
    })
}

/// A KMS keyring with these options.
pub(crate) fn kms_keyring(keyring: KmsKeyring, options: &JsValue) -> Result<KmsKeyring, Fault> {
    let Kms { multi_region_aware, grant_tokens } = read(options, "options")?;
    let keyring = if multi_region_aware.unwrap_or_default() { keyring.multi_region_aware() } else { keyring };
    Ok(match grant_tokens {
        Some(tokens) => keyring.grant_tokens(tokens),
        None => keyring,
    })
}

pub(crate) fn discovery_filter(value: &JsValue) -> Result<Option<DiscoveryFilter>, Fault> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    let Filter { account_ids, partition } = read(value, "filter")?;
    Ok(Some(DiscoveryFilter {
        partition: partition.unwrap_or_else(|| "aws".into()),
        account_ids: required("filter.accountIds", account_ids)?,
    }))
}

pub(crate) fn raw_aes(value: &JsValue) -> Result<RawAesKeyring, Fault> {
    let RawAes { namespace, name, wrapping_key } = read(value, "options")?;
    let (namespace, name) = (required("namespace", namespace)?, required("name", name)?);
    let wrapping_key = required("wrappingKey", wrapping_key)?;
    Ok(RawAesKeyring::new(&Provider::default(), &namespace, &name, &wrapping_key)?)
}

/// With OAEP; with PKCS #1 v1.5 where that is asked for by name.
pub(crate) fn raw_rsa(value: &JsValue, pkcs1: bool) -> Result<RawRsaKeyring, Fault> {
    let RawRsa { namespace, name, padding_scheme, public_key, private_key } = read(value, "options")?;
    let provider = Provider::default();
    let (namespace, name) = (required("namespace", namespace)?, required("name", name)?);
    if pkcs1 {
        let private_key = required("privateKey", private_key)?;
        return Ok(RawRsaKeyring::pkcs1_despite_padding_oracles(&provider, &namespace, &name, &private_key)?);
    }
    let padding_scheme = required("paddingScheme", padding_scheme)?;
    let (public_key, private_key) = (public_key.as_deref(), private_key.as_ref());
    Ok(RawRsaKeyring::new(&provider, &namespace, &name, padding_scheme, public_key, private_key)?)
}

pub(crate) fn raw_ecdh(schema: &str, value: &JsValue) -> Result<RawEcdhKeyring, Fault> {
    let RawEcdh { curve_spec, sender_private_key, recipient_public_key, recipient_private_key } =
        read(value, "options")?;
    let curve_spec = required("curveSpec", curve_spec)?;
    let public_key = || required("recipientPublicKey", recipient_public_key.as_deref());
    let schema = match schema {
        "static" => RawEcdhSchema::RawPrivateKeyToStaticPublicKey {
            sender_private_key: required("senderPrivateKey", sender_private_key.as_ref())?,
            recipient_public_key: public_key()?,
        },
        "ephemeral" => RawEcdhSchema::EphemeralPrivateKeyToStaticPublicKey { recipient_public_key: public_key()? },
        _ => RawEcdhSchema::PublicKeyDiscovery {
            recipient_private_key: required("recipientPrivateKey", recipient_private_key.as_ref())?,
        },
    };
    Ok(RawEcdhKeyring::new(&Provider::default(), schema, curve_spec)?)
}

/// What may not be left out.
pub(crate) fn required<T>(name: &str, value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(|| Fault::misuse(format!("{name} is missing")))
}

/// A number that may not be negative.
fn unsigned<T: TryFrom<i32>>(name: &str, value: Option<i32>) -> Result<Option<T>, Fault> {
    let in_range = |number| T::try_from(number).map_err(|_| Fault::misuse(format!("{name} is out of range: {number}")));
    value.map(in_range).transpose()
}

/// A length that JavaScript counted: a whole number, as its own check has seen.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a safe integer")]
pub(crate) fn length(value: Option<f64>) -> Option<u64> {
    value.map(|length| length as u64)
}
