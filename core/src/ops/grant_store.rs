//! Grants among the records: by key and id, by what they let happen, by retiring principal. What decides is the grant's own
//! record; the two indexes only lead to it.

use super::validate::invalid;
use crate::{
    access::{Call, Grant, GrantRecord, GrantTerms, Guard, Sought, Texts, bad_token, named, reach, sought, texts_of},
    context::EncryptionContext,
    error::{Error, ErrorKind, Result, Untrusted},
    key::{KeyRecord, Region},
    store::{RecordName, Transaction},
};
use alloc::{collections::BTreeSet, format, string::String, sync::Arc, vec::Vec};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// The most pairs of a constraint, and the most characters of a value (AWS KMS API reference, `GrantConstraints`).
const MAX_PAIRS: usize = 8;
const MAX_VALUE: usize = 384;
/// The digits of a grant's id.
const ID_LENGTH: usize = 64;
/// Fewer entries than these are read at once, rather than looked for by their constraints.
const FEW: usize = 32;
/// The first byte of a token.
const TOKEN_VERSION: u8 = 1;
/// Random bytes, by which each token differs.
const NONCE_LENGTH: usize = 16;

/// The limits of a constraint.
pub(super) fn limits(pairs: &EncryptionContext) -> Result<()> {
    if pairs.len() > MAX_PAIRS {
        return Err(invalid(format!("A grant constraint can have at most {MAX_PAIRS} encryption context pairs.")));
    }
    if pairs.values().any(|value| value.chars().count() > MAX_VALUE) {
        return Err(invalid(format!(
            "An encryption context value in a grant constraint can have at most {MAX_VALUE} characters."
        )));
    }
    Ok(())
}

/// Whether this can be the id of a grant.
pub(super) fn check_id(id: &str) -> Result<()> {
    let valid = id.len() == ID_LENGTH && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if valid {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidGrantId, format!("Invalid grant ID '{}'", Untrusted(id)))
        .explain("a grant id has 64 lower-case hexadecimal digits"))
}

/// Where an index keeps what has this text.
pub(super) fn place(transaction: &Transaction<'_>, text: &str) -> [u8; 16] {
    let digest = transaction.provider().digest.sha256(&[text.as_bytes()]);
    digest.first_chunk().copied().unwrap_or_default()
}

/// The id of a new grant. One with a name has an id that follows from all that it says, so that the same request finds the same
/// grant; others a random one.
pub(super) fn new_id(transaction: &Transaction<'_>, key: &KeyRecord, grant: &GrantTerms) -> Result<String> {
    let mut bytes = [0; 32];
    if grant.name.is_some() {
        let said = GrantTerms { id: String::new(), created: 0, effective: None, ..grant.clone() };
        let json =
            serde_json::to_vec(&said).map_err(|_| Error::new(ErrorKind::KmsInternal, "a grant cannot be written"))?;
        bytes = transaction.provider().digest.sha256(&[b"PocketKMS grant 1", key.id.as_bytes(), &json]);
    } else {
        transaction.draw_id(&mut bytes)?;
    }
    Ok(hex::encode(bytes))
}

/// A new token of a grant. It is no secret, and no permission: the caller that presents it must be the grantee.
pub(super) fn token(transaction: &Transaction<'_>, key: &KeyRecord, id: &str) -> Result<String> {
    let mut nonce = [0; NONCE_LENGTH];
    transaction.provider().fill_random(&mut nonce)?;
    let bytes = [&[TOKEN_VERSION][..], id.as_bytes(), key.id.as_bytes(), &nonce].concat();
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The bytes of the key's id and the id of the grant in a token.
pub(super) fn read_token(token: &str) -> Result<([u8; 16], String)> {
    let read = || {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let rest = bytes.strip_prefix(&[TOKEN_VERSION])?;
        let (id, rest) = rest.split_first_chunk::<ID_LENGTH>()?;
        let (key, nonce) = rest.split_first_chunk::<16>()?;
        let id = str::from_utf8(id).ok()?;
        check_id(id).ok()?;
        (nonce.len() == NONCE_LENGTH).then(|| (*key, id.into()))
    };
    read().ok_or_else(bad_token)
}

/// The grant with that id on a key.
pub(super) fn find(transaction: &mut Transaction<'_>, key: &KeyRecord, id: &str) -> Result<Option<Arc<GrantRecord>>> {
    if key.grants == 0 {
        return Ok(None);
    }
    transaction.get(RecordName::grant(&key.region, key.id.as_bytes(), id))
}

/// The name of the entry of a grant, on the key of that id, in the index by retiring principal.
pub(super) fn retirable(
    transaction: &Transaction<'_>,
    region: &Region,
    id: &[u8; 16],
    grant: &GrantTerms,
) -> Result<Option<RecordName>> {
    let Some(retiring) = &grant.retiring else { return Ok(None) };
    let place = place(transaction, &named(retiring)?.index_text());
    Ok(Some(RecordName::retirable(region, &place, id, &grant.id)))
}

/// The names of all index entries of a grant on a key.
fn entries(transaction: &Transaction<'_>, key: &KeyRecord, grant: &GrantTerms) -> Result<Vec<RecordName>> {
    let (region, id) = (&key.region, key.id.as_bytes());
    let entry = |texts: &Texts| {
        let (whom, constraint) = (place(transaction, &texts.whom), place(transaction, &texts.constraint));
        RecordName::grantee(region, id, &whom, &constraint, &grant.id)
    };
    let by_grantee = texts_of(grant, &named(&grant.grantee)?)?;
    Ok(by_grantee.iter().map(entry).chain(retirable(transaction, region, id, grant)?).collect())
}

/// Writes a grant that is not there yet.
pub(super) fn put(transaction: &mut Transaction<'_>, key: &KeyRecord, grant: &GrantTerms) -> Result<()> {
    for name in entries(transaction, key, grant)? {
        transaction.note(&name)?;
        transaction.put(name, &())?;
    }
    transaction.put(RecordName::grant(&key.region, key.id.as_bytes(), &grant.id), grant)
}

/// Deletes a grant that was found.
pub(super) fn delete(transaction: &mut Transaction<'_>, key: &KeyRecord, grant: &GrantTerms) -> Result<()> {
    for name in entries(transaction, key, grant)? {
        if transaction.note(&name)? {
            transaction.delete(name);
        }
    }
    let name = RecordName::grant(&key.region, key.id.as_bytes(), &grant.id);
    if transaction.note(&name)? {
        transaction.delete(name);
    }
    Ok(())
}

/// The grants on a key that let the request happen, by the index: the first one for each principal through which grants reach
/// the caller.
pub(super) fn reaching(
    transaction: &mut Transaction<'_>,
    key: &KeyRecord,
    guard: &Guard,
    call: &impl Call,
) -> Result<Vec<Arc<Grant>>> {
    let mut grants = Vec::new();
    if key.grants == 0 {
        return Ok(grants);
    }
    let Sought { whom, constraints } = sought(call, guard)?;
    let places = constraints.iter().map(|text| hex::encode(place(transaction, text))).collect::<BTreeSet<_>>();
    for whom in whom {
        let prefix = RecordName::grants_for(&key.region, key.id.as_bytes(), &place(transaction, &whom));
        grants.extend(first_of(transaction, key, guard, call, &prefix, &places)?);
    }
    Ok(grants)
}

/// The first grant under the prefix and one of these places that reaches the caller.
fn first_of(
    transaction: &mut Transaction<'_>,
    key: &KeyRecord,
    guard: &Guard,
    call: &impl Call,
    prefix: &str,
    places: &BTreeSet<String>,
) -> Result<Option<Arc<Grant>>> {
    let reaching = |transaction: &mut Transaction<'_>, entry: &RecordName| -> Result<Option<Arc<Grant>>> {
        let Some((_, id)) = entry.granted(prefix).filter(|(place, _)| places.contains(*place)) else { return Ok(None) };
        let name = RecordName::grant(&key.region, key.id.as_bytes(), id);
        let found = transaction.peek::<GrantRecord>(name.clone())?;
        if found.is_none_or(|found| reach(call, guard, &found.grant).is_none()) {
            return Ok(None);
        }
        // Only the one that is used must stay as it is until the answer's changes are made. The decision asks it again.
        Ok(transaction.get::<GrantRecord>(name)?.map(|used| Arc::clone(&used.grant)))
    };
    let first = transaction.first_names(prefix, FEW)?;
    if first.len() < FEW {
        for entry in first {
            if let Some(found) = reaching(transaction, &entry)? {
                return Ok(Some(found));
            }
        }
        return Ok(None);
    }
    for place in places {
        for entry in transaction.names(&[prefix, place, "/"].concat()) {
            if let Some(found) = reaching(transaction, &entry?)? {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}
