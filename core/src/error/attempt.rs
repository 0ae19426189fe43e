//! What became of each of a message's encrypted data keys.

use super::Error;
use alloc::{string::String, vec::Vec};

/// An encrypted data key of a message that could not be opened, and why: of [`Error::attempts`].
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The number of the encrypted data key in the message, from 0 on.
    pub index: usize,
    /// Which kind of keyring encrypted it: `aws-kms`, `aws-kms-hierarchy`, or the key namespace of a raw keyring.
    pub provider_id: &'a str,
    /// The wrapping key's name: a key ARN, a branch key id, the key name of a raw keyring.
    pub key_name: &'a str,
    /// The ARN of a KMS key.
    pub key_arn: Option<&'a str>,
    /// Why it was not decrypted; `None` where no keyring is for this provider and key.
    pub error: Option<&'a Error>,
}

/// An attempt whose error is one of the causes.
pub(super) struct Tried {
    index: usize,
    provider_id: String,
    key_name: String,
    key_arn: Option<String>,
    cause: Option<usize>,
}

/// A wrapping key that was looked for, and what keyrings said of it.
pub(crate) struct TriedKey {
    pub(crate) provider_id: String,
    pub(crate) key_name: String,
    pub(crate) key_arn: Option<String>,
    pub(crate) errors: Vec<Error>,
}

impl Error {
    /// Adds the encrypted data keys of a message, in their order. Their errors become causes.
    #[must_use]
    pub(crate) fn with_attempts(mut self, keys: Vec<TriedKey>) -> Self {
        for (index, TriedKey { provider_id, key_name, key_arn, errors }) in keys.into_iter().enumerate() {
            let tried = |cause| Tried {
                index,
                provider_id: provider_id.clone(),
                key_name: key_name.clone(),
                key_arn: key_arn.clone(),
                cause,
            };
            if errors.is_empty() {
                self.0.attempts.push(tried(None));
            }
            for error in errors {
                self.0.attempts.push(tried(Some(self.0.causes.len())));
                self.0.causes.push(error);
            }
        }
        self
    }

    /// Of a message that could not be opened: each of its encrypted data keys, and why it was not decrypted. One that several
    /// keyrings tried comes once for each of them; one that no keyring is for comes without an error.
    pub fn attempts(&self) -> impl ExactSizeIterator<Item = Attempt<'_>> {
        self.0.attempts.iter().map(|Tried { index, provider_id, key_name, key_arn, cause }| Attempt {
            index: *index,
            provider_id,
            key_name,
            key_arn: key_arn.as_deref(),
            error: cause.and_then(|cause| self.0.causes.get(cause)),
        })
    }
}
