//! The registry of principals: who there is in the accounts of a vault, and what their own policies say.
//!
//! It is the host's, in a [`Vault`](crate::Vault), and stands where IAM, STS and AWS Organizations stand for AWS KMS.

use super::{
    Tag,
    limits::{ALIAS_NAME, GRANT_TOKENS, KEY_ID, MARKER},
};
use crate::{
    clock::Timestamp,
    context::EncryptionContext,
    shape::{Limits, structures},
};
use alloc::{string::String, vec::Vec};

const ARN: Limits = Limits::length(20, 2048);
/// Twenty policies are what IAM attaches to an identity at most, after a rise of its quota.
const POLICIES: Limits = Limits::length(0, 20);
const DOCUMENT: Limits = Limits::length(1, 32_768);
const NAME: Limits = Limits::length(1, 128);

structures! {
    /// A policy with a name.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct IamPolicy {
        /// Its name, by which explanations call it.
        pub policy_name: required(String) limits(NAME),
        /// The document, JSON.
        pub policy_document: required(String) limits(DOCUMENT),
    }

    /// A level of an organization: its root, an organizational unit or an account.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct OrganizationLevel {
        /// Service control policies: what principals of the account may do at most. Without any the level limits nothing;
        /// an empty list allows nothing.
        pub service_control_policies: optional(Vec<IamPolicy>) limits(POLICIES),
        /// Resource control policies: what may be done to resources of the account at most. Without any the level limits
        /// nothing; an empty list allows nothing.
        pub resource_control_policies: optional(Vec<IamPolicy>) limits(POLICIES),
    }

    /// A user, a group, a role, a federated user, or an account: what the registry keeps of it.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct IamEntity {
        /// Its ARN, which says what it is: `arn:aws:iam::111122223333:user/path/name`, `…:group/name`, `…:role/name`,
        /// `arn:aws:sts::111122223333:federated-user/name`, or of an account that of its root user,
        /// `arn:aws:iam::111122223333:root`.
        pub arn: required(String) limits(ARN),
        /// Identity policies, of all but an account. Their documents have at most 262,144 bytes together.
        pub policies: optional(Vec<IamPolicy>) limits(POLICIES),
        /// The permissions boundary of a user or role, a policy document.
        pub permissions_boundary: optional(String) limits(DOCUMENT),
        /// The names of the groups that a user is in, at most 10. They must be in the registry.
        pub groups: optional(Vec<String>) limits(Limits::length(0, 10)),
        /// The trust policy of a role: who may assume it. Without one only the host itself may.
        pub assume_role_policy_document: optional(String) limits(DOCUMENT),
        /// The tags of a user or role: `aws:PrincipalTag`.
        pub tags: optional(Vec<Tag>) limits(Limits::length(0, 50)),
        /// Of an account: what is above it in its organization, from the root on, and itself, at most 7 levels.
        pub organization: optional(Vec<OrganizationLevel>) limits(Limits::length(0, 7)),
    }

    /// The request to list what the registry keeps of an account.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ListIamEntitiesRequest {
        /// The account, twelve digits; the vault's own where there is none.
        pub account_id: optional(String),
        /// The most entities to return, 1 to 1000; 100 by default.
        pub limit: optional(i32) limits(Limits::range(1, 1000)),
        /// Where to go on: the `NextMarker` of a truncated response.
        pub marker: optional(String) limits(MARKER),
    }

    /// What the registry keeps of an account.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ListIamEntitiesResponse {
        /// The ARNs of the entities.
        pub arns: required(Vec<String>),
        /// The `Marker` of the next request; there when `Truncated` is true.
        pub next_marker: optional(String),
        /// Whether there are more entities.
        pub truncated: required(bool),
    }

    /// A condition key that the host states, with its values.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ContextEntry {
        /// The name of the condition key: `aws:PrincipalOrgID`.
        pub context_key_name: required(String) limits(Limits::length(5, 256)),
        /// Its values.
        pub context_key_values: required(Vec<String>) limits(Limits::length(1, 100)),
    }

    /// What is true of a caller's session and connection. The host states it; a caller cannot.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct SessionContext {
        /// Session policies, documents, of a role's session or a federated user: what it may do at most.
        pub policies: optional(Vec<String>) limits(Limits::length(0, 10).each(&DOCUMENT)),
        /// Session tags, of a role's session or a federated user: `aws:PrincipalTag`, before tags of the role.
        pub tags: optional(Vec<Tag>) limits(Limits::length(0, 50)),
        /// `aws:SourceIdentity`.
        pub source_identity: optional(String) limits(Limits::length(2, 64)),
        /// When the caller authenticated with a second factor: `aws:MultiFactorAuthPresent` and `aws:MultiFactorAuthAge`.
        pub multi_factor_auth_time: optional(Timestamp),
        /// The address that requests come from: `aws:SourceIp`.
        pub source_ip: optional(String) limits(Limits::length(2, 64)),
        /// The VPC endpoint that requests come through: `aws:SourceVpce`.
        pub vpc_endpoint_id: optional(String) limits(NAME),
        /// The policy of that endpoint, a document.
        pub vpc_endpoint_policy: optional(String) limits(DOCUMENT),
        /// The AWS service that asks on the caller's behalf, `s3.us-east-1.amazonaws.com`: `kms:ViaService`.
        pub via_service: optional(String) limits(NAME),
        /// When the session ends, by the vault's clock: from then on its requests fail with `ExpiredTokenException`.
        pub expiration: optional(Timestamp),
        /// Other `aws:` condition keys, but those whose values follow from the principal, the key, the request or the clock.
        pub context: optional(Vec<ContextEntry>) limits(Limits::length(0, 50)),
    }

    /// The request to try out what the vault's policies, grants and principals decide, and why.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct SimulateRequest {
        /// The action: `kms:Decrypt`. `ReEncrypt` asks for two, `kms:ReEncryptFrom` and `kms:ReEncryptTo`; actions on aliases
        /// are asked of the alias and of its key.
        pub action: required(String) limits(NAME),
        /// The KMS key: its key id, key ARN, alias name or alias ARN. Actions without a key have none.
        pub key_id: optional(String) limits(KEY_ID),
        /// In its place, the name of an alias, for actions on aliases.
        pub alias_name: optional(String) limits(ALIAS_NAME),
        /// The encryption context of the call.
        pub encryption_context: optional(EncryptionContext),
        /// Grant tokens that come with the call.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
        /// Other condition keys of the call: `kms:EncryptionAlgorithm`.
        pub context: optional(Vec<ContextEntry>) limits(Limits::length(0, 50)),
    }

    /// What would be decided.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct SimulateResponse {
        /// Whether the call would be allowed.
        pub allowed: required(bool),
        /// The message of the `AccessDeniedException`, if not.
        pub message: optional(String),
        /// Which statements of which policies decided, which conditions did not hold and with what value, or what would be
        /// needed; the most important first.
        pub explanation: required(Vec<String>),
    }

    /// A request quota in place of AWS's number.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct RequestQuota {
        /// `Symmetric`, `RSA`, `ECC`, `ML-DSA` or `ML-KEM`, which cryptographic operations share by the type of the key; data key pairs
        /// have one for each spec, `GenerateDataKeyPair (RSA_2048)`; or the name of another operation, as AWS writes it.
        pub quota_name: required(String) limits(NAME),
        /// How many requests an account may make in a Region.
        pub requests: required(i32) limits(Limits::range(0, 1_000_000_000)),
        /// In how many seconds; 1 by default.
        pub seconds: optional(i32) limits(Limits::range(1, 86_400)),
    }

    /// Resource quotas in place of AWS's numbers. What is left out is as AWS has it; keys are not counted then.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ResourceQuotas {
        /// How many KMS keys an account may have in a Region, in every state. AWS has 100,000; where it is left out, as many as the
        /// store holds.
        pub keys: optional(u32),
        /// How many aliases a key may have: 50.
        pub aliases_per_key: optional(u32),
        /// How many grants there may be on a key: 50,000.
        pub grants_per_key: optional(u32),
        /// How many bytes a key policy may have: 32,768, which is also the most.
        pub key_policy_bytes: optional(u32),
        /// How many tags a key may have: 50.
        pub tags_per_key: optional(u32),
        /// How often a key may be rotated on demand, ever: 25.
        pub on_demand_rotations_per_key: optional(u32),
        /// How many custom key stores an account may have in a Region: 10.
        pub custom_key_stores: optional(u32),
    }

    /// The request to assume a role.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct AssumeRoleRequest {
        /// The ARN of the role.
        pub role_arn: required(String) limits(ARN),
        /// The name of the session, 2 to 64 characters.
        pub role_session_name: required(String) limits(Limits::length(2, 64)),
        /// What the trust policy of another account's role may ask for: `sts:ExternalId`.
        pub external_id: optional(String) limits(Limits::length(2, 1224)),
        /// What is true of the session. Tags need the permission `sts:TagSession` beside `sts:AssumeRole`, a source identity
        /// `sts:SetSourceIdentity`.
        pub session: optional(SessionContext),
    }
}
