//! What one operation has from outside of the vault: what it drew, what it was answered, and what was made for it (`outside`).

use super::RecordName;
use crate::{
    error::{Error, Result},
    key_store::CloudHsmCluster,
    secret::Secret,
};
use alloc::{format, string::String, sync::Arc, vec::Vec};
use core::any::Any;

/// What an operation has drawn, and has been answered.
#[derive(Default)]
pub(super) struct Outside {
    /// What was asked for, as a digest, since secrets are a part of it.
    pub(super) answers: Vec<(Secret, Arc<dyn Any + Send + Sync>)>,
    /// How many this run of the operation has come to.
    pub(super) asked: u64,
    /// Random bytes that the operation made ids of, and how many it has asked for in this run.
    ids: Vec<Vec<u8>>,
    ids_drawn: usize,
    pub(super) made: Vec<MadeKey>,
    /// Whether it is not known yet what became of a commit.
    pub(super) is_at_stake: bool,
}

/// A key in a cluster, and how it is reached.
pub(crate) struct ClusterKey {
    pub(crate) cluster: Arc<dyn CloudHsmCluster>,
    pub(crate) password: Arc<Secret>,
    pub(crate) id: String,
}

impl ClusterKey {
    /// Deletes it. Where that fails it stays in the cluster, and is of no use to anyone here.
    pub(super) fn delete(&self) {
        let _ = self.cluster.delete_key(&self.password, &self.id);
    }
}

/// A key that was made in a cluster for a KMS key which is not stored yet.
pub(super) struct MadeKey {
    pub(super) key: ClusterKey,
    /// The record of the KMS key.
    pub(super) record: RecordName,
    pub(super) fate: Fate,
}

/// What becomes of a key that was made.
pub(super) enum Fate {
    /// It goes: the last run of the operation had no use for it.
    Unused,
    /// It goes, unless the operation succeeds.
    Used,
    /// It stays, since the record is there, or may be: then with what is to be said of that.
    Stays(Option<String>),
}

impl Outside {
    /// Begins to run the operation, for the first time or again.
    pub(super) fn begin_run(&mut self) {
        self.asked = 0;
        self.ids_drawn = 0;
    }

    /// It is computed again, and may come to something else.
    pub(super) fn compute_again(&mut self) {
        for made in &mut self.made {
            if matches!(made.fate, Fate::Used) {
                made.fate = Fate::Unused;
            }
        }
    }

    /// What comes next has nothing to do with what was asked before.
    pub(super) fn forget(&mut self) {
        self.answers.clear();
        self.ids.clear();
        self.begin_run();
    }

    pub(super) fn draw_id(&mut self, id: &mut [u8], draw: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<()> {
        if let Some(drawn) = self.ids.get(self.ids_drawn).filter(|drawn| drawn.len() == id.len()) {
            id.copy_from_slice(drawn);
        } else {
            draw(id)?;
            self.ids.truncate(self.ids_drawn);
            self.ids.push(id.to_vec());
        }
        self.ids_drawn += 1;
        Ok(())
    }

    pub(super) fn answer(&self, digest: &Secret) -> Option<Arc<dyn Any + Send + Sync>> {
        let found = self.answers.iter().find(|(known, _)| known.constant_time_eq(digest));
        found.map(|(_, answer)| Arc::clone(answer))
    }
}

/// Ends an operation: deletes what was made for nothing.
pub(super) fn settle<T>(made: Vec<MadeKey>, mut result: Result<T>) -> Result<T> {
    let is_done = result.is_ok();
    for MadeKey { key, fate, .. } in made {
        match fate {
            Fate::Used if is_done => {}
            Fate::Stays(said) => {
                result = result.map_err(|error| said.iter().fold(error, |error, more| say(error, more)));
            }
            Fate::Used | Fate::Unused => key.delete(),
        }
    }
    result
}

/// The error with more to its explanation.
fn say(error: Error, more: &str) -> Error {
    let said = error.explanation().map_or_else(|| more.into(), |before| format!("{before}; {more}"));
    error.explain(said)
}

/// Of an operation that was given up: what no commit can have stored any more.
impl Drop for Outside {
    fn drop(&mut self) {
        if self.is_at_stake {
            return;
        }
        for made in &self.made {
            if !matches!(made.fate, Fate::Stays(_)) {
                made.key.delete();
            }
        }
    }
}
