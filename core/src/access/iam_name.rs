//! The ARNs of what the registry keeps.

use super::{Principal, PrincipalKind, requester::Requester};
use crate::{
    error::{Error, ErrorKind, Result, Untrusted},
    key::AccountId,
};
use alloc::{format, string::String};

/// What the registry keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntityKind {
    Account,
    User,
    Group,
    Role,
    FederatedUser,
}

impl EntityKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "root",
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
            Self::FederatedUser => "federated-user",
        }
    }
}

/// An entity by account, kind and name. Names of one kind differ in more than their case, and paths are no part of them (IAM
/// User Guide, "IAM and STS quotas: name requirements").
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntityName {
    pub(crate) account: AccountId,
    pub(crate) kind: EntityKind,
    name: String,
}

impl EntityName {
    pub(crate) fn new(account: &AccountId, kind: EntityKind, name: &str) -> Self {
        Self { account: account.clone(), kind, name: name.to_lowercase() }
    }

    /// The account itself.
    pub(crate) fn account(account: &AccountId) -> Self {
        Self::new(account, EntityKind::Account, "")
    }

    /// Of a caller: a session is its role's.
    pub(crate) fn of_caller(principal: &Principal) -> Self {
        let account = principal.account();
        let requester = Requester::Principal(principal);
        match (principal.kind(), requester.session()) {
            (_, Some((role, _))) => Self::new(account, EntityKind::Role, role),
            (PrincipalKind::User, _) => Self::new(account, EntityKind::User, requester.user_name().unwrap_or_default()),
            (PrincipalKind::FederatedUser, _) => {
                let name = principal.resource().rsplit('/').next().unwrap_or_default();
                Self::new(account, EntityKind::FederatedUser, name)
            }
            (PrincipalKind::Root | PrincipalKind::AssumedRole | PrincipalKind::Service, _) => Self::account(account),
        }
    }

    /// By its ARN.
    pub(crate) fn parse(arn: &str) -> Result<Self> {
        let name = || {
            let mut parts = arn.splitn(6, ':');
            (parts.next()? == "arn").then_some(())?;
            let (partition, service) = (parts.next()?, parts.next()?);
            let resource = parts.nth(2)?;
            let (kind, path_and_name) = resource.split_once('/').unwrap_or((resource, ""));
            let kind = match (service, kind) {
                ("iam", "group") => EntityKind::Group,
                ("iam", "role") => EntityKind::Role,
                _ => {
                    let principal: Principal = arn.parse().ok()?;
                    return (principal.kind() != PrincipalKind::AssumedRole).then(|| Self::of_caller(&principal));
                }
            };
            // IAM is global, and their paths and names have the forms of a user's.
            arn.split(':').nth(3)?.is_empty().then_some(())?;
            let account = arn.split(':').nth(4)?;
            let user: Principal = format!("arn:{partition}:iam::{account}:user/{path_and_name}").parse().ok()?;
            Some(Self::new(user.account(), kind, path_and_name.rsplit('/').next()?))
        };
        name().ok_or_else(|| {
            Error::new(
                ErrorKind::Validation,
                format!(
                    "'{}' is not the ARN of a user, group, role, federated user or account's root user",
                    Untrusted(arn)
                ),
            )
        })
    }

    /// The parts of the name of its record: the account, and the rest.
    pub(crate) fn rest(&self) -> String {
        match self.kind {
            EntityKind::Account => self.kind.as_str().into(),
            kind => [kind.as_str(), "/", &self.name].concat(),
        }
    }
}
