//! Who calls, and where.

use crate::{
    error::Result,
    key::{AccountId, Region},
};
use alloc::{format, string::String};

/// A principal of an account, calling the endpoint of a Region.
///
/// One vault can hold the keys of several accounts and Regions; a caller sees those of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    account: AccountId,
    region: Region,
    principal: String,
}

impl Caller {
    /// The root user of an account (twelve digits), in a Region.
    pub fn root(account: &str, region: &str) -> Result<Self> {
        let (account, region): (AccountId, Region) = (account.parse()?, region.parse()?);
        let principal = format!("arn:{}:iam::{account}:root", region.partition());
        Ok(Self { account, region, principal })
    }

    /// The same place with another principal of the account, by its ARN.
    #[must_use]
    pub fn with_principal(mut self, principal_arn: impl Into<String>) -> Self {
        self.principal = principal_arn.into();
        self
    }

    /// The account.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The Region.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The ARN of the principal.
    pub fn principal(&self) -> &str {
        &self.principal
    }
}
