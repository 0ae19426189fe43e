//! What a vault says of its root keys.

use crate::{
    clock::Timestamp,
    crypto::Argon2Cost,
    secret::SecretText,
    shape::{enumerations, structures},
};
use alloc::string::String;

enumerations! {
    /// What a root key is made from.
    pub enum RootKeyKind {
        /// 32 raw bytes.
        Bytes = "BYTES",
        /// A passphrase, hashed with Argon2id.
        Passphrase = "PASSPHRASE",
        /// A recovery key, which a person wrote down.
        Recovery = "RECOVERY",
        /// A key elsewhere, which a callback asks.
        Callback = "CALLBACK",
    }
}

structures! {
    /// What is known of one of a vault's root keys. Nothing of it is secret.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct RootKeyInfo {
        /// 32 hexadecimal digits, by which the root key is removed or replaced.
        pub id: required(String),
        /// What it is made from.
        pub kind: required(RootKeyKind),
        /// What a person called it.
        pub label: required(String),
        /// When it was added.
        pub created: required(Timestamp),
        /// What a guess of the passphrase costs, where it is one.
        pub cost: optional(Argon2Cost),
        /// The name of the callback, where it is one.
        pub name: optional(String),
        /// Whether it has opened the vault since it was written. One that has not is the rest of an addition that failed, and does
        /// not count as a way into the vault.
        pub opened: required(bool),
        /// Whether this handle of the vault was opened by it.
        pub in_use: required(bool),
    }

    /// A new recovery key, for a person to write down.
    pub struct RecoveryKey {
        /// Its id among the root keys of the vault.
        pub id: required(String),
        /// 36 letters and digits in six groups. It is shown this once.
        pub text: required(SecretText),
    }
}
