//! What apps threw, so that a message that could not be opened has it among its causes.
//!
//! The core lists as text why each encrypted data key failed. Errors that apps threw while the list was made are remembered
//! here, on the thread that made it, and found again by their text.

use crate::KmsError;
use pocketkms::{Error, ErrorKind};
use std::{cell::RefCell, collections::VecDeque, iter::successors};

/// As many as a message has encrypted data keys unless the client allows more.
const REMEMBERED: usize = 100;

struct Thrown {
    /// As it stands in the list, its causes with it.
    text: String,
    /// It and its causes, each by itself.
    chain: Vec<String>,
}

thread_local! {
    static THROWN: RefCell<VecDeque<Thrown>> = const { RefCell::new(VecDeque::new()) };
}

/// Hands what an app answered or threw to the core.
pub(super) fn passed<T>(result: Result<T, KmsError>) -> Result<T, Error> {
    result.map_err(|error| {
        let error = Error::from(error);
        let chain = successors(Some(&error), |error| error.cause()).map(crate::error::own_text).collect();
        let thrown = Thrown { text: error.to_string(), chain };
        THROWN.with_borrow_mut(|all| {
            all.retain(|other| other.text != thrown.text);
            all.truncate(REMEMBERED - 1);
            all.push_front(thrown);
        });
        error
    })
}

/// Which of the errors that apps threw led to this one, in the order of the encrypted data keys.
pub(crate) fn causes(error: &Error) -> Vec<String> {
    let Some(list) = error.explanation().filter(|_| error.kind() == ErrorKind::UnableToDecryptDataKey) else {
        return Vec::new();
    };
    THROWN.with_borrow(|all| {
        let mut found: Vec<_> = all.iter().filter_map(|thrown| Some((list.find(&thrown.text)?, thrown))).collect();
        found.sort_by_key(|(place, _)| *place);
        found.into_iter().flat_map(|(_, thrown)| thrown.chain.clone()).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throw(message: &str) {
        let cause = Error::new(ErrorKind::DependencyTimeout, "too late");
        let error = Error::new(ErrorKind::KeyUnavailable, message).caused_by(cause);
        assert!(passed::<()>(Err(error.into())).is_err());
    }

    #[test]
    fn what_was_thrown_is_found_in_the_list_and_nothing_else() {
        for message in ["one", "two", "three", "one"] {
            throw(message);
        }
        let text =
            |name: &str| format!("KeyUnavailableException: {name}; caused by DependencyTimeoutException: too late");
        let list = format!("1. {}\n2. {}\n3. {}", text("two"), text("four"), text("one"));
        let error = Error::new(ErrorKind::UnableToDecryptDataKey, "").explain(&*list);
        let late = "DependencyTimeoutException: too late";
        assert_eq!(causes(&error), ["KeyUnavailableException: two", late, "KeyUnavailableException: one", late]);
        assert!(causes(&Error::new(ErrorKind::InvalidMessage, "").explain(list)).is_empty());
        assert!(causes(&Error::new(ErrorKind::UnableToDecryptDataKey, "")).is_empty());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        for number in 0..=REMEMBERED {
            throw(&number.to_string());
        }
        assert_eq!(THROWN.with_borrow(VecDeque::len), REMEMBERED);
    }
}
