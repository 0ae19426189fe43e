//! What a caller may set. All may be left out.

use crate::{
    asymmetric::provider,
    convert::{options, read},
    fault::Fault,
};
use pocketkms::{
    Secret,
    api::Blob,
    envelope::{
        DecryptOptions, EcdhCurveSpec, EncryptOptions, KmsClient, KmsKeyring, PaddingScheme, RangeOptions,
        RawAesKeyring, RawEcdhKeyring, RawEcdhSchema, RawRsaKeyring, ReencryptOptions, RewrapOptions,
    },
    shape::Shape,
};
use std::sync::Arc;
use wasm_bindgen::JsValue;

// Described as the core's own types are, and so read and checked in the same way.
pocketkms::optional_arguments! {
    pub(super) struct RawAes as "" called "RawAesKeyringOptions" {
        "" pub(super) namespace: String,
        "" pub(super) name: String,
        "" pub(super) wrapping_key: Secret,
    }

    pub(super) struct RawEcdh as "" called "RawEcdhKeyringOptions" {
        "" pub(super) curve_spec: EcdhCurveSpec,
        "" pub(super) sender_private_key: Secret,
        "" pub(super) recipient_public_key: Blob,
        "" pub(super) recipient_private_key: Secret,
    }

    pub(super) struct KmsAnswer as "" called "KmsAnswer" {
        "" pub(super) key_id: String,
        "" pub(super) plaintext: Secret,
        "" pub(super) ciphertext_blob: Blob,
    }

    pub(super) struct BranchKeyAnswer as "" called "BranchKeyMaterials" {
        "" pub(super) branch_key_version: String,
        "" pub(super) branch_key: Secret,
    }

    pub(super) struct RawRsa as "" called "RawRsaKeyringOptions" {
        "" pub(super) namespace: String,
        "" pub(super) name: String,
        "" pub(super) padding_scheme: PaddingScheme,
        "" pub(super) public_key: Blob,
        "" pub(super) private_key: Secret,
    }
}

/// How to encrypt. The length of a stream is taken out by JavaScript, which knows that of all else.
pub(crate) fn encrypt_options(value: &JsValue, plaintext_length: Option<u64>) -> Result<EncryptOptions, Fault> {
    Ok(EncryptOptions { plaintext_length, ..options(value, EncryptOptions::TYPE, false)? })
}

pub(crate) fn decrypt_options(value: &JsValue) -> Result<DecryptOptions, Fault> {
    options(value, DecryptOptions::TYPE, true)
}

pub(crate) fn rewrap_options(value: &JsValue) -> Result<RewrapOptions, Fault> {
    let whole = RewrapOptions::TYPE;
    Ok(RewrapOptions { decrypt: options(value, whole, false)?, ..options(value, whole, false)? })
}

pub(crate) fn range_options(value: &JsValue, message_length: f64) -> Result<RangeOptions, Fault> {
    let (whole, message_length) = (RangeOptions::TYPE, length(Some(message_length)));
    let decrypt = options(value, whole, false)?;
    Ok(RangeOptions { decrypt, message_length, ..options(value, whole, false)? })
}

pub(crate) fn reencrypt_options(value: &JsValue) -> Result<ReencryptOptions, Fault> {
    let whole = ReencryptOptions::TYPE;
    Ok(ReencryptOptions { decrypt: options(value, whole, false)?, ..options(value, whole, false)? })
}

/// A KMS keyring with these options.
pub(crate) fn kms_keyring(keyring: KmsKeyring, options: &JsValue) -> Result<KmsKeyring, Fault> {
    Ok(keyring.options(read(options, "options")?))
}

/// A discovery keyring with these options.
pub(crate) fn kms_discovery(
    client: Arc<dyn KmsClient>,
    filter: &JsValue,
    options: &JsValue,
) -> Result<KmsKeyring, Fault> {
    let filter = if filter.is_undefined() || filter.is_null() { None } else { Some(read(filter, "filter")?) };
    Ok(KmsKeyring::discovery_with(client, filter, read(options, "options")?)?)
}

pub(crate) fn raw_aes(value: &JsValue) -> Result<RawAesKeyring, Fault> {
    let RawAes { namespace, name, wrapping_key } = read(value, "options")?;
    let (namespace, name) = (required("namespace", namespace)?, required("name", name)?);
    let wrapping_key = required("wrappingKey", wrapping_key)?;
    Ok(RawAesKeyring::new(&provider(), &namespace, &name, &wrapping_key)?)
}

/// With OAEP; with PKCS #1 v1.5 where that is asked for by name.
pub(crate) fn raw_rsa(value: &JsValue, pkcs1: bool) -> Result<RawRsaKeyring, Fault> {
    let RawRsa { namespace, name, padding_scheme, public_key, private_key } = read(value, "options")?;
    let provider = provider();
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
    Ok(RawEcdhKeyring::new(&provider(), schema, curve_spec)?)
}

/// What may not be left out.
pub(crate) fn required<T>(name: &str, value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(|| Fault::misuse(format!("{name} is missing")))
}

/// A length that JavaScript counted: a whole number, as its own check has seen.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a safe integer")]
pub(crate) fn length(value: Option<f64>) -> Option<u64> {
    value.map(|length| length as u64)
}
