//! Permits: proof that a caller may carry out an action, which every operation asks for.

use super::{
    caller::Caller,
    decision::{Decision, Parties, decide, decide_to_retire},
    denial,
    explain::explain,
    grant_record::GrantRecord,
    guard::Guard,
    hearing::Call,
    question::Question,
    request::Request,
};
use crate::{
    api::Operation,
    error::{Error, ErrorKind, Result},
    key::{AccountId, KeyRecord, Region},
};
use alloc::sync::Arc;

/// Leave for one operation on one key. It can be made by [`authorize_key`] alone, and the key's record is reached through it, so
/// that code which forgets to ask does not compile.
pub(crate) struct Permit {
    key: Arc<KeyRecord>,
    operation: Operation,
}

impl Permit {
    /// The key that the permit is for.
    pub(crate) fn key(&self) -> &KeyRecord {
        &self.key
    }

    /// The operation that the permit is for.
    pub(crate) fn operation(&self) -> Operation {
        self.operation
    }
}

/// Leave for one operation that concerns no key, or an alias, in the caller's account and Region. It can be made by
/// [`authorize`] alone.
pub(crate) struct AccountPermit<'a> {
    caller: &'a Caller,
}

impl<'a> AccountPermit<'a> {
    pub(crate) fn account(&self) -> &'a AccountId {
        self.caller.account()
    }

    pub(crate) fn region(&self) -> &'a Region {
        self.caller.region()
    }
}

/// Asks for the permission to act on a key, which has this guard.
pub(crate) fn authorize_key(question: &Question<'_>, key: Arc<KeyRecord>, guard: &Guard) -> Result<Permit> {
    ask(&question.of_key(&key), guard)?;
    Ok(Permit { key, operation: question.operation })
}

/// Asks for the permission to act on an alias, or on nothing that has an ARN.
pub(crate) fn authorize<'a>(question: &Question<'a>, guard: &Guard) -> Result<AccountPermit<'a>> {
    ask(question, guard)?;
    Ok(AccountPermit { caller: question.caller })
}

/// Asks for the permission to use a key that AWS would make for a service, which has this guard: who has it has it made.
pub(crate) fn authorize_managed<'a>(
    question: &Question<'a>,
    key: &KeyRecord,
    guard: &Guard,
) -> Result<AccountPermit<'a>> {
    ask(&question.of_key(key), guard)?;
    Ok(AccountPermit { caller: question.caller })
}

/// Asks for the permission to retire a grant on a key.
pub(crate) fn authorize_to_retire(
    question: &Question<'_>,
    key: Arc<KeyRecord>,
    guard: &Guard,
    grant: &GrantRecord,
) -> Result<Permit> {
    let asked = question.of_key(&key);
    #[cfg(test)]
    asked::note(&asked);
    asked.put(guard, |request, parties| answer(request, parties, &decide_to_retire(request, parties, grant)))?;
    Ok(Permit { key, operation: question.operation })
}

/// The whole explanation where a resource belongs to another account: its policy is that account's to read.
const NOT_DISCLOSED: &str = "the resource is of another account than the caller: neither whether it exists nor what its policy says \
                             is disclosed";

fn ask(question: &Question<'_>, guard: &Guard) -> Result<()> {
    #[cfg(test)]
    asked::note(question);
    question.put(guard, |request, parties| answer(request, parties, &decide(request, parties)))
}

fn answer(request: &Request<'_>, parties: &Parties<'_>, decision: &Decision) -> Result<()> {
    match *decision {
        Decision::Allowed(_) => Ok(()),
        Decision::Denied(reason) => {
            let error = Error::new(ErrorKind::AccessDenied, denial::message(request, reason));
            let own = request.resource.account().is_none_or(|account| request.caller.asks_for() == Some(account));
            Err(if own {
                error.explain(explain(request, parties, decision).join("; "))
            } else {
                error.explain(NOT_DISCLOSED)
            })
        }
    }
}

/// The error of a grant token without a grant.
pub(crate) fn bad_token() -> Error {
    Error::new(ErrorKind::InvalidGrantToken, "The grant token is not valid.")
        .explain("it is no token of this vault, or its grant was retired or revoked")
}

/// The error of a caller that may not act on a resource that is not theirs, whether or not it exists: one answer, so that no one
/// learns which.
pub(crate) fn denied(question: &Question<'_>, resource: &str) -> Error {
    Error::new(ErrorKind::AccessDenied, denial::of_another_account(question, resource)).explain(NOT_DISCLOSED)
}

/// What was asked in this thread, for tests.
#[cfg(test)]
pub(crate) mod asked {
    use super::super::{question::Question, resource::Resource};
    use crate::key::MultiRegionKeyType;
    use alloc::{format, string::String, vec::Vec};
    use core::cell::RefCell;

    std::thread_local! {
        static ASKED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn note(question: &Question<'_>) {
        ASKED.with_borrow_mut(|asked| asked.push(text(question)));
    }

    /// What was asked since the last call.
    pub(crate) fn take() -> Vec<String> {
        ASKED.take()
    }

    /// What few operations ask about.
    fn of_few(question: &Question<'_>) -> Vec<(&'static str, String)> {
        let Question { replica_region, primary_region, wrapping_algorithm, wrapping_key_spec, .. } = question;
        let wrapping =
            wrapping_algorithm.zip(*wrapping_key_spec).map(|(algorithm, spec)| format!("{algorithm},{spec}"));
        let facts = [
            ("replica", replica_region.map(String::from)),
            ("primary", primary_region.map(String::from)),
            ("wrapping", wrapping),
            ("expiration", question.expiration_model.map(|model| format!("{model}"))),
            ("to", question.valid_to.map(|date| format!("{}", date.as_millis()))),
            ("recipient", question.attested.map(|attested| attested.module_id.clone())),
        ];
        facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// All that a question has, in a line.
    fn text(question: &Question<'_>) -> String {
        let Question {
            caller: _,
            operation: _,
            action,
            resource,
            request_alias,
            encryption_context,
            encryption_algorithm,
            mac_algorithm,
            signing_algorithm,
            message_type,
            key_agreement_algorithm,
            data_key_pair_spec,
            other_key,
            new_key,
            bypass_policy_lockout_safety_check,
            policy_name,
            new_grant,
            retired_grant,
            tags,
            tag_keys,
            rotation_period_in_days,
            pending_window_in_days,
            replica_region: _,
            primary_region: _,
            wrapping_algorithm: _,
            wrapping_key_spec: _,
            expiration_model: _,
            valid_to: _,
            attested: _,
            grant_tokens,
        } = *question;
        let mut text = match resource {
            Resource::Key(key) => format!("{} {}", action.full_name(), key.description),
            Resource::Alias(arn) => format!("{} {arn}", action.full_name()),
            Resource::Role(arn, _) => format!("{} {arn}", action.full_name()),
            Resource::None => format!("{} *", action.full_name()),
        };
        let mut add = |name: &str, value: String| text.extend([" ", name, "=", &value]);
        if let Some(alias) = request_alias {
            add("alias", alias.into());
        }
        if let Some(context) = encryption_context {
            add("context", context.iter().flat_map(|(name, value)| [name, ":", value]).collect());
        }
        if let Some(algorithm) = encryption_algorithm {
            add("algorithm", format!("{algorithm}"));
        }
        if let Some(algorithm) = mac_algorithm {
            add("algorithm", format!("{algorithm}"));
        }
        if let Some(algorithm) = signing_algorithm {
            add("algorithm", format!("{algorithm}"));
        }
        if let Some(kind) = message_type {
            add("message", format!("{kind}"));
        }
        if let Some(algorithm) = key_agreement_algorithm {
            add("algorithm", format!("{algorithm}"));
        }
        if let Some(spec) = data_key_pair_spec {
            add("pair", format!("{spec}"));
        }
        if let (Some(other), Resource::Key(key)) = (other_key, resource) {
            add("same", format!("{}", other == key.id));
        }
        if let Some(key) = new_key {
            let kind = key.multi_region.map_or("false", MultiRegionKeyType::as_str);
            add("new", format!("{},{},{},{kind}", key.spec, key.usage, key.origin));
        }
        if let Some(bypass) = bypass_policy_lockout_safety_check {
            add("bypass", format!("{bypass}"));
        }
        if let Some(new) = new_grant {
            add("grant", new.written.operations.iter().map(|operation| operation.as_str()).collect());
        }
        if let Some(grant) = retired_grant {
            add("retired", grant.operations.iter().map(|operation| operation.as_str()).collect());
        }
        if let Some(name) = policy_name {
            add("policy", name.into());
        }
        if !tags.is_empty() {
            add("tags", tags.iter().flat_map(|tag| [&*tag.tag_key, ":", &*tag.tag_value]).collect());
        }
        if !tag_keys.is_empty() {
            add("keys", tag_keys.concat());
        }
        if let Some(days) = rotation_period_in_days.or(pending_window_in_days) {
            add("days", format!("{days}"));
        }
        for (name, value) in of_few(question) {
            add(name, value);
        }
        if !grant_tokens.is_empty() {
            add("tokens", format!("{}", grant_tokens.len()));
        }
        text
    }
}
