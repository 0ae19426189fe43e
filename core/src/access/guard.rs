//! What stands between a caller and a key, beside the key itself.

use super::{grant::Grant, key_policy::KeyPolicyRecord, policy::Policy, standing::Standing};
use crate::clock::Timestamp;
use alloc::{string::String, sync::Arc, vec::Vec};

/// What decides together with a question.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) now: Timestamp,
    /// The policy that was put to the key; without one it has the default policy.
    pub(crate) policy: Option<Arc<KeyPolicyRecord>>,
    /// The grants on the key that may be for the caller.
    pub(crate) grants: Vec<Arc<Grant>>,
    /// What the registry knows of the caller.
    pub(crate) standing: Standing,
    /// Of the resource's account and what is above it in its organization.
    pub(crate) resource_control: Arc<Vec<Vec<Arc<Policy>>>>,
    /// The ids of the grants whose tokens came with the request.
    pub(crate) tokens_of: Vec<String>,
}

impl Guard {
    /// Of what is no key, or of a key with the default policy, for a caller whom no registry has.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            now,
            policy: None,
            grants: Vec::new(),
            standing: Standing::Unkept,
            resource_control: Arc::default(),
            tokens_of: Vec::new(),
        }
    }
}
