//! Wrapping key material for its import, as an app does it.

use aes_kw::{KeyInit, KwpAes256};
use pocketkms::{
    Kms, OaepHash, Provider, Result,
    api::{
        AlgorithmSpec, Blob, CreateKeyRequest, GetParametersForImportRequest, GetParametersForImportResponse,
        ImportKeyMaterialRequest, ImportKeyMaterialResponse, KeyMetadata, WrappingKeySpec,
    },
    keys::{ExpirationModelType, KeySpec, OriginType},
};

/// A new key of that spec that waits for its material.
pub fn external_key(kms: &Kms, spec: KeySpec) -> KeyMetadata {
    let request = CreateKeyRequest {
        key_spec: Some(spec),
        key_usage: spec.usages().first().copied(),
        origin: Some(OriginType::External),
        ..Default::default()
    };
    kms.create_key(request).expect("a key").key_metadata
}

/// Asks for a wrapping key of 2048 bits.
pub fn parameters(kms: &Kms, key: &str, algorithm: AlgorithmSpec) -> Result<GetParametersForImportResponse> {
    kms.get_parameters_for_import(GetParametersForImportRequest {
        key_id: key.into(),
        wrapping_algorithm: algorithm,
        wrapping_key_spec: WrappingKeySpec::Rsa2048,
    })
}

/// The algorithm that every material of a key of that spec fits into with a wrapping key of 2048 bits.
pub fn algorithm(spec: KeySpec) -> AlgorithmSpec {
    if spec.as_str().starts_with("RSA") || spec == KeySpec::EccNistP521 {
        AlgorithmSpec::RsaAesKeyWrapSha256
    } else {
        AlgorithmSpec::RsaesOaepSha256
    }
}

/// The material, wrapped.
pub fn wrap(public_key: &[u8], algorithm: AlgorithmSpec, material: &[u8]) -> Blob {
    let provider = Provider::default();
    let wrapping_key = provider.rsa.public_key(public_key).expect("a wrapping key");
    let by_rsa = |hash, bytes: &[u8]| wrapping_key.encrypt(hash, bytes, &*provider.random).expect("a short text");
    let by_aes = |hash| {
        let aes_key = [0x5a; 32];
        let mut wrapped = vec![0; material.len().next_multiple_of(8) + 8];
        KwpAes256::new_from_slice(&aes_key).expect("32 bytes").wrap_key(material, &mut wrapped).expect("room");
        [by_rsa(hash, &aes_key), wrapped].concat()
    };
    match algorithm {
        AlgorithmSpec::RsaesOaepSha1 => by_rsa(OaepHash::Sha1, material),
        AlgorithmSpec::RsaesOaepSha256 => by_rsa(OaepHash::Sha256, material),
        AlgorithmSpec::RsaAesKeyWrapSha1 => by_aes(OaepHash::Sha1),
        _ => by_aes(OaepHash::Sha256),
    }
    .into()
}

/// A request that imports the material for good.
pub fn import_request(kms: &Kms, key: &KeyMetadata, material: &[u8]) -> ImportKeyMaterialRequest {
    let algorithm = algorithm(key.key_spec);
    let parameters = parameters(kms, &key.arn, algorithm).expect("a key that takes material");
    ImportKeyMaterialRequest {
        key_id: key.arn.clone(),
        encrypted_key_material: wrap(parameters.public_key.expose(), algorithm, material),
        import_token: parameters.import_token,
        expiration_model: Some(ExpirationModelType::KeyMaterialDoesNotExpire),
        ..Default::default()
    }
}

/// Imports the material for good.
pub fn import(kms: &Kms, key: &KeyMetadata, material: &[u8]) -> Result<ImportKeyMaterialResponse> {
    kms.import_key_material(import_request(kms, key, material))
}
