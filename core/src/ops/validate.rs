//! The constraints of the service model, reported as AWS reports them: all that are broken, in one message.

use crate::{
    context::{EncryptionContext, MAX_CONTEXT_BYTES},
    error::{Error, ErrorKind, Result},
};
use alloc::{format, string::String, vec::Vec};
use core::ops::RangeInclusive;

/// Collects what a request breaks.
#[derive(Default)]
pub(super) struct Validator(Vec<String>);

impl Validator {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// The length of a text, in characters, or of a list or blob.
    pub(super) fn length(self, member: &str, length: usize, allowed: RangeInclusive<usize>) -> Self {
        self.bound(member, "length", &length, &allowed, None)
    }

    /// The value of a number.
    pub(super) fn value(self, member: &str, value: Option<i32>, allowed: RangeInclusive<i32>) -> Self {
        match value {
            Some(value) => self.bound(member, "value", &value, &allowed, Some(value)),
            None => self,
        }
    }

    /// The size of an encryption context.
    pub(super) fn context(self, member: &str, context: Option<&EncryptionContext>) -> Self {
        match context.map_or(0, EncryptionContext::size) {
            0..=MAX_CONTEXT_BYTES => self,
            size => self.require(
                false,
                member,
                &format!("its names and values must have at most {MAX_CONTEXT_BYTES} bytes together, and have {size}"),
            ),
        }
    }

    /// The length of what names a key.
    pub(super) fn key_name(self, member: &str, text: &str) -> Self {
        self.length(member, text.chars().count(), 1..=2048)
    }

    /// How many grant tokens there are.
    pub(super) fn grant_tokens(self, tokens: Option<&[String]>) -> Self {
        self.length("grantTokens", tokens.map_or(0, <[_]>::len), 0..=10)
    }

    /// Anything else that the model asks for.
    pub(super) fn require(mut self, met: bool, member: &str, constraint: &str) -> Self {
        if !met {
            self.0.push(format!("Value at '{member}' failed to satisfy constraint: {constraint}"));
        }
        self
    }

    fn bound<T: PartialOrd + core::fmt::Display>(
        mut self,
        member: &str,
        what: &str,
        actual: &T,
        allowed: &RangeInclusive<T>,
        shown: Option<i32>,
    ) -> Self {
        let (relation, limit) = if actual < allowed.start() {
            ("greater", allowed.start())
        } else if actual > allowed.end() {
            ("less", allowed.end())
        } else {
            return self;
        };
        let shown = shown.map(|value| format!(" '{value}'")).unwrap_or_default();
        self.0.push(format!(
            "Value{shown} at '{member}' failed to satisfy constraint: Member must have {what} {relation} than or \
             equal to {limit}"
        ));
        self
    }

    /// The error, if anything was broken.
    pub(super) fn finish(self) -> Result<()> {
        match self.0.len() {
            0 => Ok(()),
            1 => Err(invalid(format!("1 validation error detected: {}", self.0.concat()))),
            count => Err(invalid(format!("{count} validation errors detected: {}", self.0.join("; ")))),
        }
    }
}

/// A `ValidationException` in our own words.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Validation, message)
}
