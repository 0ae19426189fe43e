//! Who calls and in which Regions its account has keys, for the developer whose key was not found: most often it is another
//! Region that is called. What other accounts have is not disclosed.

use super::own_keys::own_keys;
use crate::{
    access::Caller,
    key::Region,
    store::{RecordName, Transaction},
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

/// How many Regions are named.
const MOST_REGIONS: usize = 8;

/// One search in each Region, which ends at the account's first key.
pub(super) fn whereabouts(transaction: &mut Transaction<'_>, caller: &Caller) -> String {
    let prefix = RecordName::account_keys_anywhere(caller.account());
    let mut places: Vec<String> = Vec::new();
    let mut after: Option<String> = None;
    while places.len() < MOST_REGIONS {
        // The error is about the key; that the store does not answer either is no news.
        let next = transaction.names(&prefix).after(after.take()).next().and_then(Result::ok);
        let region = next.as_ref().and_then(|entry| entry.after(&prefix)?.split('/').next()?.parse::<Region>().ok());
        let Some(region) = region else { break };
        let found = own_keys(transaction, (caller.account(), &region), None, 1, |_| true).unwrap_or_default();
        places.extend(found.first().map(|_| region.to_string()));
        // The first name after all those of the Region: '0' follows '/'.
        after = Some(format!("{prefix}{region}0"));
    }
    let keys = if places.is_empty() { "no keys".into() } else { format!("keys in {}", places.join(", ")) };
    format!("you call as account {} in {}; of this account the vault has {keys}", caller.account(), caller.region())
}
