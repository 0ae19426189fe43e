//! A second place for events.

use crate::{api::AuditEvent, error::Result};

/// Takes the events of the trail as they are stored, for a second place: a log, a queue, a bucket. See
/// [`VaultBuilder::audit_sink`](crate::VaultBuilder::audit_sink).
pub trait AuditSink: Send + Sync {
    /// Takes events that have just been stored, in their order. What goes wrong here does not concern the vault: the trail has
    /// them. A call of the vault from here is recorded in turn, and shown later.
    fn events(&self, events: &[AuditEvent]) -> Result<()>;
}
