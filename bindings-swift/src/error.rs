//! The error type: a case per AWS exception, made from the core's list.

use pocketkms::{Error, ErrorKind};
use std::fmt;

/// What is known of an error. Code of an app that throws one needs to give a message only.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct ErrorDetails {
    /// The exception's name, as AWS writes it: `NotFoundException`.
    #[uniffi(default)]
    pub name: String,
    /// What AWS would answer; safe to send to a caller across a trust boundary. Empty for a decryption failure.
    pub message: String,
    /// What went wrong in detail, for the developer of the same process only.
    #[uniffi(default)]
    pub explanation: Option<String>,
    /// A number that stays the same in every version and language.
    #[uniffi(default)]
    pub code: i32,
    /// The HTTP status that AWS KMS answers with.
    #[uniffi(default)]
    pub http_status: i32,
    /// The errors that led to this one, the nearest first; of a message that could not be opened, why each of its encrypted
    /// data keys was not decrypted.
    #[uniffi(default)]
    pub causes: Vec<String>,
    /// All of it as one text, for a log.
    #[uniffi(default)]
    pub text: String,
}

impl From<&Error> for ErrorDetails {
    fn from(error: &Error) -> Self {
        Self {
            name: error.name().into(),
            message: error.message().into(),
            explanation: error.explanation().map(Into::into),
            code: error.kind().code().into(),
            http_status: error.kind().http_status().into(),
            causes: causes(error),
            text: error.report(),
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
        details.with_text()
    }

    /// With a text for a log, if there is none.
    pub(crate) fn with_text(mut self) -> Self {
        if self.text.is_empty() {
            self.text = self.to_string();
            if let Some(explanation) = &self.explanation {
                self.text.extend([" (", explanation, ")"]);
            }
            self.text.extend(self.causes.iter().flat_map(|cause| ["; caused by ", cause]));
        }
        self
    }
}

/// A cause without its own causes, which stand beside it in the list.
fn own_text(error: &Error) -> String {
    let explanation = error.explanation().map(|text| format!(" ({text})")).unwrap_or_default();
    format!("{error}{explanation}")
}

macro_rules! define_error {
    ($(($variant:ident, $name:literal, $status:literal, $code:literal, $doc:literal))*) => {
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

        impl From<Error> for KmsError {
            fn from(error: Error) -> Self {
                let details = Box::new(ErrorDetails::from(&error));
                match error.kind() {
                    $(ErrorKind::$variant => Self::$variant { details },)*
                    // The core's enum may grow, but both are made from the same list.
                    _ => Self::KmsInternal { details },
                }
            }
        }

        impl KmsError {
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
        }
    };
}
pocketkms::error_kinds!(define_error);

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
        }
    }

    #[test]
    fn what_an_app_leaves_out_its_kind_says() {
        let empty = || ErrorDetails {
            name: String::new(),
            message: String::new(),
            explanation: None,
            code: 0,
            http_status: 0,
            causes: Vec::new(),
            text: String::new(),
        };
        let details = KmsError::NotFound { details: Box::new(empty()) }.details();
        assert_eq!((&*details.name, details.code, details.http_status), ("NotFoundException", 20, 400));
        assert_eq!(details.text, "NotFoundException");
        let more = ErrorDetails {
            message: "no key".into(),
            explanation: Some("none".into()),
            causes: vec!["a".into(), "b".into()],
            ..empty()
        };
        let details = KmsError::NotFound { details: Box::new(more) }.details();
        assert_eq!(details.text, "NotFoundException: no key (none); caused by a; caused by b");
    }

    #[test]
    fn causes_stand_in_order_each_by_itself() {
        let inner = Error::new(ErrorKind::Store, "disk full");
        let middle = Error::new(ErrorKind::RecordCorrupted, "").explain("byte 7").caused_by(inner);
        let error = Error::new(ErrorKind::KmsInternal, "sorry").caused_by(middle);
        let (text, report) = (error.to_string(), error.report());
        let error = KmsError::from(error);
        assert_eq!(error.to_string(), text);
        let details = error.details();
        assert_eq!(details.causes, ["RecordCorruptedException (byte 7)", "StoreException: disk full"]);
        assert_eq!(details.text, report);
    }
}
