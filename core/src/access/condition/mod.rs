//! Conditions: an operator, a key, and the values of the policy.

mod operator;
mod value;

pub(crate) use operator::{Comparison, Operator, Quantifier};
pub(crate) use value::date;

use super::{
    arn::ArnPattern,
    facts::{ConditionKey, Facts, Values},
    pattern::{Pattern, Syntax},
};
use alloc::{
    borrow::Cow,
    collections::BTreeSet,
    string::{String, ToString},
    vec::Vec,
};
use core::{cmp::Ordering, net::IpAddr};
use operator::Order;
use value::{Decimal, Network};

/// One key of one operator. Those of a statement must all hold.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// The operator as it was written.
    pub(crate) operator_text: String,
    operator: Operator,
    pub(crate) key: ConditionKey,
    /// Those of the policy's values that are one text, as it is compared: however many there are, one look-up decides.
    exact: BTreeSet<String>,
    /// The others, each once.
    operands: Vec<Operand>,
    has_variables: bool,
    /// The values as they were written.
    pub(crate) texts: Vec<String>,
}

/// A value of the policy, as the operator compares it.
#[derive(Clone, Debug)]
enum Operand {
    Pattern(Pattern),
    /// As it is compared: in lower case, where the case does not matter.
    Text(String),
    Decimal(Decimal),
    Date(i64),
    Bool(bool),
    Network(Network),
    Arn(ArnPattern),
}

impl Condition {
    /// `Err` has the value that the operator cannot compare: with it, a Deny would never apply.
    pub(crate) fn new(
        operator: Operator,
        operator_text: &str,
        key: &str,
        texts: Vec<String>,
        variables: bool,
    ) -> Result<Self, String> {
        let mut exact = BTreeSet::new();
        let mut operands = Vec::new();
        for text in texts.iter().collect::<BTreeSet<_>>() {
            let pattern = |wildcards| Operand::Pattern(Pattern::new(text, Syntax { wildcards, variables }));
            let operand = match operator.comparison {
                Comparison::StringEquals | Comparison::StringEqualsIgnoreCase => Some(pattern(false)),
                Comparison::StringLike => Some(pattern(true)),
                Comparison::Numeric(_) => Decimal::parse(text).map(Operand::Decimal),
                Comparison::Date(_) => date(text).map(Operand::Date),
                Comparison::Bool | Comparison::Null => boolean(text).map(Operand::Bool),
                Comparison::Binary => Some(Operand::Text(text.clone())),
                Comparison::Ip => Network::parse(text).map(Operand::Network),
                Comparison::Arn => Some(Operand::Arn(ArnPattern::new(text, variables))),
            };
            let operand = operand.ok_or_else(|| text.clone())?;
            let whole = match &operand {
                Operand::Pattern(pattern) => pattern.as_text(),
                Operand::Text(text) => Some(text.as_str()),
                _ => None,
            };
            match whole {
                Some(text) if operator.comparison == Comparison::StringEqualsIgnoreCase => {
                    exact.insert(text.to_lowercase());
                }
                Some(text) => {
                    exact.insert(text.to_string());
                }
                None => operands.push(operand),
            }
        }
        let has_variables = operands.iter().any(Operand::has_variables);
        let key = ConditionKey::new(key);
        let operator_text = operator_text.to_string();
        Ok(Self { operator_text, operator, key, exact, operands, has_variables, texts })
    }

    /// Whether it holds, for a statement that denies or for one that allows.
    pub(crate) fn holds(&self, facts: &dyn Facts, denies: bool) -> bool {
        let values = facts.values(&self.key);
        if self.operator.comparison == Comparison::Null {
            let absent = values == Values::Absent;
            return self.operands.iter().any(|operand| matches!(operand, Operand::Bool(wanted) if *wanted == absent));
        }
        let resolved = |values: &[Cow<'_, str>]| {
            // Once, however many values there are.
            self.resolved(facts, values.iter().map(|value| value.len()).max().unwrap_or(0))
        };
        let any = |values: &[Cow<'_, str>]| {
            let operands = resolved(values);
            values.iter().any(|value| self.holds_for(value, &operands))
        };
        let all = |values: &[Cow<'_, str>]| {
            let operands = resolved(values);
            values.iter().all(|value| self.holds_for(value, &operands))
        };
        match (self.operator.quantifier, values) {
            (_, Values::Undecidable) | (Some(Quantifier::ForAnyValue), Values::Absent) => false,
            // AWS calls a key with several values invalid where neither quantifier stands. Here it allows nothing, and denies
            // what any of them would.
            (None, Values::Several(_)) if !denies => false,
            (_, Values::Ambiguous(values)) if !denies => all(&values),
            (None | Some(Quantifier::ForAnyValue), Values::Several(values)) | (_, Values::Ambiguous(values)) => {
                any(&values)
            }
            (Some(Quantifier::ForAllValues), Values::Absent) => true,
            // A negated operator is true of a key that is not there.
            (None, Values::Absent) => self.operator.if_exists || self.operator.negated,
            (_, Values::One(value)) => self.holds_for(&value, &self.resolved(facts, value.len())),
            (Some(Quantifier::ForAllValues), Values::Several(values)) => all(&values),
        }
    }

    /// The operands with the values of variables in place of them, without those that match no value of at most that length.
    fn resolved(&self, facts: &dyn Facts, longest: usize) -> Cow<'_, [Operand]> {
        if !self.has_variables {
            return Cow::Borrowed(&self.operands);
        }
        let ignores_case = self.operator.comparison == Comparison::StringEqualsIgnoreCase;
        let resolved = |operand: &Operand| match operand {
            Operand::Pattern(pattern) if ignores_case => pattern.lower(facts, longest).map(Operand::Text),
            Operand::Pattern(pattern) => pattern.resolved(facts, longest).map(Cow::into_owned).map(Operand::Pattern),
            Operand::Arn(pattern) => pattern.resolved(facts, longest).map(Operand::Arn),
            other => Some(other.clone()),
        };
        Cow::Owned(self.operands.iter().filter_map(resolved).collect())
    }

    /// One of the policy's values is equal; for a negated operator, none is.
    fn holds_for(&self, text: &str, operands: &[Operand]) -> bool {
        let value = Value::new(self.operator.comparison, text);
        let ordered = |order: Order, found: Ordering| match order {
            Order::Equal => found.is_eq(),
            Order::Less => found.is_lt(),
            Order::LessOrEqual => found.is_le(),
            Order::Greater => found.is_gt(),
            Order::GreaterOrEqual => found.is_ge(),
        };
        let matches = |operand: &Operand| match (self.operator.comparison, operand, &value) {
            (_, Operand::Pattern(pattern), _) => pattern.matches(text, &Nothing),
            (_, Operand::Arn(pattern), _) => pattern.matches_whole(text, &Nothing),
            (_, Operand::Text(operand), Value::Text(text)) => operand == text,
            (Comparison::Numeric(order), Operand::Decimal(operand), Value::Decimal(value)) => {
                ordered(order, value.compare(operand))
            }
            (Comparison::Date(order), Operand::Date(operand), Value::Date(value)) => ordered(order, value.cmp(operand)),
            (_, Operand::Bool(operand), Value::Bool(value)) => value == operand,
            (_, Operand::Network(network), Value::Address(address)) => network.contains(*address),
            _ => false,
        };
        let is_exact = match &value {
            Value::Text(text) => self.exact.contains(text.as_ref()),
            _ => false,
        };
        (is_exact || operands.iter().any(matches)) != self.operator.negated
    }
}

/// A value of the request, read once for all operands.
enum Value<'a> {
    /// In lower case, where the case does not matter.
    Text(Cow<'a, str>),
    Decimal(Decimal),
    Date(i64),
    Bool(bool),
    Address(IpAddr),
    /// Not of the operator's kind: it is equal to nothing.
    Nothing,
}

impl<'a> Value<'a> {
    fn new(comparison: Comparison, text: &'a str) -> Self {
        match comparison {
            Comparison::StringEqualsIgnoreCase => Self::Text(text.to_lowercase().into()),
            Comparison::StringEquals | Comparison::StringLike | Comparison::Binary | Comparison::Arn => {
                Self::Text(text.into())
            }
            Comparison::Numeric(_) => Decimal::parse(text).map_or(Self::Nothing, Self::Decimal),
            Comparison::Date(_) => date(text).map_or(Self::Nothing, Self::Date),
            Comparison::Bool | Comparison::Null => boolean(text).map_or(Self::Nothing, Self::Bool),
            Comparison::Ip => text.parse().map_or(Self::Nothing, Self::Address),
        }
    }
}

impl Operand {
    fn has_variables(&self) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.has_variables(),
            Self::Arn(pattern) => pattern.has_variables(),
            _ => false,
        }
    }
}

/// For what has no variables any more.
struct Nothing;

impl Facts for Nothing {
    fn values(&self, _: &ConditionKey) -> Values<'_> {
        Values::Absent
    }
}

fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}
