//! Every operation against every state that a key can be brought into, with the exact error of each cell.
//!
//! The truth is the table in the AWS KMS Developer Guide, "Key states of AWS KMS keys". Where the guide allows two errors
//! for a key that waits for its deletion (`DisabledException` or `KMSInvalidStateException`), PocketKMS gives the latter.
//! The states that no operation leads to yet stand in a table of their own, in `core/src/ops/state_table.rs`.

use pocketkms::{ErrorKind, Kms, ManualClock, Result, api::*, keys::DataKeySpec};
use pocketkms_tests::{
    store::Shared,
    vault::{builder, create_alias, create_key, encrypt, error, root},
};

/// A vault with a key in some state, and what operations need to be tried on it.
struct Scene {
    kms: Kms,
    clock: ManualClock,
    store: Shared,
    /// The key that the state is about.
    key: KeyMetadata,
    /// An enabled key.
    other: KeyMetadata,
    /// What the key encrypted while it was enabled.
    blob: Blob,
    /// What the other key encrypted.
    other_blob: Blob,
}

/// An alias of the key.
const ALIAS: &str = "alias/of-the-key";
/// An alias of the other key.
const OTHER_ALIAS: &str = "alias/of-the-other-key";
/// An alias that does not exist.
const NEW_ALIAS: &str = "alias/new";

impl Scene {
    fn set(state: State) -> Self {
        let (builder, clock) = builder();
        let store = Shared::new();
        let kms = builder.create_in(store.clone(), &root()).expect("a vault");
        let (key, other) = (create_key(&kms), create_key(&kms));
        create_alias(&kms, ALIAS, &key.key_id);
        create_alias(&kms, OTHER_ALIAS, &other.key_id);
        let blob = encrypt(&kms, &key.key_id, b"of the key");
        let other_blob = encrypt(&kms, &other.key_id, b"of the other key");
        let scene = Self { kms, clock, store, key, other, blob, other_blob };
        state.bring_about(&scene);
        scene
    }

    fn key(&self) -> String {
        self.key.key_id.clone()
    }

    fn alias_arn(&self, alias: &str) -> String {
        self.key.arn.replace(&format!("key/{}", self.key.key_id), alias)
    }
}

/// The states, and how a key comes into each.
#[derive(Clone, Copy, Debug)]
enum State {
    Enabled,
    Disabled,
    PendingDeletion,
    /// The deletion was cancelled, after which the key is disabled.
    Cancelled,
    /// It is gone.
    Deleted,
}

const STATES: [State; 5] = [State::Enabled, State::Disabled, State::PendingDeletion, State::Cancelled, State::Deleted];

impl State {
    fn bring_about(self, scene: &Scene) {
        let Scene { kms, clock, .. } = scene;
        let schedule = || {
            let request = ScheduleKeyDeletionRequest { key_id: scene.key(), pending_window_in_days: Some(7) };
            kms.schedule_key_deletion(request).expect("an enabled key");
        };
        match self {
            Self::Enabled => {}
            Self::Disabled => kms.disable_key(DisableKeyRequest { key_id: scene.key() }).expect("an enabled key"),
            Self::PendingDeletion => schedule(),
            Self::Cancelled => {
                schedule();
                kms.cancel_key_deletion(CancelKeyDeletionRequest { key_id: scene.key() }).expect("a scheduled key");
            }
            Self::Deleted => {
                schedule();
                clock.advance_days(7);
            }
        }
    }
}

/// What a cell of the table says.
#[derive(Clone, Copy, Debug)]
enum Cell {
    /// The operation succeeds.
    Fine,
    /// `DisabledException: <key ARN> is disabled.`
    Disabled,
    /// `KMSInvalidStateException: <key ARN> is pending deletion.`
    Pending,
    /// `KMSInvalidStateException: <key ARN> is not pending deletion.`
    NotPending,
    /// `NotFoundException`: the key that was named does not exist.
    NoKey,
    /// `NotFoundException`: the alias that was named went with its key.
    NoAlias,
    /// `NotFoundException`: the key that a ciphertext names does not exist.
    NoKeyOfCiphertext,
}

impl Cell {
    fn check(self, scene: &Scene, result: Result<()>, place: &str) {
        let arn = &scene.key.arn;
        let (kind, message) = match self {
            Self::Fine => return result.unwrap_or_else(|error| panic!("{place}: {error}")),
            Self::Disabled => (ErrorKind::Disabled, format!("{arn} is disabled.")),
            Self::Pending => (ErrorKind::KmsInvalidState, format!("{arn} is pending deletion.")),
            Self::NotPending => (ErrorKind::KmsInvalidState, format!("{arn} is not pending deletion.")),
            Self::NoKey => (ErrorKind::NotFound, format!("Key '{}' does not exist", scene.key.key_id)),
            Self::NoAlias => (ErrorKind::NotFound, format!("Alias {} is not found.", scene.alias_arn(ALIAS))),
            Self::NoKeyOfCiphertext => (
                ErrorKind::NotFound,
                "The ciphertext refers to a KMS key that does not exist, or does not exist in this Region.".into(),
            ),
        };
        let error = error(result);
        assert_eq!((error.kind(), error.message()), (kind, &*message), "{place}");
    }
}

/// A row of the table: a way to call an operation, and what comes of it in each of [`STATES`].
struct Row {
    operation: Operation,
    what: &'static str,
    call: fn(&Scene) -> Result<()>,
    cells: [Cell; 5],
}

macro_rules! rows {
    ($($request:ident($what:literal) $make:expr => $cells:expr;)*) => {
        vec![$(Row {
            operation: <$request as Request>::OPERATION,
            what: $what,
            call: |scene| {
                let make: fn(&Scene) -> $request = $make;
                scene.kms.call(&make(scene)).map(drop)
            },
            cells: $cells,
        },)*]
    };
}

use Cell::{Disabled, Fine, NoAlias, NoKey, NoKeyOfCiphertext, NotPending, Pending};

// In the order of STATES: enabled, disabled, pending deletion, cancelled, deleted.
const ALWAYS: [Cell; 5] = [Fine; 5];
const WHILE_IT_EXISTS: [Cell; 5] = [Fine, Fine, Fine, Fine, NoKey];
const WHILE_ITS_ALIAS_EXISTS: [Cell; 5] = [Fine, Fine, Fine, Fine, NoAlias];
const UNLESS_IT_GOES: [Cell; 5] = [Fine, Fine, Pending, Fine, NoKey];
const IF_USABLE: [Cell; 5] = [Fine, Disabled, Pending, Disabled, NoKey];
const IF_USABLE_BY_ALIAS: [Cell; 5] = [Fine, Disabled, Pending, Disabled, NoAlias];
const IF_USABLE_BY_CIPHERTEXT: [Cell; 5] = [Fine, Disabled, Pending, Disabled, NoKeyOfCiphertext];
const ONLY_IF_IT_GOES: [Cell; 5] = [NotPending, NotPending, Fine, NotPending, NoKey];

fn table() -> Vec<Row> {
    let mut rows = management();
    rows.extend(aliases());
    rows.extend(cryptography());
    rows.extend(rotation());
    rows
}

fn management() -> Vec<Row> {
    rows! {
        CreateKeyRequest("another one") |_| CreateKeyRequest::default() => ALWAYS;
        DescribeKeyRequest("by id") |scene| DescribeKeyRequest { key_id: scene.key(), ..Default::default() }
            => WHILE_IT_EXISTS;
        DescribeKeyRequest("by alias") |_| DescribeKeyRequest { key_id: ALIAS.into(), ..Default::default() }
            => WHILE_ITS_ALIAS_EXISTS;
        ListKeysRequest("all") |_| ListKeysRequest::default() => ALWAYS;
        UpdateKeyDescriptionRequest("")
            |scene| UpdateKeyDescriptionRequest { key_id: scene.key(), description: "new".into() }
            => UNLESS_IT_GOES;
        EnableKeyRequest("") |scene| EnableKeyRequest { key_id: scene.key() } => UNLESS_IT_GOES;
        DisableKeyRequest("") |scene| DisableKeyRequest { key_id: scene.key() } => UNLESS_IT_GOES;
        ScheduleKeyDeletionRequest("")
            |scene| ScheduleKeyDeletionRequest { key_id: scene.key(), pending_window_in_days: None }
            => UNLESS_IT_GOES;
        CancelKeyDeletionRequest("") |scene| CancelKeyDeletionRequest { key_id: scene.key() } => ONLY_IF_IT_GOES;
        TagResourceRequest("")
            |scene| TagResourceRequest {
                key_id: scene.key(),
                tags: vec![Tag { tag_key: "a".into(), tag_value: "b".into() }],
            }
            => UNLESS_IT_GOES;
        UntagResourceRequest("")
            |scene| UntagResourceRequest { key_id: scene.key(), tag_keys: vec!["a".into()] }
            => UNLESS_IT_GOES;
        ListResourceTagsRequest("")
            |scene| ListResourceTagsRequest { key_id: scene.key(), ..Default::default() }
            => WHILE_IT_EXISTS;
        GenerateRandomRequest("") |_| GenerateRandomRequest { number_of_bytes: Some(8), ..Default::default() }
            => ALWAYS;
    }
}

fn aliases() -> Vec<Row> {
    rows! {
        CreateAliasRequest("for the key")
            |scene| CreateAliasRequest { alias_name: NEW_ALIAS.into(), target_key_id: scene.key() }
            => UNLESS_IT_GOES;
        UpdateAliasRequest("to the key")
            |scene| UpdateAliasRequest { alias_name: OTHER_ALIAS.into(), target_key_id: scene.key() }
            => UNLESS_IT_GOES;
        UpdateAliasRequest("away from the key")
            |scene| UpdateAliasRequest { alias_name: ALIAS.into(), target_key_id: scene.other.key_id.clone() }
            => WHILE_ITS_ALIAS_EXISTS;
        DeleteAliasRequest("of the key") |_| DeleteAliasRequest { alias_name: ALIAS.into() }
            => WHILE_ITS_ALIAS_EXISTS;
        ListAliasesRequest("all") |_| ListAliasesRequest::default() => ALWAYS;
        ListAliasesRequest("of the key")
            |scene| ListAliasesRequest { key_id: Some(scene.key()), ..Default::default() }
            => WHILE_IT_EXISTS;
    }
}

fn cryptography() -> Vec<Row> {
    rows! {
        EncryptRequest("by id")
            |scene| EncryptRequest { key_id: scene.key(), plaintext: vec![1].into(), ..Default::default() }
            => IF_USABLE;
        EncryptRequest("by alias")
            |_| EncryptRequest { key_id: ALIAS.into(), plaintext: vec![1].into(), ..Default::default() }
            => IF_USABLE_BY_ALIAS;
        DecryptRequest("by the ciphertext alone") |scene| decrypt(scene, None) => IF_USABLE_BY_CIPHERTEXT;
        DecryptRequest("naming the key") |scene| decrypt(scene, Some(scene.key())) => IF_USABLE;
        DecryptRequest("naming the alias") |scene| decrypt(scene, Some(ALIAS.into())) => IF_USABLE_BY_ALIAS;
        ReEncryptRequest("from the key")
            |scene| re_encrypt(&scene.blob, None, scene.other.key_id.clone())
            => IF_USABLE_BY_CIPHERTEXT;
        ReEncryptRequest("from the key, naming it")
            |scene| re_encrypt(&scene.blob, Some(scene.key()), scene.other.key_id.clone())
            => IF_USABLE;
        ReEncryptRequest("to the key") |scene| re_encrypt(&scene.other_blob, None, scene.key()) => IF_USABLE;
        ReEncryptRequest("from the key to itself")
            |scene| re_encrypt(&scene.blob, None, scene.key())
            => IF_USABLE_BY_CIPHERTEXT;
        GenerateDataKeyRequest("")
            |scene| GenerateDataKeyRequest {
                key_id: scene.key(),
                key_spec: Some(DataKeySpec::Aes256),
                ..Default::default()
            }
            => IF_USABLE;
        GenerateDataKeyWithoutPlaintextRequest("")
            |scene| GenerateDataKeyWithoutPlaintextRequest {
                key_id: scene.key(),
                number_of_bytes: Some(32),
                ..Default::default()
            }
            => IF_USABLE;
    }
}

fn rotation() -> Vec<Row> {
    rows! {
        EnableKeyRotationRequest("")
            |scene| EnableKeyRotationRequest { key_id: scene.key(), rotation_period_in_days: None }
            => IF_USABLE;
        DisableKeyRotationRequest("") |scene| DisableKeyRotationRequest { key_id: scene.key() } => IF_USABLE;
        GetKeyRotationStatusRequest("") |scene| GetKeyRotationStatusRequest { key_id: scene.key() }
            => WHILE_IT_EXISTS;
        RotateKeyOnDemandRequest("") |scene| RotateKeyOnDemandRequest { key_id: scene.key() } => IF_USABLE;
        ListKeyRotationsRequest("")
            |scene| ListKeyRotationsRequest { key_id: scene.key(), ..Default::default() }
            => WHILE_IT_EXISTS;
    }
}

fn decrypt(scene: &Scene, key_id: Option<String>) -> DecryptRequest {
    DecryptRequest {
        ciphertext_blob: Some(scene.blob.clone()),
        encryption_context: Some(pocketkms_tests::vault::context()),
        key_id,
        ..Default::default()
    }
}

fn re_encrypt(blob: &Blob, source_key_id: Option<String>, destination_key_id: String) -> ReEncryptRequest {
    ReEncryptRequest {
        ciphertext_blob: Some(blob.clone()),
        source_encryption_context: Some(pocketkms_tests::vault::context()),
        source_key_id,
        destination_key_id,
        ..Default::default()
    }
}

#[test]
fn every_operation_stands_in_the_table() {
    let table = table();
    for operation in Operation::ALL {
        assert!(table.iter().any(|row| row.operation == *operation), "{} has no row", operation.name());
    }
}

#[test]
fn every_cell_holds() {
    for row in table() {
        for (state, cell) in STATES.into_iter().zip(row.cells) {
            let scene = Scene::set(state);
            let place = format!("{} ({}) of a key that is {state:?}", row.operation.name(), row.what);
            // What fell due is done by whoever comes first; here it is not to be taken for a change by the operation.
            scene.kms.snapshot().expect("a snapshot");
            let before = scene.store.records();
            cell.check(&scene, (row.call)(&scene), &place);
            if !matches!(cell, Fine) {
                assert_eq!(scene.store.records(), before, "{place} was refused, and changed something");
            }
        }
    }
}

#[test]
fn states_are_told_as_the_model_names_them() {
    use pocketkms::keys::KeyState;
    for (state, told) in STATES.into_iter().zip([
        Some(KeyState::Enabled),
        Some(KeyState::Disabled),
        Some(KeyState::PendingDeletion),
        Some(KeyState::Disabled),
        None,
    ]) {
        let scene = Scene::set(state);
        let request = DescribeKeyRequest { key_id: scene.key(), ..Default::default() };
        let metadata = scene.kms.describe_key(request).ok().map(|response| response.key_metadata);
        assert_eq!(metadata.as_ref().map(|metadata| metadata.key_state), told, "{state:?}");
        // "When KeyState is Enabled this value is true, otherwise it is false."
        let enabled = metadata.map(|metadata| metadata.enabled);
        assert_eq!(enabled, told.map(|state| state == KeyState::Enabled), "{state:?}");
    }
}
