//! What is true of each operation, once. A new operation does not compile without its facts, and a contract test holds them
//! against botocore's copy of the service model (tests/contract).

mod reference;

pub use reference::OperationDocs;
pub(crate) use reference::reference;

use super::{Operation, ResourceKind};
use crate::{error::ErrorKind, key::StateRule};

/// The forms in which an operation lets its KMS key be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyIdForm {
    /// Key id, key ARN, alias name or alias ARN.
    Any,
    /// Key id or key ARN.
    KeyOnly,
    /// None: it names no key, or only finds one behind an alias.
    None,
}

/// Which request quota an operation counts against (AWS KMS Developer Guide, "Request quotas").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuotaClass {
    /// The one of cryptographic operations, which they share by the type of the key: symmetric and HMAC keys, RSA, ECC.
    Cryptographic,
    /// One of its own.
    Own,
}

impl Operation {
    /// What the operation is carried out on.
    pub const fn resource(self) -> ResourceKind {
        self.action().resource()
    }

    /// Whether the operation can be carried out on another account's key.
    pub const fn crosses_accounts(self) -> bool {
        self.action().crosses_accounts()
    }

    /// Whether a grant can allow the operation.
    pub const fn is_grantable(self) -> bool {
        self.action().is_grantable()
    }

    /// What the operation asks of the state of the key that it names.
    pub(crate) const fn state_rule(self) -> StateRule {
        match self {
            Self::Encrypt
            | Self::Decrypt
            | Self::ReEncrypt
            | Self::GenerateDataKey
            | Self::GenerateDataKeyWithoutPlaintext
            | Self::GenerateDataKeyPair
            | Self::GenerateDataKeyPairWithoutPlaintext
            | Self::GenerateMac
            | Self::VerifyMac
            | Self::Sign
            | Self::Verify
            | Self::GetPublicKey
            | Self::DeriveSharedSecret
            | Self::Encapsulate
            | Self::Decapsulate => StateRule::Usable,
            Self::ReplicateKey
            | Self::UpdatePrimaryRegion
            | Self::EnableKeyRotation
            | Self::DisableKeyRotation
            | Self::RotateKeyOnDemand => StateRule::Enabled,
            Self::EnableKey | Self::DisableKey => StateRule::Switchable,
            Self::UpdateKeyDescription
            | Self::CreateAlias
            | Self::UpdateAlias
            | Self::GetParametersForImport
            | Self::ImportKeyMaterial
            | Self::ScheduleKeyDeletion
            | Self::TagResource
            | Self::UntagResource => StateRule::NotPendingDeletion,
            Self::CancelKeyDeletion => StateRule::PendingDeletion,
            Self::CreateKey
            | Self::DescribeKey
            | Self::ListKeys
            | Self::DeleteAlias
            | Self::ListAliases
            | Self::GenerateRandom
            | Self::GetKeyRotationStatus
            | Self::ListKeyRotations
            | Self::DeleteImportedKeyMaterial
            | Self::ListResourceTags
            | Self::PutKeyPolicy
            | Self::GetKeyPolicy
            | Self::GetKeyLastUsage
            | Self::ListKeyPolicies
            | Self::ListGrants
            | Self::ListRetirableGrants
            | Self::RetireGrant
            | Self::RevokeGrant
            | Self::CreateCustomKeyStore
            | Self::DescribeCustomKeyStores
            | Self::UpdateCustomKeyStore
            | Self::DeleteCustomKeyStore
            | Self::ConnectCustomKeyStore
            | Self::DisconnectCustomKeyStore => StateRule::Any,
            Self::CreateGrant => StateRule::Grantable,
        }
    }

    /// The forms in which the operation lets its KMS key be named.
    pub const fn key_id_form(self) -> KeyIdForm {
        match self {
            Self::DescribeKey
            | Self::Encrypt
            | Self::Decrypt
            | Self::ReEncrypt
            | Self::GenerateDataKey
            | Self::GenerateDataKeyWithoutPlaintext
            | Self::GenerateDataKeyPair
            | Self::GenerateDataKeyPairWithoutPlaintext
            | Self::GenerateMac
            | Self::VerifyMac
            | Self::Sign
            | Self::Verify
            | Self::GetPublicKey
            | Self::DeriveSharedSecret
            | Self::Encapsulate
            | Self::Decapsulate => KeyIdForm::Any,
            Self::ReplicateKey
            | Self::UpdatePrimaryRegion
            | Self::UpdateKeyDescription
            | Self::EnableKey
            | Self::DisableKey
            | Self::CreateAlias
            | Self::UpdateAlias
            | Self::ListAliases
            | Self::EnableKeyRotation
            | Self::DisableKeyRotation
            | Self::GetKeyRotationStatus
            | Self::RotateKeyOnDemand
            | Self::ListKeyRotations
            | Self::GetParametersForImport
            | Self::ImportKeyMaterial
            | Self::DeleteImportedKeyMaterial
            | Self::ScheduleKeyDeletion
            | Self::CancelKeyDeletion
            | Self::TagResource
            | Self::UntagResource
            | Self::ListResourceTags
            | Self::PutKeyPolicy
            | Self::GetKeyPolicy
            | Self::GetKeyLastUsage
            | Self::ListKeyPolicies
            | Self::CreateGrant
            | Self::ListGrants
            | Self::RetireGrant
            | Self::RevokeGrant => KeyIdForm::KeyOnly,
            Self::CreateKey
            | Self::ListKeys
            | Self::DeleteAlias
            | Self::GenerateRandom
            | Self::ListRetirableGrants
            | Self::CreateCustomKeyStore
            | Self::DescribeCustomKeyStores
            | Self::UpdateCustomKeyStore
            | Self::DeleteCustomKeyStore
            | Self::ConnectCustomKeyStore
            | Self::DisconnectCustomKeyStore => KeyIdForm::None,
        }
    }

    /// The error for a malformed ARN: some operations have no `InvalidArnException` in the service model, and answer
    /// `NotFoundException` there, as for a key that does not exist.
    pub(crate) fn error_of_bad_arn(self) -> ErrorKind {
        if self.errors().contains(&ErrorKind::InvalidArn) { ErrorKind::InvalidArn } else { ErrorKind::NotFound }
    }

    /// Whether the operation changes nothing, as AWS's audit log has it (`readOnly`): cryptographic operations are among them.
    pub const fn is_read_only(self) -> bool {
        match self {
            Self::DescribeKey
            | Self::ListKeys
            | Self::ListAliases
            | Self::Encrypt
            | Self::Decrypt
            | Self::ReEncrypt
            | Self::GenerateDataKey
            | Self::GenerateDataKeyWithoutPlaintext
            | Self::GenerateDataKeyPair
            | Self::GenerateDataKeyPairWithoutPlaintext
            | Self::GenerateMac
            | Self::VerifyMac
            | Self::Sign
            | Self::Verify
            | Self::GetPublicKey
            | Self::DeriveSharedSecret
            | Self::Encapsulate
            | Self::Decapsulate
            | Self::GenerateRandom
            | Self::GetKeyRotationStatus
            | Self::ListKeyRotations
            | Self::GetParametersForImport
            | Self::ListResourceTags
            | Self::GetKeyPolicy
            | Self::GetKeyLastUsage
            | Self::ListKeyPolicies
            | Self::ListGrants
            | Self::ListRetirableGrants
            | Self::DescribeCustomKeyStores => true,
            Self::CreateKey
            | Self::ReplicateKey
            | Self::UpdatePrimaryRegion
            | Self::UpdateKeyDescription
            | Self::EnableKey
            | Self::DisableKey
            | Self::CreateAlias
            | Self::UpdateAlias
            | Self::DeleteAlias
            | Self::EnableKeyRotation
            | Self::DisableKeyRotation
            | Self::RotateKeyOnDemand
            | Self::ImportKeyMaterial
            | Self::DeleteImportedKeyMaterial
            | Self::ScheduleKeyDeletion
            | Self::CancelKeyDeletion
            | Self::TagResource
            | Self::UntagResource
            | Self::PutKeyPolicy
            | Self::CreateGrant
            | Self::RetireGrant
            | Self::RevokeGrant
            | Self::CreateCustomKeyStore
            | Self::UpdateCustomKeyStore
            | Self::DeleteCustomKeyStore
            | Self::ConnectCustomKeyStore
            | Self::DisconnectCustomKeyStore => false,
        }
    }

    /// Whether its response is an object without members, and not nothing at all.
    pub(crate) const fn answers_an_empty_object(self) -> bool {
        matches!(
            self,
            Self::UpdateCustomKeyStore
                | Self::DeleteCustomKeyStore
                | Self::ConnectCustomKeyStore
                | Self::DisconnectCustomKeyStore
        )
    }

    /// Which request quota the operation counts against.
    pub const fn quota_class(self) -> QuotaClass {
        match self {
            Self::Encrypt
            | Self::Decrypt
            | Self::ReEncrypt
            | Self::GenerateDataKey
            | Self::GenerateDataKeyWithoutPlaintext
            | Self::GenerateDataKeyPair
            | Self::GenerateDataKeyPairWithoutPlaintext
            | Self::GenerateMac
            | Self::VerifyMac
            | Self::Sign
            | Self::Verify
            | Self::DeriveSharedSecret
            | Self::Encapsulate
            | Self::Decapsulate
            | Self::GenerateRandom => QuotaClass::Cryptographic,
            Self::CreateKey
            | Self::DescribeKey
            | Self::ListKeys
            | Self::ReplicateKey
            | Self::UpdatePrimaryRegion
            | Self::UpdateKeyDescription
            | Self::EnableKey
            | Self::DisableKey
            | Self::CreateAlias
            | Self::UpdateAlias
            | Self::DeleteAlias
            | Self::ListAliases
            | Self::EnableKeyRotation
            | Self::DisableKeyRotation
            | Self::GetKeyRotationStatus
            | Self::RotateKeyOnDemand
            | Self::ListKeyRotations
            | Self::GetParametersForImport
            | Self::ImportKeyMaterial
            | Self::DeleteImportedKeyMaterial
            | Self::ScheduleKeyDeletion
            | Self::CancelKeyDeletion
            | Self::TagResource
            | Self::UntagResource
            | Self::ListResourceTags
            | Self::PutKeyPolicy
            | Self::GetKeyPolicy
            | Self::GetKeyLastUsage
            | Self::ListKeyPolicies
            | Self::CreateGrant
            | Self::ListGrants
            | Self::ListRetirableGrants
            | Self::RetireGrant
            | Self::RevokeGrant
            | Self::GetPublicKey
            | Self::CreateCustomKeyStore
            | Self::DescribeCustomKeyStores
            | Self::UpdateCustomKeyStore
            | Self::DeleteCustomKeyStore
            | Self::ConnectCustomKeyStore
            | Self::DisconnectCustomKeyStore => QuotaClass::Own,
        }
    }
}
