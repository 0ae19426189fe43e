//! `GenerateRandom`.

use super::{
    Execute,
    cluster_keys::Link,
    own_key_stores::{find, not_connected},
    recipient::Recipient,
    target::account_permit,
    validate::invalid,
};
use crate::{
    access::{Caller, Question},
    api::{GenerateRandomRequest, GenerateRandomResponse, Request},
    error::{Error, ErrorKind, Result},
    key_store::{Backing, ClusterError, ClusterErrorKind, KeyStoreRecord},
    secret::Secret,
    store::Transaction,
};
use alloc::format;

/// Random bytes of the cluster behind a custom key store.
fn of_cluster(transaction: &mut Transaction<'_>, store: &KeyStoreRecord, length: usize) -> Result<Secret> {
    let Backing::Cluster(behind) = &store.backing else {
        let message =
            format!("The custom key store {} is an external key store, which makes no random bytes.", store.id);
        return Err(Error::new(ErrorKind::UnsupportedOperation, message));
    };
    if !store.is_connected() {
        return Err(not_connected(store));
    }
    let link = Link::of(transaction, store, behind)?.map_err(|error| failed(store, &error))?;
    link.random(transaction, length)?.map_err(|error| failed(store, &error))
}

/// What is answered where the cluster fails, though it is connected.
fn failed(store: &KeyStoreRecord, error: &ClusterError) -> Error {
    let because = error.kind().text();
    let message =
        format!("The AWS CloudHSM cluster of the custom key store {} made no random bytes: {because}.", store.id);
    let kind = match error.kind() {
        ClusterErrorKind::Unreachable => ErrorKind::DependencyTimeout,
        _ => ErrorKind::CustomKeyStoreInvalidState,
    };
    error.answer(kind, message)
}

impl Execute for GenerateRandomRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<GenerateRandomResponse> {
        let length = self
            .number_of_bytes
            .and_then(|bytes| usize::try_from(bytes).ok())
            .ok_or_else(|| invalid("NumberOfBytes is required."))?;
        let recipient = Recipient::of(transaction, self.recipient.as_ref())?;
        let question = Question { attested: recipient.attested(), ..Question::new(caller, Self::OPERATION) };
        let permit = account_permit(transaction, &question)?;
        let plaintext = if let Some(id) = &self.custom_key_store_id {
            let store = find(transaction, &permit, id)?;
            of_cluster(transaction, &store, length)?
        } else {
            let mut plaintext = Secret::zeroed(length);
            transaction.provider().fill_random(plaintext.expose_mut())?;
            plaintext
        };
        let (plaintext, ciphertext_for_recipient) = recipient.answer(transaction, plaintext)?;
        Ok(GenerateRandomResponse { plaintext, ciphertext_for_recipient })
    }
}
