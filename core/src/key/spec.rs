//! What a KMS key is: its spec, usage, origin and state, in the words of the service model.

use crate::shape::enumerations;

enumerations! {
    /// The kind of key material in a KMS key. It cannot be changed after the key is created.
    pub enum KeySpec {
        /// An RSA key pair of 2048 bits.
        Rsa2048 = "RSA_2048",
        /// An RSA key pair of 3072 bits.
        Rsa3072 = "RSA_3072",
        /// An RSA key pair of 4096 bits.
        Rsa4096 = "RSA_4096",
        /// A key pair on the NIST curve P-256 (secp256r1).
        EccNistP256 = "ECC_NIST_P256",
        /// A key pair on the NIST curve P-384 (secp384r1).
        EccNistP384 = "ECC_NIST_P384",
        /// A key pair on the NIST curve P-521 (secp521r1).
        EccNistP521 = "ECC_NIST_P521",
        /// A key pair on secp256k1, the curve of many cryptocurrencies.
        EccSecgP256k1 = "ECC_SECG_P256K1",
        /// A 256-bit AES-GCM key, the default.
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        /// An HMAC key of 224 bits.
        Hmac224 = "HMAC_224",
        /// An HMAC key of 256 bits.
        Hmac256 = "HMAC_256",
        /// An HMAC key of 384 bits.
        Hmac384 = "HMAC_384",
        /// An HMAC key of 512 bits.
        Hmac512 = "HMAC_512",
        /// A key pair of the Chinese standard SM2.
        Sm2 = "SM2",
        /// An ML-DSA-44 key pair (FIPS 204).
        MlDsa44 = "ML_DSA_44",
        /// An ML-DSA-65 key pair (FIPS 204).
        MlDsa65 = "ML_DSA_65",
        /// An ML-DSA-87 key pair (FIPS 204).
        MlDsa87 = "ML_DSA_87",
        /// An Ed25519 key pair.
        EccNistEdwards25519 = "ECC_NIST_EDWARDS25519",
        /// An ML-KEM-512 key pair (FIPS 203).
        MlKem512 = "ML_KEM_512",
        /// An ML-KEM-768 key pair (FIPS 203).
        MlKem768 = "ML_KEM_768",
        /// An ML-KEM-1024 key pair (FIPS 203).
        MlKem1024 = "ML_KEM_1024",
    }

    /// The kind of key material, under the name that AWS keeps for older code. Later kinds are not in it.
    pub enum CustomerMasterKeySpec {
        /// An RSA key pair of 2048 bits.
        Rsa2048 = "RSA_2048",
        /// An RSA key pair of 3072 bits.
        Rsa3072 = "RSA_3072",
        /// An RSA key pair of 4096 bits.
        Rsa4096 = "RSA_4096",
        /// A key pair on the NIST curve P-256 (secp256r1).
        EccNistP256 = "ECC_NIST_P256",
        /// A key pair on the NIST curve P-384 (secp384r1).
        EccNistP384 = "ECC_NIST_P384",
        /// A key pair on the NIST curve P-521 (secp521r1).
        EccNistP521 = "ECC_NIST_P521",
        /// A key pair on secp256k1, the curve of many cryptocurrencies.
        EccSecgP256k1 = "ECC_SECG_P256K1",
        /// A 256-bit AES-GCM key, the default.
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        /// An HMAC key of 224 bits.
        Hmac224 = "HMAC_224",
        /// An HMAC key of 256 bits.
        Hmac256 = "HMAC_256",
        /// An HMAC key of 384 bits.
        Hmac384 = "HMAC_384",
        /// An HMAC key of 512 bits.
        Hmac512 = "HMAC_512",
        /// A key pair of the Chinese standard SM2.
        Sm2 = "SM2",
    }

    /// What a KMS key may be used for. A key has one usage only, and keeps it.
    pub enum KeyUsageType {
        /// Sign and verify.
        SignVerify = "SIGN_VERIFY",
        /// Encrypt and decrypt.
        EncryptDecrypt = "ENCRYPT_DECRYPT",
        /// Make and verify message authentication codes.
        GenerateVerifyMac = "GENERATE_VERIFY_MAC",
        /// Derive shared secrets.
        KeyAgreement = "KEY_AGREEMENT",
        /// Encapsulate and decapsulate shared secrets.
        EncapsulateDecapsulate = "ENCAPSULATE_DECAPSULATE",
    }

    /// Where the key material of a KMS key comes from. It cannot be changed after the key is created.
    pub enum OriginType {
        /// The KMS itself made it.
        AwsKms = "AWS_KMS",
        /// It was, or will be, imported.
        External = "EXTERNAL",
        /// It was made in a hardware security module behind a custom key store.
        AwsCloudhsm = "AWS_CLOUDHSM",
        /// It stays in a key manager outside, behind an external key store.
        ExternalKeyStore = "EXTERNAL_KEY_STORE",
    }

    /// The state of a KMS key, which decides what can be done with it.
    pub enum KeyState {
        /// It is being created.
        Creating = "Creating",
        /// It can be used.
        Enabled = "Enabled",
        /// It cannot be used until it is enabled.
        Disabled = "Disabled",
        /// It will be deleted when its waiting period ends, unless that is cancelled.
        PendingDeletion = "PendingDeletion",
        /// It has no key material yet, or its material expired or was deleted.
        PendingImport = "PendingImport",
        /// It is a multi-Region primary key that waits for the deletion of its replicas.
        PendingReplicaDeletion = "PendingReplicaDeletion",
        /// Its custom key store is not connected.
        Unavailable = "Unavailable",
        /// Its primary Region is being changed.
        Updating = "Updating",
    }

    /// Who manages a KMS key.
    pub enum KeyManagerType {
        /// A service.
        Aws = "AWS",
        /// The customer.
        Customer = "CUSTOMER",
    }

    /// Whether imported key material expires.
    pub enum ExpirationModelType {
        /// It is deleted at its `ValidTo`.
        KeyMaterialExpires = "KEY_MATERIAL_EXPIRES",
        /// It stays until it is deleted.
        KeyMaterialDoesNotExpire = "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }

    /// The length of a data key.
    pub enum DataKeySpec {
        /// 256 bits.
        Aes256 = "AES_256",
        /// 128 bits.
        Aes128 = "AES_128",
    }

    /// The kind of a data key pair.
    pub enum DataKeyPairSpec {
        /// An RSA key pair of 2048 bits.
        Rsa2048 = "RSA_2048",
        /// An RSA key pair of 3072 bits.
        Rsa3072 = "RSA_3072",
        /// An RSA key pair of 4096 bits.
        Rsa4096 = "RSA_4096",
        /// A key pair on the NIST curve P-256 (secp256r1).
        EccNistP256 = "ECC_NIST_P256",
        /// A key pair on the NIST curve P-384 (secp384r1).
        EccNistP384 = "ECC_NIST_P384",
        /// A key pair on the NIST curve P-521 (secp521r1).
        EccNistP521 = "ECC_NIST_P521",
        /// A key pair on secp256k1, the curve of many cryptocurrencies.
        EccSecgP256k1 = "ECC_SECG_P256K1",
        /// A key pair of the Chinese standard SM2.
        Sm2 = "SM2",
        /// An Ed25519 key pair.
        EccNistEdwards25519 = "ECC_NIST_EDWARDS25519",
        /// An ML-KEM-512 key pair (FIPS 203).
        MlKem512 = "ML_KEM_512",
        /// An ML-KEM-768 key pair (FIPS 203).
        MlKem768 = "ML_KEM_768",
        /// An ML-KEM-1024 key pair (FIPS 203).
        MlKem1024 = "ML_KEM_1024",
    }

    /// The part that a KMS key plays in a multi-Region key.
    pub enum MultiRegionKeyType {
        /// The one that is rotated and replicated, and that holds the shared properties.
        Primary = "PRIMARY",
        /// A copy in another Region.
        Replica = "REPLICA",
    }

    /// What a key material among those of its KMS key is used for.
    pub enum KeyMaterialState {
        /// Decrypts only.
        NonCurrent = "NON_CURRENT",
        /// Encrypts and decrypts.
        Current = "CURRENT",
        /// Imported, and waiting for a rotation on demand to become the current one.
        PendingRotation = "PENDING_ROTATION",
        /// Imported into the primary key of a multi-Region key, but not into all its replicas.
        PendingMultiRegionImportAndRotation = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION",
    }

    /// Whether an imported key material is there.
    pub enum ImportState {
        /// It is.
        Imported = "IMPORTED",
        /// It expired or was deleted, and must be imported again.
        PendingImport = "PENDING_IMPORT",
    }

    /// What started a rotation.
    pub enum RotationType {
        /// The rotation period ended.
        Automatic = "AUTOMATIC",
        /// `RotateKeyOnDemand` was called.
        OnDemand = "ON_DEMAND",
    }
}

impl KeySpec {
    /// The usages that a key of this spec may be created with.
    pub const fn usages(self) -> &'static [KeyUsageType] {
        use KeyUsageType::{EncapsulateDecapsulate, EncryptDecrypt, GenerateVerifyMac, KeyAgreement, SignVerify};
        match self {
            Self::SymmetricDefault => &[EncryptDecrypt],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[EncryptDecrypt, SignVerify],
            Self::EccNistP256 | Self::EccNistP384 | Self::EccNistP521 => &[SignVerify, KeyAgreement],
            Self::EccSecgP256k1 | Self::EccNistEdwards25519 | Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => {
                &[SignVerify]
            }
            Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512 => &[GenerateVerifyMac],
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => &[EncapsulateDecapsulate],
            Self::Sm2 => &[EncryptDecrypt, SignVerify, KeyAgreement],
        }
    }

    /// Whether a key of this spec has a public key.
    pub(crate) const fn is_asymmetric(self) -> bool {
        !matches!(self, Self::SymmetricDefault | Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512)
    }

    /// Whether a key of this spec may have that usage.
    pub const fn supports(self, usage: KeyUsageType) -> bool {
        let mut usages = self.usages();
        // `contains` is not const.
        while let [first, rest @ ..] = usages {
            if *first as u8 == usage as u8 {
                return true;
            }
            usages = rest;
        }
        false
    }

    /// The same spec by its former name, `None` for one that came later.
    pub fn customer_master_key_spec(self) -> Option<CustomerMasterKeySpec> {
        CustomerMasterKeySpec::ALL.iter().copied().find(|former| former.as_str() == self.as_str())
    }
}

impl From<CustomerMasterKeySpec> for KeySpec {
    fn from(former: CustomerMasterKeySpec) -> Self {
        match former {
            CustomerMasterKeySpec::Rsa2048 => Self::Rsa2048,
            CustomerMasterKeySpec::Rsa3072 => Self::Rsa3072,
            CustomerMasterKeySpec::Rsa4096 => Self::Rsa4096,
            CustomerMasterKeySpec::EccNistP256 => Self::EccNistP256,
            CustomerMasterKeySpec::EccNistP384 => Self::EccNistP384,
            CustomerMasterKeySpec::EccNistP521 => Self::EccNistP521,
            CustomerMasterKeySpec::EccSecgP256k1 => Self::EccSecgP256k1,
            CustomerMasterKeySpec::SymmetricDefault => Self::SymmetricDefault,
            CustomerMasterKeySpec::Hmac224 => Self::Hmac224,
            CustomerMasterKeySpec::Hmac256 => Self::Hmac256,
            CustomerMasterKeySpec::Hmac384 => Self::Hmac384,
            CustomerMasterKeySpec::Hmac512 => Self::Hmac512,
            CustomerMasterKeySpec::Sm2 => Self::Sm2,
        }
    }
}

impl From<DataKeyPairSpec> for KeySpec {
    fn from(pair: DataKeyPairSpec) -> Self {
        match pair {
            DataKeyPairSpec::Rsa2048 => Self::Rsa2048,
            DataKeyPairSpec::Rsa3072 => Self::Rsa3072,
            DataKeyPairSpec::Rsa4096 => Self::Rsa4096,
            DataKeyPairSpec::EccNistP256 => Self::EccNistP256,
            DataKeyPairSpec::EccNistP384 => Self::EccNistP384,
            DataKeyPairSpec::EccNistP521 => Self::EccNistP521,
            DataKeyPairSpec::EccSecgP256k1 => Self::EccSecgP256k1,
            DataKeyPairSpec::Sm2 => Self::Sm2,
            DataKeyPairSpec::EccNistEdwards25519 => Self::EccNistEdwards25519,
            DataKeyPairSpec::MlKem512 => Self::MlKem512,
            DataKeyPairSpec::MlKem768 => Self::MlKem768,
            DataKeyPairSpec::MlKem1024 => Self::MlKem1024,
        }
    }
}

impl DataKeySpec {
    /// How many bytes the data key has.
    pub const fn number_of_bytes(self) -> usize {
        match self {
            Self::Aes256 => 32,
            Self::Aes128 => 16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn former_specs_name_the_same_spec() {
        for former in CustomerMasterKeySpec::ALL.iter().copied() {
            let spec = KeySpec::from(former);
            assert_eq!(spec.as_str(), former.as_str());
            assert_eq!(spec.customer_master_key_spec(), Some(former));
        }
        assert_eq!(KeySpec::MlDsa44.customer_master_key_spec(), None);
    }

    #[test]
    fn specs_of_data_key_pairs_name_the_same_spec() {
        for pair in DataKeyPairSpec::ALL.iter().copied() {
            assert_eq!(KeySpec::from(pair).as_str(), pair.as_str());
        }
    }
}
