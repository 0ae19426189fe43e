//! What goes wrong with an external key store proxy, in AWS's words, and the exception that it is for an operation
//! ("External Key Store Proxy API Specification", "Error codes").

use super::transport::{XksTransportError, XksTransportErrorKind};
use crate::{
    api::ConnectionErrorCodeType,
    error::{Error, ErrorKind},
};
use alloc::string::{String, ToString};

/// Why a proxy did not do what it was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    scenario: Scenario,
    explanation: String,
    /// What the host's transport failed with, where that is an error of this crate.
    cause: Option<Error>,
}

/// What AWS KMS tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scenario {
    // Named by the proxy.
    Validation,
    InvalidState,
    InvalidCiphertext,
    InvalidKeyUsage,
    AuthenticationFailed,
    AccessDenied,
    KeyNotFound,
    InvalidUriPath,
    UnsupportedOperation,
    DependencyTimeout,
    Throttling,
    Internal,
    // Found in what it answered.
    InvalidResponse,
    Unavailable,
    WrongKeySpec,
    WrongPlaintext,
    // Of the way to it.
    Unreachable,
    Tls,
    TimedOut,
}

impl Scenario {
    /// The one that a proxy names.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "ValidationException" => Self::Validation,
            "InvalidStateException" => Self::InvalidState,
            "InvalidCiphertextException" => Self::InvalidCiphertext,
            "InvalidKeyUsageException" => Self::InvalidKeyUsage,
            "AuthenticationFailedException" => Self::AuthenticationFailed,
            "AccessDeniedException" => Self::AccessDenied,
            "KeyNotFoundException" => Self::KeyNotFound,
            "InvalidUriPathException" => Self::InvalidUriPath,
            "UnsupportedOperationException" => Self::UnsupportedOperation,
            "DependencyTimeoutException" => Self::DependencyTimeout,
            "ThrottlingException" => Self::Throttling,
            "InternalException" => Self::Internal,
            _ => return None,
        })
    }

    /// AWS's text, the same whatever the exception is.
    const fn text(self) -> &'static str {
        match self {
            Self::Validation | Self::InvalidResponse => {
                "AWS KMS cannot interpret the response from the external key store proxy. If you see this error repeatedly, \
                 report it to your external key store proxy administrator."
            }
            Self::InvalidState => {
                "The external key associated with this KMS key in an external key store is not enabled in the external key \
                 manager. Enable the external key in the external key manager and retry the request."
            }
            Self::InvalidCiphertext => {
                "The external key store proxy rejected the request because the specified ciphertext or encryption context is \
                 corrupted, missing, or otherwise invalid."
            }
            Self::WrongPlaintext => {
                "The ciphertext that the external key store proxy submitted for decryption, or the encryption context, is \
                 corrupted, missing, or otherwise invalid."
            }
            Self::InvalidKeyUsage => {
                "The external key associated with this KMS key in an external key store does not support the requested \
                 operation. Enable the operation on the key in your external key manager, and try the request again."
            }
            Self::AuthenticationFailed => {
                "The external key store proxy rejected the request because it could not authenticate AWS KMS. Verify the XKS \
                 proxy authentication credentials for your external key store and update if necessary."
            }
            Self::AccessDenied => {
                "The external key store proxy denied access to the operation. Verify that the user and the external key are \
                 both authorized for this operation, and try the request again."
            }
            Self::KeyNotFound => {
                "The external key associated with this KMS key in an external key store was not found in its external key \
                 manager. If the external key ID associated with this KMS key is incorrect, create a new KMS key with the \
                 correct external key ID."
            }
            Self::InvalidUriPath => {
                "The external key store proxy rejected the request because of an invalid URI path. Verify the URI path for \
                 your external key store and update if necessary."
            }
            Self::UnsupportedOperation => {
                "The external key store proxy rejected the request because it does not support the requested operation. If \
                 you see this error repeatedly, report it to your external key store proxy administrator."
            }
            Self::DependencyTimeout => {
                "The external key store proxy did not respond to the request in the time allotted. Retry the request. If you \
                 see this error repeatedly, report it to your external key store proxy administrator."
            }
            Self::Throttling => {
                "The external key store proxy rejected the request due to a very high request rate. Reduce the frequency of \
                 your calls using KMS keys in this external key store."
            }
            Self::Internal => {
                "The external key store proxy rejected the request because it cannot communicate with the external key \
                 manager. Verify that the external key store proxy configuration is correct and that the external key manager \
                 is available."
            }
            Self::Unreachable | Self::Unavailable => {
                "AWS KMS cannot communicate with the external key store proxy. This might be a transient network issue. If \
                 you see this error repeatedly, verify that your external key store proxy is active and is connected to the \
                 network, and that its endpoint URI is correct in your external key store."
            }
            Self::Tls => {
                "AWS KMS cannot establish a TLS connection to the external key store proxy. Verify the TLS configuration, \
                 including its certificate."
            }
            Self::TimedOut => {
                "AWS KMS rejected the request because the external key store proxy did not respond in time. Retry the request. \
                 If you see this error repeatedly, report it to your external key store proxy administrator."
            }
            // The specification has none. From the model's XksKeyInvalidConfigurationException.
            Self::WrongKeySpec => {
                "The external key must be an AES-256 symmetric key that is enabled and performs encryption and decryption."
            }
        }
    }

    /// What `CreateCustomKeyStore` and `UpdateCustomKeyStore` fail with.
    const fn of_store(self) -> ErrorKind {
        match self {
            Self::AuthenticationFailed => ErrorKind::XksProxyIncorrectAuthenticationCredential,
            Self::InvalidUriPath | Self::InvalidState | Self::AccessDenied => ErrorKind::XksProxyInvalidConfiguration,
            Self::DependencyTimeout
            | Self::Throttling
            | Self::Unavailable
            | Self::Unreachable
            | Self::Tls
            | Self::TimedOut => ErrorKind::XksProxyUriUnreachable,
            Self::Validation
            | Self::InvalidCiphertext
            | Self::InvalidKeyUsage
            | Self::KeyNotFound
            | Self::UnsupportedOperation
            | Self::Internal
            | Self::InvalidResponse
            | Self::WrongKeySpec
            | Self::WrongPlaintext => ErrorKind::XksProxyInvalidResponse,
        }
    }

    /// What they say: of an external key, which they don't have, nothing.
    const fn text_of_store(self) -> &'static str {
        match (self, self.of_store()) {
            // The specification has none for health checks.
            (Self::InvalidState, _) => {
                "The external key store proxy rejected the request because the external key store is disabled, deactivated or \
                 blocked. Verify that the external key store proxy is configured correctly."
            }
            (Self::Internal, _) => self.text(),
            (_, ErrorKind::XksProxyInvalidResponse) => Self::InvalidResponse.text(),
            _ => self.text(),
        }
    }

    /// What `CreateKey` fails with. The specification names two exceptions here that the service model does not have, for
    /// `AccessDenied` and `UnsupportedOperation`.
    const fn of_key(self) -> ErrorKind {
        match self {
            Self::InvalidState | Self::InvalidKeyUsage | Self::WrongKeySpec => ErrorKind::XksKeyInvalidConfiguration,
            Self::KeyNotFound => ErrorKind::XksKeyNotFound,
            _ => ErrorKind::CustomKeyStoreInvalidState,
        }
    }

    /// What `DescribeCustomKeyStores` tells after `ConnectCustomKeyStore`.
    const fn of_connection(self) -> ConnectionErrorCodeType {
        match self {
            Self::AuthenticationFailed => ConnectionErrorCodeType::InvalidCredentials,
            Self::AccessDenied => ConnectionErrorCodeType::XksProxyAccessDenied,
            Self::InvalidUriPath | Self::InvalidState => ConnectionErrorCodeType::XksProxyInvalidConfiguration,
            Self::DependencyTimeout | Self::TimedOut => ConnectionErrorCodeType::XksProxyTimedOut,
            Self::Throttling | Self::Internal | Self::Unavailable | Self::Unreachable => {
                ConnectionErrorCodeType::XksProxyNotReachable
            }
            Self::Tls => ConnectionErrorCodeType::XksProxyInvalidTlsConfiguration,
            Self::Validation
            | Self::InvalidCiphertext
            | Self::InvalidKeyUsage
            | Self::KeyNotFound
            | Self::UnsupportedOperation
            | Self::InvalidResponse
            | Self::WrongKeySpec
            | Self::WrongPlaintext => ConnectionErrorCodeType::XksProxyInvalidResponse,
        }
    }
}

impl Failure {
    pub(super) fn new(scenario: Scenario, explanation: impl Into<String>) -> Self {
        Self { scenario, explanation: explanation.into(), cause: None }
    }

    /// The host has nothing that reaches a proxy.
    pub(crate) fn no_transport() -> Self {
        Self::new(
            Scenario::Unreachable,
            "the vault was opened without what carries requests to external key store proxies: give its builder an \
             XksTransport",
        )
    }

    /// An id that is none.
    pub(crate) fn no_such_key() -> Self {
        Self::new(Scenario::KeyNotFound, "no external key has this id: it would change the address that is called")
    }

    /// What the external key manager decrypted is not what was encrypted there; or the encryption context is another.
    pub(crate) fn wrong_plaintext() -> Self {
        let explanation = "what the external key manager decrypted does not open under the material of the KMS key";
        Self::new(Scenario::WrongPlaintext, explanation)
    }

    /// The exception of `CreateCustomKeyStore` and `UpdateCustomKeyStore`.
    pub(crate) fn into_store_error(self) -> Error {
        let (kind, text) = (self.scenario.of_store(), self.scenario.text_of_store());
        self.into_error(kind, text)
    }

    /// The exception of `CreateKey`.
    pub(crate) fn into_key_error(self) -> Error {
        let (kind, text) = (self.scenario.of_key(), self.scenario.text());
        self.into_error(kind, text)
    }

    /// The exception of cryptographic operations.
    pub(crate) fn into_use_error(self) -> Error {
        let text = self.scenario.text();
        self.into_error(ErrorKind::KmsInvalidState, text)
    }

    /// What is remembered of an attempt to connect.
    pub(crate) fn connection_error(&self) -> ConnectionErrorCodeType {
        self.scenario.of_connection()
    }

    fn into_error(self, kind: ErrorKind, text: &str) -> Error {
        let error = Error::new(kind, text).explain(self.explanation);
        match self.cause {
            Some(cause) => error.caused_by(cause),
            None => error,
        }
    }
}

/// What an operation was answered is kept, for it may be computed again.
impl Clone for Failure {
    fn clone(&self) -> Self {
        let Self { scenario, explanation, cause } = self;
        Self { scenario: *scenario, explanation: explanation.clone(), cause: cause.as_ref().map(Error::again) }
    }
}

impl From<XksTransportError> for Failure {
    fn from(error: XksTransportError) -> Self {
        let scenario = match error.kind() {
            XksTransportErrorKind::Unreachable => Scenario::Unreachable,
            XksTransportErrorKind::Tls => Scenario::Tls,
            XksTransportErrorKind::TimedOut => Scenario::TimedOut,
            XksTransportErrorKind::InvalidResponse => Scenario::InvalidResponse,
        };
        let explanation = error.to_string();
        let cause = error.into_cause().downcast::<Error>().ok().map(|error| *error);
        Self { cause, ..Self::new(scenario, explanation) }
    }
}
