//! The whole table of the AWS KMS Developer Guide, "Key states of AWS KMS keys": also the states that no operation leads
//! to yet. The others are tried through the public methods in tests/tests/states.rs.
//!
//! What the service model says of two states goes before: of `Creating`, "you can manage key, but you cannot yet use it
//! in cryptographic operations" (`ReplicateKey`); of `Updating`, "you can use the keys in cryptographic operations, but you
//! cannot […] perform certain management operations, such as enabling or disabling" (`UpdatePrimaryRegion`).

use crate::{
    api::Operation,
    error::ErrorKind,
    key::KeyState::{self, *},
};
use alloc::{format, string::String, vec::Vec};

/// The columns of the table.
const COLUMNS: [KeyState; 8] =
    [Enabled, Disabled, PendingDeletion, PendingReplicaDeletion, PendingImport, Unavailable, Creating, Updating];

/// `ok`: succeeds. `dis`: `DisabledException: … is disabled.` Else a `KMSInvalidStateException`: `del`: `… is pending
/// deletion.`, `rep`: `… is pending replica deletion.`, `imp`: `… is pending import.`, `not`: `… is not pending deletion.`,
/// `una`: `… is unavailable.`, `cre`: `… is creating.`, `upd`: `… is updating.`
const TABLE: &str = "
    CreateKey                       ok  ok  ok  ok  ok  ok  ok  ok
    DescribeKey                     ok  ok  ok  ok  ok  ok  ok  ok
    ListKeys                        ok  ok  ok  ok  ok  ok  ok  ok
    ReplicateKey                    ok  dis del rep imp una cre upd
    UpdatePrimaryRegion             ok  dis del rep imp una cre upd
    UpdateKeyDescription            ok  ok  del rep ok  ok  ok  ok
    EnableKey                       ok  ok  del rep imp ok  ok  upd
    DisableKey                      ok  ok  del rep imp ok  ok  upd
    CreateAlias                     ok  ok  del rep ok  ok  ok  ok
    UpdateAlias                     ok  ok  del rep ok  ok  ok  ok
    DeleteAlias                     ok  ok  ok  ok  ok  ok  ok  ok
    ListAliases                     ok  ok  ok  ok  ok  ok  ok  ok
    Encrypt                         ok  dis del rep imp una cre ok
    Decrypt                         ok  dis del rep imp una cre ok
    ReEncrypt                       ok  dis del rep imp una cre ok
    GenerateDataKey                 ok  dis del rep imp una cre ok
    GenerateDataKeyWithoutPlaintext ok  dis del rep imp una cre ok
    GenerateDataKeyPair             ok  dis del rep imp una cre ok
    GenerateDataKeyPairWithoutPlaintext ok dis del rep imp una cre ok
    GenerateRandom                  ok  ok  ok  ok  ok  ok  ok  ok
    GenerateMac                     ok  dis del rep imp una cre ok
    VerifyMac                       ok  dis del rep imp una cre ok
    Sign                            ok  dis del rep imp una cre ok
    Verify                          ok  dis del rep imp una cre ok
    GetPublicKey                    ok  dis del rep imp una cre ok
    DeriveSharedSecret              ok  dis del rep imp una cre ok
    Encapsulate                     ok  dis del rep imp una cre ok
    Decapsulate                     ok  dis del rep imp una cre ok
    EnableKeyRotation               ok  dis del rep imp una cre upd
    DisableKeyRotation              ok  dis del rep imp una cre upd
    GetKeyRotationStatus            ok  ok  ok  ok  ok  ok  ok  ok
    RotateKeyOnDemand               ok  dis del rep imp una cre upd
    ListKeyRotations                ok  ok  ok  ok  ok  ok  ok  ok
    GetParametersForImport          ok  ok  del rep ok  ok  ok  ok
    ImportKeyMaterial               ok  ok  del rep ok  ok  ok  ok
    DeleteImportedKeyMaterial       ok  ok  ok  ok  ok  ok  ok  ok
    ScheduleKeyDeletion             ok  ok  del rep ok  ok  ok  ok
    CancelKeyDeletion               not not ok  ok  not not not not
    TagResource                     ok  ok  del rep ok  ok  ok  ok
    UntagResource                   ok  ok  del rep ok  ok  ok  ok
    ListResourceTags                ok  ok  ok  ok  ok  ok  ok  ok
    PutKeyPolicy                    ok  ok  ok  ok  ok  ok  ok  ok
    GetKeyPolicy                    ok  ok  ok  ok  ok  ok  ok  ok
    ListKeyPolicies                 ok  ok  ok  ok  ok  ok  ok  ok
    GetKeyLastUsage                 ok  ok  ok  ok  ok  ok  ok  ok
    CreateGrant                     ok  dis del rep imp ok  cre ok
    ListGrants                      ok  ok  ok  ok  ok  ok  ok  ok
    ListRetirableGrants             ok  ok  ok  ok  ok  ok  ok  ok
    RetireGrant                     ok  ok  ok  ok  ok  ok  ok  ok
    RevokeGrant                     ok  ok  ok  ok  ok  ok  ok  ok
    CreateCustomKeyStore            ok  ok  ok  ok  ok  ok  ok  ok
    DescribeCustomKeyStores         ok  ok  ok  ok  ok  ok  ok  ok
    UpdateCustomKeyStore            ok  ok  ok  ok  ok  ok  ok  ok
    DeleteCustomKeyStore            ok  ok  ok  ok  ok  ok  ok  ok
    ConnectCustomKeyStore           ok  ok  ok  ok  ok  ok  ok  ok
    DisconnectCustomKeyStore        ok  ok  ok  ok  ok  ok  ok  ok
";

const ARN: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn answer_of(operation: Operation, state: KeyState) -> Option<(ErrorKind, String)> {
    let error = state.check(operation.state_rule(), || ARN).err()?;
    Some((error.kind(), error.message().into()))
}

fn expected(cell: &str) -> Option<(ErrorKind, String)> {
    let (kind, end) = match cell {
        "ok" => return None,
        "dis" => (ErrorKind::Disabled, "is disabled."),
        "del" => (ErrorKind::KmsInvalidState, "is pending deletion."),
        "rep" => (ErrorKind::KmsInvalidState, "is pending replica deletion."),
        "imp" => (ErrorKind::KmsInvalidState, "is pending import."),
        "not" => (ErrorKind::KmsInvalidState, "is not pending deletion."),
        "una" => (ErrorKind::KmsInvalidState, "is unavailable."),
        "cre" => (ErrorKind::KmsInvalidState, "is creating."),
        "upd" => (ErrorKind::KmsInvalidState, "is updating."),
        _ => unreachable!("the table has no such cell: {cell}"),
    };
    Some((kind, format!("{ARN} {end}")))
}

#[test]
fn the_table_has_every_operation_and_state() {
    let named: Vec<_> = TABLE.lines().filter_map(|row| row.split_whitespace().next()).collect();
    let operations: Vec<_> = Operation::ALL.iter().map(|operation| operation.name()).collect();
    assert_eq!(named, operations);
    assert!(KeyState::ALL.iter().all(|state| COLUMNS.contains(state)));
    assert_eq!(KeyState::ALL.len(), COLUMNS.len());
}

#[test]
fn every_cell_holds() {
    let rows = TABLE.lines().map(|row| row.split_whitespace().collect::<Vec<_>>()).filter(|row| !row.is_empty());
    for (operation, row) in Operation::ALL.iter().zip(rows) {
        assert_eq!(row.len(), 1 + COLUMNS.len(), "{}", operation.name());
        for (state, cell) in COLUMNS.into_iter().zip(&row[1..]) {
            assert_eq!(answer_of(*operation, state), expected(cell), "{} of a key that is {state}", operation.name());
        }
    }
}
