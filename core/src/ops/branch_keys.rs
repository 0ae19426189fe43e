//! Branch keys: kept as records, encrypted under KMS keys by the very operations that callers have, with their permits.
//!
//! The encryption context of a version is that of AWS's key store for a version that decrypts (AWS Encryption SDK
//! specification, "Keystore"). There is no second copy for the active version: which one it is stands in a record that is
//! sealed.

use super::{
    Execute, materials,
    page::{List, Page},
    target::{Named, permit},
    validate::invalid,
};
use crate::{
    access::Caller,
    api::{
        BranchKeyMetadata, CreateBranchKeyRequest, DecryptRequest, GenerateDataKeyWithoutPlaintextRequest,
        ListBranchKeysRequest, ListBranchKeysResponse, Operation, ReEncryptRequest,
    },
    context::EncryptionContext,
    envelope::BranchKeyMaterials,
    error::{Error, ErrorKind, Result, Untrusted},
    key::{BranchKeyRecord, BranchKeyVersion, BranchKeyVersionRecord},
    secret::SecretArray,
    shape,
    store::{RecordName, Transaction, is_damage},
};
use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use base64::{Engine, prelude::BASE64_STANDARD};

/// Creates a branch key with its first version.
pub(crate) fn create(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    request: &CreateBranchKeyRequest,
) -> Result<BranchKeyMetadata> {
    shape::check(request)?;
    let encryption_context = request.encryption_context.clone().unwrap_or_default();
    let id = match &request.branch_key_identifier {
        Some(id) => {
            if encryption_context.is_empty() {
                return Err(invalid(
                    "a branch key with an identifier of one's own needs an encryption context, as in AWS's key store",
                ));
            }
            id.clone()
        }
        None => new_version(transaction)?.to_string(),
    };
    let record = record_name(transaction, caller, &id);
    if transaction.get::<BranchKeyRecord>(record.clone())?.is_some() {
        return Err(Error::new(ErrorKind::AlreadyExists, format!("Branch key '{}' already exists", Untrusted(&id))));
    }
    let operation = Operation::GenerateDataKeyWithoutPlaintext;
    let key = permit(transaction, caller, operation, &request.kms_key_id, Named::Any, None)?;
    let branch_key = BranchKeyRecord {
        id,
        created: transaction.now(),
        active: new_version(transaction)?,
        versions: 1,
        kms_key: key.key().arn(),
        encryption_context,
    };
    put_active_version(transaction, caller, &branch_key)?;
    transaction.put(record, &branch_key)?;
    Ok(metadata(&branch_key))
}

/// Makes a new version the active one, under the same KMS key.
pub(crate) fn rotate(transaction: &mut Transaction<'_>, caller: &Caller, id: &str) -> Result<BranchKeyMetadata> {
    let former = find(transaction, caller, id)?;
    let active = new_version(transaction)?;
    let branch_key = BranchKeyRecord { active, versions: former.versions.saturating_add(1), ..(*former).clone() };
    put_active_version(transaction, caller, &branch_key)?;
    transaction.put(record_name(transaction, caller, id), &branch_key)?;
    Ok(metadata(&branch_key))
}

/// Re-encrypts all versions under the newest material of a KMS key, and says how many were not under it already. A version
/// that is damaged keeps the others from nothing, but is no version that was moved: its error is told beside the number.
pub(crate) fn rewrap(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    id: &str,
    source: Option<&str>,
    destination: Option<&str>,
) -> Result<(i32, Option<Error>)> {
    let branch_key = find(transaction, caller, id)?;
    if source.is_some_and(|source| source != branch_key.kms_key) {
        return Ok((0, None));
    }
    let destination = destination.unwrap_or(&branch_key.kms_key);
    let key = permit(transaction, caller, Operation::ReEncrypt, destination, Named::Any, None)?;
    let kms_key = key.key().arn();
    let material = materials::current(transaction, &key)?.id.to_string();
    let hash = hash(transaction, id);
    let (mut rewrapped, mut left) = (0, None);
    for name in transaction
        .scan_names(&RecordName::branch_key_versions(caller.account(), caller.region(), &hash), usize::MAX)?
    {
        let version = match transaction.get::<BranchKeyVersionRecord>(name.clone()) {
            Ok(Some(version)) => version,
            Ok(None) => continue,
            Err(error) if is_damage(&error) => {
                left = left.or(Some(error));
                continue;
            }
            Err(error) => return Err(error),
        };
        if version.kms_key == kms_key && version.material == material {
            continue;
        }
        let response = ReEncryptRequest {
            ciphertext_blob: Some(ciphertext(&version)?.into()),
            source_key_id: Some(version.kms_key.clone()),
            source_encryption_context: Some(context(&branch_key, &version)),
            destination_key_id: kms_key.clone(),
            destination_encryption_context: Some(context(
                &branch_key,
                &BranchKeyVersionRecord { kms_key: kms_key.clone(), ..(*version).clone() },
            )),
            ..Default::default()
        }
        .execute(transaction, caller)
        .map_err(|error| tell(error, id, &version))?;
        let version = BranchKeyVersionRecord {
            kms_key: kms_key.clone(),
            material: material.clone(),
            ciphertext: BASE64_STANDARD.encode(&*response.ciphertext_blob),
            ..(*version).clone()
        };
        transaction.put(name, &version)?;
        rewrapped += 1;
    }
    if branch_key.kms_key != kms_key {
        let branch_key = BranchKeyRecord { kms_key, ..(*branch_key).clone() };
        transaction.put(record_name(transaction, caller, id), &branch_key)?;
    }
    Ok((rewrapped, left))
}

/// The ids of all branch keys of the caller's account and Region, and the error of the first one that is damaged.
pub(crate) fn ids(transaction: &mut Transaction<'_>, caller: &Caller) -> Result<(Vec<String>, Option<Error>)> {
    let prefix = RecordName::branch_keys(caller.account(), caller.region());
    let (mut ids, mut left) = (Vec::new(), None);
    for name in transaction.scan_names(&prefix, usize::MAX)? {
        match transaction.get::<BranchKeyRecord>(name) {
            Ok(found) => ids.extend(found.map(|branch_key| branch_key.id.clone())),
            Err(error) if is_damage(&error) => left = left.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Ok((ids, left))
}

/// What is known of a branch key.
pub(crate) fn describe(transaction: &mut Transaction<'_>, caller: &Caller, id: &str) -> Result<BranchKeyMetadata> {
    Ok(metadata(&*find(transaction, caller, id)?))
}

/// A page of branch keys.
pub(crate) fn list(
    transaction: &Transaction<'_>,
    caller: &Caller,
    request: &ListBranchKeysRequest,
) -> Result<ListBranchKeysResponse> {
    shape::check(request)?;
    let list = List {
        operation: "ListBranchKeys",
        arguments: &[],
        limit: request.limit,
        marker: request.marker.as_deref(),
        default: 100,
    };
    let page = Page::of(&list, transaction, caller)?;
    let prefix = RecordName::branch_keys(caller.account(), caller.region());
    let after = page.after.as_ref().map(|position| [prefix.as_str(), position].concat());
    let found = transaction.list::<BranchKeyRecord>(&prefix, after.as_deref(), page.wanted(), |_| true)?;
    let (found, next_marker) = page.cut(transaction, found, |(name, _)| name.after(&prefix).unwrap_or_default());
    let branch_keys = found.iter().map(|(_, branch_key)| metadata(branch_key)).collect();
    Ok(ListBranchKeysResponse { branch_keys, truncated: next_marker.is_some(), next_marker })
}

/// Decrypts one version, by `Decrypt` and its permit; the active one where none is named.
pub(crate) fn open(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    id: &str,
    version: Option<&BranchKeyVersion>,
) -> Result<BranchKeyMaterials> {
    let (branch_key, version) = find_version(transaction, caller, id, version)?;
    let response = DecryptRequest {
        key_id: Some(version.kms_key.clone()),
        ciphertext_blob: Some(ciphertext(&version)?.into()),
        encryption_context: Some(context(&branch_key, &version)),
        ..Default::default()
    }
    .execute(transaction, caller)
    .map_err(|error| tell(error, id, &version))?;
    let branch_key = SecretArray::copy_of(response.plaintext.expose()).ok_or_else(|| corrupted(id))?;
    Ok(BranchKeyMaterials { version: version.version, branch_key })
}

/// The version and the KMS key that it is under, if the caller may decrypt with that key now.
pub(crate) fn state(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    id: &str,
    version: Option<&BranchKeyVersion>,
) -> Result<String> {
    let (_, version) = find_version(transaction, caller, id, version)?;
    permit(transaction, caller, Operation::Decrypt, &version.kms_key, Named::ById, None)
        .map_err(|error| tell(error, id, &version))?;
    Ok(format!("{} {}", version.version, version.kms_key))
}

/// Makes the active version's key, by `GenerateDataKeyWithoutPlaintext` and its permit.
fn put_active_version(transaction: &mut Transaction<'_>, caller: &Caller, branch_key: &BranchKeyRecord) -> Result<()> {
    let mut version = BranchKeyVersionRecord {
        version: branch_key.active,
        created: transaction.now(),
        kms_key: branch_key.kms_key.clone(),
        material: String::new(),
        ciphertext: String::new(),
    };
    let response = GenerateDataKeyWithoutPlaintextRequest {
        key_id: version.kms_key.clone(),
        number_of_bytes: Some(32),
        encryption_context: Some(context(branch_key, &version)),
        ..Default::default()
    }
    .execute(transaction, caller)
    .map_err(|error| tell(error, &branch_key.id, &version))?;
    version.material = response.key_material_id;
    version.ciphertext = BASE64_STANDARD.encode(&*response.ciphertext_blob);
    let hash = hash(transaction, &branch_key.id);
    let name = RecordName::branch_key_version(caller.account(), caller.region(), &hash, &version.version);
    transaction.put(name, &version)
}

/// What a version's key is bound to.
fn context(branch_key: &BranchKeyRecord, version: &BranchKeyVersionRecord) -> EncryptionContext {
    let own =
        branch_key.encryption_context.iter().map(|(name, value)| (format!("aws-crypto-ec:{name}"), value.clone()));
    let fixed = [
        ("branch-key-id", branch_key.id.clone()),
        ("type", format!("branch:version:{}", version.version)),
        ("create-time", version.created.as_millis().to_string()),
        ("kms-arn", version.kms_key.clone()),
        ("hierarchy-version", "1".into()),
    ];
    fixed.into_iter().map(|(name, value)| (String::from(name), value)).chain(own).collect()
}

fn find(transaction: &mut Transaction<'_>, caller: &Caller, id: &str) -> Result<Arc<BranchKeyRecord>> {
    let record = record_name(transaction, caller, id);
    let found = transaction.get(record)?;
    found.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("Branch key '{}' does not exist", Untrusted(id))))
}

fn find_version(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    id: &str,
    version: Option<&BranchKeyVersion>,
) -> Result<(Arc<BranchKeyRecord>, Arc<BranchKeyVersionRecord>)> {
    let branch_key = find(transaction, caller, id)?;
    let version = version.unwrap_or(&branch_key.active);
    let hash = hash(transaction, id);
    let name = RecordName::branch_key_version(caller.account(), caller.region(), &hash, version);
    let found = transaction.get(name)?;
    let found = found.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("Branch key '{}' has no version {version}", Untrusted(id)))
    })?;
    Ok((branch_key, found))
}

fn hash(transaction: &Transaction<'_>, id: &str) -> [u8; 32] {
    transaction.provider().digest.sha256(&[id.as_bytes()])
}

fn record_name(transaction: &Transaction<'_>, caller: &Caller, id: &str) -> RecordName {
    RecordName::branch_key(caller.account(), caller.region(), &hash(transaction, id))
}

fn new_version(transaction: &Transaction<'_>) -> Result<BranchKeyVersion> {
    let mut bytes = [0; 16];
    transaction.provider().fill_random(&mut bytes)?;
    Ok(BranchKeyVersion::from_random(bytes))
}

fn ciphertext(version: &BranchKeyVersionRecord) -> Result<Vec<u8>> {
    BASE64_STANDARD.decode(&version.ciphertext).map_err(|_| corrupted(&version.version.to_string()))
}

fn metadata(branch_key: &BranchKeyRecord) -> BranchKeyMetadata {
    let BranchKeyRecord { id, created, active, versions, kms_key, encryption_context } = branch_key.clone();
    BranchKeyMetadata {
        branch_key_identifier: id,
        active_version: active.to_string(),
        // More than that would take longer to make than there is time.
        versions: i32::try_from(versions).unwrap_or(i32::MAX),
        kms_key_arn: kms_key,
        creation_date: created,
        encryption_context,
    }
}

fn corrupted(id: &str) -> Error {
    Error::new(ErrorKind::RecordCorrupted, "a record of a branch key holds no branch key")
        .explain(format!("branch key '{}'", Untrusted(id)))
}

/// The error of the KMS key, with what it means for the branch key.
fn tell(error: Error, id: &str, version: &BranchKeyVersionRecord) -> Error {
    let BranchKeyVersionRecord { version, kms_key, .. } = version;
    let lost = match error.kind() {
        ErrorKind::NotFound => ". Without that KMS key the branch key is lost, and what it encrypted",
        _ => "",
    };
    let id = Untrusted(id);
    let told = format!("version {version} of branch key '{id}' is encrypted under the KMS key {kms_key}{lost}");
    Error::new(error.kind(), error.message()).explain(told).caused_by(error)
}
