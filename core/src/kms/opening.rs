//! Making and opening a vault over a store that has to be waited for.

use super::{Vault, VaultBuilder};
use crate::{
    access::Caller,
    error::Result,
    store::{Creation, Fetched, OpenVault, RootKey},
};
use alloc::boxed::Box;

impl VaultBuilder {
    /// A vault over what a host fetches, to be made or opened in steps.
    pub fn over(self, fetched: &Fetched) -> Opening {
        Opening { builder: self, fetched: fetched.clone(), unlocked: None, creation: None }
    }
}

/// A vault that is being made or opened: how far that is. A passphrase is hashed once, however many steps it takes.
pub struct Opening {
    builder: VaultBuilder,
    fetched: Fetched,
    unlocked: Option<OpenVault>,
    creation: Option<(Caller, Creation)>,
}

/// What is run again, as every operation over what was [`Fetched`].
impl Opening {
    /// Makes a new vault in an empty store, as [`VaultBuilder::create_in`].
    pub fn create(&mut self, root: &RootKey) -> Result<Vault> {
        let (caller, creation) = if let Some(begun) = self.creation.take() {
            begun
        } else {
            let (caller, record) = self.builder.first_caller()?;
            let host = self.builder.host(Some(self.fetched.clone()));
            (caller, OpenVault::prepare(Box::new(self.fetched.clone()), host, root, &record)?)
        };
        match creation.make() {
            Ok(()) => Ok(self.builder.handle(creation.vault, caller)),
            Err(error) => {
                self.creation = Some((caller, creation));
                Err(error)
            }
        }
    }

    /// Opens the vault that the store holds, as [`VaultBuilder::open`].
    pub fn open(&mut self, root: &RootKey) -> Result<Vault> {
        let vault = if let Some(vault) = self.unlocked.take() {
            vault
        } else {
            let host = self.builder.host(Some(self.fetched.clone()));
            OpenVault::unlock(Box::new(self.fetched.clone()), host, root)?
        };
        let caller = vault.take_up().and_then(|()| self.builder.caller_of(&vault));
        match caller {
            Ok(caller) if !self.fetched.is_waiting() => Ok(self.builder.handle(vault, caller)),
            // What was asked for on the way has to come first.
            waiting => {
                self.unlocked = Some(vault);
                Err(waiting.err().unwrap_or_else(crate::store::waiting))
            }
        }
    }
}
