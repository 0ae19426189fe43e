//! Grants: what one lets its grantee do, and under which constraints.

use super::{
    facts::{ConditionKey, Values},
    named::{NamedPrincipal, Reach},
    request::Request,
};
use crate::{api::Action, clock::Timestamp, context::EncryptionContext};
use alloc::{string::String, vec::Vec};

/// What a grant lets happen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Terms {
    pub(crate) operations: Vec<Action>,
    pub(crate) constraints: Constraints,
}

/// What must be true of a request for the grant to count.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Constraints {
    /// The encryption context has exactly these pairs.
    pub(crate) equals: Option<EncryptionContext>,
    /// The encryption context has at least these pairs.
    pub(crate) subset: Option<EncryptionContext>,
    /// An AWS service asks for this resource.
    pub(crate) source_arn: Option<String>,
}

/// A grant on a key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grant {
    pub(crate) id: String,
    pub(crate) grantee: NamedPrincipal,
    pub(crate) terms: Terms,
    /// From when on it counts for those who do not bring its token.
    pub(crate) effective: Timestamp,
}

impl Grant {
    /// How it reaches the caller for a request, if it does: step 4 of the decision.
    pub(crate) fn reach(&self, request: &Request<'_>, asked: &Asked<'_>) -> Option<Reach> {
        request.action.of_kms().filter(|action| self.terms.operations.contains(action))?;
        let reach = self.grantee.reach(request.caller)?;
        let in_effect = self.effective <= asked.now || asked.tokens_of.contains(&self.id.as_str());
        (in_effect && self.terms.hold(request, asked)).then_some(reach)
    }
}

/// What grants are compared with, beside the request itself.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) now: Timestamp,
    /// The ids of the grants whose tokens came with the request.
    pub(crate) tokens_of: &'a [&'a str],
    /// The grant that `CreateGrant` would make.
    pub(crate) child: Option<&'a Terms>,
}

/// Which constraints an action is held to.
pub(super) struct Checked {
    pub(super) context: bool,
    pub(super) source: bool,
}

impl Checked {
    pub(super) fn by(action: Option<Action>) -> Self {
        // An encryption context that an operation does not take cannot be wrong. A grant is never used to retire itself
        // from elsewhere, so the source does not matter there.
        match action {
            Some(Action::RetireGrant) => Self { context: false, source: false },
            Some(Action::DescribeKey | Action::CreateGrant | Action::GetPublicKey) => {
                Self { context: false, source: true }
            }
            _ => Self { context: true, source: true },
        }
    }
}

impl Terms {
    fn hold(&self, request: &Request<'_>, asked: &Asked<'_>) -> bool {
        let Constraints { equals, subset, source_arn } = &self.constraints;
        let checked = Checked::by(request.action.of_kms());
        if let Some(wanted) = source_arn.as_ref().filter(|_| checked.source) {
            let key = ConditionKey::new("aws:SourceArn");
            if !matches!(request.facts.values(&key), Values::One(found) if found == wanted.as_str()) {
                return false;
            }
        }
        let given = request.context.unwrap_or(EncryptionContext::EMPTY);
        let equal = equals.as_ref().is_none_or(|wanted| is_equal(given, wanted));
        if checked.context && !(equal && subset.as_ref().is_none_or(|wanted| has_all(given, wanted))) {
            return false;
        }
        match (request.action.of_kms(), asked.child) {
            (Some(Action::CreateGrant), Some(child)) => self.cover(child),
            _ => true,
        }
    }

    /// Whether a grant that its grantee makes for somebody else lets no more happen.
    pub(crate) fn cover(&self, child: &Self) -> bool {
        if !child.operations.iter().all(|operation| self.operations.contains(operation)) {
            return false;
        }
        let (parent, child) = (&self.constraints, &child.constraints);
        let source = parent.source_arn.is_none() || parent.source_arn == child.source_arn;
        let equals = parent
            .equals
            .as_ref()
            .is_none_or(|wanted| child.equals.as_ref().is_some_and(|given| is_equal(given, wanted)));
        let subset = parent.subset.as_ref().is_none_or(|wanted| {
            [&child.equals, &child.subset].into_iter().flatten().any(|given| has_all(given, wanted))
        });
        source && equals && subset
    }
}

/// Whether all these pairs are in a context: names whatever their case, values exactly (service model,
/// `GrantConstraints`). A second pair whose name differs in case alone does not undo what the constraint says.
fn has_all(given: &EncryptionContext, wanted: &EncryptionContext) -> bool {
    let has = |pairs: &EncryptionContext, name: &str, value: &str| {
        pairs.iter().any(|(other, found)| found == value && same_name(other, name))
    };
    let named = |name: &str| wanted.keys().any(|other| same_name(other, name));
    wanted.iter().all(|(name, value)| has(given, name, value))
        && given.iter().filter(|(name, _)| named(name)).all(|(name, value)| has(wanted, name, value))
}

/// Whether a context has these pairs and no others.
fn is_equal(given: &EncryptionContext, wanted: &EncryptionContext) -> bool {
    given.len() == wanted.len() && has_all(given, wanted) && has_all(wanted, given)
}

fn same_name(one: &str, other: &str) -> bool {
    one == other || one.chars().flat_map(char::to_lowercase).eq(other.chars().flat_map(char::to_lowercase))
}
