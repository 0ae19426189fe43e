//! When a KMS key was last used.

use super::limits::KEY_ID;
use crate::{
    clock::Timestamp,
    shape::{enumerations, structures},
};
use alloc::string::String;

structures! {
    /// The request of `GetKeyLastUsage`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct GetKeyLastUsageRequest {
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
    }

    /// The last successful cryptographic operation with a KMS key. All members are absent if there was none since tracking began.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct KeyLastUsageData {
        /// The operation.
        pub operation: optional(KeyLastUsageTrackingOperation),
        /// When it was.
        pub timestamp: optional(Timestamp),
        /// The `eventID` of its event in the audit trail, that of the account of the key.
        pub cloud_trail_event_id: optional(String),
        /// The id of the request: the `requestID` of that event.
        pub kms_request_id: optional(String),
    }

    /// The response of `GetKeyLastUsage`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct GetKeyLastUsageResponse {
        /// The key's id.
        pub key_id: required(String),
        /// Its last use.
        pub key_last_usage: required(KeyLastUsageData),
        /// From when on uses of the key are known: its creation, or the beginning of the vault's audit trail where that is later.
        pub tracking_start_date: required(Timestamp),
        /// When the key was created.
        pub key_creation_date: required(Timestamp),
    }
}

enumerations! {
    /// The operations that count as a use of a KMS key.
    pub enum KeyLastUsageTrackingOperation {
        /// `Decrypt`.
        Decrypt = "Decrypt",
        /// `DeriveSharedSecret`.
        DeriveSharedSecret = "DeriveSharedSecret",
        /// `Encrypt`.
        Encrypt = "Encrypt",
        /// `GenerateDataKey`.
        GenerateDataKey = "GenerateDataKey",
        /// `GenerateDataKeyPair`.
        GenerateDataKeyPair = "GenerateDataKeyPair",
        /// `GenerateDataKeyPairWithoutPlaintext`.
        GenerateDataKeyPairWithoutPlaintext = "GenerateDataKeyPairWithoutPlaintext",
        /// `GenerateDataKeyWithoutPlaintext`.
        GenerateDataKeyWithoutPlaintext = "GenerateDataKeyWithoutPlaintext",
        /// `GenerateMac`.
        GenerateMac = "GenerateMac",
        /// `ReEncrypt`, of both keys.
        ReEncrypt = "ReEncrypt",
        /// `Sign`.
        Sign = "Sign",
        /// `Verify`.
        Verify = "Verify",
        /// `VerifyMac`.
        VerifyMac = "VerifyMac",
        /// `Encapsulate`.
        Encapsulate = "Encapsulate",
        /// `Decapsulate`.
        Decapsulate = "Decapsulate",
    }
}
