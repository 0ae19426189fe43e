//! The arguments with which clients, caches and KMS keyrings are made, which stand here once.
//!
//! A structure describes them, as those of an operation are: Python and TypeScript have them as options by name, and read them
//! so. Swift and Kotlin have arguments with names and defaults, which are made of the same lists.
//!
//! The constructors of raw and hierarchical keyrings are written in each language (docs/architecture.md says why).

use super::suite::CommitmentPolicy;
use crate::shape::structures;
use alloc::{string::String, vec::Vec};

/// Hands the settings of a client to another macro: `"documentation" name: Type`. Each may be left out.
#[macro_export]
macro_rules! client_arguments {
    ($callback:path) => {
        $callback! {
            MessageClientOptions "Settings for all messages."
            "Which suites may be used, as to key commitment; `REQUIRE_ENCRYPT_REQUIRE_DECRYPT` by default."
            commitment_policy: CommitmentPolicy,
            "The most encrypted data keys of a message; 100 by default."
            max_encrypted_data_keys: u16,
            "The longest frames that are decrypted, and encrypted, in bytes of plaintext; 64 MiB by default. A frame is kept in memory until it is whole."
            max_frame_length: u32,
            "The longest unframed message that is decrypted, in bytes of plaintext; 64 MiB by default. It is kept in memory whole."
            max_unframed_length: u64,
        }
    };
}

/// Hands the limits of a cache of data keys to another macro, as [`client_arguments!`](crate::client_arguments) does.
#[macro_export]
macro_rules! cache_arguments {
    ($callback:path) => {
        $callback! {
            CacheOptions "For how long and for how much one data key is used."
            "The most entries; the least recently used go first. 100 by default."
            max_entries: u32,
            "The greatest age of an entry, in seconds; 60 by default."
            max_age: f64,
            "The most messages encrypted under one data key; 1,000 by default, at most 2^32."
            max_messages: u64,
            "The most bytes of plaintext encrypted under one data key; 1 GiB by default. A stream of unknown length has a data key of its own."
            max_bytes: u64,
        }
    };
}

/// Hands the options of a KMS keyring of named keys to another macro, as [`client_arguments!`](crate::client_arguments) does.
#[macro_export]
macro_rules! kms_keyring_arguments {
    ($callback:path) => {
        $callback! {
            KmsKeyringOptions "How a keyring uses the KMS keys that it names."
            "Takes a multi-Region key for the same key as its replicas in other Regions."
            multi_region_aware: bool,
            "Grant tokens for every request."
            grant_tokens: Vec<String>,
        }
    };
}

/// Hands the options of a KMS discovery keyring to another macro, as [`client_arguments!`](crate::client_arguments) does.
#[macro_export]
macro_rules! kms_discovery_arguments {
    ($callback:path) => {
        $callback! {
            KmsDiscoveryOptions "Which KMS keys a discovery keyring asks, beside what its filter says."
            "Asks for keys of one Region only, and there for the replicas of multi-Region keys of others."
            multi_region_aware: bool,
            "That Region: the caller's by default. It must be named for a KMS that is no vault of this package, and says the same alone."
            region: String,
            "Grant tokens for every request."
            grant_tokens: Vec<String>,
        }
    };
}

/// A structure that describes a list. UniFFI has none of it: there these are arguments.
macro_rules! described {
    ($name:ident $doc:literal $($argument_doc:literal $argument:ident: $type:ty,)*) => {
        $crate::optional_arguments! {
            #[derive(Clone, Debug, Default, PartialEq)]
            pub struct $name as $doc { $($argument_doc pub $argument: $type,)* }
        }
    };
}

client_arguments!(described);
cache_arguments!(described);
kms_keyring_arguments!(described);
kms_discovery_arguments!(described);

structures! {
    /// Which keys a discovery keyring may ask to decrypt.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub struct DiscoveryFilter {
        /// The accounts.
        pub account_ids: required(Vec<String>),
        /// The partition; `aws` by default.
        pub partition: optional(String),
    }
}
