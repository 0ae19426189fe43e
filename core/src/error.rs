//! One error type: the exception names of AWS KMS, and a few of our own for what AWS never has to say.
//!
//! The list of kinds stands once, in [`error_kinds!`](crate::error_kinds); every binding builds its exception classes
//! from it.

mod attempt;
mod untrusted;

pub use attempt::Attempt;
pub(crate) use attempt::TriedKey;
pub(crate) use untrusted::Echo;
pub use untrusted::Untrusted;

use alloc::{
    boxed::Box,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use core::{any::Any, fmt};

/// The result of every fallible call.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// Hands the list of error kinds to another macro: `(Variant, "AwsName", http status, stable code, Category,
/// documentation)`.
///
/// Codes below 1000 are the exceptions of the KMS service model and the common AWS errors; from 1000 on they are
/// PocketKMS's own, which the wire shows as `KMSInternalException`.
#[macro_export]
macro_rules! error_kinds {
    ($callback:path) => {
        $callback! {
            (AccessDenied, "AccessDeniedException", 400, 1, Other, "The caller may not do this: no policy or grant allows it.")
            (AlreadyExists, "AlreadyExistsException", 400, 2, Other, "A resource of that name exists already.")
            (Conflict, "ConflictException", 400, 3, Retry, "Another change of the same resource is in progress.")
            (CustomKeyStoreNotFound, "CustomKeyStoreNotFoundException", 400, 4, Other, "There is no custom key store with that name or id.")
            (DependencyTimeout, "DependencyTimeoutException", 500, 5, Retry, "The store did not answer in time. Retry the request.")
            (Disabled, "DisabledException", 400, 6, Other, "The KMS key is disabled. Enable it first.")
            (DryRunOperation, "DryRunOperationException", 400, 7, Other, "The request would have succeeded, but `DryRun` was set.")
            (IncorrectKey, "IncorrectKeyException", 400, 8, Other, "The ciphertext was encrypted under another KMS key.")
            (InvalidAliasName, "InvalidAliasNameException", 400, 9, Bug, "The alias name is not valid.")
            (InvalidArn, "InvalidArnException", 400, 10, Bug, "The ARN is not valid, or names something that is no KMS key.")
            (InvalidCiphertext, "InvalidCiphertextException", 400, 11, Lost, "The ciphertext or its encryption context is corrupted, missing or otherwise invalid.")
            (InvalidGrantToken, "InvalidGrantTokenException", 400, 12, Bug, "The grant token is not valid.")
            (InvalidKeyUsage, "InvalidKeyUsageException", 400, 13, Bug, "The key usage or algorithm of the KMS key does not fit the operation.")
            (InvalidMarker, "InvalidMarkerException", 400, 14, Bug, "The marker is not one that a truncated answer gave.")
            (KeyUnavailable, "KeyUnavailableException", 500, 15, Retry, "The KMS key is not available now. Retry the request.")
            (KmsInternal, "KMSInternalException", 500, 16, Bug, "An internal error. Retry the request.")
            (KmsInvalidState, "KMSInvalidStateException", 400, 17, Other, "The state of the KMS key does not fit the operation.")
            (LimitExceeded, "LimitExceededException", 400, 18, Other, "A quota or a length limit was exceeded.")
            (MalformedPolicyDocument, "MalformedPolicyDocumentException", 400, 19, Bug, "The policy is not syntactically or semantically correct.")
            (NotFound, "NotFoundException", 400, 20, Other, "The KMS key, alias or other resource does not exist.")
            (Tag, "TagException", 400, 21, Bug, "One or more tags are not valid.")
            (UnsupportedOperation, "UnsupportedOperationException", 400, 22, Bug, "The operation or parameter is not supported for this resource.")
            (Validation, "ValidationException", 400, 23, Bug, "A parameter breaks a constraint of the service model.")
            (KmsInvalidMac, "KMSInvalidMacException", 400, 24, Other, "The message authentication code is not that of the message under the KMS key.")
            (InvalidGrantId, "InvalidGrantIdException", 400, 25, Bug, "The grant id is not valid.")
            (KmsInvalidSignature, "KMSInvalidSignatureException", 400, 26, Other, "The signature is not that of the message under the KMS key.")
            (Throttling, "ThrottlingException", 400, 27, Retry, "The account has made more requests of this kind than its quota allows. Retry with backoff.")
            (ExpiredToken, "ExpiredTokenException", 400, 28, Authenticate, "The caller's session has ended. Begin another one.")
            (ExpiredImportToken, "ExpiredImportTokenException", 400, 29, Other, "The import token has expired. Get another one, and another wrapping key.")
            (IncorrectKeyMaterial, "IncorrectKeyMaterialException", 400, 30, Other, "The key material is not valid, or not the one that the KMS key expects.")
            (InvalidImportToken, "InvalidImportTokenException", 400, 31, Other, "The import token is not valid, or was given for another KMS key.")
            (CloudHsmClusterInUse, "CloudHsmClusterInUseException", 400, 32, Other, "Another custom key store of the account has this AWS CloudHSM cluster, or one of the same trust anchor.")
            (CloudHsmClusterInvalidConfiguration, "CloudHsmClusterInvalidConfigurationException", 400, 33, Other, "The AWS CloudHSM cluster cannot be used as it is: it has no room, or too few active HSMs.")
            (CloudHsmClusterNotActive, "CloudHsmClusterNotActiveException", 400, 34, Other, "The AWS CloudHSM cluster is not active. Initialize and activate it.")
            (CloudHsmClusterNotFound, "CloudHsmClusterNotFoundException", 400, 35, Other, "There is no AWS CloudHSM cluster with that id.")
            (CloudHsmClusterNotRelated, "CloudHsmClusterNotRelatedException", 400, 36, Other, "The AWS CloudHSM cluster has another trust anchor than the one that the custom key store was created with.")
            (CustomKeyStoreHasCmks, "CustomKeyStoreHasCMKsException", 400, 37, Other, "There are KMS keys in the custom key store. Delete them first.")
            (CustomKeyStoreInvalidState, "CustomKeyStoreInvalidStateException", 400, 38, Other, "The connection state of the custom key store does not fit the operation.")
            (CustomKeyStoreNameInUse, "CustomKeyStoreNameInUseException", 400, 39, Other, "Another custom key store of the account has that name.")
            (IncorrectTrustAnchor, "IncorrectTrustAnchorException", 400, 40, Other, "The trust anchor certificate is not that of the AWS CloudHSM cluster.")
            (XksKeyAlreadyInUse, "XksKeyAlreadyInUseException", 400, 41, Other, "Another KMS key of the external key store has that external key.")
            (XksKeyInvalidConfiguration, "XksKeyInvalidConfigurationException", 400, 42, Other, "The external key is no enabled AES-256 key that encrypts and decrypts.")
            (XksKeyNotFound, "XksKeyNotFoundException", 400, 43, Other, "The external key store proxy does not find the external key.")
            (XksProxyIncorrectAuthenticationCredential, "XksProxyIncorrectAuthenticationCredentialException", 400, 44, Other, "The external key store proxy refuses the authentication credential.")
            (XksProxyInvalidConfiguration, "XksProxyInvalidConfigurationException", 400, 45, Other, "The external key store proxy is not configured correctly.")
            (XksProxyInvalidResponse, "XksProxyInvalidResponseException", 400, 46, Other, "The response of the external key store proxy cannot be interpreted.")
            (XksProxyUriEndpointInUse, "XksProxyUriEndpointInUseException", 400, 47, Other, "Another external key store of the Region has that endpoint.")
            (XksProxyUriInUse, "XksProxyUriInUseException", 400, 48, Other, "Another external key store of the Region has that endpoint and path.")
            (XksProxyUriUnreachable, "XksProxyUriUnreachableException", 400, 49, Retry, "The external key store proxy cannot be reached, or none of its key managers is available.")
            (XksProxyVpcEndpointServiceInUse, "XksProxyVpcEndpointServiceInUseException", 400, 50, Other, "Another external key store of the Region has that Amazon VPC endpoint service.")
            (XksProxyVpcEndpointServiceInvalidConfiguration, "XksProxyVpcEndpointServiceInvalidConfigurationException", 400, 51, Other, "The Amazon VPC endpoint service cannot be used as it is.")
            (XksProxyVpcEndpointServiceNotFound, "XksProxyVpcEndpointServiceNotFoundException", 400, 52, Other, "The Amazon VPC endpoint service is not found.")
            (WrongRootKey, "WrongRootKeyException", 500, 1001, Authenticate, "The root key or passphrase does not open this vault.")
            (SnapshotTruncated, "SnapshotTruncatedException", 500, 1002, Lost, "The snapshot ends before its stated length.")
            (SnapshotCorrupted, "SnapshotCorruptedException", 500, 1003, Lost, "The bytes are no snapshot, or were altered.")
            (RecordCorrupted, "RecordCorruptedException", 500, 1004, Lost, "A stored record was altered, moved, swapped or rolled back.")
            (UnsupportedVersion, "UnsupportedVersionException", 500, 1005, Other, "The data was written by a newer version of PocketKMS.")
            (Store, "StoreException", 500, 1006, Retry, "The store failed; nothing was changed.")
            (Entropy, "EntropyException", 500, 1007, Retry, "The source of randomness failed; nothing was changed.")
            (InvalidMessage, "InvalidMessageException", 400, 1008, Lost, "The bytes are no message of the AWS Encryption SDK's format, or were truncated or altered.")
            (UnableToDecryptDataKey, "UnableToDecryptDataKeyException", 400, 1009, Other, "The keyring opened none of the message's encrypted data keys.")
            (CommitmentPolicy, "CommitmentPolicyException", 400, 1010, Bug, "The commitment policy does not allow the algorithm suite.")
            (StreamState, "StreamStateException", 400, 1011, Bug, "The stream has ended or failed, and takes no more.")
            (VaultClosed, "VaultClosedException", 400, 1012, Authenticate, "The vault was closed. Open it again.")
            (OutcomeUnknown, "OutcomeUnknownException", 500, 1013, Other, "The store failed, and whether the change was made is not known. Look before retrying.")
            (StoreFull, "StoreFullException", 500, 1014, Other, "The store has no room left; nothing was changed. Make room, and try again.")
            (StoreReadOnly, "StoreReadOnlyException", 500, 1015, Other, "The store takes no changes; nothing was changed. Open it for writing.")
            (StoreDamaged, "StoreDamagedException", 500, 1016, Lost, "The store itself is damaged, and not a record in it. Put a copy of it back.")
            (LastRootKey, "LastRootKeyException", 400, 1017, Other, "The vault would be left without a root key that a person can keep. Add another one first.")
            (RolledBack, "RolledBackException", 500, 1018, Lost, "The store shows an older state of the vault than it did before: it was put back from a copy.")
            (VaultLocked, "VaultLockedException", 400, 1019, Authenticate, "The vault is locked. Unlock it with a root key.")
        }
    };
}

macro_rules! define_kind {
    ($(($variant:ident, $name:literal, $status:literal, $code:literal, $category:ident, $doc:literal))*) => {
        /// What went wrong, by the exception names of the KMS service model.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorKind {
            $(#[doc = $doc] $variant,)*
        }

        impl ErrorKind {
            /// Every kind, in the order of their codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The exception's name, as AWS writes it: `NotFoundException`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The HTTP status that AWS KMS answers with.
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// A number that stays the same in every version and language.
            pub const fn code(self) -> u16 {
                match self { $(Self::$variant => $code,)* }
            }

            /// Whether AWS KMS has no such exception: it is of PocketKMS, as a vault or a message is.
            pub const fn is_own(self) -> bool {
                self.code() >= 1000
            }

            /// What the kind means, and what to do about it.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}
error_kinds!(define_kind);

/// An error: the AWS exception, its message, and an explanation for the local developer.
///
/// As text ([`Display`](fmt::Display)) it is the exception's name and message alone, which are safe to send to anyone who
/// called. The explanation, the causes and what an app's own code threw are members, for logs of this process:
/// [`report`](Self::report) is all of them as one text. [`Debug`](fmt::Debug) shows all of them, too.
pub struct Error(Box<Inner>);

/// Boxed, so that a `Result` stays small on the path where nothing fails.
struct Inner {
    kind: ErrorKind,
    message: String,
    explanation: Option<String>,
    causes: Vec<Error>,
    /// What was tried of a message's encrypted data keys. The explanation has these and their causes in it.
    attempts: Vec<attempt::Tried>,
    origin: Option<Origin>,
    is_cancellation: bool,
}

/// What an app's own code threw.
pub type Origin = Arc<dyn Any + Send + Sync>;

impl Error {
    /// An error with the message that AWS would send.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            explanation: None,
            causes: Vec::new(),
            attempts: Vec::new(),
            origin: None,
            is_cancellation: false,
        }))
    }

    /// Adds what only the local developer may see. It never crosses the wire, since it could help an attacker who
    /// probes with altered ciphertexts. Texts from elsewhere go into it as [`Untrusted`].
    #[must_use]
    pub fn explain(mut self, explanation: impl Into<String>) -> Self {
        self.0.explanation = Some(explanation.into());
        self
    }

    /// Adds an error that led to this one, after those that were added before.
    #[must_use]
    pub fn caused_by(mut self, cause: Self) -> Self {
        self.0.causes.push(cause);
        self
    }

    /// Adds what an app's own code threw, so that its caller can be given the very same.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.0.origin = Some(origin);
        self
    }

    /// Says that an app's own code ended the whole work: it was cancelled or interrupted, or its process cannot go on. Nothing else is
    /// tried then, and this is the error of the call, where another one would be noted for one data key of several.
    #[must_use]
    pub fn cancelling(mut self) -> Self {
        self.0.is_cancellation = true;
        self
    }

    /// The exception's kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The exception's name, as AWS writes it.
    pub fn name(&self) -> &'static str {
        self.0.kind.name()
    }

    /// What AWS would answer; safe to send to a caller across a trust boundary. Empty for a decryption failure, as
    /// in AWS KMS.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What went wrong in detail, for the developer of the same process only. Where AWS has no message, there always is one.
    pub fn explanation(&self) -> Option<&str> {
        let general = || self.message().is_empty().then(|| self.kind().description());
        self.0.explanation.as_deref().or_else(general)
    }

    /// The errors that led to this one, in their order: where several encrypted data keys were tried, one of each.
    pub fn causes(&self) -> &[Self] {
        &self.0.causes
    }

    /// What an app's own code threw, where that is what failed.
    pub fn origin(&self) -> Option<&Origin> {
        self.0.origin.as_ref()
    }

    /// Whether it ended the whole work ([`cancelling`](Self::cancelling)).
    pub fn is_cancellation(&self) -> bool {
        self.0.is_cancellation
    }

    /// The same error, for another caller of what failed for several.
    pub(crate) fn again(&self) -> Self {
        let Inner { kind, message, explanation, causes, attempts: _, origin, is_cancellation } = &*self.0;
        Self(Box::new(Inner {
            kind: *kind,
            message: message.clone(),
            explanation: explanation.clone(),
            causes: causes.iter().map(Self::again).collect(),
            // Those of a message's data keys, which no store has.
            attempts: Vec::new(),
            origin: origin.clone(),
            is_cancellation: *is_cancellation,
        }))
    }

    /// Name, message, explanation and causes as one text, for a log of this process. Never send it to a caller: it may say
    /// which check a ciphertext failed, and names of other tenants' records.
    ///
    /// `NotFoundException: Key '...' does not exist (explanation); caused by ...`
    pub fn report(&self) -> String {
        let mut report = self.to_string();
        if let Some(explanation) = self.explanation() {
            report.extend([" (", explanation, ")"]);
        }
        if self.0.attempts.is_empty() {
            self.causes().iter().for_each(|cause| report.extend(["; caused by ", &cause.report()]));
        }
        report
    }

    /// All that is known, in lines for a person who looks for the reason: the text, what the kind of error means, the
    /// explanation, and each cause in the same way. For the developer of the same process only, as [`report`](Self::report).
    pub fn describe(&self) -> String {
        let mut lines = self.to_string();
        let general = self.kind().description();
        lines.extend(["\n", general]);
        if let Some(explanation) = self.explanation().filter(|explanation| *explanation != general) {
            lines.extend(["\n", explanation]);
        }
        if self.0.attempts.is_empty() {
            self.causes().iter().for_each(|cause| lines.extend(["\nCaused by ", &cause.describe()]));
        }
        lines
    }
}

/// The exception's name and AWS's message, and nothing else: `NotFoundException: Key '...' does not exist`.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self.message() {
            "" => Ok(()),
            message => write!(f, ": {message}"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, message, explanation, causes, attempts: _, origin: _, is_cancellation } = &*self.0;
        f.debug_struct("Error")
            .field("kind", kind)
            .field("message", message)
            .field("explanation", explanation)
            .field("causes", causes)
            .field("is_cancellation", is_cancellation)
            .finish_non_exhaustive()
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.causes().first().map(|cause| cause as _)
    }
}
