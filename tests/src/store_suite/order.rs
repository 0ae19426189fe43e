//! The order of names, and pages.

use super::{Case, Fixture, all, put};
use pocketkms::Store;

pub(super) const CASES: &[Case] = &[
    ("names are in the order of their bytes", byte_order),
    ("a prefix is taken byte by byte", prefixes),
    ("pages make up the whole", pages),
    ("a page begins after any name", after_any_name),
];

/// What a database may take for patterns or order by a language's rules, among others. Shuffled.
const NAMES: [&str; 24] = [
    "b", "a", "A", "a/b", "a!", "a~", "a~~", "a0", "a_", "aB", "ab", "a%", "a%b", "a*", "a[b]", "a?", "a\\", "a'",
    "a\"", "a b", "Z", "_", "~", "a/",
];

fn filled(fixture: &dyn Fixture) -> Box<dyn Store> {
    let store = fixture.open();
    for name in NAMES {
        store.commit(vec![put(name, None, name.as_bytes())]).unwrap();
    }
    store
}

fn sorted(prefix: &str) -> Vec<&'static str> {
    let mut names: Vec<_> = NAMES.into_iter().filter(|name| name.starts_with(prefix)).collect();
    names.sort_unstable();
    names
}

fn names(store: &dyn Store, prefix: &str, after: Option<&str>, limit: usize) -> Vec<String> {
    store.scan(prefix, after, limit).unwrap().into_iter().map(|record| record.name).collect()
}

fn byte_order(fixture: &dyn Fixture) {
    let store = filled(fixture);
    assert_eq!(names(&*store, "", None, 1000), sorted(""));
    assert!(all(&*store).iter().all(|record| record.name.as_bytes() == record.value.as_bytes()));
}

fn prefixes(fixture: &dyn Fixture) {
    let store = filled(fixture);
    for prefix in NAMES.into_iter().chain(["", "a/b/", "c", "B", "~~", " "]) {
        assert_eq!(names(&*store, prefix, None, 1000), sorted(prefix), "'{prefix}'");
        for name in NAMES {
            assert_eq!(store.get(name).unwrap().unwrap().name, name);
        }
    }
    assert_eq!(store.get("c").unwrap(), None);
    assert_eq!(store.get("B").unwrap(), None, "names are not compared by a language's rules");
}

fn pages(fixture: &dyn Fixture) {
    let store = filled(fixture);
    for prefix in ["", "a", "a%", "~"] {
        for limit in [1, 2, 3, 7, 24, 1000] {
            let (mut found, mut after) = (Vec::new(), None::<String>);
            loop {
                let page = names(&*store, prefix, after.as_deref(), limit);
                assert!(page.len() <= limit);
                let Some(last) = page.last() else { break };
                after = Some(last.clone());
                found.extend(page);
            }
            assert_eq!(found, sorted(prefix), "'{prefix}' by {limit}");
        }
        assert_eq!(names(&*store, prefix, None, 0), [""; 0]);
        // As many as there are, however many are asked for.
        assert_eq!(names(&*store, prefix, None, usize::MAX), sorted(prefix));
    }
}

fn after_any_name(fixture: &dyn Fixture) {
    let store = filled(fixture);
    for after in NAMES.into_iter().chain(["", "a0b", "zz", "!", "B"]) {
        for prefix in ["", "a", "a/", "b"] {
            let expected: Vec<_> = sorted(prefix).into_iter().filter(|name| *name > after).collect();
            assert_eq!(names(&*store, prefix, Some(after), 1000), expected, "'{prefix}' after '{after}'");
        }
    }
}
