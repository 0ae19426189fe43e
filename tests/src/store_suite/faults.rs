//! A vault in a store that fails: at every step, in every way, each change is made whole or not at all.

use super::{Case, Fixture};
use crate::{
    store::{Fault, Faulty},
    vault::{Opened, START, create_alias, create_key, describe, root},
};
#[allow(clippy::wildcard_imports, reason = "the requests of many operations")]
use pocketkms::{ErrorKind, ManualClock, Result, Vault, api::*};

pub(super) const CASES: &[Case] = &[
    ("a vault outlasts its handles", a_vault_lasts),
    ("a refused commit changes nothing", |fixture| at_every_step(fixture, Fault::CommitRefused)),
    ("a lost answer is found out about", |fixture| at_every_step(fixture, Fault::AnswerLost)),
    ("a lost request is never carried out", |fixture| at_every_step(fixture, Fault::RequestLost)),
    ("a conflict is computed again", |fixture| at_every_step(fixture, Fault::Conflict)),
    ("a record that cannot be read", |fixture| at_every_step(fixture, Fault::GetFails)),
    ("records that cannot be read", |fixture| at_every_step(fixture, Fault::ScanFails)),
];

/// What is done to a vault, in this order. Whatever ids it makes up, everything else is the same each time.
const STEPS: [(&str, Step); 9] = [
    ("CreateKey", |kms, _| kms.create_key(CreateKeyRequest::default()).map(drop)),
    ("CreateAlias", |kms, _| {
        kms.create_alias(CreateAliasRequest { alias_name: "alias/one".into(), target_key_id: first(kms)? })
    }),
    ("CreateGrant", |kms, _| {
        let request = CreateGrantRequest {
            key_id: "alias/kept".into(),
            grantee_principal: Some("arn:aws:iam::000000000000:user/u".into()),
            operations: vec![GrantOperation::Encrypt],
            name: Some("once".into()),
            ..Default::default()
        };
        // A grant takes no alias.
        let key_id = kms.describe_key(DescribeKeyRequest { key_id: request.key_id.clone(), ..Default::default() })?;
        kms.create_grant(CreateGrantRequest { key_id: key_id.key_metadata.key_id, ..request }).map(drop)
    }),
    ("RotateKeyOnDemand", |kms, _| kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: kept(kms)? }).map(drop)),
    ("EnableKeyRotation", |kms, _| {
        kms.enable_key_rotation(EnableKeyRotationRequest { key_id: kept(kms)?, rotation_period_in_days: Some(90) })
    }),
    ("a rotation falls due", |kms, clock| {
        clock.set(START.plus_days(100));
        kms.describe_key(DescribeKeyRequest { key_id: kept(kms)?, ..Default::default() }).map(drop)
    }),
    ("DeleteAlias", |kms, _| kms.delete_alias(DeleteAliasRequest { alias_name: "alias/one".into() })),
    ("ScheduleKeyDeletion", |kms, _| {
        let request = ScheduleKeyDeletionRequest { key_id: kept(kms)?, pending_window_in_days: Some(7) };
        kms.schedule_key_deletion(request).map(drop)
    }),
    ("a deletion falls due", |kms, clock| {
        clock.set(START.plus_days(110));
        kms.list_keys(ListKeysRequest::default()).map(drop)
    }),
];

type Step = fn(&Opened, &ManualClock) -> Result<()>;

/// The key with the lowest id.
fn first(kms: &Opened) -> Result<String> {
    Ok(kms.list_keys(ListKeysRequest::default())?.keys.remove(0).key_id)
}

/// The key of the alias that is there all the time.
fn kept(kms: &Opened) -> Result<String> {
    let request = DescribeKeyRequest { key_id: "alias/kept".into(), ..Default::default() };
    Ok(kms.describe_key(request)?.key_metadata.key_id)
}

/// What can be seen of a vault, all but ids.
pub fn sight(kms: &Opened) -> Vec<String> {
    let mut seen = Vec::new();
    for key in kms.list_keys(ListKeysRequest::default()).unwrap().keys {
        let state = describe(kms, &key.key_id).key_state;
        let request = ListKeyRotationsRequest { key_id: key.key_id.clone(), ..Default::default() };
        let rotations = kms.list_key_rotations(request).unwrap().rotations.len();
        let request = ListGrantsRequest { key_id: key.key_id.clone(), ..Default::default() };
        let grants = kms.list_grants(request).unwrap().grants.len();
        let status = GetKeyRotationStatusRequest { key_id: key.key_id };
        let next = kms.get_key_rotation_status(status).unwrap().next_rotation_date;
        seen.push(format!("{state} {rotations} {grants} {next:?}"));
    }
    seen.sort_unstable();
    seen.extend(
        kms.list_aliases(ListAliasesRequest::default()).unwrap().aliases.into_iter().map(|alias| alias.alias_name),
    );
    seen
}

fn open(fixture: &dyn Fixture, clock: &ManualClock) -> Opened {
    Opened::from(Vault::builder().clock(clock.clone()).open(fixture.open(), &root()).unwrap())
}

/// A vault with one key, in a place under its own prefix of the fixture.
fn create(fixture: &dyn Fixture, clock: &ManualClock) -> (Opened, Faulty) {
    let faulty = Faulty::new(fixture.open());
    let kms = Opened::from(Vault::builder().clock(clock.clone()).create_in(faulty.clone(), &root()).unwrap());
    create_alias(&kms, "alias/kept", &create_key(&kms).key_id);
    (kms, faulty)
}

fn a_vault_lasts(fixture: &dyn Fixture) {
    let clock = ManualClock::new(START);
    let (kms, _) = create(fixture, &clock);
    for (name, step) in STEPS {
        step(&kms, &clock).unwrap_or_else(|error| panic!("{name}: {}", error.report()));
        let other = open(fixture, &clock);
        assert_eq!(sight(&other), sight(&kms), "{name}");
        assert_eq!(other.vault.verify().unwrap(), [], "{name}");
    }
}

/// Each step meets the fault at its first call of that kind, then at its second, until it needs no more; meanwhile another
/// handle sees the state before it or the one after it, and no other.
fn at_every_step(fixture: &dyn Fixture, fault: Fault) {
    let clock = ManualClock::new(START);
    let (kms, faulty) = create(fixture, &clock);
    let mut struck = 0;
    for (name, step) in STEPS {
        let before = sight(&open(fixture, &clock));
        for spared in 0.. {
            faulty.plan(fault, spared);
            let result = step(&kms, &clock);
            let happened = faulty.recover();
            struck += usize::from(happened);
            let other = open(fixture, &clock);
            let after = sight(&other);
            let situation = format!("{name}, {fault:?} after {spared}");
            assert_eq!(other.vault.verify().unwrap(), [], "{situation}");
            assert_eq!(sight(&kms), after, "{situation}");
            let Err(error) = result else { break };
            assert!(happened, "{situation}: {}", error.report());
            assert_eq!(error.kind(), ErrorKind::Store, "{situation}: {}", error.report());
            // What only fell due may be made up for by anyone who looks.
            assert!(after == before || name.contains("due"), "{situation}: nothing was changed, it said");
        }
    }
    assert!(struck > 0 || fault == Fault::ScanFails, "{fault:?} never happened");
}
