//! Key states: what each allows (AWS KMS Developer Guide, "Key states of AWS KMS keys", the table at its end).

use super::KeyState;
use crate::error::{Error, ErrorKind, Result};
use alloc::format;
use core::fmt::Display;

/// What an operation asks of the state of its key. Each operation has exactly one rule (`api/facts`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StateRule {
    /// Any state: it only reads, or does not concern the key itself.
    Any,
    /// A key that works, even while it is being changed: cryptographic operations.
    Usable,
    /// A key that works, or will when its custom key store is connected again: giving grants.
    Grantable,
    /// A key that works and is not being changed: rotation.
    Enabled,
    /// A key that is not to be deleted: descriptions, tags, aliases, scheduling the deletion.
    NotPendingDeletion,
    /// A key that has its material and is not being changed: enabling and disabling.
    Switchable,
    /// A key whose deletion is scheduled: cancelling that.
    PendingDeletion,
}

impl KeyState {
    /// Refuses where the rule does not hold. `arn` names the key in the message, and is asked only then.
    pub(crate) fn check<A: Display>(self, rule: StateRule, arn: impl Fn() -> A) -> Result<()> {
        use KeyState::{
            Creating, Disabled, Enabled, PendingDeletion, PendingImport, PendingReplicaDeletion, Unavailable, Updating,
        };
        let refused = match (rule, self) {
            (StateRule::Any, _)
            | (StateRule::Usable, Enabled | Updating)
            | (StateRule::Grantable, Enabled | Updating | Unavailable)
            | (StateRule::Enabled, Enabled)
            // "While the key state is Creating, you can manage key, but you cannot yet use it in cryptographic
            // operations" (ReplicateKey).
            | (StateRule::NotPendingDeletion, Enabled | Disabled | PendingImport | Unavailable | Creating | Updating)
            // "While the key state is Updating, […] you cannot […] perform certain management operations, such as
            // enabling or disabling" (UpdatePrimaryRegion).
            | (StateRule::Switchable, Enabled | Disabled | Unavailable | Creating)
            | (StateRule::PendingDeletion, PendingDeletion | PendingReplicaDeletion) => return Ok(()),

            (StateRule::PendingDeletion, _) => "is not pending deletion.",
            (StateRule::Usable | StateRule::Grantable | StateRule::Enabled, Disabled) => {
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
