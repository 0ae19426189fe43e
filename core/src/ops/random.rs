//! `GenerateRandom`.

use super::{Execute, refuse_recipient, target::account_permit, validate::invalid};
use crate::{
    access::{Caller, Question},
    api::{GenerateRandomRequest, GenerateRandomResponse, Request},
    error::{Error, ErrorKind, Result, Untrusted},
    secret::Secret,
    store::Transaction,
};
use alloc::format;

impl Execute for GenerateRandomRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<GenerateRandomResponse> {
        let length = self
            .number_of_bytes
            .and_then(|bytes| usize::try_from(bytes).ok())
            .ok_or_else(|| invalid("NumberOfBytes is required."))?;
        account_permit(transaction, &Question::new(caller, Self::OPERATION))?;
        refuse_recipient(self.recipient.is_some())?;
        if let Some(id) = &self.custom_key_store_id {
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
