//! The algorithms that keys can be used with, and which of them each key spec supports.

use super::spec::{KeySpec, KeyUsageType};
use crate::shape::enumerations;

enumerations! {
    /// How a KMS key encrypts and decrypts.
    pub enum EncryptionAlgorithmSpec {
        /// AES-256-GCM with a key per message, the algorithm of symmetric encryption keys.
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        /// RSA with OAEP padding, SHA-1 and MGF1 with SHA-1.
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1",
        /// RSA with OAEP padding, SHA-256 and MGF1 with SHA-256.
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256",
        /// The public-key encryption of the Chinese standard SM2.
        Sm2pke = "SM2PKE",
    }

    /// How a KMS key signs and verifies.
    pub enum SigningAlgorithmSpec {
        /// RSASSA-PSS with SHA-256.
        RsassaPssSha256 = "RSASSA_PSS_SHA_256",
        /// RSASSA-PSS with SHA-384.
        RsassaPssSha384 = "RSASSA_PSS_SHA_384",
        /// RSASSA-PSS with SHA-512.
        RsassaPssSha512 = "RSASSA_PSS_SHA_512",
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        RsassaPkcs1V15Sha256 = "RSASSA_PKCS1_V1_5_SHA_256",
        /// RSASSA-PKCS1-v1_5 with SHA-384.
        RsassaPkcs1V15Sha384 = "RSASSA_PKCS1_V1_5_SHA_384",
        /// RSASSA-PKCS1-v1_5 with SHA-512.
        RsassaPkcs1V15Sha512 = "RSASSA_PKCS1_V1_5_SHA_512",
        /// ECDSA with SHA-256.
        EcdsaSha256 = "ECDSA_SHA_256",
        /// ECDSA with SHA-384.
        EcdsaSha384 = "ECDSA_SHA_384",
        /// ECDSA with SHA-512.
        EcdsaSha512 = "ECDSA_SHA_512",
        /// The signature of the Chinese standard SM2, with SM3.
        Sm2dsa = "SM2DSA",
        /// ML-DSA (FIPS 204), with SHAKE256.
        MlDsaShake256 = "ML_DSA_SHAKE_256",
        /// Ed25519 over a whole message.
        Ed25519Sha512 = "ED25519_SHA_512",
        /// Ed25519ph: Ed25519 over a digest.
        Ed25519PhSha512 = "ED25519_PH_SHA_512",
    }

    /// What is given to be signed.
    pub enum MessageType {
        /// The message itself, up to 4096 bytes, the default.
        Raw = "RAW",
        /// Its digest, by the hash of the signing algorithm.
        Digest = "DIGEST",
        /// The 64 bytes that ML-DSA makes of a message (FIPS 204, section 6.2).
        ExternalMu = "EXTERNAL_MU",
    }

    /// How a KMS key makes and verifies message authentication codes.
    pub enum MacAlgorithmSpec {
        /// HMAC with SHA-224.
        HmacSha224 = "HMAC_SHA_224",
        /// HMAC with SHA-256.
        HmacSha256 = "HMAC_SHA_256",
        /// HMAC with SHA-384.
        HmacSha384 = "HMAC_SHA_384",
        /// HMAC with SHA-512.
        HmacSha512 = "HMAC_SHA_512",
    }

    /// How a KMS key derives a shared secret with another party's public key.
    pub enum KeyAgreementAlgorithmSpec {
        /// Elliptic-curve Diffie-Hellman with cofactor.
        Ecdh = "ECDH",
    }

    /// How a KMS key encapsulates and decapsulates a shared secret.
    pub enum EncapsulationAlgorithmSpec {
        /// ML-KEM (FIPS 203).
        MlKem = "ML_KEM",
    }
}

/// Which algorithms a key of this spec supports, given its one usage; none for another usage. One table per usage, so
/// that a new spec without a place in each does not compile.
impl KeySpec {
    /// The algorithms of `ENCRYPT_DECRYPT` keys.
    pub const fn encryption_algorithms(self, usage: KeyUsageType) -> &'static [EncryptionAlgorithmSpec] {
        use EncryptionAlgorithmSpec as Algorithm;
        if !matches!(usage, KeyUsageType::EncryptDecrypt) {
            return &[];
        }
        match self {
            Self::SymmetricDefault => &[Algorithm::SymmetricDefault],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[Algorithm::RsaesOaepSha1, Algorithm::RsaesOaepSha256],
            Self::Sm2 => &[Algorithm::Sm2pke],
            Self::EccNistP256
            | Self::EccNistP384
            | Self::EccNistP521
            | Self::EccSecgP256k1
            | Self::EccNistEdwards25519
            | Self::Hmac224
            | Self::Hmac256
            | Self::Hmac384
            | Self::Hmac512
            | Self::MlDsa44
            | Self::MlDsa65
            | Self::MlDsa87
            | Self::MlKem512
            | Self::MlKem768
            | Self::MlKem1024 => &[],
        }
    }

    /// The algorithms of `SIGN_VERIFY` keys.
    pub const fn signing_algorithms(self, usage: KeyUsageType) -> &'static [SigningAlgorithmSpec] {
        use SigningAlgorithmSpec as Algorithm;
        if !matches!(usage, KeyUsageType::SignVerify) {
            return &[];
        }
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[
                Algorithm::RsassaPkcs1V15Sha256,
                Algorithm::RsassaPkcs1V15Sha384,
                Algorithm::RsassaPkcs1V15Sha512,
                Algorithm::RsassaPssSha256,
                Algorithm::RsassaPssSha384,
                Algorithm::RsassaPssSha512,
            ],
            // The hash is as strong as the curve.
            Self::EccNistP256 | Self::EccSecgP256k1 => &[Algorithm::EcdsaSha256],
            Self::EccNistP384 => &[Algorithm::EcdsaSha384],
            Self::EccNistP521 => &[Algorithm::EcdsaSha512],
            Self::EccNistEdwards25519 => &[Algorithm::Ed25519Sha512, Algorithm::Ed25519PhSha512],
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => &[Algorithm::MlDsaShake256],
            Self::Sm2 => &[Algorithm::Sm2dsa],
            Self::SymmetricDefault
            | Self::Hmac224
            | Self::Hmac256
            | Self::Hmac384
            | Self::Hmac512
            | Self::MlKem512
            | Self::MlKem768
            | Self::MlKem1024 => &[],
        }
    }

    /// The algorithm of `GENERATE_VERIFY_MAC` keys: an HMAC key has the length of its hash.
    pub const fn mac_algorithms(self, usage: KeyUsageType) -> &'static [MacAlgorithmSpec] {
        use MacAlgorithmSpec as Algorithm;
        if !matches!(usage, KeyUsageType::GenerateVerifyMac) {
            return &[];
        }
        match self {
            Self::Hmac224 => &[Algorithm::HmacSha224],
            Self::Hmac256 => &[Algorithm::HmacSha256],
            Self::Hmac384 => &[Algorithm::HmacSha384],
            Self::Hmac512 => &[Algorithm::HmacSha512],
            Self::SymmetricDefault
            | Self::Rsa2048
            | Self::Rsa3072
            | Self::Rsa4096
            | Self::EccNistP256
            | Self::EccNistP384
            | Self::EccNistP521
            | Self::EccSecgP256k1
            | Self::EccNistEdwards25519
            | Self::Sm2
            | Self::MlDsa44
            | Self::MlDsa65
            | Self::MlDsa87
            | Self::MlKem512
            | Self::MlKem768
            | Self::MlKem1024 => &[],
        }
    }

    /// The algorithm of `KEY_AGREEMENT` keys.
    pub const fn key_agreement_algorithms(self, usage: KeyUsageType) -> &'static [KeyAgreementAlgorithmSpec] {
        match usage {
            KeyUsageType::KeyAgreement if self.supports(usage) => &[KeyAgreementAlgorithmSpec::Ecdh],
            _ => &[],
        }
    }

    /// The algorithm of `ENCAPSULATE_DECAPSULATE` keys.
    pub const fn encapsulation_algorithms(self, usage: KeyUsageType) -> &'static [EncapsulationAlgorithmSpec] {
        match usage {
            KeyUsageType::EncapsulateDecapsulate if self.supports(usage) => &[EncapsulationAlgorithmSpec::MlKem],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key must be good for something: each usage that a spec allows has algorithms, and no other usage has any.
    #[test]
    fn a_spec_has_algorithms_for_exactly_its_usages() {
        for spec in KeySpec::ALL.iter().copied() {
            for usage in KeyUsageType::ALL.iter().copied() {
                let of_usage = [
                    (KeyUsageType::EncryptDecrypt, spec.encryption_algorithms(usage).len()),
                    (KeyUsageType::SignVerify, spec.signing_algorithms(usage).len()),
                    (KeyUsageType::GenerateVerifyMac, spec.mac_algorithms(usage).len()),
                    (KeyUsageType::KeyAgreement, spec.key_agreement_algorithms(usage).len()),
                    (KeyUsageType::EncapsulateDecapsulate, spec.encapsulation_algorithms(usage).len()),
                ];
                for (table, algorithms) in of_usage {
                    assert_eq!(algorithms > 0, table == usage && spec.supports(usage), "{spec} {usage} {table}");
                }
            }
        }
    }
}
