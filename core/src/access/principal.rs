//! The identities that can call AWS, by their ARNs (IAM User Guide, "IAM identifiers"), and AWS services, by their names.

use crate::{
    error::{Error, ErrorKind, Result, Untrusted},
    key::AccountId,
};
use alloc::{format, string::String};
use core::{fmt, str::FromStr};

/// The longest path of an IAM user, both slashes included.
const MAX_PATH: usize = 512;
/// The longest name of an IAM user, a role or a session.
const MAX_NAME: usize = 64;
/// The longest name of a federated user.
const MAX_FEDERATED_NAME: usize = 32;

/// Who makes a request. It was checked, so a policy can compare its parts.
///
/// Roles and groups are none: a role calls through its sessions, and a group never calls. An AWS service that calls by itself is one, and
/// always calls on behalf of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    arn: String,
    account: AccountId,
    kind: PrincipalKind,
}

/// What a [`Principal`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalKind {
    /// `arn:aws:iam::111122223333:root`: the account's root user.
    Root,
    /// `arn:aws:iam::111122223333:user/path/name`: an IAM user.
    User,
    /// `arn:aws:sts::111122223333:assumed-role/role/session`: a session of a role.
    AssumedRole,
    /// `arn:aws:sts::111122223333:federated-user/name`: a federated user.
    FederatedUser,
    /// `logs.us-east-1.amazonaws.com`: an AWS service, which has no ARN.
    Service,
}

impl Principal {
    /// The root user of an account.
    pub(crate) fn root(partition: &str, account: &AccountId) -> Self {
        let arn = format!("arn:{partition}:iam::{account}:root");
        Self { arn, account: account.clone(), kind: PrincipalKind::Root }
    }

    /// An AWS service, by its name, on behalf of an account; `None` where the text is no such name.
    pub(crate) fn service(name: &str, account: &AccountId) -> Option<Self> {
        is_service_name(name).then(|| Self { arn: name.into(), account: account.clone(), kind: PrincipalKind::Service })
    }

    /// The ARN; of an AWS service its name.
    pub fn as_str(&self) -> &str {
        &self.arn
    }

    /// The account that the principal belongs to; of an AWS service the one on whose behalf it calls.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// What it is.
    pub fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// The second part of the ARN: `aws`, `aws-cn` or `aws-us-gov`; of an AWS service nothing.
    pub fn partition(&self) -> &str {
        self.arn.split(':').nth(1).unwrap_or_default()
    }

    /// What stands in the ARN after the account: `root`, `user/path/name`, `assumed-role/role/session`,
    /// `federated-user/name`.
    pub fn resource(&self) -> &str {
        self.arn.splitn(6, ':').nth(5).unwrap_or_default()
    }

    /// The ARN in parts, if it is one of a principal that can call.
    fn parse(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        (parts.next()? == "arn").then_some(())?;
        ["aws", "aws-cn", "aws-us-gov"].contains(&parts.next()?).then_some(())?;
        let service = parts.next()?;
        // IAM is global, so its ARNs have no Region.
        parts.next()?.is_empty().then_some(())?;
        let account = parts.next()?.parse().ok()?;
        let resource = parts.next()?;
        let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
        let (kind, valid) = match (service, kind) {
            ("iam", "root") => (PrincipalKind::Root, resource == "root"),
            ("iam", "user") => {
                let (path, name) = rest.rsplit_once('/').map_or((None, rest), |(path, name)| (Some(path), name));
                (PrincipalKind::User, path.is_none_or(is_path) && is_name(name, 1, MAX_NAME))
            }
            ("sts", "assumed-role") => {
                // No path: the ARN of a session has the role's name alone.
                let (role, session) = rest.split_once('/')?;
                (PrincipalKind::AssumedRole, is_name(role, 1, MAX_NAME) && is_name(session, 2, MAX_NAME))
            }
            ("sts", "federated-user") => (PrincipalKind::FederatedUser, is_name(rest, 2, MAX_FEDERATED_NAME)),
            _ => return None,
        };
        valid.then(|| Self { arn: arn.into(), account, kind })
    }
}

/// A path without its outer slashes, which IAM takes to hold something: an empty one is the path `/` of all users without one.
fn is_path(path: &str) -> bool {
    (1..=MAX_PATH - 2).contains(&path.len()) && path.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The names that IAM and STS allow: `[\w+=,.@-]`.
fn is_name(name: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

impl FromStr for Principal {
    type Err = Error;
    fn from_str(arn: &str) -> Result<Self> {
        Self::parse(arn).ok_or_else(|| {
            Error::new(
                ErrorKind::Validation,
                format!(
                    "'{}' is not the ARN of a principal that can call: a root user, an IAM user, a session of a role or a \
                     federated user",
                    Untrusted(arn)
                ),
            )
        })
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn)
    }
}

/// Whether this is the name of an AWS service.
pub(crate) fn is_service_name(name: &str) -> bool {
    let rest = name.strip_suffix(".amazonaws.com").or_else(|| name.strip_suffix(".amazonaws.com.cn"));
    let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(valid))
}
