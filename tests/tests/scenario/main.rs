//! The scenarios that every language plays (`tests/scenario`), through the wire.

mod pattern;
mod player;

use pocketkms_tests::{driven::Driver, store::Shared};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenario");

/// The scenarios, by name of file.
fn scenarios() -> Vec<(String, Value)> {
    let files = fs::read_dir(FOLDER).expect("the folder of scenarios").map(|entry| entry.expect("an entry").path());
    let mut names: Vec<_> = files.filter(|file| is_scenario(file)).collect();
    names.sort();
    names.iter().map(|file| (file.display().to_string(), read(file))).collect()
}

fn is_scenario(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "json") && !file.ends_with("schema.json")
}

fn read(file: &Path) -> Value {
    let text = fs::read_to_string(file).expect("a readable file");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn every_scenario_goes_as_written() {
    let mut called = BTreeSet::new();
    let mut wrong = Vec::new();
    for (name, scenario) in scenarios() {
        match player::play(&name, scenario, &player::Memory) {
            Ok(mut operations) => called.append(&mut operations),
            Err(complaint) => wrong.push(complaint),
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    let all: BTreeSet<_> = pocketkms::api::Operation::ALL.iter().map(|operation| operation.name().to_owned()).collect();
    assert_eq!(called, all, "each operation is called in a scenario");
}

/// In a store that answers to no call at once. Where nothing is kept from one operation to the next, each is run again for each of its
/// reads.
#[test]
fn every_scenario_goes_the_same_in_steps() {
    for lease in [true, false] {
        for (name, scenario) in scenarios() {
            let driver = Driver::new(Shared::new(), lease);
            player::play(&name, scenario, &driver).unwrap_or_else(|wrong| panic!("lease {lease}: {wrong}"));
            assert!(driver.reads() > 0);
        }
    }
}

/// A player that passes over what it does not understand would prove nothing.
#[test]
fn a_scenario_that_goes_otherwise_is_noticed() {
    let create = r#"{ "call": "CreateKey", "input": {}, "answer": { "KeyMetadata": { "KeyId": { "$let": "key" } } } }"#;
    for (wrong, complaint) in [
        (r#"{ "call": "ListKeys", "input": {}, "answer": { "Keys": [] } }"#, "Keys: 1 items, not 0"),
        (r#"{ "call": "ListKeys", "input": {}, "answer": { "Keys": [{ "KeyId": "x" }] } }"#, "Keys.0.KeyId: "),
        (r#"{ "call": "ListKeys", "input": {}, "answer": { "Truncated": null } }"#, "Truncated: "),
        (r#"{ "call": "ListKeys", "input": {}, "answer": { "Truncated": { "$not": false } } }"#, "Truncated: "),
        (r#"{ "call": "ListKeys", "input": {}, "answer": { "Keys": { "$length": 2 } } }"#, "Keys: "),
        (r#"{ "call": "ListKeys", "input": {}, "answer": { "Keys": { "$set": [] } } }"#, "Keys: "),
        (r#"{ "call": "ListKeys", "input": {}, "answer": { "NextMarker": { "$let": "x" } } }"#, "NextMarker: missing"),
        (r#"{ "call": "ListKeys", "input": {}, "answer": { "Truncated": { "$odd": 1 } } }"#, "unknown pattern"),
        (r#"{ "call": "ListKeys", "input": {} }"#, "answered, but nothing was expected"),
        (r#"{ "call": "EnableKey", "input": { "KeyId": "${key}" }, "answer": { "KeyId": "${key}" } }"#, "KeyId: "),
        (r#"{ "call": "EnableKey", "input": { "KeyId": "${none}" } }"#, "nothing is called ${none}"),
        (r#"{ "call": "EnableKey", "input": { "KeyId": "alias/none" } }"#, "NotFoundException"),
        (r#"{ "call": "EnableKey", "input": { "KeyId": "${key}" }, "error": "NotFoundException" }"#, "no error"),
        (r#"{ "call": "EnableKey", "input": { "KeyId": "x" }, "error": "DisabledException" }"#, "NotFoundException"),
        (
            r#"{ "call": "EnableKey", "input": { "KeyId": "x" }, "error": "NotFoundException", "message": "y" }"#,
            "message: ",
        ),
        (
            r#"{ "call": "CreateKey", "input": {}, "answer": { "KeyMetadata": { "CreationDate": { "$clock": { "days": 1 } } } } }"#,
            "CreationDate: ",
        ),
        (
            r#"{ "call": "GenerateRandom", "input": { "NumberOfBytes": 2 }, "answer": { "Plaintext": { "$bytes": 3 } } }"#,
            "Plaintext: ",
        ),
        (r#"{ "call": "ListKeys", "input": {}, "answer": {}, "as": "nobody" }"#, "no caller is called nobody"),
        (r#"{ "cal": "ListKeys" }"#, "unknown field"),
    ] {
        let scenario =
            serde_json::from_str(&format!(r#"{{ "title": "wrong", "steps": [{create}, {wrong}] }}"#)).unwrap();
        let said = player::play("wrong", scenario, &player::Memory).expect_err(wrong);
        assert!(said.contains(complaint), "{wrong}: {said}");
    }
}
