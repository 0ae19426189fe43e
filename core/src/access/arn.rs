//! Patterns of ARNs, compared segment by segment: a `*` never reaches over a colon of the first five.

use super::{
    facts::Facts,
    pattern::{Part, Pattern, Syntax},
};
use alloc::{
    borrow::Cow,
    string::{String, ToString},
    vec::Vec,
};

/// The segments of an ARN: `arn`, partition, service, Region, account, and all the rest.
const SEGMENTS: usize = 6;

/// A pattern of ARNs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ArnPattern {
    /// As the policy wrote it.
    pub(crate) text: String,
    segments: Vec<Pattern>,
    /// Whether it is `*` alone.
    any: bool,
}

impl ArnPattern {
    pub(crate) fn new(text: &str, variables: bool) -> Self {
        let whole = Pattern::new(text, Syntax { wildcards: true, variables });
        let any = whole.is_any();
        // Cut after variables were recognised, which have colons of their own.
        let mut segments = Vec::new();
        let mut segment = Vec::new();
        for part in whole.parts() {
            let Part::Text(text) = part else {
                segment.push(part.clone());
                continue;
            };
            let mut rest = text.as_str();
            while segments.len() < SEGMENTS - 1
                && let Some((before, after)) = rest.split_once(':')
            {
                push(&mut segment, before);
                segments.push(Pattern::of(core::mem::take(&mut segment)));
                rest = after;
            }
            push(&mut segment, rest);
        }
        segments.push(Pattern::of(segment));
        Self { text: text.to_string(), segments, any }
    }

    /// Whether it is `*` alone, which means more than all ARNs: also what has none.
    pub(crate) fn is_any(&self) -> bool {
        self.any
    }

    /// Whether it has all segments of an ARN.
    pub(crate) fn is_whole(&self) -> bool {
        self.segments.len() == SEGMENTS
    }

    /// Whether it says something else for each request.
    pub(crate) fn has_variables(&self) -> bool {
        self.segments.iter().any(Pattern::has_variables)
    }

    /// The same with the values of variables in place of them ([`Pattern::resolved`]).
    pub(crate) fn resolved(&self, facts: &dyn Facts, longest: usize) -> Option<Self> {
        let resolved = |segment: &Pattern| segment.resolved(facts, longest).map(Cow::into_owned);
        let segments = self.segments.iter().map(resolved).collect::<Option<_>>()?;
        Some(Self { text: self.text.clone(), segments, any: self.any })
    }

    /// Whether it matches, segments that it does not have being `*`.
    pub(crate) fn matches_filled(&self, arn: &str, facts: &dyn Facts) -> bool {
        let mut segments = self.segments.iter();
        let all =
            arn.splitn(SEGMENTS, ':').all(|text| segments.next().is_none_or(|pattern| pattern.matches(text, facts)));
        all && segments.next().is_none()
    }

    /// Whether it matches, all segments being there.
    pub(crate) fn matches_whole(&self, arn: &str, facts: &dyn Facts) -> bool {
        self.is_whole() && self.matches_filled(arn, facts)
    }
}

fn push(segment: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        segment.push(Part::Text(text.to_string()));
    }
}
