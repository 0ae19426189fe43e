//! Grants as they are kept.

use super::{
    grant::{Constraints, Grant, Terms},
    named::NamedPrincipal,
};
use crate::{
    api::{Action, GrantConstraints, GrantOperation},
    clock::Timestamp,
    context::EncryptionContext,
    error::{Error, ErrorKind, Result, Untrusted},
    key::AccountId,
};
use alloc::{format, string::String, sync::Arc, vec::Vec};
use serde::{Deserialize, Serialize};

/// A grant on a key, all that was said when it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantTerms {
    /// 64 hexadecimal digits.
    pub(crate) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Milliseconds since 1970.
    pub(crate) created: i64,
    /// When it becomes effective without its token, where that is later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) effective: Option<i64>,
    /// The ARN of a principal, or the name of an AWS service.
    pub(crate) grantee: String,
    /// The same of who may retire it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retiring: Option<String>,
    /// The account of the one that made it.
    pub(crate) issuer: AccountId,
    pub(crate) operations: Vec<GrantOperation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) equals: Option<EncryptionContext>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subset: Option<EncryptionContext>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
}

impl GrantTerms {
    /// As the evaluator reads it.
    pub(crate) fn terms(&self) -> Terms {
        Terms {
            operations: self.operations.iter().copied().filter_map(action_of).collect(),
            constraints: Constraints {
                equals: self.equals.clone(),
                subset: self.subset.clone(),
                source_arn: self.source.clone(),
            },
        }
    }

    /// As the API shows it.
    pub(crate) fn constraints(&self) -> Option<GrantConstraints> {
        let constraints = GrantConstraints {
            encryption_context_subset: self.subset.clone(),
            encryption_context_equals: self.equals.clone(),
            source_arn: self.source.clone(),
        };
        (constraints != GrantConstraints::default()).then_some(constraints)
    }
}

/// The action that an operation of a grant is.
pub(super) fn action_of(operation: GrantOperation) -> Option<Action> {
    Action::ALL.iter().copied().find(|action| action.name() == operation.as_str())
}

/// The principal that a grant names, by its ARN, or the AWS service.
pub(crate) fn named(text: &str) -> Result<NamedPrincipal> {
    NamedPrincipal::aws(text)
        .or_else(|| NamedPrincipal::service(text))
        .filter(|named| *named != NamedPrincipal::Everyone)
        // Accounts are named by their ARN here, unlike in policies.
        .filter(|_| text.starts_with("arn:") || text.contains(".amazonaws.com"))
        .ok_or_else(|| not_a_principal(text))
}

/// The error of a grant to or by no principal.
pub(crate) fn not_a_principal(text: &str) -> Error {
    Error::new(ErrorKind::InvalidArn, format!("ARN does not refer to a valid principal: {}", Untrusted(text)))
}

/// A grant as it is kept, read once.
#[derive(Debug, Deserialize)]
#[serde(try_from = "GrantTerms")]
pub(crate) struct GrantRecord {
    pub(crate) written: GrantTerms,
    pub(crate) retiring: Option<NamedPrincipal>,
    pub(crate) grant: Arc<Grant>,
}

impl TryFrom<GrantTerms> for GrantRecord {
    type Error = Error;
    fn try_from(written: GrantTerms) -> Result<Self> {
        Ok(Self {
            retiring: written.retiring.as_deref().map(named).transpose()?,
            grant: Arc::new(Grant {
                id: written.id.clone(),
                grantee: named(&written.grantee)?,
                terms: written.terms(),
                // Without a delay it counts once it is there, whatever the clock of the process showed that made it.
                effective: written.effective.map_or(Timestamp::MIN, Timestamp::from_millis),
            }),
            written,
        })
    }
}
