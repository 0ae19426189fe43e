//! Who calls and where the vault has keys, for the developer whose key was not found: most often it is another account or
//! Region that is called.

use crate::{access::Caller, key::KeyRecord, store::Transaction};
use alloc::{format, string::String, vec::Vec};

/// How many Regions are named.
const MOST_REGIONS: usize = 8;

/// One look-up for each Region, however many keys there are.
pub(super) fn whereabouts(transaction: &Transaction<'_>, caller: &Caller) -> String {
    let mut places: Vec<String> = Vec::new();
    let mut after: Option<String> = None;
    while places.len() < MOST_REGIONS {
        // The error is about the key; that the store does not answer either is no news.
        let found = transaction.list::<KeyRecord>("key/", after.as_deref(), 1, |_| true).unwrap_or_default();
        let Some((_, key)) = found.first() else { break };
        places.push(format!("{} (account {})", key.region, key.account));
        // The first name after all those of the Region: '0' follows '/'.
        after = Some(format!("key/{}0", key.region));
    }
    let keys = if places.is_empty() { "no keys".into() } else { format!("keys in {}", places.join(", ")) };
    format!("you call as account {} in {}; the vault has {keys}", caller.account(), caller.region())
}
