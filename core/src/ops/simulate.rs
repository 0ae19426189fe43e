//! Asking the evaluator about a call that no one makes: with the vault's own policies, grants and principals.

use super::{grant_store, registry, target};
use crate::{
    access::{Caller, Question, Resource, Simulated, StatedCall, Stating},
    api::{Action, Operation, ResourceKind, SimulateRequest, SimulateResponse},
    error::{Error, ErrorKind, Result, Untrusted},
    shape,
    store::Transaction,
};
use alloc::format;

/// What would be decided, and why.
pub(crate) fn run(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    request: &SimulateRequest,
) -> Result<SimulateResponse> {
    shape::check(request)?;
    let named = |action: &&Action| {
        [action.name(), action.full_name()].iter().any(|known| known.eq_ignore_ascii_case(&request.action))
    };
    let action = *Action::ALL.iter().find(named).ok_or_else(|| invalid(request, "KMS has no such action"))?;
    if action == Action::RetireGrant {
        return Err(invalid(request, "it depends on the grant: call RetireGrant with DryRun"));
    }
    let question = Question {
        grant_tokens: request.grant_tokens.as_deref().unwrap_or_default(),
        ..Question::new(caller, Operation::DescribeKey)
    };
    let fits = match action.resource() {
        ResourceKind::None => request.key_id.is_none() && request.alias_name.is_none(),
        ResourceKind::Key => {
            request.alias_name.is_none() && (request.key_id.is_some() || action == Action::TagResource)
        }
        ResourceKind::AliasAndKey => request.key_id.is_some() != request.alias_name.is_some(),
    };
    if !fits {
        return Err(invalid(request, "what it is asked of does not fit: KeyId, AliasName or neither"));
    }
    let stating = Stating::new(request)?;
    let about = |resource, stating| StatedCall { caller, action, resource, stating };
    let simulated = match (&request.key_id, &request.alias_name) {
        (Some(text), _) => {
            let key = target::key_of(transaction, &question, text)?;
            let mut guard = target::guard_of(transaction, &question, &key)?;
            let call = about(Resource::Key(&key), stating.naming(target::request_alias(text)));
            guard.grants = grant_store::reaching(transaction, &key, &guard, &call)?;
            call.decide(&guard)
        }
        (None, Some(alias)) => {
            let arn = target::alias_arn(caller, alias);
            let guard = registry::guard(transaction, caller, Some(caller.account()))?;
            about(Resource::Alias(&arn), stating).decide(&guard)
        }
        (None, None) => about(Resource::None, stating).decide(&registry::guard(transaction, caller, None)?),
    };
    let Simulated { allowed, message, explanation } = simulated;
    Ok(SimulateResponse { allowed, message, explanation })
}

fn invalid(request: &SimulateRequest, why: &str) -> Error {
    let action = Untrusted(&request.action);
    Error::new(ErrorKind::Validation, format!("'{action}' is not valid as Action: {why}"))
}
