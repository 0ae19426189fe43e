//! What each operation does, one file per family.
//!
//! Every operation goes the same way, and so answers the same error where several apply (the order of AWS KMS):
//! the request's own constraints, the key it names, the caller's permission, the key's state, its usage and
//! algorithm, and last `DryRun`.

mod aliases;
pub(crate) mod branch_keys;
mod cluster_keys;
mod custom_key_stores;
mod custom_keys;
mod data_key_pairs;
mod data_keys;
mod deletion;
mod due;
mod encapsulation;
mod encryption;
mod external_keys;
mod grant_store;
mod grants;
mod import_token;
mod imported;
mod imports;
mod imports_everywhere;
mod key_store_settings;
mod key_use;
mod keys;
mod last_usage;
mod mac;
mod managed_keys;
mod materials;
mod multi_region;
mod own_key_stores;
mod own_keys;
mod page;
pub(crate) mod parcels;
mod policies;
mod quotas;
mod random;
mod recipient;
pub(crate) mod registry;
mod reminder;
mod removal;
mod replication;
mod rotation;
mod rotation_secret;
mod signing;
pub(crate) mod simulate;
#[cfg(test)]
mod state_table;
mod tags;
mod target;
mod validate;
mod whereabouts;

pub(crate) use due::{delete_expired, delete_expired_if_due};
pub(crate) use key_use::current_material;
pub(crate) use quotas::count;
pub(crate) use target::{counted, spec_of};

use crate::{
    access::Caller,
    api::{Operation, Request},
    error::{Error, ErrorKind, Result},
    key::DataKeyPairSpec,
    store::Transaction,
};
use alloc::vec::Vec;

/// A request that can be carried out. It may be carried out several times until a commit succeeds, and so changes
/// nothing but the transaction.
pub(crate) trait Execute: Request {
    /// What the local developer reads about limits that the request breaks, beyond AWS's message.
    fn advice(&self) -> Option<&'static str> {
        None
    }

    /// The key whose type decides against which quota the request counts, where that is not a symmetric one by definition.
    fn charged_key(&self) -> Option<&str> {
        None
    }

    /// The spec of the data key pair that it makes: each has a quota of its own.
    fn charged_pair(&self) -> Option<DataKeyPairSpec> {
        None
    }

    /// What the request counts as in another Region as well.
    fn charge_in_other_region(&self) -> Option<OtherRegionCharge<'_>> {
        None
    }

    /// Computes the response and collects the changes.
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<Self::Response>;
}

/// What a request counts as in another Region than the caller's.
pub(crate) struct OtherRegionCharge<'a> {
    pub(crate) region: &'a str,
    pub(crate) operation: Operation,
    pub(crate) requests: u32,
}

/// The last check of an operation that offers `DryRun`.
fn stop_if_dry_run(dry_run: Option<bool>) -> Result<()> {
    match dry_run {
        Some(true) => Err(Error::new(
            ErrorKind::DryRunOperation,
            "The request would have succeeded, but the DryRun option is set.",
        )),
        _ => Ok(()),
    }
}

/// A list of algorithms is there only for the usage that it belongs to.
fn listed<T: Copy>(algorithms: &[T]) -> Option<Vec<T>> {
    (!algorithms.is_empty()).then(|| algorithms.to_vec())
}
