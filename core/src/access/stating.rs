//! A question about a call that no one makes, to the same evaluator and with the same policies as of a real one.

use super::{
    caller::Caller,
    context::{Stated, check_stated, is_of_new_key},
    decision::{Decision, KeyPolicy, Parties, decide},
    denial,
    explain::explain,
    facts::Facts,
    guard::Guard,
    hearing::{Call, Hearing},
    request::Request,
    resource::Resource,
    simulation::Simulated,
    verb::Verb,
};
use crate::{
    api::{Action, SimulateRequest},
    context::EncryptionContext,
    error::{Error, ErrorKind, Result, Untrusted},
};
use alloc::{format, string::ToString, vec::Vec};

/// What is said of the call.
pub(crate) struct Stating<'a> {
    stated: Stated,
    encryption_context: Option<&'a EncryptionContext>,
}

impl<'a> Stating<'a> {
    /// Checks what is said: nothing that follows from the caller, the key or the clock.
    pub(crate) fn new(request: &'a SimulateRequest) -> Result<Self> {
        let mut stated = Stated::new();
        for entry in request.context.iter().flatten() {
            let key = &entry.context_key_name;
            let lower = key.to_lowercase();
            // Without a key, the properties of the key-to-be are the request's.
            let key_to_be = request.key_id.is_none() && is_of_new_key(&lower);
            let of_request =
                lower.starts_with("kms:") || lower == "aws:tagkeys" || lower.starts_with("aws:requesttag/");
            let checked = match (key_to_be, of_request && lower != "kms:viaservice") {
                (true, _) => Ok(()),
                (false, true) => check_stated(key, &entry.context_key_values),
                (false, false) => Err("it is the caller's, whose session has it"),
            };
            checked.map_err(|why| {
                Error::new(ErrorKind::Validation, format!("'{}' is not valid as Context: {why}", Untrusted(key)))
            })?;
            stated.insert(lower, entry.context_key_values.clone());
        }
        Ok(Self { stated, encryption_context: request.encryption_context.as_ref() })
    }

    /// The same where the call names its key by an alias.
    pub(crate) fn naming(mut self, alias: Option<&str>) -> Self {
        if let Some(alias) = alias {
            self.stated.insert("kms:requestalias".into(), Vec::from([alias.to_string()]));
        }
        self
    }
}

/// A call that no one makes.
pub(crate) struct StatedCall<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) action: Action,
    pub(crate) resource: Resource<'a>,
    pub(crate) stating: Stating<'a>,
}

impl Call for StatedCall<'_> {
    fn put<T>(&self, guard: &Guard, answer: impl FnOnce(&Request<'_>, &Parties<'_>) -> T) -> T {
        let hearing = Hearing {
            caller: self.caller,
            action: Verb::Kms(self.action),
            resource: self.resource,
            facts: &self.stating.stated as &dyn Facts,
            encryption_context: self.stating.encryption_context,
            child: None,
        };
        hearing.hold(guard, KeyPolicy::of(self.resource, guard.policy.as_deref()), answer)
    }
}

impl StatedCall<'_> {
    /// What would be decided, and why.
    pub(crate) fn decide(&self, guard: &Guard) -> Simulated {
        self.put(guard, |request, parties| {
            let decision = decide(request, parties);
            let message = match decision {
                Decision::Allowed(_) => None,
                Decision::Denied(reason) => Some(denial::message(request, reason)),
            };
            Simulated { allowed: message.is_none(), message, explanation: explain(request, parties, &decision) }
        })
    }
}
