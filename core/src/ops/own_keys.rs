//! The keys of one account, by their index: what other accounts have is not read.

use crate::{
    error::Result,
    key::{AccountId, KeyRecord, Region},
    store::{RecordName, Transaction, unless_damaged},
};
use alloc::{string::String, sync::Arc, vec::Vec};

/// How many keys are read at once.
const PAGE: usize = 256;

/// The first `wanted` keys of an account in a Region that `keep` takes, in the order of their ids, each with its entry of the
/// index. The first one is that after the entry `after`. One that is damaged is noted and passed over.
pub(super) fn own_keys(
    transaction: &mut Transaction<'_>,
    (account, region): (&AccountId, &Region),
    after: Option<String>,
    wanted: usize,
    keep: impl Fn(&KeyRecord) -> bool,
) -> Result<Vec<(RecordName, Arc<KeyRecord>)>> {
    let mut entries = transaction.names(&RecordName::account_keys(account, region)).after(after);
    let mut found = Vec::new();
    while found.len() < wanted {
        let page = entries.by_ref().take(PAGE.min(wanted - found.len())).collect::<Result<Vec<_>>>()?;
        if page.is_empty() {
            break;
        }
        // All of them before the first is looked at: a host that fetches is asked for them together.
        let keys: Vec<_> = page.into_iter().filter_map(|entry| Some((read(transaction, &entry)?, entry))).collect();
        for (key, entry) in keys {
            // The index reminds of a key; whose it is stands in its own record.
            let key = unless_damaged(key)?.flatten().filter(|key| key.account == *account && keep(key));
            found.extend(key.map(|key| (entry, key)));
        }
    }
    Ok(found)
}

fn read(transaction: &mut Transaction<'_>, entry: &RecordName) -> Option<Result<Option<Arc<KeyRecord>>>> {
    entry.key_of_account().map(|name| transaction.peek(name))
}
