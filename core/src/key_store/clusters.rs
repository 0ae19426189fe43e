//! The clusters that a host has, and what was made in one for a change that is not stored yet.

use super::CloudHsmCluster;
use crate::secret::Secret;
use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    sync::Arc,
};

/// The clusters of a host, by their ids.
#[derive(Clone, Default)]
pub(crate) struct Clusters(BTreeMap<String, Arc<dyn CloudHsmCluster>>);

impl Clusters {
    pub(crate) fn add(&mut self, id: &str, cluster: Arc<dyn CloudHsmCluster>) {
        self.0.insert(id.to_string(), cluster);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<dyn CloudHsmCluster>> {
        self.0.get(id)
    }
}

/// A key that was made in a cluster for a KMS key which is not stored yet.
pub(crate) struct Made {
    pub(crate) cluster: Arc<dyn CloudHsmCluster>,
    pub(crate) password: Arc<Secret>,
    pub(crate) key: String,
}

impl Made {
    /// Deletes it again. Where that fails it stays in the cluster, and is of no use there.
    pub(crate) fn undo(self) {
        let _ = self.cluster.delete_key(&self.password, &self.key);
    }
}
