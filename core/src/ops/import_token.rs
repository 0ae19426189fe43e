//! The token that goes with a wrapping key: the private wrapping key itself, sealed under a key of the vault key's own, so that
//! nothing has to be kept of it (docs/formats.md, "Import token").

use super::validate::not_offered;
use crate::{
    api::{AlgorithmSpec, WrappingKeySpec},
    clock::Timestamp,
    crypto::{OaepHash, Provider, RsaPadding},
    error::{Error, ErrorKind, Result},
    key::{KeyRecord, KeySpec},
    secret::Secret,
    store::Transaction,
};
use alloc::{format, vec::Vec};

const OBJECT_TYPE: u8 = b'I';
const VERSION: u8 = 1;
const LABEL: &[u8] = b"PocketKMS Import Token 1";
/// The length of the AES key that wraps: "a 32-byte (256-bit) AES symmetric encryption key" (AWS KMS Developer Guide, "Encrypt
/// key material").
const AES_KEY_LENGTH: usize = 32;

/// What a token says.
pub(super) struct ImportToken {
    algorithm: AlgorithmSpec,
    expires: Timestamp,
    private_key: Secret,
}

/// How many bits a wrapping key of that spec has, if the material of the key may be wrapped so.
pub(super) fn wrapping_bits(key: KeySpec, algorithm: AlgorithmSpec, spec: WrappingKeySpec) -> Result<usize> {
    use KeySpec::{
        EccNistEdwards25519, EccNistP256, EccNistP384, EccNistP521, EccSecgP256k1, Rsa2048, Rsa3072, Rsa4096,
    };
    let bits = match spec {
        WrappingKeySpec::Rsa2048 => 2048,
        WrappingKeySpec::Rsa3072 => 3072,
        WrappingKeySpec::Rsa4096 => 4096,
        WrappingKeySpec::Sm2 => return Err(not_offered("the WrappingKeySpec SM2")),
    };
    let (_, wraps_by_aes) = parts(algorithm).ok_or_else(|| {
        let error = Error::new(
            ErrorKind::UnsupportedOperation,
            format!("The wrapping algorithm {algorithm} is not supported."),
        );
        error
            .explain("AWS KMS takes RSAES_PKCS1_V1_5 no more since October 2023; PocketKMS has no wrapping keys of SM2")
    })?;
    // "RSA_AES_KEY_WRAP […] Supported for wrapping RSA and ECC key material. RSAES_OAEP […] Supported for all types of key
    // material, except RSA key material […]. You cannot use [it] with the RSA_2048 wrapping key spec to wrap ECC_NIST_P521"
    // (GetParametersForImport).
    let fits = match key {
        Rsa2048 | Rsa3072 | Rsa4096 => wraps_by_aes,
        EccNistP521 => wraps_by_aes || bits > 2048,
        EccNistP256 | EccNistP384 | EccSecgP256k1 | EccNistEdwards25519 => true,
        _ => !wraps_by_aes,
    };
    if fits {
        return Ok(bits);
    }
    Err(Error::new(
        ErrorKind::UnsupportedOperation,
        format!(
            "The wrapping algorithm {algorithm} with the wrapping key spec {spec} is not supported for the key spec {key}."
        ),
    ))
}

/// The hash of OAEP, and whether there is an AES key between; `None` for an algorithm that is not offered.
fn parts(algorithm: AlgorithmSpec) -> Option<(OaepHash, bool)> {
    match algorithm {
        AlgorithmSpec::RsaesOaepSha1 => Some((OaepHash::Sha1, false)),
        AlgorithmSpec::RsaesOaepSha256 => Some((OaepHash::Sha256, false)),
        AlgorithmSpec::RsaAesKeyWrapSha1 => Some((OaepHash::Sha1, true)),
        AlgorithmSpec::RsaAesKeyWrapSha256 => Some((OaepHash::Sha256, true)),
        AlgorithmSpec::RsaesPkcs1V15 | AlgorithmSpec::Sm2pke => None,
    }
}

/// The algorithms as a token has them: their numbers are their places, from 0.
const ALGORITHMS: [AlgorithmSpec; 4] = [
    AlgorithmSpec::RsaesOaepSha1,
    AlgorithmSpec::RsaesOaepSha256,
    AlgorithmSpec::RsaAesKeyWrapSha1,
    AlgorithmSpec::RsaAesKeyWrapSha256,
];

/// What a token is bound to: the vault by its key, and this.
fn bound_to(key: &KeyRecord) -> [&[u8]; 3] {
    [&[OBJECT_TYPE, VERSION], key.id.as_bytes(), key.region.as_str().as_bytes()]
}

impl ImportToken {
    pub(super) fn new(algorithm: AlgorithmSpec, expires: Timestamp, private_key: Secret) -> Self {
        Self { algorithm, expires, private_key }
    }

    /// The token as its bytes.
    pub(super) fn seal(&self, transaction: &Transaction<'_>, key: &KeyRecord) -> Result<Vec<u8>> {
        let number = ALGORITHMS.iter().position(|algorithm| *algorithm == self.algorithm).unwrap_or_default();
        let head = [u8::try_from(number).unwrap_or_default()].into_iter().chain(self.expires.as_millis().to_be_bytes());
        let mut plaintext = Secret::zeroed(9 + self.private_key.len());
        let content = head.chain(self.private_key.expose().iter().copied());
        plaintext.expose_mut().iter_mut().zip(content).for_each(|(to, from)| *to = from);
        let mut token = Vec::from([OBJECT_TYPE, VERSION]);
        let sealer = transaction.sealer(LABEL);
        sealer.seal(transaction.provider(), &bound_to(key), plaintext.expose(), &mut token)?;
        Ok(token)
    }

    /// Opens a token for that key.
    pub(super) fn open(transaction: &Transaction<'_>, key: &KeyRecord, token: &[u8]) -> Result<Self> {
        let token = Self::read(transaction, key, token).ok_or_else(|| {
            let error = Error::new(
                ErrorKind::InvalidImportToken,
                "The import token is not valid, or is associated with a different KMS key.",
            );
            error.explain("a token is of the vault and the key that GetParametersForImport was called for, and of the vault key at that time")
        })?;
        if token.expires <= transaction.now() {
            return Err(Error::new(ErrorKind::ExpiredImportToken, "The import token is expired.")
                .explain("call GetParametersForImport again, and wrap the material with the new wrapping key"));
        }
        Ok(token)
    }

    fn read(transaction: &Transaction<'_>, key: &KeyRecord, token: &[u8]) -> Option<Self> {
        let sealed = token.strip_prefix(&[OBJECT_TYPE, VERSION])?;
        let plaintext = transaction.sealer(LABEL).open(transaction.provider(), &bound_to(key), sealed).ok()?;
        let (number, rest) = plaintext.expose().split_first()?;
        let (expires, private_key) = rest.split_first_chunk::<8>()?;
        Some(Self {
            algorithm: *ALGORITHMS.get(usize::from(*number))?,
            expires: Timestamp::from_millis(i64::from_be_bytes(*expires)),
            private_key: Secret::copy_of(private_key),
        })
    }

    /// Unwraps material; one error whatever is wrong with it, so that nothing is learnt of the wrapping key.
    pub(super) fn unwrap(&self, provider: &Provider, wrapped: &[u8]) -> Result<Secret> {
        self.unwrapped(provider, wrapped).ok_or_else(|| {
            Error::new(ErrorKind::InvalidCiphertext, "").explain(
                "the key material was not wrapped with this token's wrapping key, by the algorithm that was asked for",
            )
        })
    }

    fn unwrapped(&self, provider: &Provider, wrapped: &[u8]) -> Option<Secret> {
        let (hash, wraps_by_aes) = parts(self.algorithm)?;
        let private_key = provider.rsa.private_key(self.private_key.expose()).ok()?;
        let (by_rsa, by_aes) = wrapped.split_at_checked(private_key.modulus_length())?;
        if !wraps_by_aes {
            return if by_aes.is_empty() {
                provider.rsa_decrypt(&*private_key, RsaPadding::Oaep(hash), by_rsa).ok()
            } else {
                None
            };
        }
        let aes_key = provider.rsa_decrypt(&*private_key, RsaPadding::Oaep(hash), by_rsa).ok()?;
        if aes_key.len() != AES_KEY_LENGTH {
            return None;
        }
        provider.unwrap_key(&aes_key, by_aes).ok()
    }
}
