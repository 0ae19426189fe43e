//! All that a question is decided by, brought together: the request, what is known and stated of its caller, and the policies.

use super::{
    caller::Caller,
    context::{LowerNames, RequestContext},
    decision::{Identity, KeyPolicy, Parties},
    facts::{ConditionKey, Facts, Values, pair},
    grant::{Asked, Terms},
    guard::Guard,
    request::Request,
    requester::Requester,
    resource::Resource,
    standing::Standing,
    verb::Verb,
};
use crate::{clock::Timestamp, context::EncryptionContext};
use alloc::{string::String, vec::Vec};

/// What the evaluator can be asked about: the question of an operation, or a call that no one makes.
pub(crate) trait Call {
    /// Puts it before the evaluator, with all that decides it.
    fn put<T>(&self, guard: &Guard, answer: impl FnOnce(&Request<'_>, &Parties<'_>) -> T) -> T;
}

/// What is asked.
#[derive(Clone, Copy)]
pub(super) struct Hearing<'a> {
    pub(super) caller: &'a Caller,
    pub(super) action: Verb,
    pub(super) resource: Resource<'a>,
    /// Of the request itself.
    pub(super) facts: &'a dyn Facts,
    pub(super) encryption_context: Option<&'a EncryptionContext>,
    /// The grant that `CreateGrant` would make.
    pub(super) child: Option<&'a Terms>,
}

/// What conditions find in the request, else in what the host stated of the caller, else in the registry.
struct Known<'a> {
    request: &'a dyn Facts,
    caller: &'a Caller,
    identity: Option<&'a Identity>,
    now: Timestamp,
}

impl Facts for Known<'_> {
    fn values(&self, key: &ConditionKey) -> Values<'_> {
        let found = self.request.values(key);
        if found != Values::Absent {
            return found;
        }
        let stated = self.caller.session().map_or(Values::Absent, |session| session.values(key, self.now));
        match (key.after("aws:principaltag/"), self.identity) {
            (Some(name), Some(identity)) if stated == Values::Absent => pair(identity.tags.iter(), name),
            _ => stated,
        }
    }
}

impl Hearing<'_> {
    /// Puts it before the evaluator, with the policy of the resource.
    pub(super) fn hold<T>(
        &self,
        guard: &Guard,
        key_policy: Option<KeyPolicy<'_>>,
        answer: impl FnOnce(&Request<'_>, &Parties<'_>) -> T,
    ) -> T {
        let caller = Requester::of(self.caller.principal());
        let identity = guard.standing.identity();
        let known = Known { request: self.facts, caller: self.caller, identity, now: guard.now };
        let context = RequestContext {
            caller,
            principal_arn: identity.and_then(|identity| identity.arn.as_deref()),
            region: self.caller.region(),
            now: guard.now,
            resource: self.resource,
            encryption_context: self.encryption_context,
            lower_names: LowerNames::default(),
            rest: &known,
        };
        let request = Request {
            caller,
            action: self.action,
            resource: self.resource,
            facts: &context,
            context: self.encryption_context,
            bounded: identity.is_some_and(|identity| identity.boundary.is_some()),
        };
        let tokens_of: Vec<&str> = guard.tokens_of.iter().map(String::as_str).collect();
        let session = self.caller.session();
        let parties = Parties {
            identity,
            unknown: matches!(guard.standing, Standing::Unknown),
            session: session.map_or(&[], |session| &session.policies),
            key_policy,
            resource_control: &guard.resource_control,
            endpoint: session.and_then(|session| session.endpoint.as_ref()),
            grants: &guard.grants,
            asked: Asked { now: guard.now, tokens_of: &tokens_of, child: self.child },
        };
        answer(&request, &parties)
    }
}
