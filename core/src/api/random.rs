//! Random bytes.

use super::limits::{CUSTOM_KEY_STORE_ID, NUMBER_OF_BYTES};
use super::{Blob, RecipientInfo};
use crate::{secret::Secret, shape::structures};
use alloc::string::String;

structures! {
    /// The request of `GenerateRandom`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct GenerateRandomRequest {
        /// How many bytes, 1 to 1024. There is no default: a request without it is refused.
        pub number_of_bytes: optional(i32) limits(NUMBER_OF_BYTES),
        /// The custom key store whose hardware security modules make the bytes, 1 to 64 characters.
        pub custom_key_store_id: optional(String) limits(CUSTOM_KEY_STORE_ID),
        /// Encrypts the answer for an attested environment, instead of giving the plaintext.
        pub recipient: optional(RecipientInfo),
    }

    /// The response of `GenerateRandom`.
    pub struct GenerateRandomResponse {
        /// The random bytes; empty if the request names a recipient.
        pub plaintext: required(Secret),
        /// The random bytes, encrypted for the recipient that the request names.
        pub ciphertext_for_recipient: optional(Blob),
    }
}
