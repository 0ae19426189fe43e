//! What is counted of the trail: the requests that are charged, and the last use of each key. Written as JSON, sealed (docs/formats.md,
//! "Records"), in records of their own, which stay when the events are removed.

use super::Recorded;
use crate::{
    api::KeyLastUsageTrackingOperation,
    clock::{Month, Timestamp},
    key::{AccountId, Arn, KeyId, Region},
};
use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
};
use serde::{Deserialize, Serialize};

/// The requests of an account in a month: how many of each item of a bill, by Region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Requests {
    pub(crate) requests: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Requests {
    /// These and others.
    #[must_use]
    pub(crate) fn plus(mut self, more: &Self) -> Self {
        for (region, items) in &more.requests {
            let counts = self.requests.entry(region.clone()).or_default();
            for (item, count) in items {
                let sum = counts.entry(item.clone()).or_default();
                *sum = sum.saturating_add(*count);
            }
        }
        self
    }
}

/// The last successful use of a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LastUse {
    pub(crate) operation: KeyLastUsageTrackingOperation,
    time: i64,
    /// The ids of the event in the account of the key.
    pub(crate) event: String,
    pub(crate) request: String,
}

impl LastUse {
    pub(crate) fn new(
        operation: KeyLastUsageTrackingOperation,
        time: Timestamp,
        event: String,
        request: String,
    ) -> Self {
        Self { operation, time: time.as_millis(), event, request }
    }

    pub(crate) fn time(&self) -> Timestamp {
        Timestamp::from_millis(self.time)
    }
}

/// How far the trail is counted: up to an event of an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CountedTo {
    /// The number of the entry.
    pub(crate) entry: u64,
    /// How many of its events are counted.
    pub(crate) events: u64,
    /// When the first entry that was counted was made.
    pub(crate) since: i64,
}

impl CountedTo {
    /// The same for an entry from that time, if it is the first one.
    #[must_use]
    pub(crate) fn beginning(self, time: Timestamp) -> Self {
        if self == Self::default() { Self { since: time.as_millis(), ..self } } else { self }
    }

    /// From when on the uses of keys are known.
    pub(crate) fn begin(&self) -> Timestamp {
        Timestamp::from_millis(self.since)
    }
}

/// What some events come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Counted {
    pub(crate) requests: BTreeMap<(AccountId, Month), Requests>,
    pub(crate) uses: BTreeMap<(Region, KeyId), LastUse>,
}

impl Counted {
    /// Counts an event.
    pub(crate) fn add(&mut self, event: &Recorded) {
        if let Some((account, region, item)) = event.charged() {
            let of_month = self.requests.entry((account, Month::of(event.time()))).or_default();
            let count = of_month.requests.entry(region.into()).or_default().entry(item.to_string()).or_default();
            *count = count.saturating_add(1);
        }
        for (key, last) in event.uses() {
            let Ok(Arn { region, resource, .. }) = key.parse::<Arn>() else { continue };
            let Some(Ok(id)) = resource.strip_prefix("key/").map(str::parse::<KeyId>) else { continue };
            // Events of several threads may be stored in another order than they happened in.
            let known = self.uses.entry((region, id)).or_insert_with(|| last.clone());
            if last.time >= known.time {
                *known = last;
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.requests.is_empty() && self.uses.is_empty()
    }

    /// How many records it changes.
    pub(crate) fn records(&self) -> usize {
        self.requests.len().saturating_add(self.uses.len())
    }
}
