//! What the use of a vault would cost at AWS: a month's bill, and estimates.
//!
//! Amounts are whole micro-dollars: a request costs 3 of them, a key 1,000,000 a month.

use crate::shape::{Limits, enumerations, structures};
use alloc::{string::String, vec::Vec};

/// `2026-11`.
const MONTH: Limits = Limits::length(7, 7);
/// So many that no sum of them overflows, at any price.
const KINDS_OF_KEYS: Limits = Limits::length(0, 1000);

structures! {
    /// What AWS charges, in micro-dollars (millionths of a US dollar), with what is free. What is left out is AWS's price in its commercial
    /// Regions ("AWS KMS pricing").
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct PriceList {
        /// A customer managed key, for a month. By default 1,000,000: a dollar.
        pub key_month: optional(u64),
        /// A rotation of a key, for each month after it. By default 1,000,000.
        pub rotation_month: optional(u64),
        /// How many rotations of a key are charged; later ones cost nothing. By default 2.
        pub charged_rotations: optional(i32) limits(Limits::range(0, 2)),
        /// A request without an asymmetric key. By default 3: 0.03 dollars for 10,000.
        pub request: optional(u64),
        /// A request with an `RSA_2048` key. By default 3.
        pub rsa_2048_request: optional(u64),
        /// A request with any other asymmetric key. By default 15.
        pub asymmetric_request: optional(u64),
        /// A data key pair on an elliptic curve. By default 10.
        pub ecc_data_key_pair: optional(u64),
        /// An RSA data key pair. By default 1,200.
        pub rsa_data_key_pair: optional(u64),
        /// How many requests without an asymmetric key are free each month, in all Regions of the account together. By default 20,000.
        pub free_requests: optional(u64),
    }

    /// Which bill is asked for.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct BillRequest {
        /// The month, in UTC: `2026-11`.
        pub month: required(String) limits(MONTH),
        /// The account that pays: the owner of the keys, and the caller of the requests. By default that of the vault's caller.
        pub account_id: optional(String) limits(Limits::length(12, 12)),
        /// The prices. By default AWS's.
        pub prices: optional(PriceList),
    }

    /// Keys of an estimate that are alike.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct EstimatedKeys {
        /// How many they are.
        pub count: required(u32),
        /// How many hours of the month they are there. By default all of them.
        pub hours: optional(u32),
        /// How often each of them was rotated before the month. By default never.
        pub rotations: optional(u32),
    }

    /// What is to be estimated: a month of an account.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct EstimateRequest {
        /// The month, in UTC: `2026-11`. By default one of 30 days.
        pub month: optional(String) limits(MONTH),
        /// The customer managed keys.
        pub keys: optional(Vec<EstimatedKeys>) limits(KINDS_OF_KEYS),
        /// How many requests there are without an asymmetric key.
        pub requests: optional(u64),
        /// How many with an `RSA_2048` key.
        pub rsa_2048_requests: optional(u64),
        /// How many with any other asymmetric key.
        pub asymmetric_requests: optional(u64),
        /// How many data key pairs on elliptic curves.
        pub ecc_data_key_pairs: optional(u64),
        /// How many RSA data key pairs.
        pub rsa_data_key_pairs: optional(u64),
        /// The prices. By default AWS's.
        pub prices: optional(PriceList),
    }

    /// A line of a bill: all that costs the same, in all Regions of the account.
    #[derive(Clone, Debug, PartialEq)]
    pub struct BillLine {
        /// What is charged.
        pub item: required(BillItem),
        /// How much of it there was: hours of keys and rotations, or a number of requests.
        pub quantity: required(u64),
        /// How much of that is charged: what is free is left out.
        pub charged: required(u64),
        /// The amount, in micro-dollars, rounded by itself. The sum of the bill is rounded once, and may differ.
        pub micro_dollars: required(u64),
    }

    /// How much of something there was in a Region.
    #[derive(Clone, Debug, PartialEq)]
    pub struct BillUsage {
        /// The Region: of the key, or of the request.
        pub region: required(String),
        /// What was used.
        pub item: required(BillItem),
        /// How much: hours of keys and rotations, or a number of requests.
        pub quantity: required(u64),
    }

    /// What a month costs.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Bill {
        /// The month, in UTC; absent of an estimate that names none.
        pub month: optional(String),
        /// The account; absent of an estimate.
        pub account_id: optional(String),
        /// How many hours the month has.
        pub hours: required(u32),
        /// What it is made of. What there was none of is left out.
        pub lines: required(Vec<BillLine>),
        /// The same by Region; empty for an estimate.
        pub usage: required(Vec<BillUsage>),
        /// The sum, in micro-dollars, rounded once, half up.
        pub total_micro_dollars: required(u64),
    }
}

enumerations! {
    /// What is charged.
    pub enum BillItem {
        /// Customer managed keys, by the hour.
        Keys = "KEYS",
        /// Rotations of keys, by the hour.
        Rotations = "ROTATIONS",
        /// Requests without an asymmetric key, but for data key pairs.
        Requests = "REQUESTS",
        /// Requests with an `RSA_2048` key.
        Rsa2048Requests = "RSA_2048_REQUESTS",
        /// Requests with any other asymmetric key.
        AsymmetricRequests = "ASYMMETRIC_REQUESTS",
        /// Data key pairs on elliptic curves.
        EccDataKeyPairs = "ECC_DATA_KEY_PAIRS",
        /// RSA data key pairs.
        RsaDataKeyPairs = "RSA_DATA_KEY_PAIRS",
    }
}
