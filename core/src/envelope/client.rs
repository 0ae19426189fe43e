//! The settings of a client, and of what it does.

use super::{
    DEFAULT_FRAME_LENGTH,
    arguments::MessageClientOptions,
    header::MessageHeader,
    suite::{AlgorithmSuite, CommitmentPolicy},
};
use crate::{
    context::EncryptionContext,
    crypto::Provider,
    error::{Error, ErrorKind, Result},
    secret::Secret,
    shape::structures,
};
use alloc::{format, string::String, vec::Vec};

/// Bounds on what a message may claim before any of it is authenticated. A client encrypts nothing that breaks its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most encrypted data keys of a message: 100.
    pub max_encrypted_data_keys: u16,
    /// The longest frames, in bytes of plaintext: 64 MiB. A frame is kept in memory until it is whole.
    pub max_frame_length: u32,
    /// The longest unframed message that is decrypted, in bytes of plaintext: 64 MiB. It is kept in memory whole.
    pub max_unframed_length: u64,
}

impl Limits {
    /// The frame length of a message to be encrypted: what is written must be read again under the same limits.
    pub(super) fn frame_length(&self, asked: Option<u32>) -> Result<u32> {
        let length = asked.unwrap_or(DEFAULT_FRAME_LENGTH.min(self.max_frame_length));
        if length == 0 {
            return Err(Error::new(ErrorKind::Validation, "a frame has at least one byte"));
        }
        if length > self.max_frame_length {
            let limit = self.max_frame_length;
            let message = format!(
                "frames of {length} bytes are longer than this client decrypts, which is {limit}: take shorter ones, or \
                 raise its limit, and that of everyone who decrypts the message"
            );
            return Err(Error::new(ErrorKind::LimitExceeded, message));
        }
        Ok(length)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_encrypted_data_keys: 100, max_frame_length: 64 << 20, max_unframed_length: 64 << 20 }
    }
}

/// Encrypts and decrypts messages: what AWS calls the client of the AWS Encryption SDK.
#[derive(Clone, Debug)]
pub struct EncryptionClient {
    pub(super) provider: Provider,
    pub(super) commitment_policy: CommitmentPolicy,
    pub(super) limits: Limits,
}

/// With the default provider, and a commitment policy that requires commitment.
#[cfg(all(feature = "getrandom", feature = "asymmetric"))]
impl Default for EncryptionClient {
    fn default() -> Self {
        Self::new(Provider::default())
    }
}

impl EncryptionClient {
    /// With these primitives, and a commitment policy that requires commitment.
    pub fn new(provider: Provider) -> Self {
        Self { provider, commitment_policy: CommitmentPolicy::RequireEncryptRequireDecrypt, limits: Limits::default() }
    }

    /// Which suites may be used, as to key commitment.
    #[must_use]
    pub fn commitment_policy(mut self, policy: CommitmentPolicy) -> Self {
        self.commitment_policy = policy;
        self
    }

    /// Bounds on what a message may claim.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Both, by the names that they have in every language. What is left out stays as it is.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "a structure of settings is made for this call")]
    pub fn options(self, options: MessageClientOptions) -> Self {
        let MessageClientOptions { commitment_policy, max_encrypted_data_keys, max_frame_length, max_unframed_length } =
            options;
        let Self { limits, .. } = self;
        Self {
            commitment_policy: commitment_policy.unwrap_or(self.commitment_policy),
            limits: Limits {
                max_encrypted_data_keys: max_encrypted_data_keys.unwrap_or(limits.max_encrypted_data_keys),
                max_frame_length: max_frame_length.unwrap_or(limits.max_frame_length),
                max_unframed_length: max_unframed_length.unwrap_or(limits.max_unframed_length),
            },
            ..self
        }
    }

    /// The longest frames that are encrypted and decrypted, in bytes of plaintext.
    pub fn max_frame_length(&self) -> u32 {
        self.limits.max_frame_length
    }

    /// The primitives.
    pub fn provider(&self) -> &Provider {
        &self.provider
    }
}

structures! {
    /// How a message is to be encrypted; each part has a default.
    #[derive(Clone, Debug, Default)]
    pub struct EncryptOptions {
        /// Non-secret pairs that are stored in the message and authenticated with it.
        pub encryption_context: default(EncryptionContext),
        /// The names of pairs that are authenticated, but not stored: they must be given again to decrypt.
        pub required_encryption_context_keys: default(Vec<String>),
        /// The algorithm suite, as far as the commitment policy allows it.
        pub algorithm_suite: optional(AlgorithmSuite),
        /// The length of a frame in bytes of plaintext, at least 1 and at most the client's limit; 64 KiB by default, or that limit
        /// if it is less.
        pub frame_length: optional(u32),
        /// How long the plaintext will be: another length is an error then, and a cache of data keys counts it.
        pub plaintext_length: optional(u64) for streams,
    }

    /// What is asked of a message to be decrypted; each part has a default.
    #[derive(Clone, Debug, Default)]
    pub struct DecryptOptions {
        /// Pairs given again. Those that the message stores must be equal; the others are authenticated with it.
        pub encryption_context: default(EncryptionContext),
        /// The names of pairs that must be among them.
        pub required_encryption_context_keys: default(Vec<String>),
        /// The message's sidecar, if it was rewrapped into one: its encrypted data keys are used in place of the message's.
        pub sidecar: optional_bytes(Vec<u8>),
        /// Refuses signed messages, whose plaintext comes out before the signature at their end was verified (AWS's
        /// "decrypt-unsigned").
        pub unsigned_only: default(bool) for streams,
    }

    /// A message.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Encrypted {
        /// Its bytes.
        pub message: bytes(Vec<u8>),
        /// Its header.
        pub header: required(MessageHeader),
    }

    /// What a message held.
    pub struct Decrypted {
        /// The plaintext.
        pub plaintext: required(Secret),
        /// The encryption context: the pairs that the message stores, and those that were given again.
        pub encryption_context: required(EncryptionContext),
        /// The message's header.
        pub header: required(MessageHeader),
    }
}
