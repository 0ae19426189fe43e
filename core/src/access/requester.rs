//! Who asks, for the evaluator: a principal of an account, or an AWS service, which is of none.

use super::principal::{Principal, PrincipalKind};
use crate::key::AccountId;
use alloc::{
    format,
    string::{String, ToString},
};

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Requester<'a> {
    Principal(&'a Principal),
    /// An AWS service, by its name: `logs.us-east-1.amazonaws.com`, and the account on whose behalf it asks, where that is known.
    Service(&'a str, Option<&'a AccountId>),
}

impl<'a> Requester<'a> {
    /// A principal that calls.
    pub(crate) fn of(principal: &'a Principal) -> Self {
        match principal.kind() {
            PrincipalKind::Service => Self::Service(principal.as_str(), Some(principal.account())),
            PrincipalKind::Root | PrincipalKind::User | PrincipalKind::AssumedRole | PrincipalKind::FederatedUser => {
                Self::Principal(principal)
            }
        }
    }

    /// The ARN; of a service its name.
    pub(crate) fn arn(self) -> &'a str {
        match self {
            Self::Principal(principal) => principal.as_str(),
            Self::Service(name, _) => name,
        }
    }

    /// The account that it belongs to: a service to none.
    pub(crate) fn account(self) -> Option<&'a AccountId> {
        match self {
            Self::Principal(principal) => Some(principal.account()),
            Self::Service(..) => None,
        }
    }

    /// The account for which it asks: its own, or that on whose behalf a service does.
    pub(crate) fn asks_for(self) -> Option<&'a AccountId> {
        match self {
            Self::Principal(principal) => Some(principal.account()),
            Self::Service(_, account) => account,
        }
    }

    fn kind(self) -> Option<PrincipalKind> {
        match self {
            Self::Principal(principal) => Some(principal.kind()),
            Self::Service(..) => None,
        }
    }

    pub(crate) fn is_root(self) -> bool {
        self.kind() == Some(PrincipalKind::Root)
    }

    pub(crate) fn is_service(self) -> bool {
        matches!(self, Self::Service(..))
    }

    /// Of a session of a role, the names of the role and of the session.
    pub(crate) fn session(self) -> Option<(&'a str, &'a str)> {
        match self {
            Self::Principal(principal) if principal.kind() == PrincipalKind::AssumedRole => {
                principal.resource().strip_prefix("assumed-role/")?.split_once('/')
            }
            _ => None,
        }
    }

    /// Of an IAM user, its name without path.
    pub(crate) fn user_name(self) -> Option<&'a str> {
        match self {
            Self::Principal(principal) if principal.kind() == PrincipalKind::User => {
                principal.resource().rsplit('/').next()
            }
            _ => None,
        }
    }

    /// What `aws:userid` is. The unique ids that IAM gives (`AIDA…`) do not exist here: names stand for them.
    pub(crate) fn user_id(self) -> Option<String> {
        let Self::Principal(principal) = self else { return None };
        let account = principal.account();
        match principal.kind() {
            PrincipalKind::Root => Some(account.to_string()),
            PrincipalKind::User => self.user_name().map(String::from),
            PrincipalKind::AssumedRole => self.session().map(|(role, session)| format!("{role}:{session}")),
            PrincipalKind::FederatedUser => {
                principal.resource().strip_prefix("federated-user/").map(|name| format!("{account}:{name}"))
            }
            PrincipalKind::Service => None,
        }
    }

    /// What `aws:PrincipalArn` is: of a session the ARN of its role, whose path a session does not contain.
    pub(crate) fn principal_arn(self) -> String {
        match (self, self.session()) {
            (Self::Principal(principal), Some((role, _))) => {
                format!("arn:{}:iam::{}:role/{role}", principal.partition(), principal.account())
            }
            _ => self.arn().to_string(),
        }
    }

    /// What `aws:PrincipalType` is.
    pub(crate) fn principal_type(self) -> Option<&'static str> {
        self.kind().and_then(|kind| match kind {
            PrincipalKind::Root => Some("Account"),
            PrincipalKind::User => Some("User"),
            PrincipalKind::AssumedRole => Some("AssumedRole"),
            PrincipalKind::FederatedUser => Some("FederatedUser"),
            PrincipalKind::Service => None,
        })
    }
}
