//! What a month would cost at AWS ("AWS KMS pricing"): keys by the hour, from their records, and requests, from what is counted of the
//! audit trail. Amounts are integers, in micro-dollars, and a sum is rounded once.

mod estimate;
mod gather;
mod life;
mod prices;
mod sum;

pub(crate) use estimate::estimate;
pub(crate) use gather::{bill, rotations};
pub(crate) use life::Life;

use crate::{
    clock::Month,
    error::{Error, ErrorKind, Result, Untrusted},
};
use alloc::format;

/// A month in a request.
fn month(text: &str) -> Result<Month> {
    text.parse().map_err(|()| {
        Error::new(ErrorKind::Validation, format!("'{}' is not valid as Month", Untrusted(text)))
            .explain("a month is written as 2026-11, and is in UTC")
    })
}
