//! The audit trail: what was asked of the vault, by whom, and what came of it.
//!
//! What an event is, and the form in which it is kept and shown, is in [`event`]. The rest is the trail that they make: how long
//! they wait before they are stored ([`ring`]), what is stored of them and links to what was stored before ([`entry`]), what
//! a look at it has to say ([`report`]), and what is counted of it ([`counts`]), and who else is shown it ([`shown`]). The store below seals entries and commits them (`store/trail`).

mod counts;
mod entry;
mod event;
mod head;
mod option;
mod report;
mod ring;
mod shown;

pub(crate) use counts::{Counted, CountedTo, LastUse, Requests};
pub(crate) use entry::{Carried, Digest, Entry, Header, Lines, Link, Mention, Trail, digest};
pub use event::AuditSink;
pub(crate) use event::{BranchKeyCall, Call, Event, Filter, Note, ParcelCall, Recorded, Touched, request_id};
pub(crate) use head::Head;
pub use option::Audit;
pub(crate) use report::{AuditOrder, AuditPage, AuditPosition};
pub use report::{AuditProblem, AuditProblemKind, AuditReport};
pub(crate) use ring::{Batch, Came, EventsWaiting, Lost, Ring};
pub(crate) use shown::{Shown, Sink};
