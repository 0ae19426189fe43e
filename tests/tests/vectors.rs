//! The frozen vectors: what an earlier version wrote opens for ever, and the same inputs make the same bytes.
//!
//! `tests/vectors/README.md` says what is in the files. There is no generator: a vector is added, never changed.

use pocketkms::{
    Audit, EntropyError, ErrorKind, Kms, ManualClock, MemoryStore, Provider, Random, Record, RootKey, Sealed,
    Timestamp, Vault, VaultBuilder, api, keys::ExpirationModelType,
};
use pocketkms_tests::store::Shared;
use pocketkms_tests::vault::Opened;
use pocketkms_tests::xks::{ExternalKey, Proxy};
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// A vault's whole history, as `tests/vectors/*.json` has it.
#[derive(Deserialize)]
struct Vector {
    account: String,
    region: String,
    root: Root,
    /// Whether calls are recorded.
    #[serde(default)]
    audit: bool,
    create: Step,
    steps: Vec<Step>,
    snapshot: Step,
    /// The names of the events that the trail has at the end, and the head.
    #[serde(default)]
    events: Vec<String>,
    head: Option<String>,
    records: Vec<FrozenRecord>,
    /// What is in the external key manager, by their ids.
    #[serde(default)]
    external_keys: BTreeMap<String, FrozenExternalKey>,
}

#[derive(Deserialize)]
struct FrozenExternalKey {
    material: String,
    metadata: String,
    vector_length: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Root {
    Raw(String),
    Passphrase(String),
}

/// Something that was done to the vault: when, with which random bytes, and the parts of the answer that are frozen.
#[derive(Deserialize)]
struct Step {
    at: i64,
    /// Where it was called, if not in the vault's own Region.
    region: Option<String>,
    /// Who called, if it was not the vault's own caller.
    principal: Option<String>,
    #[serde(default)]
    operation: String,
    #[serde(default)]
    request: Value,
    random: Vec<String>,
    #[serde(default)]
    response: Value,
    /// The exception that it ended with.
    error: Option<String>,
}

#[derive(Deserialize)]
struct FrozenRecord {
    name: String,
    revision: u64,
    sealed: String,
}

impl Step {
    fn client(&self, vault: &Opened) -> Kms {
        let caller = vault.vault.caller().with(None, self.region.as_deref(), self.principal.as_deref());
        vault.vault.client_as(caller.expect("a caller"))
    }

    /// Does it again, and compares what came of it.
    fn repeat(&self, vault: &Opened) {
        if self.operation == "RemoveAuditBefore" {
            let before = self.request["Before"].as_i64().expect("milliseconds");
            let removed = vault.vault.remove_audit_before(Timestamp::from_millis(before)).expect("a trail");
            return assert_eq!(self.response["Removed"].as_u64(), Some(removed));
        }
        let answer = call(&self.client(vault), &self.operation, &self.request);
        assert_eq!(answer.as_ref().err(), self.error.as_ref(), "{}: {answer:?}", self.operation);
        for (member, value) in self.response.as_object().into_iter().flatten() {
            assert_eq!(answer.as_ref().ok().and_then(|answer| answer.get(member)), Some(value), "{}", self.operation);
        }
    }
}

/// Every vector: its name, what is in its JSON, and its snapshot.
fn vectors() -> Vec<(PathBuf, Vector, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let files = fs::read_dir(folder).expect("the folder of the vectors").map(|entry| entry.expect("an entry").path());
    let vectors: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let vector = serde_json::from_slice(&fs::read(&path).expect("a file")).expect("a vector");
            let snapshot = fs::read(path.with_extension("snapshot")).expect("a snapshot beside the vector");
            (path, vector, snapshot)
        })
        .collect();
    assert!(vectors.len() >= 5, "the vectors are missing");
    vectors
}

impl Vector {
    fn root(&self) -> RootKey {
        match &self.root {
            Root::Raw(key) => RootKey::from_bytes(&unhex(key)),
            Root::Passphrase(passphrase) => RootKey::from_passphrase(passphrase.clone().into_bytes()),
        }
        .expect("a root key")
    }

    fn builder(&self, clock: &ManualClock) -> VaultBuilder {
        let audit = if self.audit { Audit::default() } else { Audit::off() };
        let builder = Vault::builder().audit(audit).xks_transport(self.proxy(clock));
        builder.account_id(&self.account).region(&self.region).clock(clock.clone())
    }

    /// A proxy for external keys, whose initialization vectors count up.
    fn proxy(&self, clock: &ManualClock) -> Proxy {
        let proxy = Proxy::new(clock);
        for (id, FrozenExternalKey { material, metadata, vector_length }) in &self.external_keys {
            let material = unhex(material).try_into().expect("256 bits");
            let key = ExternalKey {
                material,
                metadata: unhex(metadata),
                vector_length: *vector_length,
                ..ExternalKey::new(0)
            };
            proxy.keys(|keys| keys.put(id, key));
        }
        proxy
    }

    /// A clock that stands where the snapshot was taken.
    fn late_clock(&self) -> ManualClock {
        ManualClock::new(Timestamp::from_millis(self.snapshot.at))
    }

    fn records(&self) -> Vec<Record> {
        let record = |FrozenRecord { name, revision, sealed }: &FrozenRecord| Record {
            name: name.clone(),
            revision: *revision,
            value: Sealed::from_stored(&unhex(sealed)),
        };
        self.records.iter().map(record).collect()
    }

    /// Decrypts all that the history encrypted. Returns how much that was.
    fn decrypt_all(&self, vault: &Opened) -> usize {
        let mut decrypted = 0;
        for step in &self.steps {
            let Some(blob) = step.response.get("CiphertextBlob") else { continue };
            let request = serde_json::json!({
                "CiphertextBlob": blob,
                "EncryptionContext": step.request.get("EncryptionContext"),
            });
            let answer = call(&step.client(vault), "Decrypt", &request).expect("a plaintext");
            let plaintext = step.request.get("Plaintext").or(step.response.get("Plaintext"));
            assert_eq!(answer.get("Plaintext"), plaintext, "{}", step.operation);
            if let Some(material) = step.response.get("KeyMaterialId") {
                assert_eq!(answer.get("KeyMaterialId"), Some(material));
            }
            decrypted += 1;
        }
        decrypted
    }
}

#[test]
fn a_frozen_snapshot_opens_and_decrypts_all() {
    for (path, vector, snapshot) in vectors() {
        let builder = vector.builder(&vector.late_clock());
        let kms = Opened::from(builder.open_snapshot(&snapshot, &vector.root()).expect("a frozen snapshot"));
        assert!(vector.decrypt_all(&kms) >= 2, "{} has no ciphertexts", path.display());
    }
}

#[test]
fn a_frozen_trail_is_whole() {
    let audited: Vec<_> = vectors().into_iter().filter(|(_, vector, _)| vector.audit).collect();
    assert!(!audited.is_empty(), "no vector has a trail");
    for (path, vector, snapshot) in audited {
        let builder = || vector.builder(&vector.late_clock()).audit(Audit::off());
        let head = vector.head.as_deref().expect("a head");
        let store: MemoryStore = vector.records().into_iter().collect();
        for vault in [
            builder().expected_head(head).open(store, &vector.root()),
            builder().expected_head(head).open_snapshot(&snapshot, &vector.root()),
        ] {
            let vault = vault.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let report = vault.verify_audit().expect("a trail");
            assert_eq!((report.problems, report.events), (Vec::new(), vector.events.len() as u64));
            assert_eq!(vault.verify().expect("it can be read"), []);
            assert_eq!(vault.head().expect("a head"), head);
            let oldest_first = api::LookupEventsRequest { oldest_first: Some(true), ..Default::default() };
            let names = vault.audit_events(oldest_first).map(|event| event.expect("an event").event_name);
            assert_eq!(names.collect::<Vec<_>>(), vector.events);
        }
    }
}

#[test]
fn frozen_records_open_one_by_one_and_decrypt_all() {
    for (path, vector, _) in vectors() {
        let store: MemoryStore = vector.records().into_iter().collect();
        let kms =
            Opened::from(vector.builder(&vector.late_clock()).open(store, &vector.root()).expect("frozen records"));
        assert!(vector.decrypt_all(&kms) >= 2, "{} has no ciphertexts", path.display());
    }
}

#[test]
fn the_same_inputs_make_the_same_bytes() {
    for (path, vector, snapshot) in vectors() {
        let (script, clock, store) = (Script::default(), ManualClock::default(), Shared::volatile());
        let begin = |step: &Step| {
            clock.set(Timestamp::from_millis(step.at));
            script.expect(&step.random);
        };
        let end = |step: &Step| {
            assert!(script.is_over(), "{}: {} took too little randomness", path.display(), step.operation);
        };

        begin(&vector.create);
        let builder = vector.builder(&clock).provider(Provider::rust_crypto(Arc::new(script.clone())));
        let kms = Opened::from(builder.create_in(store.clone(), &vector.root()).expect("a vault"));
        end(&vector.create);
        for step in &vector.steps {
            begin(step);
            step.repeat(&kms);
            end(step);
        }
        begin(&vector.snapshot);
        assert!(kms.vault.snapshot().expect("a snapshot") == snapshot, "{}: another snapshot", path.display());
        end(&vector.snapshot);
        assert_eq!(store.records(), vector.records(), "{}", path.display());
    }
}

/// Import tokens, each with material that was wrapped for it (`imports/token.json`).
#[derive(Deserialize)]
struct Tokens {
    account: String,
    region: String,
    root: String,
    at: i64,
    cases: Vec<Frozen>,
}

#[derive(Deserialize)]
struct Frozen {
    key_id: String,
    valid_to: i64,
    import_token: String,
    encrypted_key_material: String,
    key_material_id: Option<String>,
    imported_public_key: Option<String>,
}

/// Wrapping keys are made by the provider, not of bytes that were written down: so tokens are opened, and not made again.
#[test]
fn frozen_import_tokens_open_until_they_expire() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/imports");
    let tokens: Tokens = serde_json::from_slice(&fs::read(folder.join("token.json")).expect("a file")).expect("tokens");
    let snapshot = fs::read(folder.join("token.snapshot")).expect("a snapshot beside the tokens");
    assert_eq!(tokens.cases.len(), 4, "one for each wrapping algorithm");
    let root = RootKey::from_bytes(&unhex(&tokens.root)).expect("a root key");
    for case in &tokens.cases {
        let import = |key_id: &str, at: i64| {
            let clock = ManualClock::new(Timestamp::from_millis(at));
            let builder = Vault::builder().audit(Audit::off()).account_id(&tokens.account).region(&tokens.region);
            let kms = Opened::from(builder.clock(clock).open_snapshot(&snapshot, &root).expect("a frozen snapshot"));
            let answer = kms.import_key_material(api::ImportKeyMaterialRequest {
                key_id: key_id.into(),
                import_token: unhex(&case.import_token).into(),
                encrypted_key_material: unhex(&case.encrypted_key_material).into(),
                expiration_model: Some(ExpirationModelType::KeyMaterialDoesNotExpire),
                ..Default::default()
            });
            (kms, answer)
        };
        let (kms, answer) = import(&case.key_id, case.valid_to - 1);
        assert_eq!(answer.expect("a frozen token").key_material_id, case.key_material_id);
        if let Some(expected) = &case.imported_public_key {
            let request = api::GetPublicKeyRequest { key_id: case.key_id.clone(), ..Default::default() };
            assert_eq!(hex::encode(kms.get_public_key(request).expect("a pair").public_key), *expected);
        }
        let kind = |key_id: &str, at: i64| import(key_id, at).1.expect_err("refused").kind();
        assert_eq!(kind(&case.key_id, case.valid_to), ErrorKind::ExpiredImportToken);
        let other = tokens.cases.iter().find(|other| other.key_id != case.key_id).expect("another key");
        assert_eq!(kind(&other.key_id, tokens.at), ErrorKind::InvalidImportToken);
    }
}

/// Parcels for a vault that waits for them (`parcels/parcel.json`).
#[derive(Deserialize)]
struct Parcels {
    account: String,
    primary_region: String,
    replica_region: String,
    primary_root: String,
    replica_root: String,
    at: i64,
    cases: Vec<FrozenParcel>,
}

#[derive(Deserialize)]
struct FrozenParcel {
    key_id: String,
    key_spec: String,
    origin: String,
    parcel_key: String,
    parcel_key_fingerprint: String,
    parcel: String,
    parcel_fingerprint: String,
    materials: i32,
    blob: Option<String>,
    plaintext: Option<String>,
}

/// Parcels are sealed to keys that are not kept: so they are opened, and not made again.
#[test]
fn frozen_parcels_open_and_parcel_keys_are_sealed_to() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/parcels");
    let file = |name: &str| fs::read(folder.join(name)).expect("a file");
    let parcels: Parcels = serde_json::from_slice(&file("parcel.json")).expect("parcels");
    let (primary, replica) = (file("primary.snapshot"), file("replica.snapshot"));
    assert_eq!(parcels.cases.len(), 3);
    let open = |snapshot: &[u8], root: &str, region: &str| {
        let clock = ManualClock::new(Timestamp::from_millis(parcels.at));
        let builder = Vault::builder().audit(Audit::off()).account_id(&parcels.account).region(region).clock(clock);
        let root = RootKey::from_bytes(&unhex(root)).expect("a root key");
        Opened::from(builder.open_snapshot(snapshot, &root).expect("a frozen snapshot"))
    };
    let there = open(&replica, &parcels.replica_root, &parcels.replica_region);
    for case in &parcels.cases {
        let opened = there.open_parcel(api::OpenParcelRequest {
            parcel: unhex(&case.parcel).into(),
            fingerprint: Some(case.parcel_fingerprint.clone()),
            ..Default::default()
        });
        let opened = opened.expect("a frozen parcel");
        let key = opened.key_metadata;
        assert_eq!(
            (&*key.key_id, key.key_spec.as_str(), key.origin.as_str()),
            (&*case.key_id, &*case.key_spec, &*case.origin)
        );
        assert_eq!(opened.new_key_materials, case.materials);
        if let (Some(blob), Some(plaintext)) = (&case.blob, &case.plaintext) {
            let ciphertext_blob = Some(unhex(blob).into());
            let answer = there.decrypt(api::DecryptRequest { ciphertext_blob, ..Default::default() });
            assert_eq!(hex::encode(answer.expect("a frozen blob").plaintext.expose()), *plaintext);
        }
        // What waits there is sealed to as on the day.
        let here = open(&primary, &parcels.primary_root, &parcels.primary_region);
        let sealed = here.seal_parcel(api::SealParcelRequest {
            key_id: case.key_id.clone(),
            parcel_key: unhex(&case.parcel_key).into(),
            fingerprint: Some(case.parcel_key_fingerprint.clone()),
        });
        let parcel = sealed.expect("a frozen parcel key").parcel;
        let again = open(&replica, &parcels.replica_root, &parcels.replica_region);
        again.open_parcel(api::OpenParcelRequest { parcel, ..Default::default() }).expect("a parcel of today");
    }
}

/// Carries out the operation of that name, in AWS's JSON: the answer, or the exception's name.
fn call(kms: &Kms, operation: &str, request: &Value) -> Result<Value, String> {
    let answer = kms.call(&format!("TrentService.{operation}"), request.to_string().as_bytes());
    let body = match answer.body.expose() {
        [] => Value::Null,
        body => serde_json::from_slice(body).expect("an answer in JSON"),
    };
    if answer.status == 200 { Ok(body) } else { Err(body["__type"].as_str().expect("a name").into()) }
}

fn unhex(text: &str) -> Vec<u8> {
    hex::decode(text).expect("hexadecimal digits")
}

/// Randomness that was written down: each draw must come in its turn, and be as long as it was.
#[derive(Clone, Default)]
struct Script(Arc<Mutex<VecDeque<Vec<u8>>>>);

impl Script {
    fn expect(&self, draws: &[String]) {
        *self.0.lock().expect("unpoisoned") = draws.iter().map(|draw| unhex(draw)).collect();
    }

    fn is_over(&self) -> bool {
        self.0.lock().expect("unpoisoned").is_empty()
    }
}

impl Random for Script {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        let draw = self.0.lock().expect("unpoisoned").pop_front().ok_or(EntropyError)?;
        if draw.len() != bytes.len() {
            return Err(EntropyError);
        }
        bytes.copy_from_slice(&draw);
        Ok(())
    }
}
