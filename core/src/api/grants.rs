//! Grants: permissions on a KMS key for one principal, which can be given and taken without a change of the key policy.

use super::limits::{
    GRANT_ID, GRANT_NAME, GRANT_TOKEN, GRANT_TOKENS, KEY_ID, MARKER, PRINCIPAL, SERVICE_PRINCIPAL, SOURCE_ARN,
};
use crate::{
    clock::Timestamp,
    context::EncryptionContext,
    shape::{Limits, enumerations, structures},
};
use alloc::{string::String, vec::Vec};

enumerations! {
    /// What a grant lets its grantee do.
    pub enum GrantOperation {
        /// Decrypt.
        Decrypt = "Decrypt",
        /// Encrypt.
        Encrypt = "Encrypt",
        /// Make data keys.
        GenerateDataKey = "GenerateDataKey",
        /// Make data keys without seeing them.
        GenerateDataKeyWithoutPlaintext = "GenerateDataKeyWithoutPlaintext",
        /// Re-encrypt what the key encrypted.
        ReEncryptFrom = "ReEncryptFrom",
        /// Re-encrypt under the key.
        ReEncryptTo = "ReEncryptTo",
        /// Sign.
        Sign = "Sign",
        /// Verify signatures.
        Verify = "Verify",
        /// Get the public key.
        GetPublicKey = "GetPublicKey",
        /// Give grants that allow no more than this one.
        CreateGrant = "CreateGrant",
        /// Retire this grant.
        RetireGrant = "RetireGrant",
        /// See what is known of the key.
        DescribeKey = "DescribeKey",
        /// Make data key pairs.
        GenerateDataKeyPair = "GenerateDataKeyPair",
        /// Make data key pairs without seeing the private key.
        GenerateDataKeyPairWithoutPlaintext = "GenerateDataKeyPairWithoutPlaintext",
        /// Make message authentication codes.
        GenerateMac = "GenerateMac",
        /// Verify message authentication codes.
        VerifyMac = "VerifyMac",
        /// Derive shared secrets.
        DeriveSharedSecret = "DeriveSharedSecret",
        /// Encapsulate shared secrets.
        Encapsulate = "Encapsulate",
        /// Decapsulate shared secrets.
        Decapsulate = "Decapsulate",
    }
}

structures! {
    /// What must be true of a request for a grant to allow it. The pairs of encryption contexts are at most 8, their values at
    /// most 384 characters long; names count whatever their case, values exactly.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct GrantConstraints {
        /// Pairs that the encryption context of the request must have, among others.
        pub encryption_context_subset: optional(EncryptionContext),
        /// Pairs that the encryption context of the request must have, and no others.
        pub encryption_context_equals: optional(EncryptionContext),
        /// The ARN of the resource for which an AWS service must ask.
        pub source_arn: optional(String) limits(SOURCE_ARN),
    }

    /// The request of `CreateGrant`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct CreateGrantRequest {
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// Who gets the permissions, an ARN: an account's root, a user, a role, a session or a federated user. It or
        /// `GranteeServicePrincipal` is required.
        pub grantee_principal: optional(String) limits(PRINCIPAL),
        /// Who may retire the grant, an ARN.
        pub retiring_principal: optional(String) limits(PRINCIPAL),
        /// What the grantee may do, at least one operation; each must be one that the key supports.
        pub operations: required(Vec<GrantOperation>),
        /// What must be true of a request besides.
        pub constraints: optional(GrantConstraints),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
        /// A name for the grant, 1 to 256 letters, digits and `:/_-`. A request with the same name and all else the same gives the
        /// same grant again.
        pub name: optional(String) limits(GRANT_NAME),
        /// Checks whether the request would succeed, and changes nothing.
        pub dry_run: optional(bool),
        /// The AWS service that gets the permissions, `service.amazonaws.com`. It needs a `SourceArn`, and somebody who may retire the
        /// grant.
        pub grantee_service_principal: optional(String) limits(SERVICE_PRINCIPAL),
        /// The AWS service that may retire the grant.
        pub retiring_service_principal: optional(String) limits(SERVICE_PRINCIPAL),
    }

    /// The response of `CreateGrant`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CreateGrantResponse {
        /// The grant token. It is no secret: it counts for the grantee alone.
        pub grant_token: required(String),
        /// The id of the grant, 64 hexadecimal digits.
        pub grant_id: required(String),
    }

    /// The request of `ListGrants`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ListGrantsRequest {
        /// The most grants to return, 1 to 100; 50 by default. Fewer may come.
        pub limit: optional(i32) limits(Limits::range(1, 100)),
        /// Where to go on: the `NextMarker` of a truncated response.
        pub marker: optional(String) limits(MARKER),
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// Only the grant with that id.
        pub grant_id: optional(String) limits(GRANT_ID),
        /// Only grants for this principal.
        pub grantee_principal: optional(String) limits(PRINCIPAL),
        /// Only grants for this AWS service.
        pub grantee_service_principal: optional(String) limits(SERVICE_PRINCIPAL),
    }

    /// The response of `ListGrants` and `ListRetirableGrants`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ListGrantsResponse {
        /// The grants.
        pub grants: required(Vec<GrantListEntry>),
        /// The `Marker` of the next request; there when `Truncated` is true.
        pub next_marker: optional(String),
        /// Whether there are more grants.
        pub truncated: required(bool),
    }

    /// A grant in the response of `ListGrants`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct GrantListEntry {
        /// The ARN of the KMS key.
        pub key_id: required(String),
        /// The id of the grant.
        pub grant_id: required(String),
        /// The name of the grant, if it has one.
        pub name: optional(String),
        /// When it was created.
        pub creation_date: required(Timestamp),
        /// The principal that gets the permissions.
        pub grantee_principal: optional(String),
        /// Who may retire it.
        pub retiring_principal: optional(String),
        /// The account that gave it, as the ARN of its root.
        pub issuing_account: required(String),
        /// What the grantee may do.
        pub operations: required(Vec<GrantOperation>),
        /// What must be true of a request besides.
        pub constraints: optional(GrantConstraints),
        /// The AWS service that has the permissions.
        pub grantee_service_principal: optional(String),
        /// The AWS service that may retire it.
        pub retiring_service_principal: optional(String),
    }

    /// The request of `ListRetirableGrants`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ListRetirableGrantsRequest {
        /// The most grants to return, 1 to 100; 50 by default. Fewer may come.
        pub limit: optional(i32) limits(Limits::range(1, 100)),
        /// Where to go on: the `NextMarker` of a truncated response.
        pub marker: optional(String) limits(MARKER),
        /// Who may retire the grants, of the caller's account. It or `RetiringServicePrincipal` is required.
        pub retiring_principal: optional(String) limits(PRINCIPAL),
        /// The AWS service that may retire the grants.
        pub retiring_service_principal: optional(String) limits(SERVICE_PRINCIPAL),
    }

    /// The request of `RetireGrant`. It names the grant by its token, or by key and id.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct RetireGrantRequest {
        /// The token of the grant.
        pub grant_token: optional(String) limits(GRANT_TOKEN),
        /// The KMS key: its key id or key ARN.
        pub key_id: optional(String) limits(KEY_ID),
        /// The id of the grant.
        pub grant_id: optional(String) limits(GRANT_ID),
        /// Checks whether the request would succeed, and changes nothing.
        pub dry_run: optional(bool),
    }

    /// The request of `RevokeGrant`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct RevokeGrantRequest {
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The id of the grant.
        pub grant_id: required(String) limits(GRANT_ID),
        /// Checks whether the request would succeed, and changes nothing.
        pub dry_run: optional(bool),
    }
}
