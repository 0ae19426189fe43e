//! AWS's price list, and another in its place.

use crate::api::{BillItem, PriceList};

/// Prices in micro-dollars: of a month of a key or a rotation, and of a request.
pub(super) struct Prices {
    key_month: u64,
    rotation_month: u64,
    pub(super) charged_rotations: usize,
    request: u64,
    rsa_2048_request: u64,
    asymmetric_request: u64,
    ecc_data_key_pair: u64,
    rsa_data_key_pair: u64,
    free_requests: u64,
}

/// What AWS asks for in its commercial Regions, since 2024.
impl Default for Prices {
    fn default() -> Self {
        Self {
            key_month: 1_000_000,
            rotation_month: 1_000_000,
            charged_rotations: 2,
            request: 3,
            rsa_2048_request: 3,
            asymmetric_request: 15,
            ecc_data_key_pair: 10,
            rsa_data_key_pair: 1_200,
            free_requests: 20_000,
        }
    }
}

/// What a price is for.
pub(super) enum Price {
    /// So much for a whole month.
    Month(u64),
    /// So much each.
    Each(u64),
}

impl Prices {
    /// Those of a list, and AWS's where it has none.
    pub(super) fn of(list: Option<&PriceList>) -> Self {
        let aws = Self::default();
        let Some(list) = list else { return aws };
        let rotations = list.charged_rotations.and_then(|number| usize::try_from(number).ok());
        Self {
            key_month: list.key_month.unwrap_or(aws.key_month),
            rotation_month: list.rotation_month.unwrap_or(aws.rotation_month),
            charged_rotations: rotations.unwrap_or(aws.charged_rotations),
            request: list.request.unwrap_or(aws.request),
            rsa_2048_request: list.rsa_2048_request.unwrap_or(aws.rsa_2048_request),
            asymmetric_request: list.asymmetric_request.unwrap_or(aws.asymmetric_request),
            ecc_data_key_pair: list.ecc_data_key_pair.unwrap_or(aws.ecc_data_key_pair),
            rsa_data_key_pair: list.rsa_data_key_pair.unwrap_or(aws.rsa_data_key_pair),
            free_requests: list.free_requests.unwrap_or(aws.free_requests),
        }
    }

    pub(super) fn price(&self, item: BillItem) -> Price {
        match item {
            BillItem::Keys => Price::Month(self.key_month),
            BillItem::Rotations => Price::Month(self.rotation_month),
            BillItem::Requests => Price::Each(self.request),
            BillItem::Rsa2048Requests => Price::Each(self.rsa_2048_request),
            BillItem::AsymmetricRequests => Price::Each(self.asymmetric_request),
            BillItem::EccDataKeyPairs => Price::Each(self.ecc_data_key_pair),
            BillItem::RsaDataKeyPairs => Price::Each(self.rsa_data_key_pair),
        }
    }

    /// How much of it costs nothing. Requests with asymmetric keys and data key pairs are not in AWS's free tier.
    pub(super) fn free(&self, item: BillItem) -> u64 {
        if item == BillItem::Requests { self.free_requests } else { 0 }
    }
}
