//! The clusters that a host has, and whose they are.

use super::CloudHsmCluster;
use crate::key::AccountId;
use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

/// In place of an account: every one.
const EVERY_ACCOUNT: &str = "*";

/// Whose a cluster is: the only account that can have a custom key store of it. Any other one that named it could lock its `kmsuser`
/// out, by a wrong password.
#[derive(Clone)]
enum Owners {
    /// The account that the vault was opened for.
    OwnAccount,
    /// These accounts.
    Accounts(Vec<String>),
}

/// The clusters of a host, by their ids.
#[derive(Clone, Default)]
pub(crate) struct Clusters {
    clusters: BTreeMap<String, (Owners, Arc<dyn CloudHsmCluster>)>,
    /// The account that the vault was opened for.
    own_account: Option<AccountId>,
}

impl Clusters {
    /// A cluster of the account that the vault is opened for.
    pub(crate) fn add(&mut self, id: &str, cluster: Arc<dyn CloudHsmCluster>) {
        self.clusters.insert(id.to_string(), (Owners::OwnAccount, cluster));
    }

    /// A cluster of these accounts.
    pub(crate) fn add_of(&mut self, accounts: &[impl AsRef<str>], id: &str, cluster: Arc<dyn CloudHsmCluster>) {
        let accounts = accounts.iter().map(|account| account.as_ref().to_string()).collect();
        self.clusters.insert(id.to_string(), (Owners::Accounts(accounts), cluster));
    }

    /// It is known for whom the vault is opened.
    pub(crate) fn open_for(&mut self, account: &AccountId) {
        self.own_account = Some(account.clone());
    }

    /// The cluster of that id, if it is the account's.
    pub(crate) fn get(&self, id: &str, account: &AccountId) -> Option<&Arc<dyn CloudHsmCluster>> {
        let (owners, cluster) = self.clusters.get(id)?;
        let is_owner = match owners {
            Owners::OwnAccount => self.own_account.as_ref() == Some(account),
            Owners::Accounts(accounts) => {
                accounts.iter().any(|owner| owner == EVERY_ACCOUNT || owner == account.as_str())
            }
        };
        is_owner.then_some(cluster)
    }
}
