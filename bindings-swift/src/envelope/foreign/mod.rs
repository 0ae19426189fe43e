//! What an app implements in Swift or Kotlin: the traits, and how what it throws passes through the core.
//!
//! All of them are synchronous, as the core is, and are called on the thread that encrypts or decrypts: they may wait there.
//! Whatever they throw becomes an error of the call that led to them. Nothing that an app answers ends the process.

mod branch_keys;
mod kms_client;
mod wrapper;

pub use branch_keys::{BranchKeyIdSupplier, BranchKeyMaterials, BranchKeySource};
pub(super) use branch_keys::{ForeignSource, ForeignSupplier};
pub(super) use kms_client::ForeignClient;
pub use kms_client::KmsClient;
pub(super) use wrapper::ForeignWrapper;
pub use wrapper::{DataKeyWrapper, WrappedDataKey};

use crate::KmsError;
use pocketkms::{Error, ErrorKind};

/// What an app throws passes through the core as an error of the same kind, its causes with it.
impl From<KmsError> for Error {
    fn from(error: KmsError) -> Self {
        let details = error.details();
        let error = Self::new(error.kind(), details.message);
        let error = match details.explanation {
            Some(explanation) => error.explain(explanation),
            None => error,
        };
        let cause = details.causes.iter().rev().fold(None, |inner: Option<Self>, text| {
            let cause = from_text(text);
            Some(match inner {
                Some(inner) => cause.caused_by(inner),
                None => cause,
            })
        });
        match cause {
            Some(cause) => error.caused_by(cause),
            None => error,
        }
    }
}

/// A cause that crossed as its text, so that it reads the same when it crosses again.
fn from_text(text: &str) -> Error {
    let named = ErrorKind::ALL.iter().find_map(|kind| Some((*kind, text.strip_prefix(kind.name())?)));
    match named {
        Some((kind, "")) => Error::new(kind, ""),
        Some((kind, rest)) => match (rest.strip_prefix(": "), rest.strip_prefix(" (")) {
            (Some(message), _) => Error::new(kind, message),
            (_, Some(explanation)) => {
                Error::new(kind, "").explain(explanation.strip_suffix(')').unwrap_or(explanation))
            }
            _ => Error::new(ErrorKind::KmsInternal, text),
        },
        None => Error::new(ErrorKind::KmsInternal, text),
    }
}

/// Hands what an app answered or threw to the core.
fn passed<T>(result: Result<T, KmsError>) -> Result<T, Error> {
    result.map_err(Error::from)
}

/// Any other exception of an app.
impl From<uniffi::UnexpectedUniFFICallbackError> for KmsError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Error::new(ErrorKind::KeyUnavailable, "the app's own code failed").explain(said(&error.reason)).into()
    }
}

/// Kotlin tells an exception with the whole way to where it was thrown, of which only the exceptions are of interest here.
fn said(reason: &str) -> String {
    let lines = reason.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut kept = lines.enumerate().filter(|(number, line)| *number == 0 || line.starts_with("Caused by: "));
    let first = kept.next().map_or("it did not say why", |(_, line)| line).to_owned();
    kept.fold(first, |whole, (_, line)| whole + "; " + line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_app_throws_passes_as_it_is() {
        let inner = Error::new(ErrorKind::DependencyTimeout, "too late").explain("after 3 s");
        let middle = Error::new(ErrorKind::Store, "").explain("no route").caused_by(inner);
        let thrown = KmsError::from(Error::new(ErrorKind::KeyUnavailable, "away").explain("why").caused_by(middle));
        assert_eq!(thrown.details().causes.len(), 2);
        assert_eq!(KmsError::from(Error::from(thrown.clone())), thrown);
    }

    #[test]
    fn causes_in_words_of_the_app_stay_as_they_are() {
        for text in ["", "no network", "StoreExceptionally odd", "StoreException", "KMSInternalException: x (y)"] {
            let mut thrown = KmsError::from(Error::new(ErrorKind::Store, "x"));
            if let KmsError::Store { details } = &mut thrown {
                details.causes = vec![text.into()];
            }
            let causes = KmsError::from(Error::from(thrown)).details().causes;
            assert_eq!(causes.len(), 1);
            assert!(causes[0].ends_with(text), "{causes:?}");
        }
    }

    #[test]
    fn of_a_stack_trace_the_exceptions_are_told() {
        for (reason, told) in [
            ("Broken", "Broken"),
            (
                "a.B: no\n\tat a.b(C.kt:1)\n\tat a.c(C.kt:2)\nCaused by: d.E: x\n\t... 9 more\n",
                "a.B: no; Caused by: d.E: x",
            ),
            ("", "it did not say why"),
        ] {
            let error = KmsError::from(uniffi::UnexpectedUniFFICallbackError::new(reason));
            assert_eq!(error.details().explanation.as_deref(), Some(told));
        }
    }
}
