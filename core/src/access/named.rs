//! The principals that policies and grants name, and which callers they reach.

use super::{
    iam_name::{EntityKind, EntityName},
    principal::{Principal, PrincipalKind, is_service_name},
    requester::Requester,
};
use crate::key::AccountId;
use alloc::{
    string::{String, ToString},
    vec::Vec,
};

/// A principal as a policy or a grant names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NamedPrincipal {
    /// `*`.
    Everyone,
    /// An account, by its number or the ARN of its root user.
    Account(AccountId),
    /// A user, by its ARN.
    User(String),
    /// A role: all its sessions. By account and name, since the ARN of a session has no path.
    Role(AccountId, String),
    /// A session of a role, by its ARN.
    Session(String),
    /// A federated user, by its ARN.
    FederatedUser(String),
    /// An AWS service, by its name.
    Service(String),
    /// Somebody whom an identity provider vouches for: no one that can call here.
    Provider,
}

/// How a policy reaches a caller, which decides what else is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Everyone = 1,
    /// The caller's account, and so its identity policies; of its root user, itself.
    Account = 2,
    User = 4,
    Role = 8,
    Session = 16,
    FederatedUser = 32,
    Service = 64,
}

impl NamedPrincipal {
    /// In a policy's `{"AWS": …}`. Wildcards are no part of any name.
    pub(crate) fn aws(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Everyone);
        }
        if let Ok(account) = text.parse() {
            return Some(Self::Account(account));
        }
        let mut parts = text.splitn(6, ':').skip(2);
        let (service, region, account, resource) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let account: AccountId = account.parse().ok()?;
        match (service, region, resource.split_once('/')) {
            ("iam", "", None) if resource == "root" && is_arn(text) => Some(Self::Account(account)),
            ("iam", "", Some(("role", path_and_name))) if is_arn(text) => {
                let (_, name) = path_and_name.rsplit_once('/').unwrap_or(("", path_and_name));
                is_role(path_and_name, name).then(|| Self::Role(account, name.to_string()))
            }
            // The others can call, and are named as they are when they do.
            _ => match text.parse::<Principal>().ok().filter(|_| !text.contains(['*', '?']))?.kind() {
                PrincipalKind::Root | PrincipalKind::Service => None,
                PrincipalKind::User => Some(Self::User(text.to_string())),
                PrincipalKind::AssumedRole => Some(Self::Session(text.to_string())),
                PrincipalKind::FederatedUser => Some(Self::FederatedUser(text.to_string())),
            },
        }
    }

    /// In a policy's `{"Service": …}`. Wildcards are none: `*` would let in everybody, or every service.
    pub(crate) fn service(text: &str) -> Option<Self> {
        is_service_name(text).then(|| Self::Service(text.to_string()))
    }

    /// In a policy's `{"Federated": …}`.
    pub(crate) fn federated(text: &str) -> Option<Self> {
        (!text.is_empty() && !text.contains(['*', '?'])).then_some(Self::Provider)
    }

    /// The user, role or federated user that must exist for it, with its ARN where that is known whole.
    pub(crate) fn entity(&self) -> Option<(EntityName, Option<&str>)> {
        match self {
            Self::Role(account, name) => Some((EntityName::new(account, EntityKind::Role, name), None)),
            Self::User(arn) | Self::FederatedUser(arn) => Some((EntityName::parse(arn).ok()?, Some(arn))),
            Self::Session(arn) => Some((EntityName::of_caller(&arn.parse().ok()?), None)),
            Self::Everyone | Self::Account(_) | Self::Service(_) | Self::Provider => None,
        }
    }

    /// By what an index finds it: a text that no other has.
    pub(crate) fn index_text(&self) -> String {
        match self {
            Self::Everyone => "*".to_string(),
            Self::Provider => String::new(),
            Self::Account(account) => account.to_string(),
            Self::Role(account, name) => [account.as_str(), "/", name].concat(),
            Self::User(text) | Self::Session(text) | Self::FederatedUser(text) | Self::Service(text) => text.clone(),
        }
    }

    /// All that can reach a caller, but `*`.
    pub(crate) fn reaching(caller: Requester<'_>) -> Vec<Self> {
        let arn = caller.arn().to_string();
        let account = caller.account().cloned();
        let itself = match (caller, caller.session()) {
            (Requester::Service(..), _) => Some(Self::Service(arn)),
            (Requester::Principal(_), Some((role, _))) => {
                let role = account.clone().map(|account| Self::Role(account, role.to_string()));
                return [Some(Self::Session(arn)), role, account.map(Self::Account)].into_iter().flatten().collect();
            }
            (Requester::Principal(principal), None) => match principal.kind() {
                PrincipalKind::User => Some(Self::User(arn)),
                PrincipalKind::FederatedUser => Some(Self::FederatedUser(arn)),
                PrincipalKind::Root | PrincipalKind::AssumedRole | PrincipalKind::Service => None,
            },
        };
        itself.into_iter().chain(account.map(Self::Account)).collect()
    }

    /// How it reaches the caller; `None` where it means others.
    pub(crate) fn reach(&self, caller: Requester<'_>) -> Option<Reach> {
        match self {
            Self::Everyone => Some(Reach::Everyone),
            Self::Account(account) => (caller.account() == Some(account)).then_some(Reach::Account),
            Self::User(arn) => (caller.arn() == arn).then_some(Reach::User),
            Self::Role(account, name) => {
                let role = caller.session().map(|(role, _)| role);
                (role == Some(name) && caller.account() == Some(account)).then_some(Reach::Role)
            }
            Self::Session(arn) => (caller.arn() == arn).then_some(Reach::Session),
            Self::FederatedUser(arn) => (caller.arn() == arn).then_some(Reach::FederatedUser),
            Self::Service(name) => (caller.is_service() && caller.arn() == name).then_some(Reach::Service),
            Self::Provider => None,
        }
    }
}

/// Whether an ARN begins as those of AWS do.
fn is_arn(text: &str) -> bool {
    ["arn:aws:", "arn:aws-cn:", "arn:aws-us-gov:"].iter().any(|start| text.starts_with(start))
}

/// Whether this is a role's path and name. Wildcards are part of no name: they would be another role in disguise.
fn is_role(path_and_name: &str, name: &str) -> bool {
    let valid = |byte: u8| byte.is_ascii_graphic() && !b"*?:".contains(&byte);
    (1..=64).contains(&name.len()) && path_and_name.len() <= 512 + 64 && path_and_name.bytes().all(valid)
}
