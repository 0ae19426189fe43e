//! Key states: what each allows (AWS KMS Developer Guide, "Key states of AWS KMS keys", the table at its end).

use super::KeyState;
use crate::error::{Error, ErrorKind, Result};
use alloc::format;
use core::fmt::Display;

/// What an operation needs of the state of its key. Each operation has exactly one need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Any state: it only reads, or does not concern the key itself.
    Anything,
    /// A key that works: cryptographic operations.
    Usable,
    /// A key that works and is not being changed: rotation.
    Settled,
    /// A key whose end is not decided: descriptions, tags, aliases, scheduling the deletion.
    Kept,
    /// A key that has its material and is not being changed: enabling and disabling.
    Switchable,
    /// A key whose deletion is scheduled: cancelling that.
    Condemned,
}

impl KeyState {
    /// Refuses where the state does not meet the need. `arn` names the key in the message, and is asked only then.
    pub(crate) fn check<A: Display>(self, need: Need, arn: impl Fn() -> A) -> Result<()> {
        use KeyState::{
            Creating, Disabled, Enabled, PendingDeletion, PendingImport, PendingReplicaDeletion, Unavailable, Updating,
        };
        let refused = match (need, self) {
            (Need::Anything, _)
            | (Need::Usable, Enabled | Updating)
            | (Need::Settled, Enabled)
            // "While the key state is Creating, you can manage key, but you cannot yet use it in cryptographic
            // operations" (ReplicateKey).
            | (Need::Kept, Enabled | Disabled | PendingImport | Unavailable | Creating | Updating)
            // "While the key state is Updating, […] you cannot […] perform certain management operations, such as
            // enabling or disabling" (UpdatePrimaryRegion).
            | (Need::Switchable, Enabled | Disabled | Unavailable | Creating)
            | (Need::Condemned, PendingDeletion | PendingReplicaDeletion) => return Ok(()),

            (Need::Condemned, _) => "is not pending deletion.",
            (Need::Usable | Need::Settled, Disabled) => {
                return Err(Error::new(ErrorKind::Disabled, format!("{} is disabled.", arn()))
                    .explain("enable it with EnableKey first"));
            }
            (_, PendingDeletion) => "is pending deletion.",
            (_, PendingReplicaDeletion) => "is pending replica deletion.",
            (_, PendingImport) => "is pending import.",
            (_, Creating) => "is creating.",
            (_, Updating) => "is updating.",
            (_, Unavailable) => "is unavailable.",
        };
        Err(Error::new(ErrorKind::KmsInvalidState, format!("{} {refused}", arn())))
    }
}
