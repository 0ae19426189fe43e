//! The check that a new key policy does not lock out the caller that puts it (AWS KMS Developer Guide, "Default key policy").

use super::{
    decision::{Decision, decide},
    explain::explain,
    guard::Guard,
    hearing::Call,
    question::Question,
};
use crate::{
    api::Action,
    error::{Error, ErrorKind, Result},
    key::KeyRecord,
};

/// The whole decision of `kms:PutKeyPolicy` for the caller, with the new policy in place of the old and everything else as it
/// is.
pub(crate) fn check_lockout(question: &Question<'_>, key: &KeyRecord, guard: &Guard) -> Result<()> {
    let again = question.with_action(Action::PutKeyPolicy).of_key(key);
    again.put(guard, |request, parties| {
        let decision = decide(request, parties);
        match decision {
            Decision::Allowed(_) => Ok(()),
            Decision::Denied(_) => Err(Error::new(
                ErrorKind::MalformedPolicyDocument,
                "The new key policy will not allow you to update the key policy in the future.",
            )
            .explain(explain(request, parties, &decision).join("; "))),
        }
    })
}
