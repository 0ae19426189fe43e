//! What the registry knows of a caller.

use super::{Principal, decision::Identity, requester::Requester};
use crate::sync::RwLock;
use alloc::{collections::BTreeMap, string::String, sync::Arc};

/// How many callers of an account are remembered at once.
const MOST: usize = 4096;

/// How a caller stands.
#[derive(Clone, Debug, Default)]
pub(crate) enum Standing {
    /// The registry does not have its account.
    #[default]
    Unkept,
    Known(Arc<Identity>),
    /// The registry has its account, but not the caller.
    Unknown,
}

impl Standing {
    pub(crate) fn identity(&self) -> Option<&Identity> {
        match self {
            Self::Known(identity) => Some(identity),
            Self::Unkept | Self::Unknown => None,
        }
    }
}

/// Callers whose standing was put together since the record of their account was read. Every change of an account's entities writes
/// that record, so that it is read again after any of them, and begins without any.
#[derive(Debug, Default)]
pub(crate) struct Known(RwLock<BTreeMap<String, Standing>>);

impl Known {
    fn key(caller: &Principal) -> &str {
        let whole = caller.as_str();
        match Requester::Principal(caller).session() {
            // The ARN of the role's sessions: roles of two partitions may have one name.
            Some(_) => whole.rsplit_once('/').map_or(whole, |(sessions, _)| sessions),
            None => whole,
        }
    }

    pub(crate) fn get(&self, caller: &Principal) -> Option<Standing> {
        self.0.read().get(Self::key(caller)).cloned()
    }

    pub(crate) fn put(&self, caller: &Principal, standing: &Standing) {
        let mut known = self.0.write();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(Self::key(caller).into(), standing.clone());
    }
}
