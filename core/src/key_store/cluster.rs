//! The AWS CloudHSM cluster behind a custom key store, as the host has it.

use crate::{
    api::ConnectionErrorCodeType,
    error::{Error, ErrorKind, Origin, Untrusted},
    secret::Secret,
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

/// The cluster of hardware security modules behind an AWS CloudHSM key store: what makes, keeps and uses its keys, which never leave
/// it. A host gives it to [`VaultBuilder::cloud_hsm_cluster`](crate::VaultBuilder::cloud_hsm_cluster); the crate `pocketkms-roots` has
/// one for PKCS#11 tokens.
///
/// The methods are called while an operation is carried out, in the thread of its caller and by several at once, while nobody is kept from
/// using the vault. An operation that is computed again, since others came before its commit, asks again only for what has changed. Each gets the password of the crypto user `kmsuser` as the custom key store has it: of a PKCS#11 token
/// the user's PIN. A custom key store does not connect again with a password that was refused; an implementation that a wrong password can lock out
/// remembers beside that, for a password may change while the store is connected.
///
/// Keys are AES keys of 256 bits that encrypt by GCM with an IV of 12 bytes and a tag of 16.
pub trait CloudHsmCluster: Send + Sync {
    /// What the cluster is, without logging in.
    ///
    /// # Errors
    /// [`NotFound`](ClusterErrorKind::NotFound), [`NotActive`](ClusterErrorKind::NotActive) and others.
    fn describe(&self) -> Result<ClusterDescription, ClusterError>;

    /// Logs in, to find out whether the keys can be used. A password that was refused before is tried again: it has been set since.
    fn connect(&self, password: &Secret) -> Result<(), ClusterError>;

    /// The custom key store was disconnected: whatever is kept for its connection can go.
    fn disconnect(&self);

    /// Makes a key that never leaves the cluster, and returns its id there: 1 to 128 letters, digits, `-`, `_` and `.`. The label is
    /// the id of the KMS key.
    ///
    /// # Errors
    /// [`Full`](ClusterErrorKind::Full) where there is no room, and others.
    fn create_key(&self, password: &Secret, label: &str) -> Result<String, ClusterError>;

    /// Deletes a key, for good. Called when a KMS key was deleted after its waiting period; an error leaves the key in the cluster.
    fn delete_key(&self, password: &Secret, key: &str) -> Result<(), ClusterError>;

    /// Encrypts up to 4,096 bytes. `aad` is authenticated: up to 9,000 bytes, most often less than 100.
    fn encrypt(
        &self,
        password: &Secret,
        key: &str,
        plaintext: &Secret,
        aad: &[u8],
    ) -> Result<ClusterCiphertext, ClusterError>;

    /// Decrypts what [`encrypt`](Self::encrypt) encrypted.
    ///
    /// # Errors
    /// [`InvalidCiphertext`](ClusterErrorKind::InvalidCiphertext) where the tag is not that of key, ciphertext and `aad`.
    fn decrypt(
        &self,
        password: &Secret,
        key: &str,
        ciphertext: &ClusterCiphertext,
        aad: &[u8],
    ) -> Result<Secret, ClusterError>;

    /// Random bytes of the cluster's generator, 1 to 1024.
    fn random(&self, password: &Secret, length: usize) -> Result<Secret, ClusterError>;
}

/// What a cluster is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterDescription {
    /// Its trust anchor certificate (`customerCA.crt`), where it has one: a custom key store has to name the same. Without one, the
    /// custom key store's is kept and compared with nothing.
    pub trust_anchor_certificate: Option<String>,
}

/// What a cluster encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterCiphertext {
    /// The initialization vector, which no other message of the key has.
    pub iv: [u8; 12],
    /// As long as the plaintext.
    pub ciphertext: Vec<u8>,
    /// The tag.
    pub tag: [u8; 16],
}

/// A row for each kind: its name in other languages, what it says in a text for callers, the code that a custom key store has which could
/// not be connected for it, and its documentation.
macro_rules! kinds {
    ($($kind:ident $name:literal $text:literal $code:ident $doc:literal;)*) => {
        /// Why a cluster could not do what was asked of it.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
        pub enum ClusterErrorKind {
            $(#[doc = $doc] $kind,)*
        }

        impl ClusterErrorKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// Its name in languages without this type: `INVALID_CREDENTIALS`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// What callers may know of it.
            pub(crate) const fn text(self) -> &'static str {
                match self { $(Self::$kind => $text,)* }
            }

            /// As `DescribeCustomKeyStores` says it of a custom key store that could not be connected.
            pub(crate) const fn connection_error(self) -> ConnectionErrorCodeType {
                match self { $(Self::$kind => ConnectionErrorCodeType::$code,)* }
            }
        }
    };
}

kinds! {
    NotFound "NOT_FOUND" "there is no such cluster" ClusterNotFound "There is no such cluster.";
    NotActive "NOT_ACTIVE" "the cluster is not active" InsufficientCloudhsmHsms "It is not initialized and activated.";
    NoActiveHsm "NO_ACTIVE_HSM" "the cluster has no active HSM" InsufficientCloudhsmHsms
        "It has no active hardware security module.";
    InvalidCredentials "INVALID_CREDENTIALS" "the password of kmsuser is wrong" InvalidCredentials
        "The password of `kmsuser` is wrong.";
    UserLockedOut "USER_LOCKED_OUT" "kmsuser is locked out" UserLockedOut
        "`kmsuser` is locked out, after too many attempts with a wrong password.";
    UserNotFound "USER_NOT_FOUND" "the cluster has no kmsuser" UserNotFound "There is no `kmsuser`.";
    UserLoggedIn "USER_LOGGED_IN" "kmsuser is logged in elsewhere" UserLoggedIn
        "Somebody else is logged in as `kmsuser`, and no one else can.";
    Unreachable "UNREACHABLE" "the cluster cannot be reached" NetworkErrors
        "It cannot be reached: a token was unplugged, or a network is down.";
    Full "FULL" "the cluster has no room for another key" InternalError "It has no room for another key.";
    KeyNotFound "KEY_NOT_FOUND" "the cluster has no such key" InternalError "It has no key of that id.";
    InvalidCiphertext "INVALID_CIPHERTEXT" "the cluster refuses the ciphertext" InternalError
        "The ciphertext is not that of the key and of what is authenticated with it.";
    Internal "INTERNAL" "the cluster failed" InternalError "Anything else.";
}

/// A failure of a [`CloudHsmCluster`]. Its text goes into the explanation of the caller's error, which stays in the process.
#[derive(Clone)]
pub struct ClusterError {
    kind: ClusterErrorKind,
    text: String,
    origin: Option<Origin>,
}

impl ClusterError {
    /// With what happened, in words.
    pub fn new(kind: ClusterErrorKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), origin: None }
    }

    /// Adds what an app's own code threw: the caller's error has it ([`Error::origin`]).
    #[must_use]
    pub fn with_origin(self, origin: Origin) -> Self {
        Self { origin: Some(origin), ..self }
    }

    /// What went wrong.
    pub fn kind(&self) -> ClusterErrorKind {
        self.kind
    }

    /// The error of an operation that it kept from succeeding.
    pub(crate) fn answer(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        let error = Error::new(kind, message).explain(Untrusted(&self.text).to_string());
        match &self.origin {
            Some(origin) => error.with_origin(origin.clone()),
            None => error,
        }
    }
}

impl From<ClusterErrorKind> for ClusterError {
    fn from(kind: ClusterErrorKind) -> Self {
        Self::new(kind, kind.text())
    }
}

impl fmt::Display for ClusterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for ClusterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, text, origin: _ } = self;
        f.debug_struct("ClusterError").field("kind", kind).field("text", text).finish_non_exhaustive()
    }
}

impl core::error::Error for ClusterError {}
