//! The error type: a case per AWS exception, made from the core's list.

use crate::thrown::Thrown;
use pocketkms::{Error, ErrorCategory, ErrorKind};
use std::fmt::{self, Write};

/// What is known of an error. Code of an app that throws one needs to give a message only.
#[derive(Clone, Debug, Default, PartialEq, uniffi::Record)]
pub struct ErrorDetails {
    /// The exception's name, as AWS writes it: `NotFoundException`.
    #[uniffi(default)]
    pub name: String,
    /// What AWS would answer; safe to send to a caller across a trust boundary. Empty for a decryption failure.
    pub message: String,
    /// What went wrong in detail, for the developer of the same process only. Where the message is empty, there always is one.
    #[uniffi(default)]
    pub explanation: Option<String>,
    /// A number that stays the same in every version and language.
    #[uniffi(default)]
    pub code: i32,
    /// The HTTP status that AWS KMS answers with.
    #[uniffi(default)]
    pub http_status: i32,
    /// What an app does about it. Where code of an app leaves it out, its kind says it.
    #[uniffi(default)]
    pub category: Option<ErrorCategory>,
    /// The errors that led to this one, the nearest first; of a message that could not be opened, why each of its encrypted
    /// data keys was not decrypted.
    #[uniffi(default)]
    pub causes: Vec<String>,
    /// Of a message that could not be opened: each of its encrypted data keys, and why it was not decrypted. One that several
    /// keyrings tried comes once for each of them.
    #[uniffi(default)]
    pub attempts: Vec<Attempt>,
    /// What the app's own code threw, where that is what failed.
    #[uniffi(default)]
    pub origin: Option<Thrown>,
    /// All of it as one text, for a log.
    #[uniffi(default)]
    pub text: String,
    /// All of it in lines for a person who looks for the reason, with what this kind of error means.
    #[uniffi(default)]
    pub summary: String,
}

/// An encrypted data key of a message that could not be opened.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Attempt {
    /// The number of the encrypted data key in the message, from 0 on.
    pub index: u32,
    /// Which kind of keyring encrypted it: `aws-kms`, `aws-kms-hierarchy`, or the key namespace of a raw keyring.
    pub provider_id: String,
    /// The wrapping key's name: a key ARN, a branch key id, the key name of a raw keyring.
    pub key_name: String,
    /// The ARN of a KMS key.
    pub key_arn: Option<String>,
    /// Why it was not decrypted; absent where no keyring is for this provider and key.
    pub error: Option<KmsError>,
}

impl From<pocketkms::Attempt<'_>> for Attempt {
    fn from(attempt: pocketkms::Attempt<'_>) -> Self {
        let pocketkms::Attempt { index, provider_id, key_name, key_arn, error, .. } = attempt;
        Self {
            index: index.try_into().unwrap_or(u32::MAX),
            provider_id: provider_id.into(),
            key_name: key_name.into(),
            key_arn: key_arn.map(Into::into),
            error: error.map(Into::into),
        }
    }
}

impl From<&Error> for ErrorDetails {
    fn from(error: &Error) -> Self {
        Self {
            name: error.name().into(),
            message: error.message().into(),
            explanation: error.explanation().map(Into::into),
            code: error.kind().code().into(),
            http_status: error.kind().http_status().into(),
            category: Some(error.category()),
            causes: causes(error),
            attempts: error.attempts().map(Into::into).collect(),
            origin: Thrown::of(error),
            text: error.report(),
            summary: error.describe(),
        }
    }
}

/// What led to an error, each before what led to it in turn.
fn causes(error: &Error) -> Vec<String> {
    error.causes().iter().flat_map(|cause| std::iter::once(own_text(cause)).chain(causes(cause))).collect()
}

impl ErrorDetails {
    /// With what the kind says in place of what is missing, so that no text is empty.
    fn completed(&self, kind: ErrorKind) -> Self {
        let mut details = self.clone();
        if details.name.is_empty() {
            details.name = kind.name().into();
        }
        if details.code == 0 {
            details.code = kind.code().into();
        }
        if details.http_status == 0 {
            details.http_status = kind.http_status().into();
        }
        details.category = details.category.or(Some(kind.category()));
        if details.message.is_empty() && details.explanation.is_none() {
            details.explanation = Some(kind.description().into());
        }
        details.with_texts(Some(kind.description()))
    }

    /// Fills in a text for a log and one for people where they are missing. `general` is what the kind of error means.
    pub(crate) fn with_texts(mut self, general: Option<&str>) -> Self {
        if self.text.is_empty() {
            self.text = self.to_string();
            if let Some(explanation) = &self.explanation {
                self.text.extend([" (", explanation, ")"]);
            }
            self.text.extend(self.causes.iter().flat_map(|cause| ["; caused by ", cause]));
        }
        if self.summary.is_empty() {
            self.summary = self.to_string();
            let explanation = self.explanation.as_deref().filter(|explanation| general != Some(explanation));
            for line in general.into_iter().chain(explanation) {
                self.summary.extend(["\n", line]);
            }
            self.summary.extend(self.causes.iter().flat_map(|cause| ["\nCaused by ", cause]));
        }
        self
    }
}

/// A cause without its own causes, which stand beside it in the list.
fn own_text(error: &Error) -> String {
    let mut text = error.to_string();
    // Writing to a String cannot fail.
    let _ = error.explanation().map_or(Ok(()), |explanation| write!(text, " ({explanation})"));
    text
}

macro_rules! define_error {
    ($(($variant:ident, $name:literal, $status:literal, $code:literal, $category:ident, $doc:literal))*) => {
        /// An exception of AWS KMS, or one of PocketKMS's own.
        #[derive(Clone, Debug, PartialEq, uniffi::Error)]
        pub enum KmsError {
            $(
                #[doc = $doc]
                $variant {
                    /// What is known of it.
                    details: Box<ErrorDetails>,
                },
            )*
        }

        impl From<&Error> for KmsError {
            fn from(error: &Error) -> Self {
                Self::of(error.kind(), ErrorDetails::from(error))
            }
        }

        impl KmsError {
            /// The case of that kind.
            fn of(kind: ErrorKind, details: ErrorDetails) -> Self {
                let details = Box::new(details);
                match kind {
                    $(ErrorKind::$variant => Self::$variant { details },)*
                    // The core's enum may grow, but both are made from the same list.
                    _ => Self::KmsInternal { details },
                }
            }
        }

        impl KmsError {
            /// The same error under another name.
            pub(crate) fn named(&self, name: &str) -> Self {
                Self::of(self.kind(), ErrorDetails { name: name.into(), ..self.details() })
            }

            /// Its kind, whatever the details say: an app may have made them.
            pub(crate) fn kind(&self) -> ErrorKind {
                match self {
                    $(Self::$variant { .. } => ErrorKind::$variant,)*
                }
            }
        }

        #[uniffi::export]
        impl KmsError {
            /// What is known of the error, whichever it is. Where code of an app made it with a message only, the kind says the
            /// rest.
            pub fn details(&self) -> ErrorDetails {
                match self {
                    $(Self::$variant { details })|* => details.completed(self.kind()),
                }
            }

            /// The same error for the core, thrown by an app's own code.
            #[must_use]
            pub fn with_origin(&self, origin: Thrown) -> Self {
                Self::of(self.kind(), ErrorDetails { origin: Some(origin), ..self.details() })
            }
        }
    };
}
pocketkms::error_kinds!(define_error);

impl From<Error> for KmsError {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

/// What an app throws passes through the core as an error of the same kind, with what was thrown.
impl From<KmsError> for Error {
    fn from(error: KmsError) -> Self {
        let ErrorDetails { message, explanation, causes, origin, .. } = error.details();
        let error = Self::new(error.kind(), message);
        let explanation = explanation.into_iter().chain(causes.iter().map(|cause| format!("caused by {cause}")));
        let explanation: Vec<_> = explanation.collect();
        let error = if explanation.is_empty() { error } else { error.explain(explanation.join("; ")) };
        match origin {
            Some(thrown) => thrown.carried_by(error),
            None => error,
        }
    }
}

/// Where the app's side could not even say what its code threw.
impl From<uniffi::UnexpectedUniFFICallbackError> for KmsError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Error::new(ErrorKind::KeyUnavailable, "the app's own code failed").explain(error.reason).into()
    }
}

/// UniFFI wants it of every error. As the core's: name and message, which are safe to show, and nothing else.
impl fmt::Display for KmsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.details().fmt(f)
    }
}

impl fmt::Display for ErrorDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &*self.message {
            "" => Ok(()),
            message => write!(f, ": {message}"),
        }
    }
}

impl std::error::Error for KmsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_case() {
        for kind in ErrorKind::ALL.iter().copied() {
            let error = KmsError::from(Error::new(kind, "message"));
            assert!(format!("{error:?}").starts_with(&format!("{kind:?} {{")), "{error:?}");
            let details = error.details();
            assert_eq!(details.name, kind.name());
            assert_eq!(details.code, i32::from(kind.code()));
            assert_eq!(details.http_status, i32::from(kind.http_status()));
            assert_eq!(details.category, Some(kind.category()));
        }
    }

    #[test]
    fn what_an_app_leaves_out_its_kind_says() {
        let details = KmsError::NotFound { details: Box::default() }.details();
        assert_eq!((&*details.name, details.code, details.http_status), ("NotFoundException", 20, 400));
        assert_eq!(details.category, Some(ErrorCategory::Other));
        let meaning = ErrorKind::NotFound.description();
        assert_eq!(details.explanation.as_deref(), Some(meaning));
        assert_eq!(details.text, format!("NotFoundException ({meaning})"));
        assert_eq!(details.summary, format!("NotFoundException\n{meaning}"));
        let more = ErrorDetails {
            message: "no key".into(),
            explanation: Some("none".into()),
            causes: vec!["a".into(), "b".into()],
            ..ErrorDetails::default()
        };
        let details = KmsError::NotFound { details: Box::new(more) }.details();
        assert_eq!(details.text, "NotFoundException: no key (none); caused by a; caused by b");
        let summary = format!("NotFoundException: no key\n{meaning}\nnone\nCaused by a\nCaused by b");
        assert_eq!(details.summary, summary);
    }

    #[test]
    fn causes_stand_in_order_each_by_itself() {
        let inner = Error::new(ErrorKind::Store, "disk full");
        let middle = Error::new(ErrorKind::RecordCorrupted, "").explain("byte 7").caused_by(inner);
        let error = Error::new(ErrorKind::KmsInternal, "sorry").caused_by(middle);
        let (text, report, summary) = (error.to_string(), error.report(), error.describe());
        let error = KmsError::from(error);
        assert_eq!(error.to_string(), text);
        let details = error.details();
        assert_eq!(details.causes, ["RecordCorruptedException (byte 7)", "StoreException: disk full"]);
        assert_eq!((details.text, details.summary), (report, summary));
    }

    #[test]
    fn what_an_app_threw_passes_through_the_core() {
        let thrown = crate::thrown::tests::thrown();
        let inner = Error::new(ErrorKind::DependencyTimeout, "too late").explain("after 3 s");
        let error = KmsError::from(Error::new(ErrorKind::KeyUnavailable, "away").caused_by(inner));
        let passed = KmsError::from(Error::from(error.with_origin(thrown.clone())));
        let details = passed.details();
        assert_eq!((passed.kind(), &*details.message), (ErrorKind::KeyUnavailable, "away"));
        assert!(details.text.contains("after 3 s"), "{}", details.text);
        assert_eq!(details.origin, Some(thrown));
        assert_ne!(details.origin, Some(crate::thrown::tests::thrown()));
        assert_eq!(KmsError::from(Error::from(error)).details().origin, None);
    }
}
