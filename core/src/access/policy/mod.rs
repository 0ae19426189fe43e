//! Policy documents, and what one says to a request.

mod json;
mod parse;

use super::{
    arn::ArnPattern,
    condition::Condition,
    facts::{ConditionKey, Facts, Values},
    named::{NamedPrincipal, Reach},
    pattern::Pattern,
    request::Request,
};
use alloc::{string::String, vec::Vec};

/// What a policy is attached to, which decides what it may say and how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PolicyKind {
    /// A KMS key.
    Key,
    /// A user, group, role or session, or the boundary of one.
    Identity,
    /// An organization's accounts, for what their principals may do (SCP).
    ServiceControl,
    /// An organization's accounts, for what may be done to their resources (RCP).
    ResourceControl,
    /// A VPC endpoint.
    Endpoint,
    /// The trust policy of a role: who may assume it.
    Trust,
}

impl PolicyKind {
    /// Whether its statements name principals. The others are of the one that has them.
    pub(crate) fn names_principals(self) -> bool {
        matches!(self, Self::Key | Self::ResourceControl | Self::Endpoint | Self::Trust)
    }

    /// Whether a resource that ends early is filled up with `*`.
    fn fills(self, pattern: &ArnPattern) -> bool {
        match self {
            Self::Key | Self::Identity | Self::Endpoint | Self::Trust => true,
            Self::ServiceControl => pattern.text.ends_with('*'),
            Self::ResourceControl => false,
        }
    }
}

/// Whether a statement lets or keeps out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// The principals of a statement.
#[derive(Clone, Debug)]
pub(crate) enum Principals {
    /// The owner of the policy.
    Holder,
    Only(Vec<NamedPrincipal>),
    AllBut(Vec<NamedPrincipal>),
}

/// The actions or resources that a statement means.
#[derive(Clone, Debug)]
pub(crate) enum Items<T> {
    Only(Vec<T>),
    AllBut(Vec<T>),
}

impl<T> Items<T> {
    fn include(&self, matches: impl FnMut(&T) -> bool) -> bool {
        match self {
            Self::Only(items) => items.iter().any(matches),
            Self::AllBut(items) => !items.iter().any(matches),
        }
    }
}

/// A statement.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sid: Option<String>,
    pub(crate) effect: Effect,
    principals: Principals,
    /// Without actions or resources a statement is stored, and means nothing.
    actions: Option<Items<Pattern>>,
    resources: Option<Items<ArnPattern>>,
    pub(crate) conditions: Vec<Condition>,
}

/// A parsed document.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    kind: PolicyKind,
    /// How explanations call it, where it has a name.
    label: Option<String>,
    statements: Vec<Statement>,
}

/// What a policy says to a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// A statement denies.
    pub(crate) denied: bool,
    /// In which ways statements that allow reach the caller: a set of [`Reach`].
    reached: u8,
}

impl Said {
    /// Allowed to the caller's account and no more, as the default key policy does.
    pub(crate) const TO_THE_ACCOUNT: Self = Self { denied: false, reached: Reach::Account as u8 };

    /// Allowed in any way.
    pub(crate) fn allowed(self) -> bool {
        self.reached != 0
    }

    /// Allowed in that way.
    pub(crate) fn reached(self, reach: Reach) -> bool {
        self.reached & reach as u8 != 0
    }

    /// What two sources of the same kind say together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self { denied: self.denied || other.denied, reached: self.reached | other.reached }
    }

    /// Allowed in that way.
    pub(crate) fn to(reach: Reach) -> Self {
        Self { denied: false, reached: reach as u8 }
    }
}

impl Policy {
    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The same with a name for explanations.
    pub(crate) fn labelled(self, label: String) -> Self {
        Self { label: Some(label), ..self }
    }

    pub(crate) fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The principals that its statements name.
    pub(crate) fn named(&self) -> impl Iterator<Item = &NamedPrincipal> {
        self.statements.iter().flat_map(|statement| match &statement.principals {
            Principals::Holder => &[][..],
            Principals::Only(named) | Principals::AllBut(named) => named,
        })
    }

    /// What it says to a request.
    pub(crate) fn say(&self, request: &Request<'_>) -> Said {
        let mut said = Said::default();
        let key_policy = InKeyPolicy(request.facts);
        let facts: &dyn Facts = if self.kind == PolicyKind::Key { &key_policy } else { request.facts };
        for statement in &self.statements {
            let Some(reach) = statement.aims(request, self.kind, facts) else { continue };
            if !statement.conditions.iter().all(|condition| statement.meets(condition, facts)) {
                continue;
            }
            match statement.effect {
                Effect::Deny => return Said { denied: true, ..said },
                Effect::Allow => said.reached |= reach as u8,
            }
        }
        said
    }

    /// For explanations: what of a statement's aim means the request.
    pub(crate) fn look(&self, statement: &Statement, request: &Request<'_>) -> Look {
        self.with_facts(request, |facts| Look {
            principal: statement.reach(request).is_some(),
            action: statement.means_action(request),
            resource: statement.means_resource(request, self.kind, facts),
        })
    }

    /// For explanations: the conditions of a statement that do not hold, each asked as it is come to.
    pub(crate) fn unmet<'s>(
        &'s self,
        statement: &'s Statement,
        request: &'s Request<'_>,
    ) -> impl Iterator<Item = &'s Condition> {
        statement
            .conditions
            .iter()
            .filter(|condition| !self.with_facts(request, |facts| statement.meets(condition, facts)))
    }

    /// What its conditions and variables may see.
    fn with_facts<T>(&self, request: &Request<'_>, look: impl FnOnce(&dyn Facts) -> T) -> T {
        match self.kind {
            PolicyKind::Key => look(&InKeyPolicy(request.facts)),
            _ => look(request.facts),
        }
    }
}

/// How far the aim of a statement fits a request.
pub(crate) struct Look {
    pub(crate) principal: bool,
    pub(crate) action: bool,
    pub(crate) resource: bool,
}

impl Statement {
    /// How it reaches the caller, if it means it, the action and the resource.
    fn aims(&self, request: &Request<'_>, kind: PolicyKind, facts: &dyn Facts) -> Option<Reach> {
        if !self.means_action(request) {
            return None;
        }
        let reach = self.reach(request)?;
        self.means_resource(request, kind, facts).then_some(reach)
    }

    /// Whether a condition holds; where that is in doubt, what keeps out.
    fn meets(&self, condition: &Condition, facts: &dyn Facts) -> bool {
        condition.holds(facts, self.effect == Effect::Deny)
    }

    fn means_action(&self, request: &Request<'_>) -> bool {
        let matches = |pattern: &Pattern| pattern.matches(request.action.lower(), request.facts);
        self.actions.as_ref().is_some_and(|actions| actions.include(matches))
    }

    fn reach(&self, request: &Request<'_>) -> Option<Reach> {
        let caller = request.caller;
        match &self.principals {
            Principals::Holder => Some(Reach::Everyone),
            Principals::Only(named) => {
                // Of several names the one that needs least beside it. `*` stands first in few policies, and is dear
                // to no one: so all are looked at.
                named.iter().filter_map(|named| named.reach(caller)).max_by_key(|reach| reach.strength())
            }
            // A caller with a permissions boundary is always hit, even if named (IAM User Guide, "NotPrincipal").
            Principals::AllBut(named) => {
                let named = named.iter().any(|named| named.reach(caller).is_some());
                (!named || request.bounded).then_some(Reach::Everyone)
            }
        }
    }

    fn means_resource(&self, request: &Request<'_>, kind: PolicyKind, facts: &dyn Facts) -> bool {
        // A trust policy is of its role, and names no resource.
        if kind == PolicyKind::Trust {
            return true;
        }
        let Some(resources) = &self.resources else { return false };
        // Most are `*`, for which no ARN needs to be made.
        match resources {
            Items::Only(patterns) if patterns.iter().any(ArnPattern::is_any) => return true,
            Items::AllBut(patterns) if patterns.iter().any(ArnPattern::is_any) => return false,
            _ => {}
        }
        match request.resource.arn() {
            None => resources.include(|_| false),
            Some(arn) => resources.include(|pattern| {
                if kind.fills(pattern) {
                    pattern.matches_filled(&arn, facts)
                } else {
                    pattern.matches_whole(&arn, facts)
                }
            }),
        }
    }
}

impl Reach {
    /// Which of several ways to be reached needs least beside it (the table of step 5).
    fn strength(self) -> u8 {
        match self {
            Self::Account => 0,
            Self::Role => 1,
            Self::Everyone => 2,
            Self::User | Self::Session | Self::FederatedUser | Self::Service => 3,
        }
    }
}

/// What key policies see: aliases and tags of the key only work in policies of identities.
struct InKeyPolicy<'a>(&'a dyn Facts);

impl Facts for InKeyPolicy<'_> {
    fn values(&self, key: &ConditionKey) -> Values<'_> {
        if key.lower == "kms:resourcealiases" || key.lower.starts_with("aws:resourcetag/") {
            return Values::Absent;
        }
        self.0.values(key)
    }
}
