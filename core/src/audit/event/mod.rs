//! One call, as the trail keeps it, and the record of AWS CloudTrail that it is shown as (AWS KMS Developer Guide, "Logging AWS
//! KMS API calls with AWS CloudTrail").
//!
//! An [`Event`] is made on the caller's thread: it shares the caller and the keys, and copies only what the request says, without
//! its secrets ([`parameters`]). When the trail stores it, it becomes a line of JSON; [`Recorded`] is that line read back, and
//! [`cloudtrail`] shows it.

mod attested;
mod cloudtrail;
mod counted;
mod dates;
mod filter;
mod identity;
mod json;
mod parameters;
mod recorded;
mod sink;
mod touched;

pub(crate) use cloudtrail::request_id;
pub(crate) use filter::Filter;
pub(crate) use recorded::Recorded;
pub use sink::AuditSink;
pub(crate) use touched::Touched;

use crate::{
    access::{Caller, PrincipalKind},
    api::Operation,
    clock::Timestamp,
    error::{Error, ErrorKind},
    key::{KeyRecord, MaterialId, RotationType},
    shape::Value,
};
use alloc::{boxed::Box, format, string::String, sync::Arc, vec::Vec};
use json::{put_number, put_text};
use parameters::Kept;

/// What is done with branch keys, which AWS KMS does not know: in AWS's Encryption SDK they are kept in a table, by a library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BranchKeyCall {
    Create,
    Rotate,
    Rewrap,
    Describe,
    List,
    /// A keyring has a branch key opened.
    Open,
}

impl BranchKeyCall {
    const ALL: [Self; 6] = [Self::Create, Self::Rotate, Self::Rewrap, Self::Describe, Self::List, Self::Open];

    const fn name(self) -> &'static str {
        match self {
            Self::Create => "CreateBranchKey",
            Self::Rotate => "RotateBranchKey",
            Self::Rewrap => "RewrapBranchKeys",
            Self::Describe => "DescribeBranchKey",
            Self::List => "ListBranchKeys",
            Self::Open => "OpenBranchKey",
        }
    }

    pub(crate) const fn is_read_only(self) -> bool {
        matches!(self, Self::Describe | Self::List | Self::Open)
    }
}

/// What is done to replicate a key into another vault, which AWS KMS does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParcelCall {
    CreateKey,
    ListKeys,
    DeleteKey,
    Seal,
    Open,
}

impl ParcelCall {
    const ALL: [Self; 5] = [Self::CreateKey, Self::ListKeys, Self::DeleteKey, Self::Seal, Self::Open];

    const fn name(self) -> &'static str {
        match self {
            Self::CreateKey => "CreateParcelKey",
            Self::ListKeys => "ListParcelKeys",
            Self::DeleteKey => "DeleteParcelKey",
            Self::Seal => "SealParcel",
            Self::Open => "OpenParcel",
        }
    }

    pub(crate) const fn is_read_only(self) -> bool {
        matches!(self, Self::ListKeys)
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// An operation of AWS KMS.
    Kms(Operation),
    BranchKey(BranchKeyCall),
    Parcel(ParcelCall),
}

impl Call {
    const fn name(self) -> &'static str {
        match self {
            Self::Kms(operation) => operation.name(),
            Self::BranchKey(call) => call.name(),
            Self::Parcel(call) => call.name(),
        }
    }

    /// The call of that name.
    fn named(name: &str) -> Option<Self> {
        let operation = Operation::ALL.iter().find(|operation| operation.name() == name);
        let branch_key = || BranchKeyCall::ALL.into_iter().find(|call| call.name() == name);
        let parcel = || ParcelCall::ALL.into_iter().find(|call| call.name() == name);
        let known = operation.map(|operation| Self::Kms(*operation));
        known.or_else(|| branch_key().map(Self::BranchKey)).or_else(|| parcel().map(Self::Parcel))
    }

    pub(crate) const fn is_read_only(self) -> bool {
        match self {
            Self::Kms(operation) => operation.is_read_only(),
            Self::BranchKey(call) => call.is_read_only(),
            Self::Parcel(call) => call.is_read_only(),
        }
    }
}

/// Who did it.
enum Author {
    Caller(Arc<Caller>),
    /// Time: AWS's own service, where it is AWS.
    Service,
}

/// Something that happened, before the trail has stored it.
pub(crate) struct Event {
    time: Timestamp,
    name: &'static str,
    author: Author,
    /// The members that the event has by itself, as JSON: each begins with a comma.
    members: Vec<u8>,
    touched: Touched,
    failure: Option<Box<Failure>>,
}

/// The exception that a call failed with, as its caller gets it.
struct Failure {
    kind: ErrorKind,
    message: String,
}

/// The most characters of an exception's text. CloudTrail cuts it as well.
const LONGEST_MESSAGE: usize = 1024;

/// The name of a gap in the trail.
const GAP: &str = "AuditTrailGap";
/// The name of what is written where the trail goes on after the generation record was lost.
const RESTART: &str = "AuditTrailRestart";
/// What both begin with.
const OF_THE_TRAIL: &str = "\"AuditTrail";

/// What the trail says of itself.
pub(crate) enum Note {
    /// So many events are missing.
    Gap(u64),
    /// The generation record was lost, and what came before is as it was found.
    Restart,
}

impl Event {
    /// A call with what it asks for.
    pub(crate) fn call(now: Timestamp, call: Call, caller: &Arc<Caller>, request: Value<'_>) -> Self {
        // Most requests fit, so that there is one allocation.
        let mut members = Vec::with_capacity(256);
        // The guide shows these without parameters.
        if !matches!(call, Call::Kms(Operation::RetireGrant | Operation::GenerateRandom)) {
            parameters::put_member(&mut members, "request", request, Kept::Everything);
        }
        let author = Author::Caller(Arc::clone(caller));
        Self { time: now, name: call.name(), author, members, touched: Touched::default(), failure: None }
    }

    /// The same with what its caller is answered, as far as CloudTrail has it.
    #[must_use]
    pub(crate) fn answered(mut self, call: Call, response: Value<'_>) -> Self {
        if !call.is_read_only() {
            parameters::put_member(&mut self.members, "response", response, Kept::Everything);
        }
        parameters::put_member(&mut self.members, "more", response, Kept::MaterialIds);
        self
    }

    /// The same with the keys that it was about.
    #[must_use]
    pub(crate) fn about(mut self, touched: Touched) -> Self {
        self.touched = touched;
        self
    }

    /// The same with the exception that its caller gets.
    #[must_use]
    pub(crate) fn failed(mut self, error: &Error) -> Self {
        // Whether another account's key is there is nothing that the records of an account may say.
        if error.kind() == ErrorKind::AccessDenied
            && let Author::Caller(caller) = &self.author
        {
            self.touched.keep_of(caller.account());
        }
        let message: String = error.message().chars().take(LONGEST_MESSAGE).collect();
        self.failure = Some(Box::new(Failure { kind: error.kind(), message }));
        self
    }

    /// The rotation of a key: by time, or after `RotateKeyOnDemand`.
    pub(crate) fn rotated(now: Timestamp, key: &Arc<KeyRecord>, by: RotationType) -> Self {
        Self::of_key("RotateKey", now, key, &format!("\"rotationType\":\"{by}\","))
    }

    /// The replicas of a multi-Region key have what their primary has. The event is the primary's.
    pub(crate) fn synchronized(now: Timestamp, key: &Arc<KeyRecord>) -> Self {
        Self::of_key("SynchronizeMultiRegionKey", now, key, "")
    }

    /// The deletion of a key whose waiting period is over.
    pub(crate) fn deleted(now: Timestamp, key: &Arc<KeyRecord>) -> Self {
        Self::of_key("DeleteKey", now, key, "")
    }

    /// A key that AWS manages, made at its first use.
    pub(crate) fn made_by_aws(now: Timestamp, key: &Arc<KeyRecord>) -> Self {
        Self::of_key(Operation::CreateKey.name(), now, key, "")
    }

    /// The removal of an imported key material that expired.
    pub(crate) fn expired(now: Timestamp, key: &Arc<KeyRecord>, material: &MaterialId) -> Self {
        Self::of_key("DeleteExpiredKeyMaterial", now, key, &format!("\"keyMaterialId\":\"{material}\","))
    }

    fn of_key(name: &'static str, time: Timestamp, key: &Arc<KeyRecord>, detail: &str) -> Self {
        let members = format!(",\"service\":{{{detail}\"keyId\":\"{}\"}}", key.id).into_bytes();
        let mut touched = Touched::default();
        touched.key(key);
        Self { time, name, author: Author::Service, members, touched, failure: None }
    }

    /// So many events that happened between these times and could not be stored.
    pub(crate) fn gap(lost: u64, from: Timestamp, to: Timestamp) -> Self {
        let (begin, end) = (dates::iso(from), dates::iso(to));
        let members =
            format!(",\"service\":{{\"eventsLost\":{lost},\"from\":\"{begin}\",\"to\":\"{end}\"}}").into_bytes();
        let touched = Touched::default();
        Self { time: to, name: GAP, author: Author::Service, members, touched, failure: None }
    }

    /// The generation record was damaged or gone, and the host had the vault go on.
    pub(crate) fn restarted(now: Timestamp) -> Self {
        let members = b",\"service\":{\"reason\":\"the record generation was damaged or gone\"}".to_vec();
        let touched = Touched::default();
        Self { time: now, name: RESTART, author: Author::Service, members, touched, failure: None }
    }

    /// What a stored event says of the trail itself, if that is what it does.
    pub(crate) fn note_in(stored: &str) -> Option<Note> {
        // Few do, and reading an event takes longer.
        let recorded = stored.contains(OF_THE_TRAIL).then(|| Recorded::read(stored)).flatten()?;
        match &*recorded.name {
            GAP => recorded.service?.get("eventsLost")?.as_u64().map(Note::Gap),
            RESTART => Some(Note::Restart),
            _ => None,
        }
    }

    /// When it happened.
    pub(crate) fn time(&self) -> Timestamp {
        self.time
    }

    /// About how many bytes it is, in memory and as JSON.
    pub(crate) fn estimate(&self) -> usize {
        // What is escaped is longer than it was.
        let failure = self.failure.as_ref().map_or(0, |failure| 2 * failure.message.len());
        let author = match &self.author {
            Author::Caller(caller) => caller.principal().as_str().len() + identity::session_length(caller),
            Author::Service => 0,
        };
        // With the ARN of a key, the id, and names of members.
        self.members.len() + self.touched.recipient_length() + failure + author + 360
    }

    /// Appends the event as one JSON object, without a line break. `id` becomes its id, unless it has one.
    pub(crate) fn write(&self, id: &[u8; 16], into: &mut Vec<u8>) {
        into.extend_from_slice(b"{\"time\":");
        put_number(into, self.time.as_millis());
        put_pair(into, "name", self.name);
        if let Author::Caller(caller) = &self.author {
            put_pair(into, "caller", caller.principal().as_str());
            if caller.principal().kind() == PrincipalKind::Service {
                put_pair(into, "for", caller.account().as_str());
            }
            put_pair(into, "region", caller.region().as_str());
            identity::put_session(into, caller);
        }
        into.extend_from_slice(&self.members);
        self.touched.write(into);
        if let Some(failure) = &self.failure {
            put_pair(into, "errorCode", code(failure.kind));
            if !failure.message.is_empty() {
                put_pair(into, "errorMessage", &failure.message);
            }
        }
        put_pair(into, "id", &hex::encode(self.touched.told.as_ref().unwrap_or(id)));
        into.push(b'}');
    }
}

/// The code of an exception: its name, but for the one that CloudTrail writes without its ending.
const fn code(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::AccessDenied => "AccessDenied",
        _ => kind.name(),
    }
}

/// Appends a member after others.
fn put_pair(into: &mut Vec<u8>, name: &str, value: &str) {
    into.extend_from_slice(b",\"");
    into.extend_from_slice(name.as_bytes());
    into.extend_from_slice(b"\":");
    put_text(into, value);
}
