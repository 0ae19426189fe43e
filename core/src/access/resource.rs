//! What actions are carried out on.

use crate::key::{AccountId, Arn, KeyRecord};
use alloc::string::{String, ToString};

/// What an action is carried out on.
#[derive(Clone, Copy)]
pub(crate) enum Resource<'a> {
    /// A KMS key.
    Key(&'a KeyRecord),
    /// An alias.
    Alias(&'a Arn),
    /// A role, by its ARN, that somebody would assume.
    Role(&'a str, &'a AccountId),
    /// Nothing that has an ARN: `*`.
    None,
}

impl Resource<'_> {
    /// Its ARN.
    pub(crate) fn arn(&self) -> Option<String> {
        match self {
            Self::Key(key) => Some(key.arn()),
            Self::Alias(arn) => Some(arn.to_string()),
            Self::Role(arn, _) => Some((*arn).to_string()),
            Self::None => None,
        }
    }

    /// The account that it is of.
    pub(crate) fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Key(key) => Some(&key.account),
            Self::Alias(arn) => Some(&arn.account),
            Self::Role(_, account) => Some(account),
            Self::None => None,
        }
    }
}
