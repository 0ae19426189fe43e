//! What is true of each operation, by the service model. A test holds it against botocore's copy of the model.

use super::Operation;
use crate::error::ErrorKind;

/// The operations of the service model that PocketKMS does not offer.
pub const NOT_OFFERED: &[&str] = &[
    "ConnectCustomKeyStore",
    "CreateCustomKeyStore",
    "CreateGrant",
    "Decapsulate",
    "DeleteCustomKeyStore",
    "DeleteImportedKeyMaterial",
    "DeriveSharedSecret",
    "DescribeCustomKeyStores",
    "DisconnectCustomKeyStore",
    "Encapsulate",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "GetKeyLastUsage",
    "GetKeyPolicy",
    "GetParametersForImport",
    "GetPublicKey",
    "ImportKeyMaterial",
    "ListGrants",
    "ListKeyPolicies",
    "ListRetirableGrants",
    "PutKeyPolicy",
    "ReplicateKey",
    "RetireGrant",
    "RevokeGrant",
    "Sign",
    "UpdateCustomKeyStore",
    "UpdatePrimaryRegion",
    "Verify",
    "VerifyMac",
];

impl Operation {
    /// The exceptions that the service model lists for the operation. Beside these, any operation may answer
    /// `AccessDeniedException` and `ValidationException`, as of every AWS service.
    #[allow(
        clippy::match_same_arms,
        clippy::too_many_lines,
        reason = "a row for each operation, as in the service model"
    )]
    pub const fn errors(self) -> &'static [ErrorKind] {
        #[allow(clippy::enum_glob_use, reason = "a table of them")]
        use ErrorKind::*;
        match self {
            Self::CreateKey => &[
                MalformedPolicyDocument,
                DependencyTimeout,
                InvalidArn,
                UnsupportedOperation,
                KmsInternal,
                LimitExceeded,
                Tag,
                CustomKeyStoreNotFound,
            ],
            Self::DescribeKey => &[NotFound, InvalidArn, DependencyTimeout, KmsInternal],
            Self::ListKeys => &[DependencyTimeout, KmsInternal, InvalidMarker],
            Self::UpdateKeyDescription => &[NotFound, InvalidArn, DependencyTimeout, KmsInternal, KmsInvalidState],
            Self::EnableKey => &[NotFound, InvalidArn, DependencyTimeout, KmsInternal, LimitExceeded, KmsInvalidState],
            Self::DisableKey => &[NotFound, InvalidArn, DependencyTimeout, KmsInternal, KmsInvalidState],
            Self::CreateAlias => &[
                DependencyTimeout,
                AlreadyExists,
                NotFound,
                InvalidAliasName,
                KmsInternal,
                LimitExceeded,
                KmsInvalidState,
            ],
            Self::UpdateAlias => &[DependencyTimeout, NotFound, KmsInternal, LimitExceeded, KmsInvalidState],
            Self::DeleteAlias => &[DependencyTimeout, NotFound, KmsInternal, KmsInvalidState],
            Self::ListAliases => &[DependencyTimeout, InvalidMarker, KmsInternal, InvalidArn, NotFound],
            Self::Encrypt => &[
                NotFound,
                Disabled,
                KeyUnavailable,
                DependencyTimeout,
                InvalidKeyUsage,
                InvalidGrantToken,
                KmsInternal,
                KmsInvalidState,
                DryRunOperation,
            ],
            Self::Decrypt => &[
                NotFound,
                Disabled,
                InvalidCiphertext,
                KeyUnavailable,
                IncorrectKey,
                InvalidKeyUsage,
                DependencyTimeout,
                InvalidGrantToken,
                KmsInternal,
                KmsInvalidState,
                DryRunOperation,
            ],
            Self::ReEncrypt => &[
                NotFound,
                Disabled,
                InvalidCiphertext,
                KeyUnavailable,
                IncorrectKey,
                DependencyTimeout,
                InvalidKeyUsage,
                InvalidGrantToken,
                KmsInternal,
                KmsInvalidState,
                DryRunOperation,
            ],
            Self::GenerateDataKey => &[
                NotFound,
                Disabled,
                KeyUnavailable,
                DependencyTimeout,
                InvalidKeyUsage,
                InvalidGrantToken,
                KmsInternal,
                KmsInvalidState,
                DryRunOperation,
            ],
            Self::GenerateDataKeyWithoutPlaintext => &[
                NotFound,
                Disabled,
                KeyUnavailable,
                DependencyTimeout,
                InvalidKeyUsage,
                InvalidGrantToken,
                KmsInternal,
                KmsInvalidState,
                DryRunOperation,
            ],
            Self::GenerateRandom => &[DependencyTimeout, KmsInternal, UnsupportedOperation, CustomKeyStoreNotFound],
            Self::EnableKeyRotation => {
                &[NotFound, Disabled, InvalidArn, DependencyTimeout, KmsInternal, KmsInvalidState, UnsupportedOperation]
            }
            Self::DisableKeyRotation => {
                &[NotFound, Disabled, InvalidArn, DependencyTimeout, KmsInternal, KmsInvalidState, UnsupportedOperation]
            }
            Self::GetKeyRotationStatus => {
                &[NotFound, InvalidArn, DependencyTimeout, KmsInternal, KmsInvalidState, UnsupportedOperation]
            }
            Self::RotateKeyOnDemand => &[
                NotFound,
                Disabled,
                InvalidArn,
                DependencyTimeout,
                KmsInternal,
                KmsInvalidState,
                UnsupportedOperation,
                LimitExceeded,
                Conflict,
            ],
            Self::ListKeyRotations => {
                &[NotFound, InvalidArn, InvalidMarker, KmsInternal, KmsInvalidState, UnsupportedOperation]
            }
            Self::ScheduleKeyDeletion => &[NotFound, InvalidArn, DependencyTimeout, KmsInternal, KmsInvalidState],
            Self::CancelKeyDeletion => &[NotFound, InvalidArn, DependencyTimeout, KmsInternal, KmsInvalidState],
            Self::TagResource => &[KmsInternal, NotFound, InvalidArn, KmsInvalidState, LimitExceeded, Tag],
            Self::UntagResource => &[KmsInternal, NotFound, InvalidArn, KmsInvalidState, Tag],
            Self::ListResourceTags => &[KmsInternal, NotFound, InvalidArn, InvalidMarker],
        }
    }
}
