//! The errors of this room. What concerns a message's bytes has one face, with the reason in the explanation.

use crate::error::{Error, ErrorKind};
use alloc::{format, string::String};

/// The bytes are no message, or were altered.
pub(crate) fn invalid_message(explanation: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidMessage, "").explain(explanation)
}

/// The bytes end too early.
pub(crate) fn truncated(position: u64) -> Error {
    invalid_message(format!("the message is truncated: it ends at byte {position}, before its end"))
}

/// A claim in a message breaks a limit of the client.
pub(crate) fn limit_exceeded(what: &str, claimed: u64, limit: u64) -> Error {
    Error::new(
        ErrorKind::LimitExceeded,
        format!(
            "the message's {what} is {claimed}; this client allows {limit}. Raise its limit if you trust the source"
        ),
    )
}
