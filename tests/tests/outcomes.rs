//! Commits whose answer was lost: the vault never claims what it does not know, and no retry doubles an effect.

use pocketkms::{Change, CommitError, ErrorKind, Record, Result, Store, StoreError, Vault, api::*};
use pocketkms_tests::{
    store::{Fault, Faulty, Shared},
    vault::{Opened, builder, create_alias, create_key, decrypt, describe, encrypt, error, explained, root, root_of},
};
use std::sync::{Arc, Mutex};

/// What a store does with the next commit, and with those after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Loss {
    /// It happens, its answer is lost.
    Answer,
    /// It happens, its answer is lost, and the driver repeats it by itself.
    Repeated,
    /// It does not happen, and never will.
    Request,
    /// It is on its way, and arrives before the next commit.
    Overtaken,
    /// It is on its way, and arrives after the next commit.
    Late,
    /// It happens, and then others make so many changes that no one remembers it.
    Forgotten,
    /// It happens, and after it nothing is answered any more.
    Silence,
}

/// A store on the other side of a bad line.
#[derive(Clone, Default)]
struct Line {
    store: Shared,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The loss, after so many commits that go well.
    plan: Option<(Loss, usize)>,
    on_its_way: Option<(Loss, Vec<Change>)>,
    silent: bool,
    happened: bool,
    /// Makes changes as another process.
    other: Option<Opened>,
}

impl Line {
    fn plan(&self, loss: Loss, spared: usize) {
        let mut state = self.state.lock().unwrap();
        (state.plan, state.happened) = (Some((loss, spared)), false);
    }

    fn recover(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        (state.plan, state.silent) = (None, false);
        std::mem::take(&mut state.happened)
    }
}

fn lost() -> CommitError {
    CommitError::Unknown(StoreError::other("the line is dead"))
}

impl Store for Line {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        if self.state.lock().unwrap().silent {
            return Err(StoreError::other("the line is dead"));
        }
        self.store.get(name)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.store.scan(prefix, after, limit)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        let (loss, waiting, other) = {
            let mut state = self.state.lock().unwrap();
            if state.silent {
                return Err(lost());
            }
            let loss = match &mut state.plan {
                Some((loss, 0)) => Some(*loss),
                Some((_, spared)) => {
                    *spared -= 1;
                    None
                }
                None => None,
            };
            if loss.is_some() {
                (state.plan, state.happened) = (None, true);
            }
            (loss, state.on_its_way.take(), state.other.clone())
        };
        match loss {
            None => {
                if let Some((Loss::Overtaken, waiting)) = waiting {
                    self.store.commit(waiting).expect("nothing came between");
                    return self.store.commit(changes);
                }
                let result = self.store.commit(changes);
                if let Some((Loss::Late, waiting)) = waiting {
                    assert!(matches!(self.store.commit(waiting), Err(CommitError::Conflict)), "it happened too late");
                }
                return result;
            }
            Some(Loss::Answer) => self.store.commit(changes)?,
            Some(Loss::Repeated) => {
                self.store.commit(changes.clone())?;
                return self.store.commit(changes);
            }
            Some(Loss::Request) => {}
            Some(loss @ (Loss::Overtaken | Loss::Late)) => {
                self.state.lock().unwrap().on_its_way = Some((loss, changes));
            }
            Some(Loss::Forgotten) => {
                self.store.commit(changes)?;
                let other = other.expect("another process");
                for _ in 0..32 {
                    create_key(&other);
                }
            }
            Some(Loss::Silence) => {
                self.store.commit(changes)?;
                self.state.lock().unwrap().silent = true;
            }
        }
        Err(lost())
    }
}

/// A change, and how often it was made.
type Step = (&'static str, fn(&Opened, &str) -> Result<()>, fn(&Opened, &str) -> usize);

const STEPS: [Step; 6] = [
    (
        "CreateKey",
        |kms, _| kms.create_key(CreateKeyRequest::default()).map(drop),
        |kms, _| kms.list_keys(ListKeysRequest::default()).unwrap().keys.len(),
    ),
    (
        "RotateKeyOnDemand",
        |kms, key| kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.into() }).map(drop),
        |kms, key| {
            let request = ListKeyRotationsRequest { key_id: key.into(), ..Default::default() };
            kms.list_key_rotations(request).unwrap().rotations.len()
        },
    ),
    (
        "CreateAlias",
        |kms, key| kms.create_alias(CreateAliasRequest { alias_name: "alias/new".into(), target_key_id: key.into() }),
        |kms, _| kms.list_aliases(ListAliasesRequest::default()).unwrap().aliases.len(),
    ),
    (
        "ScheduleKeyDeletion",
        |kms, key| {
            let request = ScheduleKeyDeletionRequest { key_id: key.into(), pending_window_in_days: None };
            kms.schedule_key_deletion(request).map(drop)
        },
        |kms, key| usize::from(describe(kms, key).deletion_date.is_some()),
    ),
    (
        "EnableKeyRotation",
        |kms, key| {
            let request = EnableKeyRotationRequest { key_id: key.into(), rotation_period_in_days: None };
            kms.enable_key_rotation(request)
        },
        |kms, key| {
            let request = GetKeyRotationStatusRequest { key_id: key.into() };
            usize::from(kms.get_key_rotation_status(request).unwrap().key_rotation_enabled)
        },
    ),
    ("a confirmed time", |kms, _| kms.vault.confirm_time(), |_, _| 0),
];

/// A vault behind a bad line, another process with a good one, and a key.
fn scene() -> (Line, Opened, Opened, String) {
    let line = Line::default();
    let kms = Opened::from(builder().0.create_in(line.clone(), &root()).unwrap());
    let other = Opened::from(builder().0.open(line.store.clone(), &root()).unwrap());
    line.state.lock().unwrap().other = Some(other.clone());
    let key = create_key(&kms).key_id;
    (line, kms, other, key)
}

#[test]
fn what_happened_is_reported_as_done() {
    for loss in [Loss::Answer, Loss::Repeated, Loss::Overtaken] {
        for (name, change, count) in STEPS {
            let (line, kms, other, key) = scene();
            let (before, revision) = (count(&other, &key), kms.vault.revision().unwrap());
            line.plan(loss, 0);
            change(&kms, &key).unwrap_or_else(|error| panic!("{name}, {loss:?}: {error}"));
            assert!(line.recover());
            let made = usize::from(name != "a confirmed time");
            assert_eq!(count(&other, &key) - before, made, "{name}, {loss:?}");
            assert_eq!(kms.vault.revision().unwrap(), revision + 1, "{name}, {loss:?}");
            assert_eq!(count(&kms, &key), count(&other, &key), "{name}, {loss:?}");
        }
    }
}

#[test]
fn what_did_not_happen_is_reported_so_and_never_happens() {
    for loss in [Loss::Request, Loss::Late] {
        for (name, change, count) in STEPS {
            let (line, kms, other, key) = scene();
            let before = count(&other, &key);
            line.plan(loss, 0);
            explained(change(&kms, &key), ErrorKind::Store, &["nothing was changed", "the line is dead"]);
            assert!(line.recover());
            assert_eq!(count(&other, &key), before, "{name}, {loss:?}");
            // The retry happens once.
            change(&kms, &key).unwrap();
            let made = usize::from(name != "a confirmed time");
            assert_eq!(count(&other, &key) - before, made, "{name}, {loss:?}");
        }
    }
}

#[test]
fn what_is_not_known_is_not_claimed() {
    for loss in [Loss::Silence, Loss::Forgotten] {
        let (line, kms, _, key) = scene();
        line.plan(loss, 0);
        let request = CreateAliasRequest { alias_name: "alias/new".into(), target_key_id: key };
        let error = error(kms.create_alias(request));
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{loss:?}: {error}");
        assert_eq!(error.message(), "the store failed, and whether the change was made is not known");
        assert!(line.recover());
        // It did happen.
        assert_eq!(kms.list_aliases(ListAliasesRequest::default()).unwrap().aliases.len(), 1);
    }
}

/// The same for what time does: rotations and deletions that fall due.
#[test]
fn what_fell_due_happens_once() {
    for loss in [Loss::Answer, Loss::Repeated, Loss::Request, Loss::Overtaken, Loss::Late] {
        for spared in 0..4 {
            let line = Line::default();
            let (builder, clock) = builder();
            let kms = Opened::from(builder.create_in(line.clone(), &root()).unwrap());
            let other = Opened::from(Vault::builder().clock(clock.clone()).open(line.store.clone(), &root()).unwrap());
            let (key, gone) = (create_key(&kms).key_id, create_key(&kms).key_id);
            let blob = encrypt(&kms, &key, b"kept");
            let request = EnableKeyRotationRequest { key_id: key.clone(), rotation_period_in_days: Some(90) };
            kms.enable_key_rotation(request).unwrap();
            let request = ScheduleKeyDeletionRequest { key_id: gone, pending_window_in_days: None };
            kms.schedule_key_deletion(request).unwrap();
            clock.advance_days(90 * 40 + 1);
            line.plan(loss, spared);
            let mut attempts = 0;
            while let Err(error) = decrypt(&kms, &blob) {
                assert_eq!(error.kind(), ErrorKind::Store, "{loss:?} {spared}");
                attempts += 1;
            }
            assert!(attempts <= 1);
            line.recover();
            let request = ListKeyRotationsRequest { key_id: key, limit: Some(1000), ..Default::default() };
            assert_eq!(other.list_key_rotations(request).unwrap().rotations.len(), 40, "{loss:?} {spared}");
            assert_eq!(other.list_keys(ListKeysRequest::default()).unwrap().keys.len(), 1);
            assert_eq!(decrypt(&other, &blob).unwrap(), b"kept");
        }
    }
}

#[test]
fn a_new_vault_is_made_once() {
    for loss in [Loss::Answer, Loss::Request, Loss::Overtaken] {
        let line = Line::default();
        line.plan(loss, 0);
        let kms = Opened::from(builder().0.create_in(line.clone(), &root()).unwrap());
        assert!(line.recover());
        let blob = encrypt(&kms, &create_key(&kms).key_id, b"kept");
        let reopened = Opened::from(builder().0.open(line.store, &root()).unwrap());
        assert_eq!(decrypt(&reopened, &blob).unwrap(), b"kept");
    }
    // Somebody else's vault is not taken for one's own.
    let line = Line::default();
    builder().0.create_in(line.store.clone(), &root()).unwrap();
    line.plan(Loss::Request, 0);
    explained(builder().0.create_in(line.clone(), &root()), ErrorKind::AlreadyExists, &["holds a vault already"]);
    let line = Line::default();
    line.plan(Loss::Silence, 0);
    assert_eq!(error(builder().0.create_in(line, &root())).kind(), ErrorKind::OutcomeUnknown);
}

#[test]
fn a_new_root_key_is_the_one_that_opens() {
    let done = [Loss::Answer, Loss::Repeated, Loss::Overtaken].map(|loss| (loss, true));
    for (loss, done) in done.into_iter().chain([(Loss::Request, false), (Loss::Late, false)]) {
        let (line, kms, _, key) = scene();
        let blob = encrypt(&kms, &key, b"kept");
        line.plan(loss, 0);
        let result = kms.vault.shred(&root_of(8));
        assert!(line.recover());
        assert_eq!(result.as_ref().err().map(pocketkms::Error::kind), (!done).then_some(ErrorKind::Store), "{loss:?}");
        assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept", "{loss:?}");
        create_alias(&kms, "alias/after", &key);
        let right = root_of(if done { 8 } else { 7 });
        let reopened = Opened::from(builder().0.open(line.store.clone(), &right).unwrap());
        assert_eq!(describe(&reopened, "alias/after").key_id, key, "{loss:?}");
    }
}

/// Reading needs no commit, and a store that refuses every change says that nothing was changed.
#[test]
fn a_refusal_is_no_unknown_outcome() {
    let faulty = Faulty::new(Shared::new());
    let kms = Opened::from(builder().0.create_in(faulty.clone(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    faulty.plan(Fault::CommitRefused, 0);
    let blob = encrypt(&kms, &key, b"kept");
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept");
    explained(kms.create_key(CreateKeyRequest::default()), ErrorKind::Store, &["nothing was changed"]);
}
