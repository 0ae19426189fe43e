//! Making and opening a vault.

use super::{Kms, handle::Handle};
use crate::{
    access::Caller,
    clock::{Clock, ClockTrust},
    crypto::Provider,
    error::Result,
    key::CallerRecord,
    store::{Host, MemoryStore, RootKey, Store, Vault},
};
use alloc::{
    boxed::Box,
    string::{String, ToString},
    sync::Arc,
};

/// The account of a new vault whose host names none.
const DEFAULT_ACCOUNT: &str = "000000000000";
/// The Region of a new vault whose host names none.
const DEFAULT_REGION: &str = "us-east-1";

/// What a vault is made or opened with; each part has a default.
pub struct KmsBuilder {
    provider: Provider,
    clock: Arc<dyn Clock>,
    trust: Option<ClockTrust>,
    caller: Option<Caller>,
    account: Option<String>,
    region: Option<String>,
}

impl KmsBuilder {
    /// With this provider and clock.
    ///
    /// Where nobody is named, the caller is the one that the vault was created for; at creation the root user of the account
    /// `000000000000` in `us-east-1`.
    pub fn new(provider: Provider, clock: Arc<dyn Clock>) -> Self {
        Self { provider, clock, trust: None, caller: None, account: None, region: None }
    }

    /// The clock by which keys rotate and go.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How far that clock is relied on. By default [`ClockTrust::System`] where the store lasts and the clock goes by itself,
    /// else [`ClockTrust::Trusted`].
    #[must_use]
    pub fn clock_trust(mut self, trust: ClockTrust) -> Self {
        self.trust = Some(trust);
        self
    }

    /// The primitives.
    #[must_use]
    pub fn provider(mut self, provider: Provider) -> Self {
        self.provider = provider;
        self
    }

    /// The root user of an account (twelve digits), in a Region, as the caller.
    #[must_use]
    pub fn account(self, account: &str, region: &str) -> Self {
        self.account_id(account).region(region)
    }

    /// The root user of an account (twelve digits) as the caller.
    #[must_use]
    pub fn account_id(mut self, account: &str) -> Self {
        self.account = Some(account.to_string());
        self
    }

    /// The Region that is called.
    #[must_use]
    pub fn region(mut self, region: &str) -> Self {
        self.region = Some(region.to_string());
        self
    }

    /// Who calls. It goes before an account and Region that are named alone.
    #[must_use]
    pub fn caller(mut self, caller: Caller) -> Self {
        self.caller = Some(caller);
        self
    }

    /// Makes a new vault in memory. Take a [`Kms::snapshot`] to keep it.
    pub fn create(self, root: &RootKey) -> Result<Kms> {
        self.create_in(MemoryStore::new(), root)
    }

    /// Makes a new vault in an empty store.
    pub fn create_in(self, store: impl Store + 'static, root: &RootKey) -> Result<Kms> {
        let unnamed = Caller::root(DEFAULT_ACCOUNT, DEFAULT_REGION)?;
        let caller = self.named_or(|| Ok(unnamed))?;
        let record = CallerRecord {
            account: caller.account().clone(),
            region: caller.region().clone(),
            principal: caller.principal().to_string(),
        };
        let vault = Vault::create(Box::new(store), self.host(), root, &record)?;
        Ok(Kms { handle: Arc::new(Handle::new(vault, self.clock)), caller })
    }

    /// Opens the vault that a store holds.
    pub fn open(self, store: impl Store + 'static, root: &RootKey) -> Result<Kms> {
        let vault = Vault::open(Box::new(store), self.host(), root)?;
        self.opened(vault)
    }

    /// Opens a snapshot, made on any platform, into memory.
    pub fn open_snapshot(self, snapshot: &[u8], root: &RootKey) -> Result<Kms> {
        let vault = Vault::open_snapshot(snapshot, self.host(), root)?;
        self.opened(vault)
    }

    fn opened(self, vault: Vault) -> Result<Kms> {
        let caller = self.named_or(|| {
            let remembered = vault.remembered_caller()?;
            let CallerRecord { account, region, principal } = &*remembered;
            Ok(Caller::root(account.as_str(), region.as_str())?.with_principal(principal.as_str()))
        })?;
        Ok(Kms { handle: Arc::new(Handle::new(vault, self.clock)), caller })
    }

    /// Who is named; what is not named of them is as in `unnamed`.
    fn named_or(&self, unnamed: impl FnOnce() -> Result<Caller>) -> Result<Caller> {
        if let Some(caller) = &self.caller {
            return Ok(caller.clone());
        }
        match (&self.account, &self.region) {
            (Some(account), Some(region)) => Caller::root(account, region),
            (None, None) => unnamed(),
            (account, region) => {
                let unnamed = unnamed()?;
                let account = account.as_deref().unwrap_or(unnamed.account().as_str());
                let region = region.as_deref().unwrap_or(unnamed.region().as_str());
                Caller::root(account, region)
            }
        }
    }

    fn host(&self) -> Host {
        Host { provider: self.provider.clone(), clock: Arc::clone(&self.clock), trust: self.trust }
    }
}
