//! A store that falls silent in the middle of a flush, so that it is not known whether it took the events.

use super::{found, open, patient, use_key};
use pocketkms::{Change, CommitError, ErrorKind, Record, Store, StoreError};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, builder, create_key, error, root},
};
use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

const WORKS: u8 = 0;
/// Makes the next commit and is silent then.
const FALLS_SILENT: u8 = 1;
/// Loses the next commit and is silent then.
const FALLS_SILENT_BEFORE: u8 = 2;
const SILENT: u8 = 3;

#[derive(Clone)]
struct Silent {
    store: Shared,
    mode: Arc<AtomicU8>,
}

impl Silent {
    fn answers(&self) -> Result<(), StoreError> {
        if self.mode.load(Ordering::SeqCst) == SILENT { Err(StoreError::other("no answer")) } else { Ok(()) }
    }
}

impl Store for Silent {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        self.answers()?;
        self.store.get(name)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.answers()?;
        self.store.scan(prefix, after, limit)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        match self.mode.load(Ordering::SeqCst) {
            WORKS => return self.store.commit(changes),
            FALLS_SILENT => self.store.commit(changes)?,
            _ => {}
        }
        self.mode.store(SILENT, Ordering::SeqCst);
        Err(CommitError::Unknown(StoreError::other("no answer")))
    }

    fn is_durable(&self) -> bool {
        self.store.is_durable()
    }
}

#[test]
fn events_of_which_it_is_not_known_whether_they_were_stored_are_stored_once() {
    for mode in [FALLS_SILENT, FALLS_SILENT_BEFORE] {
        let silent = Silent { store: Shared::new(), mode: Arc::default() };
        let builder = builder().0.audit(patient());
        let kms = Opened::from(builder.create_in(silent.clone(), &root()).unwrap());
        let key = create_key(&kms).key_id;
        use_key(&kms, &key, 3);
        silent.mode.store(mode, Ordering::SeqCst);
        assert_eq!(error(kms.vault.flush_audit()).kind(), ErrorKind::OutcomeUnknown);
        // It is silent for some time.
        kms.vault.flush_audit().unwrap_err();
        silent.mode.store(WORKS, Ordering::SeqCst);
        use_key(&kms, &key, 1);
        kms.vault.flush_audit().unwrap();
        let report = open(&silent.store).vault.verify_audit().unwrap();
        assert_eq!((report.events, &*report.problems), (5, &[][..]), "{mode}");
        found(&kms, &[]);
    }
}
