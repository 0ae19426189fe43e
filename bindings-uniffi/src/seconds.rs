//! Lengths of time: seconds, as in every language.

use crate::KmsError;
use pocketkms::{Error, ErrorKind};
use std::time::Duration;

/// So many seconds, which may have a fraction.
pub(crate) fn duration(name: &str, seconds: f64) -> Result<Duration, KmsError> {
    Duration::try_from_secs_f64(seconds).map_err(|_| {
        Error::new(ErrorKind::Validation, format!("{name} is a number of seconds from 0 on, not {seconds}")).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_length_of_time_is_refused() {
        assert_eq!(duration("ttl", 1.5).unwrap(), Duration::from_millis(1500));
        for wrong in [-1.0, f64::NAN, f64::INFINITY, f64::MAX] {
            let error = duration("ttl", wrong).unwrap_err();
            assert!(error.details().message.contains("ttl"), "{error}");
        }
    }
}
