//! What a planned month would cost.

use super::{month, prices::Prices, sum::Quantities};
use crate::{
    api::{Bill, BillItem, EstimateRequest},
    clock::Month,
    error::{Error, ErrorKind, Result},
    shape,
};
use alloc::{format, vec::Vec};

/// How many hours a month has where none is named.
const HOURS: u32 = 30 * 24;

/// The bill of what a request describes.
pub(crate) fn estimate(request: &EstimateRequest) -> Result<Bill> {
    shape::check(request)?;
    let month = request.month.as_deref().map(month).transpose()?;
    let hours = month.map_or(HOURS, Month::hours);
    let prices = Prices::of(request.prices.as_ref());
    let mut quantities = Quantities::default();
    for keys in request.keys.iter().flatten() {
        let of_month = keys.hours.unwrap_or(hours);
        if of_month > hours {
            return Err(Error::new(ErrorKind::Validation, format!("{of_month} is not valid as Hours"))
                .explain(format!("the month has {hours} hours")));
        }
        let key_hours = u64::from(keys.count).saturating_mul(u64::from(of_month));
        let rotations =
            usize::try_from(keys.rotations.unwrap_or(0)).unwrap_or(usize::MAX).min(prices.charged_rotations);
        quantities.add(BillItem::Keys, key_hours);
        quantities.add(BillItem::Rotations, key_hours.saturating_mul(u64::try_from(rotations).unwrap_or(0)));
    }
    for (item, number) in [
        (BillItem::Requests, request.requests),
        (BillItem::Rsa2048Requests, request.rsa_2048_requests),
        (BillItem::AsymmetricRequests, request.asymmetric_requests),
        (BillItem::EccDataKeyPairs, request.ecc_data_key_pairs),
        (BillItem::RsaDataKeyPairs, request.rsa_data_key_pairs),
    ] {
        quantities.add(item, number.unwrap_or(0));
    }
    let (lines, total_micro_dollars) = quantities.charge(&prices, hours);
    Ok(Bill { month: request.month.clone(), account_id: None, hours, lines, usage: Vec::new(), total_micro_dollars })
}
