//! Branch keys: kept as records, encrypted under KMS keys by the very operations that callers have, with their permits.
//!
//! The encryption context of a version is that of AWS's key store for a version that decrypts (AWS Encryption SDK
//! specification, "Keystore"). There is no second copy for the active version: which one it is stands in a record that is
//! sealed.
//!
//! KMS has no permissions of its own for them, so what a caller needs is what it needs for the KMS key that they are under:
//! `kms:GenerateDataKeyWithoutPlaintext` to create and rotate one, `kms:ReEncryptFrom` and `kms:ReEncryptTo` to move one,
//! `kms:Decrypt` to use one, `kms:DescribeKey` to describe one, and `kms:ListKeys` to list them.

use super::{
    Execute, key_use,
    page::{List, Page},
    target::{self, permit},
    validate::invalid,
};
use crate::{
    access::{Caller, Question},
    api::{
        Action, BranchKeyMetadata, CreateBranchKeyRequest, DecryptRequest, GenerateDataKeyWithoutPlaintextRequest,
        ListBranchKeysRequest, ListBranchKeysResponse, Operation, ReEncryptRequest,
    },
    context::EncryptionContext,
    envelope::BranchKeyMaterials,
    error::{Error, ErrorKind, Result, Untrusted},
    key::{Arn, BranchKeyRecord, BranchKeyVersion, BranchKeyVersionRecord, EncryptionAlgorithmSpec, KeyId},
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
    // The key's ARN is in the context that the permission is asked with.
    let question = Question::new(caller, Operation::GenerateDataKeyWithoutPlaintext);
    let kms_key = target::arn_of(transaction, &question, &request.kms_key_id)?;
    let branch_key = BranchKeyRecord {
        id,
        created: transaction.now(),
        active: new_version(transaction)?,
        versions: 1,
        kms_key,
        encryption_context,
    };
    put_active_version(transaction, caller, &branch_key, Some(&request.kms_key_id))?;
    let record = record_name(transaction, caller, &branch_key.id);
    if transaction.get::<BranchKeyRecord>(record.clone())?.is_some() {
        let message = format!("Branch key '{}' already exists", Untrusted(&branch_key.id));
        return Err(Error::new(ErrorKind::AlreadyExists, message));
    }
    transaction.put(record, &branch_key)?;
    Ok(metadata(&branch_key))
}

/// Makes a new version the active one, under the same KMS key.
pub(crate) fn rotate(transaction: &mut Transaction<'_>, caller: &Caller, id: &str) -> Result<BranchKeyMetadata> {
    let former = find(transaction, caller, id)?;
    let active = new_version(transaction)?;
    let branch_key = BranchKeyRecord { active, versions: former.versions.saturating_add(1), ..(*former).clone() };
    put_active_version(transaction, caller, &branch_key, None)?;
    transaction.put(record_name(transaction, caller, id), &branch_key)?;
    Ok(metadata(&branch_key))
}

/// How many versions are moved in one commit.
const VERSIONS_AT_ONCE: usize = 40;

/// How far the versions of a branch key have been looked through.
#[derive(Default)]
pub(crate) struct Progress {
    /// The last version that was looked at.
    after: Option<RecordName>,
    /// Whether the caller was asked for its permission, which takes a version to ask with.
    permitted: bool,
    /// How many versions there were at the beginning.
    versions: Option<u32>,
}

/// What became of some versions of a branch key.
pub(crate) struct Rewrapped {
    /// How many were not under the newest material already.
    pub(crate) versions: i32,
    /// The error of the first one that is damaged. It does not stop the others.
    pub(crate) damaged: Option<Error>,
    /// Where to go on, if these were not all.
    pub(crate) next: Option<Progress>,
}

/// Re-encrypts the next versions under the newest material of a KMS key. The branch key itself names that key when all are.
pub(crate) fn rewrap(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    id: &str,
    (source, destination): (Option<&str>, Option<&str>),
    progress: &Progress,
) -> Result<Rewrapped> {
    let branch_key = find(transaction, caller, id)?;
    let mut rewrapped = Rewrapped { versions: 0, damaged: None, next: None };
    if source.is_some_and(|source| source != branch_key.kms_key) {
        return Ok(rewrapped);
    }
    let destination = destination.unwrap_or(&branch_key.kms_key);
    let question = Question { action: Action::ReEncryptTo, ..Question::new(caller, Operation::ReEncrypt) };
    let kms_key = target::arn_of(transaction, &question, destination)?;
    let prefix = RecordName::branch_key_versions(caller.account(), caller.region(), &hash(transaction, id));
    let after = progress.after.as_ref().map(RecordName::as_str);
    let names = transaction.scan_names(&prefix, after, VERSIONS_AT_ONCE)?;
    let last = names.last().cloned().filter(|_| names.len() == VERSIONS_AT_ONCE);
    let mut permitted = progress.permitted;
    for name in names {
        let version = match transaction.get::<BranchKeyVersionRecord>(name.clone()) {
            Ok(Some(version)) => version,
            Ok(None) => continue,
            Err(error) if is_damage(&error) => {
                rewrapped.damaged = rewrapped.damaged.or(Some(error));
                continue;
            }
            Err(error) => return Err(error),
        };
        permitted = true;
        let moved = Destination { question, named: destination, arn: &kms_key };
        if let Some(version) = move_version(transaction, &branch_key, &version, &moved)? {
            transaction.put(name, &version)?;
            rewrapped.versions += 1;
        }
    }
    let versions = Some(progress.versions.unwrap_or(branch_key.versions));
    if last.is_some() {
        rewrapped.next = Some(Progress { after: last, permitted, versions });
    } else if versions != Some(branch_key.versions) {
        // One that was made meanwhile may stand among those that were looked at already.
        rewrapped.next = Some(Progress { after: None, permitted, versions: Some(branch_key.versions) });
    } else if permitted && branch_key.kms_key != kms_key {
        // Without a version to move, no one asked whether the caller may use the destination.
        let branch_key = BranchKeyRecord { kms_key, ..(*branch_key).clone() };
        transaction.put(record_name(transaction, caller, id), &branch_key)?;
    }
    Ok(rewrapped)
}

/// Where versions are moved to: the question whether the caller may, how the request names the KMS key, and its ARN.
struct Destination<'a> {
    question: Question<'a>,
    named: &'a str,
    arn: &'a str,
}

/// A version under the newest material of the destination; nothing where it is there already.
fn move_version(
    transaction: &mut Transaction<'_>,
    branch_key: &BranchKeyRecord,
    version: &BranchKeyVersionRecord,
    destination: &Destination<'_>,
) -> Result<Option<BranchKeyVersionRecord>> {
    let kms_key = destination.arn.to_string();
    let moved = context(branch_key, &BranchKeyVersionRecord { kms_key: kms_key.clone(), ..version.clone() });
    let question = Question {
        encryption_context: Some(&moved),
        encryption_algorithm: Some(EncryptionAlgorithmSpec::SymmetricDefault),
        ..destination.question
    };
    let key = permit(transaction, &question, destination.named)?;
    let material = key_use::current(transaction, &key)?;
    let material = key_use::symmetric(&key, &material)?.id.to_string();
    if version.kms_key == kms_key && version.material == material {
        return Ok(None);
    }
    let caller = destination.question.caller;
    let response = ReEncryptRequest {
        ciphertext_blob: Some(ciphertext(version)?.into()),
        source_key_id: Some(version.kms_key.clone()),
        source_encryption_context: Some(context(branch_key, version)),
        destination_key_id: destination.named.into(),
        destination_encryption_context: Some(moved),
        ..Default::default()
    }
    .execute(transaction, caller)
    .map_err(|error| with_branch_key(error, &branch_key.id, version))?;
    let ciphertext = BASE64_STANDARD.encode(&*response.ciphertext_blob);
    Ok(Some(BranchKeyVersionRecord { kms_key, material, ciphertext, ..version.clone() }))
}

/// The ids of all branch keys of the caller's account and Region, and the error of the first one that is damaged.
pub(crate) fn ids(transaction: &mut Transaction<'_>, caller: &Caller) -> Result<(Vec<String>, Option<Error>)> {
    let permit = target::account_permit(transaction, &Question::new(caller, Operation::ListKeys))?;
    let prefix = RecordName::branch_keys(permit.account(), permit.region());
    let (mut ids, mut left) = (Vec::new(), None);
    for name in transaction.names(&prefix) {
        match transaction.get::<BranchKeyRecord>(name?) {
            Ok(found) => ids.extend(found.map(|branch_key| branch_key.id.clone())),
            Err(error) if is_damage(&error) => left = left.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Ok((ids, left))
}

/// What is known of a branch key.
pub(crate) fn describe(transaction: &mut Transaction<'_>, caller: &Caller, id: &str) -> Result<BranchKeyMetadata> {
    let branch_key = find(transaction, caller, id)?;
    // One whose KMS key is gone can still be described: nothing else says why it does not open any more.
    let question = Question::new(caller, Operation::DescribeKey);
    let arn: Arn = branch_key.kms_key.parse().map_err(|_| corrupted(id))?;
    let key: KeyId = arn.resource.strip_prefix("key/").unwrap_or_default().parse().map_err(|_| corrupted(id))?;
    if let Some(key) = target::by_id(transaction, caller, key.as_bytes())? {
        target::permit_in_any_state(transaction, &question, key)?;
    }
    Ok(metadata(&branch_key))
}

/// A page of branch keys.
pub(crate) fn list(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    request: &ListBranchKeysRequest,
) -> Result<ListBranchKeysResponse> {
    shape::check(request)?;
    let list = List::of("ListBranchKeys", request.limit, request.marker.as_deref());
    let permit = target::account_permit(transaction, &Question::new(caller, Operation::ListKeys))?;
    let page = Page::of(&list, transaction, caller)?;
    let prefix = RecordName::branch_keys(permit.account(), permit.region());
    let (found, next_marker) = page.records(transaction, &prefix, None, |_: &BranchKeyRecord| true)?;
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
    .map_err(|error| with_branch_key(error, id, &version))?;
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
    let (branch_key, version) = find_version(transaction, caller, id, version)?;
    let context = context(&branch_key, &version);
    let question = Question {
        encryption_context: Some(&context),
        encryption_algorithm: Some(EncryptionAlgorithmSpec::SymmetricDefault),
        ..Question::new(caller, Operation::Decrypt)
    };
    permit(transaction, &question, &version.kms_key).map_err(|error| with_branch_key(error, id, &version))?;
    Ok(format!("{} {}", version.version, version.kms_key))
}

/// Makes the active version's key, by `GenerateDataKeyWithoutPlaintext` and its permit. `named` is how the request
/// names the KMS key, if it does.
fn put_active_version(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    branch_key: &BranchKeyRecord,
    named: Option<&str>,
) -> Result<()> {
    let mut version = BranchKeyVersionRecord {
        version: branch_key.active,
        created: transaction.now(),
        kms_key: branch_key.kms_key.clone(),
        material: String::new(),
        ciphertext: String::new(),
    };
    let response = GenerateDataKeyWithoutPlaintextRequest {
        key_id: named.unwrap_or(&branch_key.kms_key).into(),
        number_of_bytes: Some(32),
        encryption_context: Some(context(branch_key, &version)),
        ..Default::default()
    }
    .execute(transaction, caller)
    // Who names a key of another account's does not learn whether there is one, nor the ARN behind its alias.
    .map_err(|error| if named.is_some() { error } else { with_branch_key(error, &branch_key.id, &version) })?;
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
    transaction.draw_id(&mut bytes)?;
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
fn with_branch_key(error: Error, id: &str, version: &BranchKeyVersionRecord) -> Error {
    let BranchKeyVersionRecord { version, kms_key, .. } = version;
    let lost = match error.kind() {
        ErrorKind::NotFound => ". Without that KMS key the branch key is lost, and what it encrypted",
        _ => "",
    };
    let id = Untrusted(id);
    let under = format!("version {version} of branch key '{id}' is encrypted under the KMS key {kms_key}{lost}");
    Error::new(error.kind(), error.message()).explain(under).caused_by(error)
}
