//! Several handles at once.

use super::{Case, Fixture, all, contents, delete, keep, put};
use pocketkms::{CommitError, Store};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

pub(super) const CASES: &[Case] = &[
    ("what one handle commits every other sees", seen_by_all),
    ("of two commits that expect the same, one happens", one_of_two),
    ("no change of concurrent writers is lost", no_lost_update),
    ("a scan is of one moment", one_moment),
    ("what is reserved goes on, and comes to an end", reserved),
];

const THREADS: usize = 4;
const ROUNDS: usize = 40;

fn seen_by_all(fixture: &dyn Fixture) {
    let before = fixture.open();
    let writer = fixture.open();
    writer.commit(vec![put("a", None, b"1"), put("b", None, b"1")]).unwrap();
    writer.commit(vec![put("a", Some(1), b"2"), delete("b", Some(1))]).unwrap();
    for reader in [&before, &fixture.open()] {
        assert_eq!(contents(&all(&**reader)), [("a", 2, &b"2"[..])]);
        assert_eq!(reader.get("b").unwrap(), None);
    }
    drop((before, writer));
    assert_eq!(contents(&all(&*fixture.open())), [("a", 2, &b"2"[..])], "also when no one had it open");
}

fn one_of_two(fixture: &dyn Fixture) {
    for round in 0..ROUNDS {
        let (won, name) = (AtomicUsize::new(0), format!("round/{round}"));
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let store = fixture.open();
                    match store.commit(vec![put(&name, None, b"mine")]) {
                        Ok(()) => _ = won.fetch_add(1, Ordering::SeqCst),
                        Err(CommitError::Conflict) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                });
            }
        });
        assert_eq!(won.into_inner(), 1);
    }
}

/// Adds one to two counters at once, as often as it takes until no one came between.
fn count(store: &dyn Store) {
    loop {
        let read = |name| {
            store.get(name).unwrap().map_or((None, 0), |record| {
                let number = record.value.as_bytes().try_into().map(u64::from_be_bytes).unwrap();
                (Some(record.revision), number)
            })
        };
        let ((one, number), (other, _)) = (read("one"), read("other"));
        let next = (number + 1).to_be_bytes();
        match store.commit(vec![put("one", one, &next), put("other", other, &next), keep("third", None)]) {
            Ok(()) => return,
            Err(CommitError::Conflict) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn no_lost_update(fixture: &dyn Fixture) {
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let store = fixture.open();
                (0..ROUNDS).for_each(|_| count(&*store));
            });
        }
    });
    let total = (THREADS * ROUNDS) as u64;
    let value = total.to_be_bytes();
    assert_eq!(contents(&all(&*fixture.open())), [("one", total, &value[..]), ("other", total, &value)]);
}

fn one_moment(fixture: &dyn Fixture) {
    let store = fixture.open();
    let set = |revision: u64| {
        let expected = (revision > 0).then_some(revision);
        let value = revision.to_be_bytes();
        let mut changes: Vec<_> = (0..20).map(|number| put(&format!("n/{number:02}"), expected, &value)).collect();
        // One record that is there in every second state alone.
        changes.push(match revision % 2 {
            0 => put("n/99", None, &value),
            _ => delete("n/99", Some(1)),
        });
        store.commit(changes).unwrap();
    };
    set(0);
    thread::scope(|scope| {
        let writer = scope.spawn(|| (1..=ROUNDS as u64).for_each(set));
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let reader = fixture.open();
                    for _ in 0..ROUNDS {
                        let records = reader.scan("n/", None, 100).unwrap();
                        let value = records[0].value.clone();
                        assert!(records.iter().all(|record| record.value == value), "a scan of two moments");
                        assert_eq!(records.len() % 2, usize::from(value.as_bytes()[7] % 2 == 0));
                    }
                })
            })
            .collect();
        for reader in readers {
            reader.join().unwrap();
        }
        writer.join().unwrap();
    });
}

fn reserved(fixture: &dyn Fixture) {
    let (store, other) = (fixture.open(), fixture.open());
    // Nothing of it stays: neither with a commit nor without, neither after a conflict nor twice.
    store.release();
    store.reserve().unwrap();
    store.reserve().unwrap();
    store.commit(vec![put("a", None, b"1")]).unwrap();
    other.commit(vec![put("a", Some(1), b"2")]).unwrap();
    store.release();
    store.reserve().unwrap();
    assert_eq!(store.get("a").unwrap().map(|record| record.revision), Some(2), "it reads what is there");
    assert!(matches!(store.commit(vec![put("a", Some(1), b"3")]), Err(CommitError::Conflict)));
    other.commit(vec![put("a", Some(2), b"3")]).unwrap();
    store.reserve().unwrap();
    store.release();
    store.release();
    other.commit(vec![put("a", Some(3), b"4")]).unwrap();
    assert_eq!(contents(&all(&*store)), [("a", 4, &b"4"[..])]);
}
