//! What the vault's use would cost at AWS, for the host.

use super::Vault;
use crate::{
    api::{Bill, BillRequest, EstimateRequest},
    billing,
    error::Result,
};

impl Vault {
    /// What a month of an account would cost at AWS, up to now: its keys in all Regions, by the hour, and the requests that it made.
    ///
    /// Keys are exact: an hour in which a key was there counts. A key costs nothing while its deletion is pending, and as much as
    /// ever if that is cancelled. Requests are counted in the audit trail: those that change something exactly, others but for those
    /// whose events were lost; of a vault without a trail none are known. For the host alone, since the account may be any caller's.
    ///
    /// ```
    /// use pocketkms::{RootKey, Vault, api::*};
    ///
    /// let prices = EstimateRequest {
    ///     keys: Some(vec![EstimatedKeys { count: 5, ..Default::default() }]),
    ///     requests: Some(50_000),
    ///     ..Default::default()
    /// };
    /// let vault = Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32])?)?;
    /// // 5.09 dollars.
    /// assert_eq!(vault.estimate(&prices)?.total_micro_dollars, 5_090_000);
    /// # Ok::<(), pocketkms::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) of a month or account that is none.
    pub fn bill(&self, request: &BillRequest) -> Result<Bill> {
        let vault = self.handle.vault()?;
        vault.count_events()?;
        vault.read(|transaction| billing::bill(transaction, self.caller.account(), request))
    }

    /// What a month would cost at AWS of which only the quantities are known. Nothing of the vault is asked.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) of a month that is none, or does not have so many hours.
    pub fn estimate(&self, request: &EstimateRequest) -> Result<Bill> {
        self.handle.vault()?;
        billing::estimate(request)
    }
}
