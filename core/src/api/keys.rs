//! KMS keys: create, describe, list, enable, disable.

use super::Tag;
use super::limits::{CUSTOM_KEY_STORE_ID, DESCRIPTION, GRANT_TOKENS, KEY_ID, MARKER, POLICY};
use crate::{
    clock::Timestamp,
    key::{
        CustomerMasterKeySpec, EncapsulationAlgorithmSpec, EncryptionAlgorithmSpec, ExpirationModelType,
        KeyAgreementAlgorithmSpec, KeyManagerType, KeySpec, KeyState, KeyUsageType, MacAlgorithmSpec,
        MultiRegionKeyType, OriginType, SigningAlgorithmSpec,
    },
    shape::{Limits, Pattern, enumerations, structures},
};
use alloc::{string::String, vec::Vec};

structures! {
    /// The request of `CreateKey`. Nothing is required: by default a symmetric encryption key is made.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct CreateKeyRequest {
        /// The key policy, a JSON document of up to 32,768 bytes. The default policy leaves everything to the account.
        pub policy: optional(String) limits(POLICY),
        /// A description, up to 8,192 characters; empty by default. Not for secrets: it may show up in logs.
        pub description: optional(String) limits(DESCRIPTION),
        /// What the key may be used for; `ENCRYPT_DECRYPT` by default. Required unless the key spec is
        /// `SYMMETRIC_DEFAULT`, and never changed afterwards.
        pub key_usage: optional(KeyUsageType),
        /// The former name of `KeySpec`. Give one of the two at most.
        pub customer_master_key_spec: optional(CustomerMasterKeySpec),
        /// The kind of key material; `SYMMETRIC_DEFAULT` by default. It decides which algorithms the key supports, and
        /// is never changed afterwards.
        pub key_spec: optional(KeySpec),
        /// Where the key material comes from; `AWS_KMS` by default. `EXTERNAL` makes a key without material, to import
        /// some; the other two need a custom key store.
        pub origin: optional(OriginType),
        /// The custom key store to make the key in, 1 to 64 characters. Valid for symmetric encryption keys of a single
        /// Region.
        pub custom_key_store_id: optional(String) limits(CUSTOM_KEY_STORE_ID),
        /// Skips the check that the key policy lets the caller change it again; `false` by default. With `true` a key
        /// can become unmanageable.
        pub bypass_policy_lockout_safety_check: optional(bool),
        /// Tags for the new key, each tag key at most once.
        pub tags: optional(Vec<Tag>),
        /// Whether to make the primary key of a multi-Region key; `false` by default, and never changed afterwards.
        pub multi_region: optional(bool),
        /// The external key that is the material of a key in an external key store, 1 to 128 characters. Required for
        /// the origin `EXTERNAL_KEY_STORE`, not valid for others.
        pub xks_key_id: optional(String) limits(Limits::length(1, 128).matching(Pattern::XksKeyId)),
    }

    /// The response of `CreateKey`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CreateKeyResponse {
        /// What is known of the new key.
        pub key_metadata: required(KeyMetadata),
    }

    /// The request of `DescribeKey`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct DescribeKeyRequest {
        /// The KMS key: its key id, key ARN, alias name (`alias/...`) or alias ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
    }

    /// The response of `DescribeKey`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeKeyResponse {
        /// What is known of the key.
        pub key_metadata: required(KeyMetadata),
    }

    /// The request of `ListKeys`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ListKeysRequest {
        /// The most keys to return, 1 to 1000; 100 by default. Fewer may come.
        pub limit: optional(i32) limits(Limits::range(1, 1000)),
        /// Where to go on: the `NextMarker` of a truncated response.
        pub marker: optional(String) limits(MARKER),
        /// Whose keys to list, one or two values; the caller's own account by default. Give the same value with a
        /// marker as in the request that returned it.
        pub resource_owners: optional(Vec<ResourceOwnerType>) limits(Limits::length(1, 2)),
    }

    /// The response of `ListKeys`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ListKeysResponse {
        /// The keys.
        pub keys: required(Vec<KeyListEntry>),
        /// The `Marker` of the next request; there when `Truncated` is true.
        pub next_marker: optional(String),
        /// Whether there are more keys.
        pub truncated: required(bool),
    }

    /// A key in the response of `ListKeys`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct KeyListEntry {
        /// The key id.
        pub key_id: required(String),
        /// The key ARN.
        pub key_arn: required(String),
    }

    /// The request of `UpdateKeyDescription`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct UpdateKeyDescriptionRequest {
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The new description, up to 8,192 characters. Not for secrets: it may show up in logs.
        pub description: required(String) limits(DESCRIPTION),
    }

    /// The request of `EnableKey`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct EnableKeyRequest {
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
    }

    /// The request of `DisableKey`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct DisableKeyRequest {
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
    }

    /// What is known of a KMS key.
    #[derive(Clone, Debug, PartialEq)]
    pub struct KeyMetadata {
        /// The account that owns the key, twelve digits.
        pub aws_account_id: required(String) as "AWSAccountId",
        /// The key id.
        pub key_id: required(String),
        /// The key ARN.
        pub arn: required(String),
        /// When the key was created.
        pub creation_date: required(Timestamp),
        /// Whether the key can be used: true exactly when `KeyState` is `Enabled`.
        pub enabled: required(bool),
        /// The description; empty if there is none.
        pub description: required(String),
        /// What the key may be used for.
        pub key_usage: required(KeyUsageType),
        /// The state of the key.
        pub key_state: required(KeyState),
        /// When the key will be deleted; there when `KeyState` is `PendingDeletion`.
        pub deletion_date: optional(Timestamp),
        /// When the first imported key material of the key expires; there when `ExpirationModel` is
        /// `KEY_MATERIAL_EXPIRES`.
        pub valid_to: optional(Timestamp),
        /// Where the key material comes from.
        pub origin: required(OriginType),
        /// The custom key store that the key is in, if it is in one.
        pub custom_key_store_id: optional(String),
        /// The cluster of hardware security modules that holds the key material; there for origin `AWS_CLOUDHSM`.
        pub cloud_hsm_cluster_id: optional(String),
        /// Whether the key material expires; there for origin `EXTERNAL`.
        pub expiration_model: optional(ExpirationModelType),
        /// Who manages the key.
        pub key_manager: required(KeyManagerType),
        /// The same as `KeySpec`, under its former name; not there for key specs that came later.
        pub customer_master_key_spec: optional(CustomerMasterKeySpec),
        /// The kind of key material.
        pub key_spec: required(KeySpec),
        /// The encryption algorithms that the key supports; there for usage `ENCRYPT_DECRYPT`.
        pub encryption_algorithms: optional(Vec<EncryptionAlgorithmSpec>),
        /// The signing algorithms that the key supports; there for usage `SIGN_VERIFY`.
        pub signing_algorithms: optional(Vec<SigningAlgorithmSpec>),
        /// The key agreement algorithms that the key supports; there for usage `KEY_AGREEMENT`.
        pub key_agreement_algorithms: optional(Vec<KeyAgreementAlgorithmSpec>),
        /// The key encapsulation algorithms that the key supports; there for usage `ENCAPSULATE_DECAPSULATE`.
        pub encapsulation_algorithms: optional(Vec<EncapsulationAlgorithmSpec>),
        /// Whether the key is part of a multi-Region key.
        pub multi_region: required(bool),
        /// The primary and replicas of the multi-Region key; there when `MultiRegion` is true.
        pub multi_region_configuration: optional(MultiRegionConfiguration),
        /// The waiting period in days that begins when the last replica is deleted; there when `KeyState` is
        /// `PendingReplicaDeletion`.
        pub pending_deletion_window_in_days: optional(i32),
        /// The MAC algorithms that the key supports; there for usage `GENERATE_VERIFY_MAC`.
        pub mac_algorithms: optional(Vec<MacAlgorithmSpec>),
        /// The external key behind the key; there for origin `EXTERNAL_KEY_STORE`.
        pub xks_key_configuration: optional(XksKeyConfigurationType),
        /// The key material that encrypts now, 64 hexadecimal digits; there for symmetric encryption keys of origin
        /// `AWS_KMS` or `EXTERNAL`.
        pub current_key_material_id: optional(String),
    }

    /// The parts of a multi-Region key.
    #[derive(Clone, Debug, PartialEq)]
    pub struct MultiRegionConfiguration {
        /// Whether the described key is the primary or a replica.
        pub multi_region_key_type: required(MultiRegionKeyType),
        /// The primary key.
        pub primary_key: required(MultiRegionKey),
        /// All replica keys.
        pub replica_keys: required(Vec<MultiRegionKey>),
    }

    /// The primary or a replica of a multi-Region key.
    #[derive(Clone, Debug, PartialEq)]
    pub struct MultiRegionKey {
        /// The key ARN.
        pub arn: required(String),
        /// The Region that the key is in.
        pub region: required(String),
    }

    /// The external key behind a KMS key in an external key store.
    #[derive(Clone, Debug, PartialEq)]
    pub struct XksKeyConfigurationType {
        /// Its id in the key manager outside.
        pub id: required(String),
    }
}

enumerations! {
    /// Whose KMS keys `ListKeys` lists.
    pub enum ResourceOwnerType {
        /// The caller's own.
        SelfOwned = "SELF",
        /// Those that other accounts share with the caller's through the Resource Access Manager.
        OtherAccountsViaRam = "OTHER_ACCOUNTS_VIA_RAM",
    }
}
