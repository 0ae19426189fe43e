//! What is asked for, as policies name it: an action of KMS, or one of those by which STS makes sessions.

use crate::api::Action;

/// An action that policies allow or deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Kms(Action),
    AssumeRole,
    TagSession,
    SetSourceIdentity,
}

impl Verb {
    /// Its name as policies have it.
    pub(crate) const fn full_name(self) -> &'static str {
        match self {
            Self::Kms(action) => action.full_name(),
            Self::AssumeRole => "sts:AssumeRole",
            Self::TagSession => "sts:TagSession",
            Self::SetSourceIdentity => "sts:SetSourceIdentity",
        }
    }

    /// The same in lower case.
    pub(crate) const fn lower(self) -> &'static str {
        match self {
            Self::Kms(action) => action.lower(),
            Self::AssumeRole => "sts:assumerole",
            Self::TagSession => "sts:tagsession",
            Self::SetSourceIdentity => "sts:setsourceidentity",
        }
    }

    /// Whether it can be carried out on another account's resource, if both sides' policies allow it.
    pub(crate) const fn crosses_accounts(self) -> bool {
        match self {
            Self::Kms(action) => action.crosses_accounts(),
            Self::AssumeRole | Self::TagSession | Self::SetSourceIdentity => true,
        }
    }

    /// The action of KMS that it is.
    pub(crate) const fn of_kms(self) -> Option<Action> {
        match self {
            Self::Kms(action) => Some(action),
            Self::AssumeRole | Self::TagSession | Self::SetSourceIdentity => None,
        }
    }
}
