//! What AWS's API reference says of each operation: the permissions that it needs, and its errors. Rust's documentation has it
//! from here, and that of the other languages.

use crate::{
    api::{Action, Operation},
    error::ErrorKind,
};
use alloc::{format, string::String};

/// A row for each operation: its permissions, in the order in which it asks for them, and its errors, in the order of the service
/// model.
macro_rules! operations {
    ($($operation:ident [$action:ident $($more:ident)*] $($kind:ident)*;)*) => {
        impl Operation {
            /// The permissions that the operation needs, in the order in which it asks: the first always, `CreateKey` the second
            /// for tags, `ReplicateKey` the first of the primary and the others in the Region of the replica, `ReEncrypt` the first of the source and the second of the destination.
            pub const fn actions(self) -> &'static [Action] {
                match self { $(Self::$operation => &[Action::$action, $(Action::$more),*],)* }
            }

            /// The permission that the operation always needs.
            pub const fn action(self) -> Action {
                match self { $(Self::$operation => Action::$action,)* }
            }

            /// The exceptions that the service model lists for the operation. Beside these, any operation may answer
            /// `AccessDeniedException` and `ValidationException`, as of every AWS service.
            pub const fn errors(self) -> &'static [ErrorKind] {
                match self { $(Self::$operation => &[$(ErrorKind::$kind),*],)* }
            }

            /// The page of AWS's API reference.
            pub const fn reference(self) -> &'static str {
                match self {
                    $(Self::$operation => concat!(
                        "https://docs.aws.amazon.com/kms/latest/APIReference/API_", stringify!($operation), ".html"
                    ),)*
                }
            }
        }

        /// The same as documentation of the operation's method.
        macro_rules! reference {
            $(($operation) => {
                concat!(
                    "\n\nRequired: `kms:", stringify!($action), "`", $(", `kms:", stringify!($more), "`",)*
                    ". See [", stringify!($operation), "](https://docs.aws.amazon.com/kms/latest/APIReference/API_",
                    stringify!($operation), ".html) in AWS's reference.\n\n# Errors\n\n",
                    $("[`", stringify!($kind), "`](crate::ErrorKind::", stringify!($kind), "), ",)*
                    "and, as of every operation, [`AccessDenied`](crate::ErrorKind::AccessDenied), ",
                    "[`Validation`](crate::ErrorKind::Validation), and those of the vault itself, such as ",
                    "[`VaultClosed`](crate::ErrorKind::VaultClosed) and [`Store`](crate::ErrorKind::Store)."
                )
            };)*
        }
    };
}

operations! {
    CreateKey [CreateKey TagResource] MalformedPolicyDocument DependencyTimeout InvalidArn UnsupportedOperation
        KmsInternal LimitExceeded Tag CustomKeyStoreNotFound CustomKeyStoreInvalidState CloudHsmClusterInvalidConfiguration
        XksKeyInvalidConfiguration XksKeyAlreadyInUse XksKeyNotFound;
    DescribeKey [DescribeKey] NotFound InvalidArn DependencyTimeout KmsInternal;
    ListKeys [ListKeys] DependencyTimeout KmsInternal InvalidMarker;
    ReplicateKey [ReplicateKey CreateKey TagResource] AlreadyExists Disabled InvalidArn KmsInvalidState KmsInternal
        LimitExceeded MalformedPolicyDocument NotFound Tag UnsupportedOperation;
    UpdatePrimaryRegion [UpdatePrimaryRegion] Disabled InvalidArn KmsInvalidState KmsInternal NotFound
        UnsupportedOperation;
    UpdateKeyDescription [UpdateKeyDescription] NotFound InvalidArn DependencyTimeout KmsInternal KmsInvalidState;
    EnableKey [EnableKey] NotFound InvalidArn DependencyTimeout KmsInternal LimitExceeded KmsInvalidState;
    DisableKey [DisableKey] NotFound InvalidArn DependencyTimeout KmsInternal KmsInvalidState;
    CreateAlias [CreateAlias] DependencyTimeout AlreadyExists NotFound InvalidAliasName KmsInternal LimitExceeded
        KmsInvalidState;
    UpdateAlias [UpdateAlias] DependencyTimeout NotFound KmsInternal LimitExceeded KmsInvalidState;
    DeleteAlias [DeleteAlias] DependencyTimeout NotFound KmsInternal KmsInvalidState;
    ListAliases [ListAliases] DependencyTimeout InvalidMarker KmsInternal InvalidArn NotFound;
    Encrypt [Encrypt] NotFound Disabled KeyUnavailable DependencyTimeout InvalidKeyUsage InvalidGrantToken KmsInternal
        KmsInvalidState DryRunOperation;
    Decrypt [Decrypt] NotFound Disabled InvalidCiphertext KeyUnavailable IncorrectKey InvalidKeyUsage
        DependencyTimeout InvalidGrantToken KmsInternal KmsInvalidState DryRunOperation;
    ReEncrypt [ReEncryptFrom ReEncryptTo] NotFound Disabled InvalidCiphertext KeyUnavailable IncorrectKey
        DependencyTimeout InvalidKeyUsage InvalidGrantToken KmsInternal KmsInvalidState DryRunOperation;
    GenerateDataKey [GenerateDataKey] NotFound Disabled KeyUnavailable DependencyTimeout InvalidKeyUsage
        InvalidGrantToken KmsInternal KmsInvalidState DryRunOperation;
    GenerateDataKeyWithoutPlaintext [GenerateDataKeyWithoutPlaintext] NotFound Disabled KeyUnavailable
        DependencyTimeout InvalidKeyUsage InvalidGrantToken KmsInternal KmsInvalidState DryRunOperation;
    GenerateDataKeyPair [GenerateDataKeyPair] NotFound Disabled KeyUnavailable DependencyTimeout InvalidKeyUsage
        InvalidGrantToken KmsInternal KmsInvalidState UnsupportedOperation DryRunOperation;
    GenerateDataKeyPairWithoutPlaintext [GenerateDataKeyPairWithoutPlaintext] NotFound Disabled KeyUnavailable
        DependencyTimeout InvalidKeyUsage InvalidGrantToken KmsInternal KmsInvalidState UnsupportedOperation
        DryRunOperation;
    GenerateMac [GenerateMac] NotFound Disabled KeyUnavailable InvalidKeyUsage InvalidGrantToken KmsInternal KmsInvalidState
        DryRunOperation;
    VerifyMac [VerifyMac] NotFound Disabled KeyUnavailable InvalidKeyUsage InvalidGrantToken KmsInternal KmsInvalidMac
        KmsInvalidState DryRunOperation;
    GenerateRandom [GenerateRandom] DependencyTimeout KmsInternal UnsupportedOperation CustomKeyStoreNotFound
        CustomKeyStoreInvalidState;
    Sign [Sign] NotFound Disabled KeyUnavailable DependencyTimeout InvalidKeyUsage InvalidGrantToken KmsInternal
        KmsInvalidState DryRunOperation;
    Verify [Verify] NotFound Disabled KeyUnavailable DependencyTimeout InvalidKeyUsage InvalidGrantToken KmsInternal
        KmsInvalidState KmsInvalidSignature DryRunOperation;
    GetPublicKey [GetPublicKey] NotFound Disabled KeyUnavailable DependencyTimeout UnsupportedOperation InvalidArn
        InvalidGrantToken InvalidKeyUsage KmsInternal KmsInvalidState;
    DeriveSharedSecret [DeriveSharedSecret] NotFound Disabled KeyUnavailable DependencyTimeout InvalidGrantToken
        InvalidKeyUsage KmsInternal KmsInvalidState DryRunOperation;
    Encapsulate [Encapsulate] NotFound Disabled KeyUnavailable DependencyTimeout InvalidGrantToken InvalidKeyUsage
        KmsInternal KmsInvalidState DryRunOperation;
    Decapsulate [Decapsulate] NotFound Disabled KeyUnavailable DependencyTimeout InvalidGrantToken InvalidKeyUsage
        InvalidCiphertext KmsInternal KmsInvalidState DryRunOperation;
    EnableKeyRotation [EnableKeyRotation] NotFound Disabled InvalidArn DependencyTimeout KmsInternal KmsInvalidState
        UnsupportedOperation;
    DisableKeyRotation [DisableKeyRotation] NotFound Disabled InvalidArn DependencyTimeout KmsInternal KmsInvalidState
        UnsupportedOperation;
    GetKeyRotationStatus [GetKeyRotationStatus] NotFound InvalidArn DependencyTimeout KmsInternal KmsInvalidState
        UnsupportedOperation;
    RotateKeyOnDemand [RotateKeyOnDemand] NotFound Disabled InvalidArn DependencyTimeout KmsInternal KmsInvalidState
        UnsupportedOperation LimitExceeded Conflict;
    ListKeyRotations [ListKeyRotations] NotFound InvalidArn InvalidMarker KmsInternal KmsInvalidState
        UnsupportedOperation;
    GetParametersForImport [GetParametersForImport] InvalidArn UnsupportedOperation DependencyTimeout NotFound KmsInternal
        KmsInvalidState;
    ImportKeyMaterial [ImportKeyMaterial] InvalidArn UnsupportedOperation DependencyTimeout NotFound KmsInternal
        KmsInvalidState InvalidCiphertext IncorrectKeyMaterial ExpiredImportToken InvalidImportToken;
    DeleteImportedKeyMaterial [DeleteImportedKeyMaterial] InvalidArn UnsupportedOperation DependencyTimeout NotFound
        KmsInternal KmsInvalidState;
    ScheduleKeyDeletion [ScheduleKeyDeletion] NotFound InvalidArn DependencyTimeout KmsInternal KmsInvalidState;
    CancelKeyDeletion [CancelKeyDeletion] NotFound InvalidArn DependencyTimeout KmsInternal KmsInvalidState;
    TagResource [TagResource] KmsInternal NotFound InvalidArn KmsInvalidState LimitExceeded Tag;
    UntagResource [UntagResource] KmsInternal NotFound InvalidArn KmsInvalidState Tag;
    ListResourceTags [ListResourceTags] KmsInternal NotFound InvalidArn InvalidMarker;
    PutKeyPolicy [PutKeyPolicy] NotFound InvalidArn MalformedPolicyDocument DependencyTimeout UnsupportedOperation
        KmsInternal LimitExceeded KmsInvalidState;
    GetKeyPolicy [GetKeyPolicy] NotFound InvalidArn DependencyTimeout KmsInternal KmsInvalidState;
    GetKeyLastUsage [GetKeyLastUsage] NotFound InvalidArn DependencyTimeout KmsInternal;
    ListKeyPolicies [ListKeyPolicies] NotFound InvalidArn DependencyTimeout KmsInternal KmsInvalidState;
    CreateGrant [CreateGrant] NotFound Disabled DependencyTimeout InvalidArn KmsInternal InvalidGrantToken LimitExceeded
        KmsInvalidState DryRunOperation;
    ListGrants [ListGrants] NotFound DependencyTimeout InvalidMarker InvalidGrantId InvalidArn KmsInternal
        KmsInvalidState;
    ListRetirableGrants [ListRetirableGrants] DependencyTimeout InvalidMarker InvalidArn NotFound KmsInternal;
    RetireGrant [RetireGrant] InvalidArn InvalidGrantToken InvalidGrantId NotFound DependencyTimeout KmsInternal
        KmsInvalidState DryRunOperation;
    RevokeGrant [RevokeGrant] NotFound DependencyTimeout InvalidArn InvalidGrantId KmsInternal KmsInvalidState
        DryRunOperation;
    CreateCustomKeyStore [CreateCustomKeyStore] CloudHsmClusterInUse CustomKeyStoreNameInUse CloudHsmClusterNotFound
        KmsInternal CloudHsmClusterNotActive IncorrectTrustAnchor CloudHsmClusterInvalidConfiguration LimitExceeded
        XksProxyUriInUse XksProxyUriEndpointInUse XksProxyUriUnreachable XksProxyIncorrectAuthenticationCredential
        XksProxyVpcEndpointServiceInUse XksProxyVpcEndpointServiceNotFound
        XksProxyVpcEndpointServiceInvalidConfiguration XksProxyInvalidResponse XksProxyInvalidConfiguration;
    DescribeCustomKeyStores [DescribeCustomKeyStores] CustomKeyStoreNotFound InvalidMarker KmsInternal;
    UpdateCustomKeyStore [UpdateCustomKeyStore] CustomKeyStoreNotFound CustomKeyStoreNameInUse CloudHsmClusterNotFound
        CloudHsmClusterNotRelated CustomKeyStoreInvalidState KmsInternal CloudHsmClusterNotActive
        CloudHsmClusterInvalidConfiguration XksProxyUriInUse XksProxyUriEndpointInUse XksProxyUriUnreachable
        XksProxyIncorrectAuthenticationCredential XksProxyVpcEndpointServiceInUse XksProxyVpcEndpointServiceNotFound
        XksProxyVpcEndpointServiceInvalidConfiguration XksProxyInvalidResponse XksProxyInvalidConfiguration;
    DeleteCustomKeyStore [DeleteCustomKeyStore] CustomKeyStoreHasCmks CustomKeyStoreInvalidState CustomKeyStoreNotFound
        KmsInternal;
    ConnectCustomKeyStore [ConnectCustomKeyStore] CloudHsmClusterNotActive CustomKeyStoreInvalidState
        CustomKeyStoreNotFound KmsInternal CloudHsmClusterInvalidConfiguration;
    DisconnectCustomKeyStore [DisconnectCustomKeyStore] CustomKeyStoreInvalidState CustomKeyStoreNotFound KmsInternal;
}
pub(crate) use reference;

/// What the documentation of an operation says beyond what it does: for generators of other languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationDocs {
    /// Which permissions the caller needs, as a sentence: ``Required: `kms:Encrypt`.``
    pub permission: String,
    /// The errors that the service model lists.
    pub errors: &'static [ErrorKind],
    /// The errors that every operation may answer beside them.
    pub common_errors: &'static [ErrorKind],
    /// The page of AWS's API reference.
    pub reference: &'static str,
}

impl Operation {
    /// What its documentation says beyond what it does.
    pub fn docs(self) -> OperationDocs {
        let names: String = self.actions().iter().enumerate().fold(String::new(), |mut names, (index, action)| {
            names.extend([if index == 0 { "`" } else { ", `" }, action.full_name(), "`"]);
            names
        });
        OperationDocs {
            permission: format!("Required: {names}."),
            errors: self.errors(),
            common_errors: &[ErrorKind::AccessDenied, ErrorKind::Validation, ErrorKind::VaultClosed, ErrorKind::Store],
            reference: self.reference(),
        }
    }
}
