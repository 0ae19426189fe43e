//! Events that wait to be stored.
//!
//! They are values here, so that a call pays for a lock and a copy alone; the call that finds the bound reached makes JSON of all of
//! them. What cannot be stored waits on, as far as there is room, and is counted where there is none.

use super::{Audit, Event};
use crate::{clock::Timestamp, sync::RwLock};
use alloc::{sync::Arc, vec::Vec};
use core::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// So many are stored at once.
const EVENTS: usize = 1000;
/// And so many bytes, about.
const BYTES: usize = 512 * 1024;
/// How many times as much is kept while the store takes none.
const PATIENCE: usize = 4;
/// How long the store is left alone after it took none, in milliseconds: each call would wait for it.
const RETRY_MILLIS: i64 = 1000;

/// The events of a handle that wait.
pub(crate) struct Ring {
    window: i64,
    waiting: RwLock<Waiting>,
}

struct Waiting {
    events: Vec<Event>,
    bytes: usize,
    lost: Option<Lost>,
    /// A commit that had the first of them, so many, and of which it is not known whether it happened.
    doubtful: Option<(usize, [u8; 16])>,
    /// When the first of them came, or the store was found to take none.
    since: Timestamp,
    /// How many have to wait before the store is asked, if time does not pass.
    most: usize,
    /// How long after `since` it is asked.
    after: i64,
}

/// What a host calls when the first of several events waits: how long it may.
pub(crate) type EventsWaiting = Arc<dyn Fn(Duration) + Send + Sync>;

/// What became of events that were taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    /// Nothing waited before them: from now on time counts.
    First,
    /// They wait with others.
    More,
    /// It is time to store them.
    Due,
}

/// Events for which there was no room: how many, and when they were.
#[derive(Clone, Copy)]
pub(crate) struct Lost {
    count: u64,
    from: Timestamp,
    to: Timestamp,
}

impl Lost {
    /// These and one more.
    pub(crate) fn with(lost: Option<Self>, event: &Event) -> Option<Self> {
        Self::together(lost, Some(Self { count: 1, from: event.time(), to: event.time() }))
    }

    fn together(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(one), Some(other)) = (one, other) else { return one.or(other) };
        let count = one.count.saturating_add(other.count);
        Some(Self { count, from: one.from.min(other.from), to: one.to.max(other.to) })
    }

    /// The event that says so.
    pub(crate) fn gap(self) -> Event {
        Event::gap(self.count, self.from, self.to)
    }
}

impl Ring {
    pub(crate) fn new(audit: Audit) -> Self {
        let window = audit.window_millis();
        let waiting = Waiting {
            events: Vec::new(),
            bytes: 0,
            lost: None,
            doubtful: None,
            since: Timestamp::MIN,
            most: EVENTS,
            after: window,
        };
        Self { window, waiting: RwLock::new(waiting) }
    }

    /// Takes events.
    pub(crate) fn push(&self, events: &mut Vec<Event>, now: Timestamp) -> Came {
        let mut waiting = self.waiting.write();
        let is_first = waiting.is_empty();
        if is_first {
            waiting.since = now;
        }
        for event in events.drain(..) {
            waiting.push(event);
        }
        match waiting.is_due(now) {
            true => Came::Due,
            false if is_first => Came::First,
            false => Came::More,
        }
    }

    /// How long the first of them waits before the store is asked.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.waiting.read().after).unwrap_or_default())
    }

    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.waiting.read().is_due(now)
    }

    /// Whether half of the room is taken.
    pub(crate) fn is_crowded(&self) -> bool {
        let waiting = self.waiting.read();
        waiting.events.len() >= EVENTS * PATIENCE / 2 || waiting.bytes >= BYTES * PATIENCE / 2
    }

    /// Whether none wait, and none were lost.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.read().is_empty()
    }

    /// The first of those that wait, as many as one commit takes; nothing where none do.
    pub(crate) fn take(self: &Arc<Self>) -> Option<Batch> {
        let mut waiting = self.waiting.write();
        let mut bytes = 0_usize;
        let fits = |event: &&Event| {
            bytes = bytes.saturating_add(event.estimate());
            bytes <= BYTES
        };
        // One that is larger alone is a batch of its own.
        let fitting = waiting.events.iter().take(EVENTS).take_while(fits).count().max(1).min(waiting.events.len());
        // What may be stored already is taken by itself.
        let (count, doubtful) = match waiting.doubtful.take() {
            Some((count, id)) => (count.min(waiting.events.len()), Some(id)),
            None => (fitting, None),
        };
        let lost = waiting.lost.take();
        if count == 0 && lost.is_none() {
            return None;
        }
        let events: Vec<_> = waiting.events.drain(..count).collect();
        waiting.bytes = waiting.bytes.saturating_sub(events.iter().map(Event::estimate).sum());
        let (ring, doubtful) = (Arc::clone(self), RwLock::new(doubtful));
        Some(Batch { ring, events, lost, doubtful, is_stored: AtomicBool::new(false) })
    }

    /// The store took what it was asked to.
    fn succeeded(&self) {
        let mut waiting = self.waiting.write();
        waiting.most = EVENTS;
        waiting.after = self.window;
        if let Some(first) = waiting.events.first() {
            waiting.since = first.time();
        }
    }

    /// The store takes none now: it is asked again later.
    pub(crate) fn failed(&self, now: Timestamp) {
        let mut waiting = self.waiting.write();
        waiting.since = now;
        waiting.after = self.window.max(RETRY_MILLIS);
        waiting.most = waiting.events.len().saturating_add(EVENTS);
    }
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.events.is_empty() && self.lost.is_none()
    }

    fn push(&mut self, event: Event) {
        let bytes = event.estimate();
        let is_full = self.events.len() >= EVENTS * PATIENCE || self.bytes >= BYTES * PATIENCE;
        if is_full || self.lost.is_some() && self.events.is_empty() {
            self.lost = Lost::with(self.lost, &event);
            return;
        }
        self.bytes = self.bytes.saturating_add(bytes);
        self.events.push(event);
    }

    fn is_due(&self, now: Timestamp) -> bool {
        if self.is_empty() {
            return false;
        }
        // A clock that was turned back says nothing about how long they have waited.
        let waited = now.as_millis().abs_diff(self.since.as_millis());
        let bytes = self.most / EVENTS * BYTES;
        self.events.len() >= self.most || self.bytes >= bytes || i128::from(waited) >= i128::from(self.after)
    }
}

/// Events on their way into the store. Unless they are said to be stored, they go back to those that wait.
pub(crate) struct Batch {
    ring: Arc<Ring>,
    events: Vec<Event>,
    lost: Option<Lost>,
    /// A commit of these of which it is not known whether it happened.
    doubtful: RwLock<Option<[u8; 16]>>,
    is_stored: AtomicBool,
}

impl Batch {
    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// The event that says what is missing before them, or after, where something is.
    pub(crate) fn gap(&self) -> Option<Event> {
        self.lost.map(Lost::gap)
    }

    /// The commit of that id may have stored them.
    pub(crate) fn note_doubt(&self, id: [u8; 16]) {
        *self.doubtful.write() = Some(id);
    }

    /// The commit that may have stored them, if there is one.
    pub(crate) fn doubtful(&self) -> Option<[u8; 16]> {
        *self.doubtful.read()
    }

    /// They are in the store.
    pub(crate) fn is_stored(&self) {
        self.is_stored.store(true, Ordering::Release);
        self.ring.succeeded();
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if self.is_stored.load(Ordering::Acquire) {
            return;
        }
        let events = core::mem::take(&mut self.events);
        let doubtful = self.doubtful().map(|id| (events.len(), id));
        let mut waiting = self.ring.waiting.write();
        waiting.bytes = waiting.bytes.saturating_add(events.iter().map(Event::estimate).sum());
        // Those that may be stored already stay the first.
        let at =
            waiting.doubtful.filter(|_| doubtful.is_none()).map_or(0, |(count, _)| count.min(waiting.events.len()));
        waiting.events.splice(at..at, events);
        waiting.lost = Lost::together(waiting.lost, self.lost);
        waiting.doubtful = doubtful.or(waiting.doubtful);
        // Those who came meanwhile may have taken its room.
        while waiting.events.len() > EVENTS * (PATIENCE + 1)
            && let Some(event) = waiting.events.pop()
        {
            waiting.bytes = waiting.bytes.saturating_sub(event.estimate());
            waiting.lost = Lost::with(waiting.lost, &event);
        }
    }
}
