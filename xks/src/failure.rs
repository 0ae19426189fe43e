//! What went wrong, in the words that the core tells apart.

use pocketkms::{XksTransportError, XksTransportErrorKind as Kind};
use std::io;
use ureq::Error;

pub(crate) fn failure(error: Error) -> XksTransportError {
    XksTransportError::new(kind(&error), error)
}

fn kind(error: &Error) -> Kind {
    match error {
        Error::Timeout(_) => Kind::TimedOut,
        Error::Tls(_) | Error::Rustls(_) | Error::TlsRequired => Kind::Tls,
        Error::Io(error) => kind_of_io(error),
        Error::Http(_) | Error::Protocol(_) | Error::LargeResponseHeader(..) | Error::BodyExceedsLimit(_) => {
            Kind::InvalidResponse
        }
        _ => Kind::Unreachable,
    }
}

fn kind_of_io(error: &io::Error) -> Kind {
    let cause = error.get_ref();
    if cause.is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>) {
        Kind::Tls
    } else if let Some(nested) = cause.and_then(|cause| cause.downcast_ref::<Error>()) {
        // A body is read through an `io::Read`.
        kind(nested)
    } else if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) {
        Kind::TimedOut
    } else {
        Kind::Unreachable
    }
}
