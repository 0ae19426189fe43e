//! The explanation of a decision, for the developer of this process: which statement of which policy decided, which conditions did
//! not hold and with what value, and what would be needed.

use super::{
    decision::{Basis, Decision, KeyPolicy, Parties, Reason, Source},
    denial::kind,
    facts::{Facts, Values},
    policy::{Effect, Policy, Statement},
    request::Request,
    resource::Resource,
};
use crate::error::Untrusted;
use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

/// The most sentences of an explanation: a policy can have hundreds of statements.
const MOST: usize = 12;

/// Sentences about a decision, the most important first.
pub(crate) fn explain(request: &Request<'_>, parties: &Parties<'_>, decision: &Decision) -> Vec<String> {
    let action = request.action.full_name();
    let mut sentences = Vec::new();
    let (source, effect) = match decision {
        Decision::Allowed(Basis::Grant(id)) => return Vec::from([format!("the grant {id} allows {action}")]),
        Decision::Allowed(Basis::KeyPolicy) => (Source::Key, Effect::Allow),
        Decision::Allowed(Basis::Identity) => (Source::Identity, Effect::Allow),
        Decision::Allowed(Basis::KeyPolicyAndIdentity) => {
            sentences.extend(
                policies(parties, Source::Key, request)
                    .into_iter()
                    .flat_map(|policy| policy.matching(request, Effect::Allow)),
            );
            (Source::Identity, Effect::Allow)
        }
        Decision::Denied(Reason::OtherAccount) => {
            return Vec::from([format!("{action} never works on a key of another account, whatever policies allow")]);
        }
        Decision::Denied(Reason::Unknown) => {
            let (caller, account) = (request.caller.arn(), request.caller.account());
            let account = account.map_or_else(String::new, ToString::to_string);
            return Vec::from([format!(
                "the registry of the account {account} has no {caller}, so nothing is allowed to it"
            )]);
        }
        Decision::Denied(Reason::Explicit(source)) => (*source, Effect::Deny),
        Decision::Denied(Reason::Lacking(source)) => {
            sentences.push(needed(request, *source, action));
            for policy in policies(parties, *source, request) {
                policy.near(request, &mut sentences);
            }
            return sentences;
        }
    };
    for policy in policies(parties, source, request) {
        sentences.extend(policy.matching(request, effect));
    }
    if sentences.is_empty() && source == Source::Identity {
        sentences.push(
            "the vault keeps no identity policies of the caller's account, or it is its root user: it needs none"
                .into(),
        );
    }
    sentences.truncate(MOST);
    sentences
}

/// What would let it happen.
fn needed(request: &Request<'_>, source: Source, action: &str) -> String {
    let caller = request.caller.arn();
    match source {
        Source::Key if matches!(request.resource, Resource::Role(..)) => {
            format!("needed: a statement of the role's trust policy that allows {action} to {caller} or to its account")
        }
        Source::Key => format!(
            "needed: a statement of the key policy that allows {action} to {caller} or to its account, or a grant to it"
        ),
        Source::Identity => format!("needed: an identity policy of {caller} that allows {action}"),
        other => format!("needed: {action} allowed in {}", kind(other).0),
    }
}

/// A policy and how it is called.
struct Labelled<'a> {
    name: String,
    statements: Vec<(usize, &'a Statement)>,
    policy: Option<&'a Policy>,
}

/// The policies of a kind that are asked.
fn policies<'a>(parties: &Parties<'a>, source: Source, request: &Request<'_>) -> Vec<Labelled<'a>> {
    let numbered = |policies: &'a [Arc<Policy>]| -> Vec<Labelled<'a>> {
        let name = kind(source).1;
        let sentences = |(at, policy): (usize, &'a Arc<Policy>)| {
            let label = policy.label().map_or_else(|| format!("{name} {}", at + 1), ToString::to_string);
            Labelled::new(label, policy)
        };
        policies.iter().enumerate().map(sentences).collect()
    };
    let identity = parties.identity;
    match source {
        Source::Key => match parties.key_policy {
            Some(KeyPolicy::Written(policy)) => {
                let label = policy.label().map_or_else(|| "key policy".into(), ToString::to_string);
                Vec::from([Labelled::new(label, policy)])
            }
            Some(KeyPolicy::Default(account)) => {
                let who = if request.caller.account() == Some(account) {
                    "and so this caller's"
                } else {
                    "which is not the caller's"
                };
                let name = format!("default key policy (leaves everything to the account {account}, {who})");
                Vec::from([Labelled { name, statements: Vec::new(), policy: None }])
            }
            None => Vec::new(),
        },
        Source::Identity => identity.map_or_else(Vec::new, |identity| numbered(&identity.policies)),
        Source::Boundary => identity
            .and_then(|identity| identity.boundary.as_deref())
            .map_or_else(Vec::new, |policy| Vec::from([Labelled::new("permissions boundary".into(), policy)])),
        Source::Session => numbered(parties.session),
        Source::ServiceControl => identity.map_or_else(Vec::new, |identity| {
            identity.service_control.iter().flat_map(|level| numbered(level)).collect()
        }),
        Source::ResourceControl => parties.resource_control.iter().flat_map(|level| numbered(level)).collect(),
        Source::Endpoint => parties
            .endpoint
            .map_or_else(Vec::new, |policy| Vec::from([Labelled::new("VPC endpoint policy".into(), policy)])),
    }
}

impl<'a> Labelled<'a> {
    fn new(name: String, policy: &'a Policy) -> Self {
        let statements = policy.statements().iter().enumerate().map(|(at, statement)| (at + 1, statement)).collect();
        Self { name, statements, policy: Some(policy) }
    }

    fn call(&self, number: usize, statement: &Statement) -> String {
        let sid = statement.sid.as_ref().map_or_else(String::new, |sid| format!(" ('{}')", Untrusted(sid)));
        format!("statement {number}{sid} of the {}", self.name)
    }

    /// The statements that decided.
    fn matching(&self, request: &Request<'_>, effect: Effect) -> Vec<String> {
        let Some(policy) = self.policy else { return Vec::from([format!("{} applies", self.name)]) };
        let statements = self.statements.iter().filter(|(_, statement)| statement.effect == effect);
        let says = if effect == Effect::Allow { "allows" } else { "denies" };
        statements
            .filter(|(_, statement)| {
                let look = policy.look(statement, request);
                look.principal && look.action && look.resource && policy.unmet(statement, request).next().is_none()
            })
            .take(MOST)
            .map(|(number, statement)| format!("{} {says} it", self.call(*number, statement)))
            .collect()
    }

    /// The statements that would have allowed it but for one thing. Those are few, and only their conditions are asked again,
    /// until there are enough sentences.
    fn near(&self, request: &Request<'_>, sentences: &mut Vec<String>) {
        let Some(policy) = self.policy else {
            sentences.push(format!("the key has the {}", self.name));
            return;
        };
        for (number, statement) in self.statements.iter().filter(|(_, statement)| statement.effect == Effect::Allow) {
            if sentences.len() >= MOST {
                return;
            }
            let look = policy.look(statement, request);
            let missing: Vec<&str> = [
                (!look.principal, "does not name the caller"),
                (!look.action, "does not have the action"),
                (!look.resource, "does not have the resource"),
            ]
            .into_iter()
            .filter_map(|(missing, text)| missing.then_some(text))
            .collect();
            let called = self.call(*number, statement);
            match missing.as_slice() {
                [] => {
                    let unmet = policy.unmet(statement, request).take(MOST.saturating_sub(sentences.len()));
                    sentences.extend(unmet.map(|condition| {
                        format!(
                            "{called} would allow it, but {} of {} with {} did not hold: the request has {}",
                            Untrusted(&condition.operator_text),
                            Untrusted(&condition.key.text),
                            listed(condition.texts.iter().map(String::as_str)),
                            found(request.facts, &condition.key),
                        )
                    }));
                }
                [only] if policy.unmet(statement, request).next().is_none() => {
                    sentences.push(format!("{called} {only}"));
                }
                _ => {}
            }
        }
    }
}

fn found(facts: &dyn Facts, key: &super::facts::ConditionKey) -> String {
    match facts.values(key) {
        Values::Absent => "no value for it".to_string(),
        Values::One(value) => listed([&*value].into_iter()),
        Values::Several(values) | Values::Ambiguous(values) => {
            format!("the values {}", listed(values.iter().map(|value| &**value)))
        }
        Values::Undecidable => "more values than its quota".to_string(),
    }
}

fn listed<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let texts: Vec<String> = texts.map(|text| format!("'{}'", Untrusted(text))).collect();
    texts.join(", ")
}
