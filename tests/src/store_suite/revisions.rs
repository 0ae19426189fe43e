//! Expected revisions, all or nothing, bounds.

use super::{Case, Fixture, all, contents, delete, keep, put};
use pocketkms::{Change, CommitError, StoreErrorKind};

pub(super) const CASES: &[Case] = &[
    ("an empty store", an_empty_store),
    ("revisions count the changes of a record", revisions_count),
    ("a change that expects something else changes nothing", conflicts),
    ("all or nothing, whichever change is in the way", all_or_nothing),
    ("any bytes, any length", any_bytes),
    ("the bounds of a commit", bounds),
    ("the generation is that of every handle", generation),
    ("a lease is at most a second", lease),
];

fn an_empty_store(fixture: &dyn Fixture) {
    let store = fixture.open();
    assert_eq!(store.get("vault").unwrap(), None);
    assert_eq!(store.scan("", None, 10).unwrap(), []);
    assert_eq!(store.generation().unwrap(), 0);
    store.commit(vec![keep("a", None), delete("b", None)]).expect("nothing was expected, and nothing is there");
    assert_eq!(all(&*store), []);
}

fn revisions_count(fixture: &dyn Fixture) {
    let store = fixture.open();
    store.commit(vec![put("a", None, b"1"), put("b", None, b"1")]).unwrap();
    store.commit(vec![put("a", Some(1), b"2"), keep("b", Some(1))]).unwrap();
    store.commit(vec![put("a", Some(2), b"3")]).unwrap();
    assert_eq!(contents(&all(&*store)), [("a", 3, &b"3"[..]), ("b", 1, b"1")]);
    let record = store.get("a").unwrap().unwrap();
    assert_eq!(contents(&[record]), [("a", 3, &b"3"[..])]);
    store.commit(vec![delete("a", Some(3))]).unwrap();
    assert_eq!(store.get("a").unwrap(), None);
    // One that is made again begins again.
    store.commit(vec![put("a", None, b"new")]).unwrap();
    assert_eq!(contents(&all(&*store)), [("a", 1, &b"new"[..]), ("b", 1, b"1")]);
}

fn conflicts(fixture: &dyn Fixture) {
    let store = fixture.open();
    store.commit(vec![put("a", None, b"1")]).unwrap();
    store.commit(vec![put("a", Some(1), b"2")]).unwrap();
    let before = all(&*store);
    for expected in [None, Some(0), Some(1), Some(3), Some(u64::MAX >> 1)] {
        for change in [put("a", expected, b"3"), keep("a", expected), delete("a", expected)] {
            let result = store.commit(vec![change.clone()]);
            assert!(matches!(result, Err(CommitError::Conflict)), "{change:?}: {result:?}");
        }
    }
    for change in [put("b", Some(1), b"3"), keep("b", Some(1)), delete("b", Some(1))] {
        let result = store.commit(vec![change.clone()]);
        assert!(matches!(result, Err(CommitError::Conflict)), "{change:?}: {result:?}");
    }
    assert_eq!(all(&*store), before);
}

fn all_or_nothing(fixture: &dyn Fixture) {
    let store = fixture.open();
    store.commit(vec![put("changed", None, b"1"), put("removed", None, b"1"), put("kept", None, b"1")]).unwrap();
    let before = all(&*store);
    let good =
        [put("changed", Some(1), b"2"), delete("removed", Some(1)), put("new", None, b"1"), keep("kept", Some(1))];
    for at in 0..=good.len() {
        for bad in [put("other", Some(1), b"2"), keep("other", Some(7)), delete("other", Some(1))] {
            let mut changes = good.to_vec();
            changes.insert(at, bad);
            assert!(matches!(store.commit(changes), Err(CommitError::Conflict)), "at {at}");
            assert_eq!(all(&*store), before, "at {at}");
            assert_eq!(all(&*fixture.open()), before, "at {at}");
        }
    }
    store.commit(good.to_vec()).unwrap();
    assert_eq!(contents(&all(&*store)), [("changed", 2, &b"2"[..]), ("kept", 1, b"1"), ("new", 1, b"1")]);
}

fn any_bytes(fixture: &dyn Fixture) {
    let store = fixture.open();
    let every: Vec<u8> = (0..=255).collect();
    let long = vec![7; 600_000];
    let name = "n".repeat(400);
    let values = [("empty", &[][..]), ("every", &every), ("long", &long), ("zero", b"\0"), (&name, b"long name")];
    for (name, value) in values {
        store.commit(vec![put(name, None, value)]).unwrap();
    }
    for (name, value) in values {
        assert!(fixture.open().get(name).unwrap().unwrap().value.as_bytes() == value, "{name}");
    }
}

fn bounds(fixture: &dyn Fixture) {
    let store = fixture.open();
    let refused = |changes: Vec<Change>| {
        let before = all(&*store);
        let Err(CommitError::Failed(error)) = store.commit(changes) else { panic!("a commit that is too large") };
        assert_eq!(error.kind(), StoreErrorKind::TooLarge);
        assert_eq!(all(&*store), before);
    };
    let most = Change::MAX_PER_COMMIT;
    store.commit((0..most).map(|number| put(&format!("{number}"), None, b"1")).collect()).unwrap();
    refused((0..=most).map(|number| put(&format!("{number}"), None, b"2")).collect());
    // Those that only expect something count, too.
    refused((0..=most).map(|number| keep(&format!("{number}"), Some(1).filter(|_| number < most))).collect());
    let bytes = Change::MAX_COMMIT_BYTES;
    refused(vec![put("large", None, &vec![1; bytes - 4])]);
    refused(vec![put("half", None, &vec![1; bytes / 2]), put("rest", None, &vec![1; bytes / 2 - 7])]);
    store.commit(vec![put("large", None, &vec![1; bytes - 5])]).unwrap();
    store.commit(vec![put("half", None, &vec![1; bytes / 2]), put("rest", None, &vec![1; bytes / 2 - 8])]).unwrap();
}

fn generation(fixture: &dyn Fixture) {
    let (one, other) = (fixture.open(), fixture.open());
    assert_eq!(other.generation().unwrap(), 0);
    for revision in 0..5 {
        let expected = (revision > 0).then_some(revision);
        one.commit(vec![put("generation", expected, b"state"), put(&format!("{revision}"), None, b"1")]).unwrap();
        for handle in [&one, &other, &fixture.open()] {
            assert_eq!(handle.generation().unwrap(), revision + 1);
        }
    }
    // What does not write it does not count.
    other.commit(vec![put("more", None, b"1"), keep("generation", Some(5))]).unwrap();
    assert_eq!((one.generation().unwrap(), other.generation().unwrap()), (5, 5));
}

fn lease(fixture: &dyn Fixture) {
    assert!(fixture.open().lease().as_millis() <= 1000);
}
