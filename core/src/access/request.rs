//! What is decided: may this caller carry out this action on this resource?

use super::{facts::Facts, requester::Requester, resource::Resource, verb::Verb};
use crate::context::EncryptionContext;

/// One question, as the evaluator reads it.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) caller: Requester<'a>,
    pub(crate) action: Verb,
    pub(crate) resource: Resource<'a>,
    /// Answers conditions.
    pub(crate) facts: &'a dyn Facts,
    /// Of an operation that has one; what constraints of grants compare with.
    pub(crate) context: Option<&'a EncryptionContext>,
    /// Whether the caller has a permissions boundary.
    pub(crate) bounded: bool,
}
