//! What conditions and variables ask of a request: names of condition keys, and their values.

use alloc::{
    borrow::Cow,
    string::{String, ToString},
    vec::Vec,
};

/// The name of a condition key: `kms:EncryptionContext:AppName`. Names are equal whatever their case, the part after `:` or
/// `/` too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConditionKey {
    /// As the policy wrote it.
    pub(crate) text: String,
    /// In lower case: what is compared.
    pub(crate) lower: String,
}

impl ConditionKey {
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_string(), lower: text.chars().flat_map(char::to_lowercase).collect() }
    }

    /// What follows a prefix, both in lower case.
    pub(crate) fn after(&self, prefix: &str) -> Option<&str> {
        self.lower.strip_prefix(prefix)
    }
}

/// The values that a request has for a condition key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Values<'a> {
    /// The key is not in the request.
    Absent,
    /// The one value of a key that has one.
    One(Cow<'a, str>),
    /// The values of a key that can have several: policies ask of it with `ForAnyValue` or `ForAllValues`.
    Several(Vec<Cow<'a, str>>),
    /// The values of several pairs that a name means, since names are equal whatever their case. A Deny takes any of them, an
    /// Allow needs all: no one gets around a condition by a second pair.
    Ambiguous(Vec<Cow<'a, str>>),
    /// No condition on it holds, neither in Allow nor in Deny: more values than can be distinguished.
    Undecidable,
}

impl<'a> Values<'a> {
    /// One value.
    pub(crate) fn one(value: impl Into<Cow<'a, str>>) -> Self {
        Self::One(value.into())
    }

    /// One value, or absent.
    pub(crate) fn maybe(value: Option<impl Into<Cow<'a, str>>>) -> Self {
        value.map_or(Self::Absent, Self::one)
    }

    /// As AWS writes it.
    pub(crate) fn boolean(value: bool) -> Self {
        Self::one(if value { "true" } else { "false" })
    }
}

/// Answers conditions.
pub(crate) trait Facts {
    /// The values for a key.
    fn values(&self, key: &ConditionKey) -> Values<'_>;
}

/// The value of the pair that a name (in lower case) means. Several pairs can have the name, in cases that differ.
pub(crate) fn pair<'a>(pairs: impl Iterator<Item = (&'a String, &'a String)>, lower: &str) -> Values<'a> {
    let mut found: Vec<Cow<'a, str>> = Vec::new();
    for (name, value) in pairs {
        if equals_in_lower_case(name, lower) && !found.iter().any(|known| known == value) {
            found.push(Cow::Borrowed(value.as_str()));
        }
    }
    match found.len() {
        0 | 1 => Values::maybe(found.pop()),
        _ => Values::Ambiguous(found),
    }
}

/// Whether a text in lower case is the other, which is in lower case.
pub(crate) fn equals_in_lower_case(text: &str, lower: &str) -> bool {
    text.chars().flat_map(char::to_lowercase).eq(lower.chars())
}
