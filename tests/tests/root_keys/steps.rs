//! The same over a store that has to be waited for, and by keys elsewhere that do.

use super::{RemoteKey, passphrase};
use pocketkms::{ErrorKind, KeyWrapper, ManualClock, Result, RootKey, RootKeyKind, Secret, Vault};
use pocketkms_tests::{
    driven::Driver,
    store::{Fault, Faulty, Interposed, Moment, Shared},
    vault::{Opened, START, builder, create_key, decrypt, encrypt, error, explained, root, root_of},
};

/// A vault that is driven in steps, with something in it.
struct Scene {
    store: Shared,
    faulty: Faulty,
    driver: Driver,
    kms: Opened,
    blob: Vec<u8>,
}

impl Scene {
    /// With so many keys.
    fn new(keys: usize, lease: bool) -> Self {
        let store = Shared::new();
        let first = Opened::from(builder().0.create_in(store.clone(), &root()).unwrap());
        let key = create_key(&first).key_id;
        (1..keys).for_each(|_| drop(create_key(&first)));
        let blob = encrypt(&first, &key, b"kept").to_vec();
        first.vault.close();
        let faulty = Faulty::new(store.clone());
        let driver = Driver::new(faulty.clone(), lease);
        let kms = Opened::from(driver.open(builder().0, &root()).unwrap());
        Self { store, faulty, driver, kms, blob }
    }

    /// As another process would.
    #[track_caller]
    fn opens(&self, root: &RootKey) -> Opened {
        let opened = Opened::from(Vault::builder().clock(clock()).open(self.store.clone(), root).unwrap());
        assert_eq!(decrypt(&opened, &self.blob).unwrap(), b"kept");
        assert_eq!(opened.vault.verify().unwrap(), []);
        opened
    }

    #[track_caller]
    fn is_closed_to(&self, root: &RootKey) {
        explained(Vault::builder().open(self.store.clone(), root), ErrorKind::WrongRootKey, &[]);
    }

    fn run<T>(&self, operation: impl FnMut() -> Result<T>) -> Result<T> {
        self.driver.run(operation)
    }
}

fn clock() -> ManualClock {
    ManualClock::new(START)
}

#[test]
fn root_keys_come_and_go_in_steps() {
    for lease in [true, false] {
        let scene = Scene::new(1, lease);
        let vault = &scene.kms.vault;
        let first = scene.run(|| vault.root_keys()).unwrap().remove(0).id;
        let revision = scene.run(|| vault.revision()).unwrap();
        let second = scene.run(|| vault.add_root_key(&passphrase("second"), "admin")).unwrap();
        assert_eq!(scene.run(|| vault.revision()).unwrap(), revision + 2, "written, and marked as opened");
        let recovery = scene.run(|| vault.add_recovery_key("safe")).unwrap();
        let text = recovery.text.expose();
        let recovery_key = RootKey::from_recovery_key(text).unwrap();
        for root in [&root(), &passphrase("second"), &recovery_key] {
            drop(scene.opens(root));
        }
        scene.run(|| vault.replace_root_key(&second, &root_of(8))).unwrap();
        scene.is_closed_to(&passphrase("second"));
        scene.opens(&root_of(8));
        // Its own.
        scene.run(|| vault.remove_root_key(&first)).unwrap();
        scene.is_closed_to(&root());
        let infos = scene.run(|| vault.root_keys()).unwrap();
        let described: Vec<_> = infos.iter().map(|info| (info.kind, &*info.label, info.opened)).collect();
        assert_eq!(described, [(RootKeyKind::Recovery, "safe", true), (RootKeyKind::Bytes, "admin", true)]);
        scene.run(|| vault.remove_root_key(&recovery.id)).unwrap();
        let last = scene.run(|| vault.root_keys()).unwrap().remove(0).id;
        explained(scene.run(|| vault.remove_root_key(&last)), ErrorKind::LastRootKey, &[]);
        explained(scene.run(|| vault.remove_root_key("00")), ErrorKind::NotFound, &[]);
        explained(scene.run(|| vault.replace_root_key("00", &root())), ErrorKind::NotFound, &[]);
        create_key_in_steps(&scene);
    }
}

fn create_key_in_steps(scene: &Scene) {
    scene.run(|| scene.kms.create_key(pocketkms::api::CreateKeyRequest::default())).unwrap();
}

#[test]
fn the_vault_key_is_rotated_in_steps_and_in_pages() {
    let scene = Scene::new(150, true);
    let vault = &scene.kms.vault;
    scene.run(|| vault.add_root_key(&passphrase("second"), "")).unwrap();
    let left_out = scene.run(|| vault.rotate_vault_key(&[&root()]));
    explained(left_out, ErrorKind::Validation, &["not given"]);
    explained(scene.run(|| vault.rotate_vault_key(&[&root(), &root_of(9)])), ErrorKind::WrongRootKey, &[]);
    let copy = scene.store.copy();
    let (second, reads) = (passphrase("second"), scene.driver.reads());
    scene.run(|| vault.rotate_vault_key(&[&root(), &second])).unwrap();
    // A page is read together, and not record by record.
    let (records, reads) = (scene.store.records().len(), scene.driver.reads() - reads);
    assert!(records > 300 && reads < 60, "{reads} reads for {records} records");
    assert_eq!(scene.run(|| vault.finish_rotation()).ok(), Some(false));
    for root in [root(), passphrase("second")] {
        scene.opens(&root);
    }
    // Nothing of the old vault key is left: what stands in an earlier copy fits no more.
    let old = copy.records().into_iter().find(|record| record.name.starts_with("key/")).unwrap();
    scene.store.tamper(&old.name, |record| record.value = old.value.clone());
    scene.driver.fetched.forget();
    assert_eq!(scene.run(|| vault.verify()).unwrap().len(), 1);
}

#[test]
fn shredding_in_steps_leaves_one_new_root_key() {
    let scene = Scene::new(3, false);
    let vault = &scene.kms.vault;
    explained(scene.run(|| vault.shred(&root())), ErrorKind::Validation, &["shred takes a new one"]);
    let elsewhere = RemoteKey::default().root("hsm");
    explained(scene.run(|| vault.shred(&elsewhere)), ErrorKind::LastRootKey, &[]);
    scene.run(|| vault.shred(&root_of(8))).unwrap();
    scene.is_closed_to(&root());
    scene.opens(&root_of(8));
    create_key_in_steps(&scene);
    // What was done is not done again.
    explained(scene.run(|| vault.shred(&root_of(8))), ErrorKind::Validation, &[]);
}

/// Each change meets a fault at its first read or commit, then at its second, until it needs no more. Whatever was answered, the vault
/// opens with what it opened with, and the change can be made after it.
#[test]
fn faults_at_each_step_lose_no_one_the_vault() {
    type Change = fn(&Opened, &str) -> Result<()>;
    let changes: [(&str, Change); 4] = [
        ("add", |kms, _| kms.vault.add_root_key(&root_of(8), "").map(drop)),
        ("replace", |kms, id| kms.vault.replace_root_key(id, &root_of(9)).map(drop)),
        ("rotate", |kms, _| kms.vault.rotate_vault_key(&[&root()])),
        ("shred", |kms, _| kms.vault.shred(&root_of(6))),
    ];
    for fault in Fault::ONCE {
        let mut struck = 0;
        for (name, change) in changes {
            for spared in 0.. {
                let scene = Scene::new(2, false);
                let id = scene.run(|| scene.kms.vault.add_root_key(&passphrase("to be replaced"), "")).unwrap();
                if name == "rotate" {
                    scene.run(|| scene.kms.vault.remove_root_key(&id)).unwrap();
                }
                let situation = format!("{name}, {fault:?} after {spared}");
                scene.faulty.plan(fault, spared);
                let result = scene.run(|| change(&scene.kms, &id));
                let happened = scene.faulty.recover();
                struck += usize::from(happened);
                if let Err(error) = &result {
                    assert!(happened, "{situation}: {}", error.report());
                    assert_eq!(error.kind(), ErrorKind::Store, "{situation}: {}", error.report());
                }
                match (name, &result) {
                    ("shred", Ok(())) => scene.is_closed_to(&root()),
                    // Until it is finished, it opens with what it opened with, and goes on.
                    ("shred", Err(_)) => {
                        scene.opens(&root());
                        scene
                            .run(|| scene.kms.vault.shred(&root_of(6)))
                            .unwrap_or_else(|error| panic!("{situation}: {}", error.report()));
                        scene.opens(&root_of(6));
                        scene.is_closed_to(&root());
                    }
                    _ => {
                        let other = scene.opens(&root());
                        assert!(!other.vault.finish_rotation().unwrap() || result.is_err(), "{situation}");
                    }
                }
                if !happened {
                    break;
                }
            }
        }
        assert!(struck > 0, "{fault:?} never happened");
    }
}

/// Another process changes root keys between two steps.
#[test]
fn what_others_change_between_two_steps_stays() {
    let store = Shared::new();
    let interposed = Interposed::new(store.clone());
    let driver = Driver::new(interposed.clone(), true);
    let kms = Opened::from(driver.create(builder().0, &root()).unwrap());
    let other = move || Vault::builder().clock(clock()).open(store.clone(), &root()).unwrap();
    let theirs = other.clone();
    interposed.at(Moment::BeforeCommit, move || drop(theirs().add_root_key(&root_of(1), "theirs").unwrap()));
    driver.run(|| kms.vault.add_root_key(&root_of(2), "ours")).unwrap();
    let labels = |vault: &Vault| vault.root_keys().unwrap().into_iter().map(|info| info.label).collect::<Vec<_>>();
    assert_eq!(labels(&other()), ["", "theirs", "ours"]);
    // A rotation would lose what they added, or bring back what they took away.
    let theirs = other.clone();
    interposed.at(Moment::BeforeCommit, move || drop(theirs().add_root_key(&root_of(3), "late").unwrap()));
    let rotated = driver.run(|| kms.vault.rotate_vault_key(&[&root(), &root_of(1), &root_of(2)]));
    assert_eq!(error(rotated).kind(), ErrorKind::Conflict);
    assert_eq!(labels(&other()), ["", "theirs", "ours", "late"]);
    // They rotate, and this handle follows.
    other().rotate_vault_key(&[&root(), &root_of(1), &root_of(2), &root_of(3)]).unwrap();
    driver.run(|| kms.vault.add_root_key(&root_of(4), "after")).unwrap();
    assert_eq!(labels(&other()).len(), 5);
}

/// A key elsewhere that was asked before.
fn answered(elsewhere: &RemoteKey, name: &str, wrapped: Vec<Vec<u8>>) -> RootKey {
    let answers = wrapped.into_iter().map(|wrapped| {
        let key = elsewhere.unwrap(&wrapped).unwrap();
        (wrapped, key)
    });
    RootKey::from_answers(name, answers.collect()).unwrap()
}

#[test]
fn what_a_key_elsewhere_answered_before_opens_the_vault() {
    let (scene, elsewhere) = (Scene::new(1, true), RemoteKey::default());
    let vault = &scene.kms.vault;
    let new = |key: u8| answered(&elsewhere, "page", vec![elsewhere.wrap(&Secret::from(vec![key; 32])).unwrap()]);
    scene.run(|| vault.add_root_key(&new(1), "this browser")).unwrap();
    scene.run(|| vault.add_root_key(&new(2), "another")).unwrap();
    // As one that is asked at once.
    scene.opens(&elsewhere.root("page"));
    let header = scene.run(|| vault.header()).unwrap();
    let snapshot = scene.run(|| vault.snapshot()).unwrap();
    let wrapped = RootKey::wrapped_by("page", &header).unwrap();
    assert_eq!(wrapped.len(), 2);
    assert_eq!(RootKey::wrapped_by("page", &snapshot).unwrap(), wrapped);
    assert!(RootKey::wrapped_by("other", &snapshot).unwrap().is_empty());
    for wrapped in &wrapped {
        scene.opens(&answered(&elsewhere, "page", vec![wrapped.clone()]));
    }
    scene.is_closed_to(&answered(&elsewhere, "other", wrapped.clone()));
    scene.is_closed_to(&answered(&elsewhere, "page", vec![elsewhere.wrap(&Secret::from(vec![3; 32])).unwrap()]));
    scene.is_closed_to(&RootKey::from_answers("page", vec![]).unwrap());
    // One that answers something else.
    let lies = RootKey::from_answers("page", vec![(wrapped[0].clone(), Secret::from(vec![9; 32]))]).unwrap();
    scene.is_closed_to(&lies);
    // The vault key is rotated with it, by one root key for both or by each.
    scene.run(|| vault.rotate_vault_key(&[&root(), &answered(&elsewhere, "page", wrapped.clone())])).unwrap();
    let alone = |at: usize| answered(&elsewhere, "page", vec![wrapped[at].clone()]);
    scene.run(|| vault.rotate_vault_key(&[&root(), &alone(0), &alone(1)])).unwrap();
    let header = scene.run(|| vault.header()).unwrap();
    assert_eq!(RootKey::wrapped_by("page", &header).unwrap(), wrapped);
    scene.opens(&alone(1));
    // Never the last one that a person can keep.
    let first = scene.run(|| vault.root_keys()).unwrap().remove(0).id;
    explained(scene.run(|| vault.remove_root_key(&first)), ErrorKind::LastRootKey, &[]);
    explained(scene.run(|| vault.shred(&new(4))), ErrorKind::LastRootKey, &[]);
}

#[test]
fn answers_are_bounded_and_of_the_right_length() {
    let answers = |wrapped: usize, key: usize| vec![(vec![1; wrapped], Secret::from(vec![2; key]))];
    for (name, answers, kind) in [
        ("", answers(1, 32), ErrorKind::Validation),
        (&*"n".repeat(257), answers(1, 32), ErrorKind::Validation),
        ("n", answers(4097, 32), ErrorKind::LimitExceeded),
        ("n", answers(1, 31), ErrorKind::WrongRootKey),
    ] {
        explained(RootKey::from_answers(name, answers), kind, &[]);
    }
    let scene = Scene::new(1, true);
    let nothing = RootKey::from_answers("n", vec![]).unwrap();
    explained(scene.run(|| scene.kms.vault.add_root_key(&nothing, "")), ErrorKind::Validation, &["wrapped nothing"]);
    assert_eq!(scene.run(|| scene.kms.vault.root_keys()).unwrap().len(), 1);
    for garbage in [&b"V"[..], b"", b"PKMSSNAP", b"anything"] {
        assert!(RootKey::wrapped_by("n", garbage).is_err());
    }
}
