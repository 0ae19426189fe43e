//! Who may do what. One evaluator; it mints the permit without which no operation can touch a key.

mod caller;
mod permit;

pub use caller::Caller;
pub(crate) use permit::{Permit, authorize, check_grant_tokens};
