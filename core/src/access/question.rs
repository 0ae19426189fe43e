//! What the evaluator is asked: one value with all that a policy or a grant may make its answer depend on.

use super::{caller::Caller, grant::Terms, grant_record::GrantTerms, resource::Resource};
use crate::{
    api::{Action, AlgorithmSpec, MessageType, Operation, Tag, WrappingKeySpec},
    attestation::Attested,
    clock::Timestamp,
    context::EncryptionContext,
    key::{
        Arn, DataKeyPairSpec, EncryptionAlgorithmSpec, ExpirationModelType, KeyAgreementAlgorithmSpec, KeyId,
        KeyRecord, KeySpec, KeyUsageType, MacAlgorithmSpec, MultiRegionKeyType, OriginType, SigningAlgorithmSpec,
    },
};
use alloc::string::String;

/// The properties of a key that is to be made, defaults filled in.
#[derive(Clone, Copy)]
pub(crate) struct NewKey {
    pub(crate) spec: KeySpec,
    pub(crate) usage: KeyUsageType,
    pub(crate) origin: OriginType,
    pub(crate) multi_region: Option<MultiRegionKeyType>,
}

/// A grant that is to be made.
#[derive(Clone, Copy)]
pub(crate) struct NewGrant<'a> {
    pub(crate) written: &'a GrantTerms,
    pub(crate) terms: &'a Terms,
}

/// May this caller carry out this action on this resource, under these circumstances?
///
/// An operation may ask several: `ReEncrypt` of two keys, `UpdateAlias` of an alias and two keys. It borrows all that it has, so
/// that asking costs an operation nothing.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) caller: &'a Caller,
    /// The operation that asks.
    pub(crate) operation: Operation,
    pub(crate) action: Action,
    pub(crate) resource: Resource<'a>,
    /// The name of the alias by which the request names the key, if it does: `kms:RequestAlias`.
    pub(crate) request_alias: Option<&'a str>,
    pub(crate) encryption_context: Option<&'a EncryptionContext>,
    /// As used, the default filled in.
    pub(crate) encryption_algorithm: Option<EncryptionAlgorithmSpec>,
    pub(crate) mac_algorithm: Option<MacAlgorithmSpec>,
    pub(crate) signing_algorithm: Option<SigningAlgorithmSpec>,
    pub(crate) message_type: Option<MessageType>,
    pub(crate) key_agreement_algorithm: Option<KeyAgreementAlgorithmSpec>,
    pub(crate) data_key_pair_spec: Option<DataKeyPairSpec>,
    /// The other key of a `ReEncrypt`, once it is known: `kms:ReEncryptOnSameKey`.
    pub(crate) other_key: Option<KeyId>,
    pub(crate) new_key: Option<NewKey>,
    /// As the request has it: `kms:BypassPolicyLockoutSafetyCheck`.
    pub(crate) bypass_policy_lockout_safety_check: Option<bool>,
    /// Of operations on policies, `default` where the request has none: `kms:PolicyName`.
    pub(crate) policy_name: Option<&'a str>,
    /// What `CreateGrant` would make.
    pub(crate) new_grant: Option<NewGrant<'a>>,
    /// What `RetireGrant` would end.
    pub(crate) retired_grant: Option<&'a GrantTerms>,
    /// The tags of the request: `aws:RequestTag`, `aws:TagKeys`.
    pub(crate) tags: &'a [Tag],
    /// The tag keys of a request that removes tags: `aws:TagKeys`.
    pub(crate) tag_keys: &'a [String],
    pub(crate) rotation_period_in_days: Option<i32>,
    pub(crate) pending_window_in_days: Option<i32>,
    /// Where `ReplicateKey` would make a replica, as the request has it.
    pub(crate) replica_region: Option<&'a str>,
    /// Where `UpdatePrimaryRegion` would have the primary, as the request has it.
    pub(crate) primary_region: Option<&'a str>,
    pub(crate) wrapping_algorithm: Option<AlgorithmSpec>,
    pub(crate) wrapping_key_spec: Option<WrappingKeySpec>,
    /// As used, the default filled in.
    pub(crate) expiration_model: Option<ExpirationModelType>,
    pub(crate) valid_to: Option<Timestamp>,
    /// What the recipient of the answer has proved: `kms:RecipientAttestation:…`.
    pub(crate) attested: Option<&'a Attested>,
    /// They name grants that may not be in effect everywhere yet.
    pub(crate) grant_tokens: &'a [String],
}

impl<'a> Question<'a> {
    /// The question of an operation that needs one permission, of no resource yet.
    pub(crate) const fn new(caller: &'a Caller, operation: Operation) -> Self {
        Self {
            caller,
            operation,
            action: operation.action(),
            resource: Resource::None,
            request_alias: None,
            encryption_context: None,
            encryption_algorithm: None,
            mac_algorithm: None,
            signing_algorithm: None,
            message_type: None,
            key_agreement_algorithm: None,
            data_key_pair_spec: None,
            other_key: None,
            new_key: None,
            bypass_policy_lockout_safety_check: None,
            policy_name: None,
            new_grant: None,
            retired_grant: None,
            tags: &[],
            tag_keys: &[],
            rotation_period_in_days: None,
            pending_window_in_days: None,
            replica_region: None,
            primary_region: None,
            wrapping_algorithm: None,
            wrapping_key_spec: None,
            expiration_model: None,
            valid_to: None,
            attested: None,
            grant_tokens: &[],
        }
    }

    /// The same for another action of the operation.
    pub(crate) const fn with_action(self, action: Action) -> Self {
        Self { action, ..self }
    }

    /// The same of a key.
    pub(crate) fn of_key<'b>(&self, key: &'b KeyRecord) -> Question<'b>
    where
        'a: 'b,
    {
        Question { resource: Resource::Key(key), ..*self }
    }

    /// The same of an alias. What the request says of a key does not concern it.
    pub(crate) fn of_alias<'b>(&self, alias: &'b Arn) -> Question<'b>
    where
        'a: 'b,
    {
        Question { resource: Resource::Alias(alias), ..*self }
    }
}
