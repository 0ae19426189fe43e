//! The keys that parcels are sealed to: made, listed, deleted. The private key never leaves the vault.

use super::{
    super::{
        page::{List, Page},
        target::{self, permit},
        validate::invalid,
    },
    format::{ParcelKey, fingerprint},
};
use crate::{
    access::{Caller, Question},
    api::{
        Action, CreateParcelKeyRequest, DeleteParcelKeyRequest, DeleteParcelKeyResponse, ListParcelKeysRequest,
        ListParcelKeysResponse, Operation, ParcelKeyMetadata,
    },
    clock::Timestamp,
    crypto::{Provider, hybrid},
    error::{Error, ErrorKind, Result, Untrusted},
    key::{KeyId, KeyReference, ParcelKeyRecord, Region},
    secret::Secret,
    shape,
    store::{RecordName, Transaction},
};
use alloc::{format, string::ToString, sync::Arc, vec::Vec};
use base64::{Engine, prelude::BASE64_STANDARD};
use uuid::Uuid;

/// As an import token.
const VALID_DAYS: u32 = 1;
/// How many an account can have in a Region at a time.
const MOST: usize = 20;

/// A parcel key as the vault keeps it.
pub(super) struct Kept {
    pub(super) key: ParcelKey,
    pub(super) bytes: Vec<u8>,
    pub(super) private_key: Arc<Secret>,
    names: [RecordName; 2],
}

impl Kept {
    /// Deletes it, since it was used.
    pub(super) fn delete(&self, transaction: &mut Transaction<'_>) {
        self.names.iter().for_each(|name| transaction.delete(name.clone()));
    }
}

/// Makes one.
pub(crate) fn create(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    request: &CreateParcelKeyRequest,
) -> Result<ParcelKeyMetadata> {
    shape::check(request)?;
    let key = wanted(caller, &request.key_id)?;
    may(transaction, caller, &key)?;
    let now = transaction.now();
    clear(transaction, caller, now)?;

    let provider = transaction.provider();
    let mut id = [0; 16];
    transaction.draw_id(&mut id)?;
    let (private_key, public_key) = hybrid::generate(provider)?;
    let parcel_key = ParcelKey {
        id: *uuid::Builder::from_random_bytes(id).as_uuid().as_bytes(),
        expires: now.plus_days(VALID_DAYS),
        account: caller.account().clone(),
        key: *key.as_bytes(),
        public_key: *public_key.first_chunk().ok_or_else(unmade)?,
        region: caller.region().clone(),
    };
    let bytes = parcel_key.to_bytes();
    let [name, secret] = names(caller, &parcel_key.id);
    let record = ParcelKeyRecord { created: now, parcel_key: BASE64_STANDARD.encode(&bytes) };
    transaction.put(name, &record)?;
    transaction.put_secret(secret, private_key);
    metadata(provider, &record).ok_or_else(unmade)
}

fn unmade() -> Error {
    Error::new(ErrorKind::KmsInternal, "The parcel key could not be made.")
}

/// The key that a request wants a replica of.
fn wanted(caller: &Caller, text: &str) -> Result<KeyId> {
    let KeyReference::Key(id, place) = KeyReference::parse(text, ErrorKind::InvalidArn)? else {
        return Err(invalid("A parcel key is for a key id or key ARN, and not for an alias."));
    };
    if !id.is_multi_region() {
        return Err(invalid(format!("The key {id} is no multi-Region key, whose id begins with 'mrk-'.")));
    }
    if let Some((account, region)) = place {
        if account != *caller.account() {
            return Err(invalid("A replica is in the account of its primary key, and the ARN names another one."));
        }
        if region == *caller.region() {
            return Err(already_there(&id, &region));
        }
        caller
            .in_region(&region)
            .map_err(|_| invalid("The ARN names another partition than that of the caller's Region."))?;
    }
    Ok(id)
}

/// The error where a Region has the key.
pub(super) fn already_there(id: &KeyId, region: &Region) -> Error {
    Error::new(ErrorKind::AlreadyExists, format!("A key with the id {id} already exists in {region}"))
        .explain("a multi-Region key has one key in each Region, whichever vaults they are in: call as a caller of another Region")
}

/// Whoever may make a replica may make the key that a parcel is sealed to. What is in the parcel is asked for when it is opened.
fn may(transaction: &mut Transaction<'_>, caller: &Caller, key: &KeyId) -> Result<()> {
    if target::by_id(transaction, caller, key.as_bytes())?.is_some() {
        let question = Question::new(caller, Operation::ImportKeyMaterial);
        return permit(transaction, &question, &key.to_string()).map(drop);
    }
    may_create(transaction, caller)
}

fn may_create(transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
    let question = Question::new(caller, Operation::ReplicateKey).with_action(Action::CreateKey);
    target::account_permit(transaction, &question).map(drop)
}

/// Removes those that have expired, and refuses another one where there are enough.
fn clear(transaction: &mut Transaction<'_>, caller: &Caller, now: Timestamp) -> Result<()> {
    let prefix = RecordName::parcel_keys(caller.account(), caller.region());
    let found = transaction.list(&prefix, None, MOST, |_: &ParcelKeyRecord| true)?;
    let mut left = 0;
    for (name, record) in found {
        match read(&record).filter(|(key, _)| key.expires <= now) {
            Some((key, _)) => {
                transaction.note(&name)?;
                transaction.delete(name);
                let [_, secret] = names(caller, &key.id);
                if transaction.note(&secret)? {
                    transaction.delete(secret);
                }
            }
            None => left += 1,
        }
    }
    if left < MOST {
        return Ok(());
    }
    let text = format!("The account can have at most {MOST} parcel keys in {} at a time.", caller.region());
    Err(Error::new(ErrorKind::LimitExceeded, text).explain("delete those that no parcel will come for"))
}

fn names(caller: &Caller, id: &[u8; 16]) -> [RecordName; 2] {
    let (account, region) = (caller.account(), caller.region());
    [RecordName::parcel_key(account, region, id), RecordName::parcel_key_secret(account, region, id)]
}

fn read(record: &ParcelKeyRecord) -> Option<(ParcelKey, Vec<u8>)> {
    let bytes = BASE64_STANDARD.decode(&record.parcel_key).ok()?;
    Some((ParcelKey::read(&bytes)?, bytes))
}

fn metadata(provider: &Provider, record: &ParcelKeyRecord) -> Option<ParcelKeyMetadata> {
    let (key, bytes) = read(record)?;
    Some(ParcelKeyMetadata {
        parcel_key_id: Uuid::from_bytes(key.id).to_string(),
        fingerprint: fingerprint(provider, &bytes),
        parcel_key: bytes.into(),
        key_id: KeyId::of_multi_region(key.key).to_string(),
        creation_date: record.created,
        expiration_date: key.expires,
    })
}

/// The parcel key of that id.
pub(super) fn find(transaction: &mut Transaction<'_>, caller: &Caller, id: &[u8; 16]) -> Result<Kept> {
    let gone = || {
        let text = format!("Parcel key '{}' does not exist", Uuid::from_bytes(*id));
        Error::new(ErrorKind::NotFound, text).explain(
            "a parcel key is good for one parcel, in the vault, account and Region that it was made in, until it is deleted or expires",
        )
    };
    let names = names(caller, id);
    let [name, secret] = names.clone();
    let record = transaction.get::<ParcelKeyRecord>(name.clone())?.ok_or_else(gone)?;
    let (key, bytes) = read(&record).ok_or_else(|| crate::store::missing(name.as_str()))?;
    let private_key = transaction.get_secret(secret)?.ok_or_else(gone)?;
    Ok(Kept { key, bytes, private_key, names })
}

/// The error where the time of a parcel key is over.
pub(super) fn expired() -> Error {
    Error::new(ErrorKind::ExpiredImportToken, "The parcel key has expired.")
        .explain("make another one with CreateParcelKey, and have another parcel sealed to it")
}

/// A page of those that have not expired.
pub(crate) fn list(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    request: &ListParcelKeysRequest,
) -> Result<ListParcelKeysResponse> {
    shape::check(request)?;
    let list = List::of("ListParcelKeys", request.limit, request.marker.as_deref());
    let permit = target::account_permit(transaction, &Question::new(caller, Operation::ListKeys))?;
    let page = Page::of(&list, transaction, caller)?;
    let prefix = RecordName::parcel_keys(permit.account(), permit.region());
    let now = transaction.now();
    let is_good = |record: &ParcelKeyRecord| read(record).is_some_and(|(key, _)| key.expires > now);
    let (found, next_marker) = page.records(transaction, &prefix, None, is_good)?;
    let provider = transaction.provider();
    let parcel_keys = found.iter().filter_map(|(_, record)| metadata(provider, record)).collect();
    Ok(ListParcelKeysResponse { parcel_keys, truncated: next_marker.is_some(), next_marker })
}

/// Deletes one.
pub(crate) fn delete(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    request: &DeleteParcelKeyRequest,
) -> Result<DeleteParcelKeyResponse> {
    shape::check(request)?;
    may_create(transaction, caller)?;
    let text = &request.parcel_key_id;
    let not_found = || Error::new(ErrorKind::NotFound, format!("Parcel key '{}' does not exist", Untrusted(text)));
    let id = Uuid::parse_str(text).map_err(|_| not_found())?;
    let mut found = false;
    for name in names(caller, id.as_bytes()) {
        // Whatever it holds: one that is damaged can be deleted, too.
        if transaction.note(&name)? {
            transaction.delete(name);
            found = true;
        }
    }
    if found { Ok(DeleteParcelKeyResponse { parcel_key_id: id.to_string() }) } else { Err(not_found()) }
}
