//! The audit trail: what was asked of the vault, by whom, and what came of it.

#[allow(dead_code, reason = "until calls are recorded")]
mod event;

pub use event::AuditSink;
#[allow(unused_imports, reason = "until calls are recorded")]
pub(crate) use event::{BranchKeyCall, Call, Event, Filter, Recorded, Touched};
