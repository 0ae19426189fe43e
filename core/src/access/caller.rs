//! Who calls, and where.

use super::{Principal, PrincipalKind, session::Session};
use crate::{
    api::SessionContext,
    clock::Timestamp,
    error::{Error, ErrorKind, Result},
    key::{AccountId, Region},
};
use alloc::{format, sync::Arc};

/// A principal of an account, or an AWS service on its behalf, calling the endpoint of a Region.
///
/// One vault can hold the keys of several accounts and Regions; a caller sees those of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    principal: Principal,
    region: Region,
    session: Option<Arc<Session>>,
}

impl Caller {
    /// A principal, by its ARN, in a Region.
    pub fn new(principal_arn: &str, region: &str) -> Result<Self> {
        Self::of(principal_arn.parse()?, region.parse()?)
    }

    /// The root user of an account (twelve digits), in a Region.
    pub fn root(account: &str, region: &str) -> Result<Self> {
        let (account, region): (AccountId, Region) = (account.parse()?, region.parse()?);
        Ok(Self { principal: Principal::root(region.partition(), &account), region, session: None })
    }

    /// The same place with another principal of the account, by its ARN, or an AWS service that calls by itself, by its name.
    pub fn with_principal(&self, principal_arn: &str) -> Result<Self> {
        self.with(Some(self.account().as_str()), None, Some(principal_arn))
    }

    /// This caller, with what is named in place of its own: what every binding makes of the options of a client.
    ///
    /// A principal brings its account along. An account other than the caller's, without a principal, means its root user. In place of a
    /// principal's ARN, the name of an AWS service (`logs.us-east-1.amazonaws.com`) means that this service calls by itself, on behalf of the
    /// account.
    pub fn with(&self, account_id: Option<&str>, region: Option<&str>, principal: Option<&str>) -> Result<Self> {
        let account: Option<AccountId> = account_id.map(str::parse).transpose()?;
        let region: Region = region.map_or_else(|| Ok(self.region.clone()), str::parse)?;
        let principal = match (principal, account) {
            (Some(text), account) => {
                let for_account = account.as_ref().unwrap_or(self.account());
                let principal = Principal::service(text, for_account).map_or_else(|| text.parse(), Ok)?;
                if let Some(account) = account.filter(|account| account != principal.account()) {
                    return Err(invalid(&principal, &format!("not of the account {account}")));
                }
                principal
            }
            (None, Some(account)) if account != *self.account() => Principal::root(region.partition(), &account),
            // A root user has an ARN in each partition.
            (None, _) if self.principal.kind() == PrincipalKind::Root => {
                Principal::root(region.partition(), self.account())
            }
            (None, _) => self.principal.clone(),
        };
        Self::of(principal, region)
    }

    /// The same caller, and what is true of its session and connection, which the host states: policies depend on it. It
    /// replaces what was stated before.
    pub fn with_session(&self, session: SessionContext) -> Result<Self> {
        let session = Session::new(session, &self.principal)?;
        Ok(Self { session: Some(Arc::new(session)), ..self.clone() })
    }

    /// The same caller in another Region of its partition, with its session.
    pub(crate) fn in_region(&self, region: &Region) -> Result<Self> {
        if self.region.partition() != region.partition() {
            return Err(invalid(&self.principal, &format!("not of the partition of {region}")));
        }
        Ok(Self { region: region.clone(), ..self.clone() })
    }

    /// What the host stated.
    pub(crate) fn session(&self) -> Option<&Session> {
        self.session.as_deref()
    }

    /// Refuses a caller whose session has ended.
    pub(crate) fn check_session(&self, now: impl FnOnce() -> Timestamp) -> Result<()> {
        match self.session().filter(|session| session.is_over(now)) {
            Some(_) => {
                let text = "The security token included in the request is expired";
                Err(Error::new(ErrorKind::ExpiredToken, text)
                    .explain("the host stated when the session ends: make another client"))
            }
            None => Ok(()),
        }
    }

    fn of(principal: Principal, region: Region) -> Result<Self> {
        // Services have the same names in several partitions.
        let is_service = principal.kind() == PrincipalKind::Service;
        if !is_service && principal.partition() != region.partition() {
            return Err(invalid(&principal, &format!("not of the partition of {region}")));
        }
        Ok(Self { principal, region, session: None })
    }

    /// The account.
    pub fn account(&self) -> &AccountId {
        self.principal.account()
    }

    /// The Region.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Who calls.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }
}

fn invalid(principal: &Principal, why: &str) -> Error {
    Error::new(ErrorKind::Validation, format!("the principal '{principal}' is {why}"))
}
