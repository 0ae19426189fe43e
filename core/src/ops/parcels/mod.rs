//! A replica in another vault: that vault makes a parcel key, the vault of the primary key seals the key to it, and the first one opens the
//! parcel. From then on both go on by themselves, and another parcel brings the replica up to the primary's latest rotation.

mod format;
mod keys;
mod open;
mod seal;

pub(crate) use keys::{create, delete, list};
pub(crate) use open::open;
pub(crate) use seal::seal;

use super::validate::invalid;
use crate::{crypto::Provider, error::Result};
use alloc::{format, string::String};

/// Compares what a person has read with the fingerprint of what came. Neither is a secret.
fn check_fingerprint(provider: &Provider, what: &str, bytes: &[u8], read: Option<&str>) -> Result<()> {
    let Some(read) = read else { return Ok(()) };
    let digits: String = read.chars().filter(|digit| !matches!(digit, '-' | ' ' | ':')).collect();
    let own = format::fingerprint(provider, bytes).replace('-', "");
    if digits.eq_ignore_ascii_case(&own) {
        return Ok(());
    }
    Err(invalid(format!("The fingerprint is not that of the {what}.")).explain(
        "compare what both sides show: if they differ, someone may have exchanged it on the way. Begin again over another channel",
    ))
}
