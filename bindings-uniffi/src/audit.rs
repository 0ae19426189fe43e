//! The audit trail, for the app that keeps the vault.

use crate::{KmsError, Vault, seconds};
use pocketkms::{
    Timestamp,
    api::{AuditEvent, LookupEventsRequest, LookupEventsResponse},
};
use std::sync::Arc;

/// When events of the audit trail are stored. The event of a call that changes something is always in the same commit as the change.
#[derive(Clone, Copy, Debug, PartialEq, uniffi::Enum)]
pub enum Audit {
    /// No call is recorded.
    Off,
    /// Events of calls that change nothing wait in memory, so long at most by the vault's clock, or until 1,000 of them have come
    /// together. A process that is killed loses them. Zero stores each before its call returns.
    Window {
        /// How long: seconds, which may have a fraction.
        seconds: f64,
    },
    /// An event is stored before anything of the answer is given out, and a call whose event cannot be stored fails.
    Strict,
}

impl Audit {
    pub(crate) fn to_core(self) -> Result<pocketkms::Audit, KmsError> {
        Ok(match self {
            Self::Off => pocketkms::Audit::off(),
            Self::Window { seconds } => pocketkms::Audit::window(seconds::duration("the audit window", seconds)?),
            Self::Strict => pocketkms::Audit::strict(),
        })
    }
}

/// The form in which the audit trail is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum AuditFormat {
    /// A file of AWS CloudTrail's: `{"Records": [...]}`.
    CloudTrail,
    /// JSON lines: a record in each.
    JsonLines,
}

impl From<AuditFormat> for pocketkms::AuditFormat {
    fn from(format: AuditFormat) -> Self {
        match format {
            AuditFormat::CloudTrail => Self::CloudTrail,
            AuditFormat::JsonLines => Self::JsonLines,
        }
    }
}

/// What may be wrong with the audit trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum AuditProblemKind {
    /// The entry is gone, and its events with it.
    Removed,
    /// The entry was altered.
    Edited,
    /// The entry has the place of another.
    Reordered,
    /// The entry does not belong there: it is from before, or from another copy of the vault.
    Inserted,
    /// The generation record, which names the end of the trail, was damaged or gone when this entry was written: entries before it may be
    /// gone, too.
    Restarted,
    /// No one touched the trail, but the store did not take all events in time: so many are missing.
    Gap,
    /// Something that the explanation names.
    Other,
}

impl From<pocketkms::AuditProblemKind> for AuditProblemKind {
    fn from(kind: pocketkms::AuditProblemKind) -> Self {
        match kind {
            pocketkms::AuditProblemKind::Removed => Self::Removed,
            pocketkms::AuditProblemKind::Edited => Self::Edited,
            pocketkms::AuditProblemKind::Reordered => Self::Reordered,
            pocketkms::AuditProblemKind::Inserted => Self::Inserted,
            pocketkms::AuditProblemKind::Restarted => Self::Restarted,
            pocketkms::AuditProblemKind::Gap => Self::Gap,
            // The enumeration may grow.
            _ => Self::Other,
        }
    }
}

/// Something that is wrong with the audit trail.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct AuditProblem {
    /// What it is.
    pub kind: AuditProblemKind,
    /// The number of the entry, which is in the record `audit/<number>`.
    pub entry: u64,
    /// More about it.
    pub explanation: String,
}

/// What `Vault.verifyAudit` found.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct AuditReport {
    /// How many events were checked.
    pub events: u64,
    /// What is wrong with the trail, in its order; at most 1,000 gaps and 1,000 other problems.
    pub problems: Vec<AuditProblem>,
}

impl From<pocketkms::AuditReport> for AuditReport {
    fn from(report: pocketkms::AuditReport) -> Self {
        let problem = |problem: pocketkms::AuditProblem| {
            let pocketkms::AuditProblem { kind, entry, explanation, .. } = problem;
            AuditProblem { kind: kind.into(), entry, explanation }
        };
        Self { events: report.events, problems: report.problems.into_iter().map(problem).collect() }
    }
}

/// A second place for the events of the audit trail: a log, a queue, a file.
#[uniffi::export(with_foreign)]
pub trait AuditSink: Send + Sync {
    /// Takes events that have just been stored, in their order, on the thread of the call that stored them, before that returns. What it
    /// throws is passed over: the trail has the events. It may call the vault; what it does there is recorded, and shown later.
    fn events(&self, events: Vec<AuditEvent>) -> Result<(), KmsError>;
}

/// The core's view of it.
pub(crate) struct ForeignSink(pub(crate) Arc<dyn AuditSink>);

impl pocketkms::AuditSink for ForeignSink {
    fn events(&self, events: &[AuditEvent]) -> pocketkms::Result<()> {
        Ok(self.0.events(events.to_vec())?)
    }
}

/// Takes the text of an exported audit trail.
#[uniffi::export(with_foreign)]
pub trait AuditWriter: Send + Sync {
    /// Takes the next part of the text. What it throws ends the export, and is thrown by it.
    fn write(&self, text: String) -> Result<(), KmsError>;
}

/// The audit trail. Events may be any caller's.
#[allow(clippy::needless_pass_by_value, reason = "UniFFI hands these over")]
#[uniffi::export]
impl Vault {
    /// A page of the audit trail: the events that the request asks for, in the form of AWS CloudTrail's, the newest first. A call about
    /// another account's key makes two events, which come together: then a page has more than it was asked for.
    /// `InvalidMarkerException` if the marker is none that a page gave.
    pub fn lookup_events(&self, request: LookupEventsRequest) -> Result<LookupEventsResponse, KmsError> {
        Ok(self.0.lookup_events(&request)?)
    }

    /// Writes the events that the request asks for, the oldest first unless it says otherwise, and returns how many they were. They are
    /// read page by page.
    pub fn export_audit(
        &self,
        format: AuditFormat,
        request: LookupEventsRequest,
        writer: Arc<dyn AuditWriter>,
    ) -> Result<u64, KmsError> {
        Ok(self.0.export_audit(format.into(), request, |text| Ok(writer.write(text.into())?))?)
    }

    /// Stores the events of the audit trail that wait in memory: on a timer, where nothing calls for a while, or before the app is
    /// suspended.
    pub fn flush_audit(&self) -> Result<(), KmsError> {
        Ok(self.0.flush_audit()?)
    }

    /// Looks through the whole audit trail: whether an entry was removed, edited, moved or inserted, or events could not be stored.
    pub fn verify_audit(&self) -> Result<AuditReport, KmsError> {
        Ok(self.0.verify_audit()?.into())
    }

    /// Removes the events from before that time, and returns how many those were. What is left can be verified as before. A head that
    /// was pinned before is no good any more if entries after it were removed: pin one afterwards.
    pub fn remove_audit_before(&self, time: Timestamp) -> Result<u64, KmsError> {
        Ok(self.0.remove_audit_before(time)?)
    }

    /// The state of the vault, in about 150 printable characters, to be kept out of reach of anyone who can write the store. It reveals a
    /// store that was restored as a whole (`expectedHead`), and is no secret.
    pub fn head(&self) -> Result<String, KmsError> {
        Ok(self.0.head()?)
    }
}
