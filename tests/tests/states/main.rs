//! Every operation against every state that a key can be brought into, with the exact error of each cell.
//!
//! The truth is the table in the AWS KMS Developer Guide, "Key states of AWS KMS keys". Where the guide allows two errors
//! for a key that waits for its deletion (`DisabledException` or `KMSInvalidStateException`), PocketKMS gives the latter.
//! The states that no operation leads to yet stand in a table of their own, in `core/src/ops/state_table.rs`.

mod principals;
mod scene;
mod table;

use pocketkms::api::*;
use scene::{STATES, Scene};
use table::{Cell, table};

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
            let scene = Scene::set_with(state, row.spec, row.is_multi_region);
            let place = format!("{} ({}) of a key that is {state:?}", row.operation.name(), row.what);
            // What fell due is done by the first to come; here it is not to be taken for a change by the operation.
            scene.kms.vault.snapshot().expect("a snapshot");
            let before = scene.store.records();
            cell.check(&scene, (row.call)(&scene, &scene.kms), &place);
            if !matches!(cell, Cell::Fine) {
                assert_eq!(scene.store.records(), before, "{place} was refused, and changed something");
            }
        }
    }
}

#[test]
fn states_are_told_as_the_model_names_them() {
    use pocketkms::keys::KeyState;
    for (state, shown) in STATES.into_iter().zip([
        Some(KeyState::Enabled),
        Some(KeyState::Disabled),
        Some(KeyState::PendingDeletion),
        Some(KeyState::Disabled),
        None,
    ]) {
        let scene = Scene::set(state);
        let request = DescribeKeyRequest { key_id: scene.key(), ..Default::default() };
        let metadata = scene.kms.describe_key(request).ok().map(|response| response.key_metadata);
        assert_eq!(metadata.as_ref().map(|metadata| metadata.key_state), shown, "{state:?}");
        // "When KeyState is Enabled this value is true, otherwise it is false."
        let enabled = metadata.map(|metadata| metadata.enabled);
        assert_eq!(enabled, shown.map(|state| state == KeyState::Enabled), "{state:?}");
    }
}
