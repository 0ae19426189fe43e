//! Why an attestation document is not accepted.

use crate::error::{Error, ErrorKind};
use alloc::{format, string::String};

/// AWS KMS answers a `ValidationException` to any document that is malformed, altered or of someone else; what it says then is not
/// known.
pub(crate) struct Refused {
    why: String,
    /// What the host can do about it.
    advice: Option<String>,
}

/// A document that is not accepted for a reason that ends the sentence "The attestation document is not valid: …".
pub(super) fn refused(why: impl Into<String>) -> Refused {
    Refused { why: why.into(), advice: None }
}

impl Refused {
    /// With what only the developer of this process reads.
    #[must_use]
    pub(super) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

impl From<Refused> for Error {
    fn from(Refused { why, advice }: Refused) -> Self {
        let error = Self::new(ErrorKind::Validation, format!("The attestation document is not valid: {why}."));
        match advice {
            Some(advice) => error.explain(advice),
            None => error,
        }
    }
}
