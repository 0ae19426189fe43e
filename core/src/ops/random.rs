//! `GenerateRandom`.

use super::{
    Execute, refuse_recipient,
    validate::{Validator, invalid},
};
use crate::{
    access::Caller,
    api::{GenerateRandomRequest, GenerateRandomResponse},
    error::{Error, ErrorKind, Result, Untrusted},
    secret::Secret,
    store::Transaction,
};
use alloc::format;

impl Execute for GenerateRandomRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, _: &Caller) -> Result<GenerateRandomResponse> {
        Validator::new().value("numberOfBytes", self.number_of_bytes, 1..=1024).finish()?;
        let length = self
            .number_of_bytes
            .and_then(|bytes| usize::try_from(bytes).ok())
            .ok_or_else(|| invalid("Please specify the number of bytes."))?;
        refuse_recipient(self.recipient.is_some())?;
        if let Some(id) = &self.custom_key_store_id {
            Validator::new().length("customKeyStoreId", id.chars().count(), 1..=64).finish()?;
            return Err(Error::new(
                ErrorKind::CustomKeyStoreNotFound,
                format!("Custom key store '{}' does not exist.", Untrusted(id)),
            ));
        }
        let mut plaintext = Secret::zeroed(length);
        transaction.provider().fill_random(plaintext.expose_mut())?;
        Ok(GenerateRandomResponse { plaintext, ciphertext_for_recipient: None })
    }
}
