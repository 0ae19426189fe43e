//! Grants are found by an index: what it finds decides as all grants of the key would, and at the same cost.

use pocketkms::{
    Caller, EncryptionContext, ErrorKind, Vault,
    api::*,
    policies::{SimulatedGrant, SimulatedKey, Simulation},
};
use pocketkms_tests::{
    store::{Counted, Shared},
    vault::{Opened, builder, create_key, error, root},
};
use proptest::prelude::*;

const ALICE: &str = "arn:aws:iam::000000000000:user/alice";
const APP: &str = "arn:aws:iam::000000000000:role/app";
const SESSION: &str = "arn:aws:sts::000000000000:assumed-role/app/one";
const ACCOUNT: &str = "arn:aws:iam::000000000000:root";
const CAROL: &str = "arn:aws:iam::444455556666:user/carol";
const CALLERS: [&str; 4] = [ALICE, SESSION, CAROL, ACCOUNT];

type Pairs = Vec<(&'static str, &'static str)>;

/// A constraint: equal to these pairs, or at least these.
type Constraint = Option<(bool, Pairs)>;

fn pairs() -> impl Strategy<Value = Pairs> {
    let one = prop::sample::select(vec![("a", "1"), ("A", "1"), ("a", "2"), ("b", "1"), ("B", "2"), ("c", "ß")]);
    prop::collection::vec(one, 0..3)
}

fn grant() -> impl Strategy<Value = (&'static str, Vec<GrantOperation>, Constraint)> {
    use GrantOperation::{Decrypt, DescribeKey, Encrypt};
    (
        prop::sample::select(vec![ALICE, APP, SESSION, ACCOUNT, CAROL]),
        prop::sample::subsequence(vec![Decrypt, Encrypt, DescribeKey], 1..3),
        prop::option::of((any::<bool>(), pairs())),
    )
}

fn context(pairs: &Pairs) -> EncryptionContext {
    pairs.iter().copied().collect()
}

fn constraints(constraint: &Constraint) -> (Option<EncryptionContext>, Option<EncryptionContext>) {
    match constraint {
        Some((true, pairs)) => (Some(context(pairs)), None),
        Some((false, pairs)) => (None, Some(context(pairs))),
        None => (None, None),
    }
}

/// A vault that knows its principals, who have no permissions of their own.
fn keep(kms: &Opened) {
    for arn in [ALICE, APP, CAROL] {
        kms.vault.put_iam_entity(&IamEntity { arn: arn.into(), ..Default::default() }).expect("put");
    }
}

fn create_grant(
    kms: &Opened,
    key: &str,
    grantee: &str,
    operations: &[GrantOperation],
    constraint: &Constraint,
) -> String {
    let (equals, subset) = constraints(constraint);
    kms.create_grant(CreateGrantRequest {
        key_id: key.into(),
        grantee_principal: Some(grantee.into()),
        operations: operations.to_vec(),
        constraints: constraint.is_some().then(|| GrantConstraints {
            encryption_context_equals: equals,
            encryption_context_subset: subset,
            ..Default::default()
        }),
        ..Default::default()
    })
    .expect("a grant")
    .grant_id
}

fn is_allowed(
    vault: &Vault,
    caller: &str,
    action: &str,
    key: &str,
    encryption_context: Option<EncryptionContext>,
) -> bool {
    let caller = Caller::new(caller, "us-east-1").expect("a principal");
    let request =
        SimulateRequest { action: action.into(), key_id: Some(key.into()), encryption_context, ..Default::default() };
    vault.simulate(&caller, &request).expect("an answer").allowed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_the_index_finds_decides_as_all_grants_would(
        grants in prop::collection::vec(grant(), 0..6),
        given in prop::option::of(pairs()),
    ) {
        let kms: Opened = builder().0.create_in_memory(&root()).expect("a vault").into();
        keep(&kms);
        let key = create_key(&kms).arn;
        let all = grants.iter().map(|(grantee, operations, constraint)| {
            let (equals, subset) = constraints(constraint);
            SimulatedGrant {
                grant_id: create_grant(&kms, &key, grantee, operations, constraint),
                grantee_principal: (*grantee).into(),
                operations: operations.iter().map(|operation| operation.as_str().to_string()).collect(),
                encryption_context_equals: equals,
                encryption_context_subset: subset,
                ..Default::default()
            }
        });
        let all: Vec<_> = all.collect();
        let given = given.as_ref().map(context);
        for caller in CALLERS {
            for action in ["kms:Decrypt", "kms:Encrypt", "kms:DescribeKey"] {
                let simulation = Simulation {
                    principal: caller.into(),
                    action: action.into(),
                    key: Some(SimulatedKey::new(&key)),
                    grants: all.clone(),
                    encryption_context: given.clone(),
                    ..Default::default()
                };
                let expected = simulation.run().expect("an answer").allowed;
                let found = is_allowed(&kms.vault, caller, action, &key, given.clone());
                prop_assert_eq!(found, expected, "{} of {} with {:?} and {:?}", action, caller, given, all);
            }
        }
    }
}

/// A flood of grants to one grantee costs users of the key nothing, whatever they are for.
#[test]
fn other_grants_cost_a_decision_nothing() {
    let store = Counted::new(Shared::new());
    let kms: Opened = builder().0.create_in(store.clone(), &root()).expect("a vault").into();
    keep(&kms);
    let key = create_key(&kms).arn;
    let alice = kms.vault.client_as(kms.vault.caller().with_principal(ALICE).expect("a principal"));
    let encrypt = |tenant: &str| {
        let context = Some([("tenant", tenant)].into_iter().collect());
        alice.encrypt(EncryptRequest {
            key_id: key.clone(),
            plaintext: b"data".to_vec().into(),
            encryption_context: context,
            ..Default::default()
        })
    };
    let tenant = |equals, tenant| Some((equals, vec![("tenant", tenant), ("zone", "1")]));
    create_grant(&kms, &key, ALICE, &[GrantOperation::Encrypt], &Some((false, vec![("tenant", "mine")])));
    let reads = |tenant: &str| {
        let before = store.reads();
        let answer = encrypt(tenant);
        (store.reads() - before, answer.map(drop))
    };
    encrypt("mine").expect("allowed");
    let (before, answer) = reads("mine");
    answer.expect("allowed");
    for number in 0..300_u32 {
        let other: &'static str = Box::leak(format!("t-{number}").into_boxed_str());
        create_grant(&kms, &key, ALICE, &[GrantOperation::Encrypt], &tenant(number % 2 == 0, other));
        create_grant(&kms, &key, ALICE, &[GrantOperation::Decrypt, GrantOperation::DescribeKey], &None);
    }
    // Those with other constraints are not looked at, though nothing is known of them yet.
    assert!(reads("t-1").0 < 30);
    encrypt("mine").expect("allowed");
    // No constraint, an equal context, a subset: there are three ways in which a grant can fit a context of one pair.
    assert!(reads("mine").0 <= before + 3);
    assert_eq!(error(reads("t-1").1).kind(), ErrorKind::AccessDenied, "the zone is missing");
    // Many that would all do are no more than one.
    for _ in 0..300 {
        create_grant(&kms, &key, ALICE, &[GrantOperation::Encrypt], &None);
    }
    encrypt("other").expect("allowed");
    assert!(reads("other").0 <= before + 3);
}

/// A caller without a grant cannot make the vault search for many, whatever the request says.
#[test]
fn a_stranger_costs_no_more_than_a_look() {
    let store = Counted::new(Shared::new());
    let kms: Opened = builder().0.create_in(store.clone(), &root()).expect("a vault").into();
    keep(&kms);
    let key = create_key(&kms).arn;
    create_grant(&kms, &key, APP, &[GrantOperation::Encrypt], &Some((false, vec![("tenant", "mine")])));
    let reads = |pairs: usize| {
        let context: EncryptionContext = (0..pairs).map(|number| (number.to_string(), "x")).collect();
        let before = store.reads();
        assert!(!is_allowed(&kms.vault, ALICE, "kms:Encrypt", &key, Some(context)));
        store.reads() - before
    };
    reads(1);
    assert_eq!(reads(500), reads(1));
}

/// The index goes with the grant, and with the key.
#[test]
fn nothing_of_a_grant_is_left() {
    let store = Shared::new();
    let (builder, clock) = builder();
    let kms: Opened = builder.create_in(store.clone(), &root()).expect("a vault").into();
    let key = create_key(&kms).arn;
    let left = || {
        use pocketkms::Store;
        ["grant/", "grantee/", "retirable/"].map(|prefix| store.scan(prefix, None, 1000).expect("records").len())
    };
    let operations = [GrantOperation::Encrypt, GrantOperation::Decrypt, GrantOperation::RetireGrant];
    let id = create_grant(&kms, &key, ALICE, &operations, &Some((true, vec![("a", "1")])));
    assert_eq!(left(), [1, 3, 0]);
    kms.revoke_grant(RevokeGrantRequest { key_id: key.clone(), grant_id: id, ..Default::default() }).expect("revoked");
    assert_eq!(left(), [0, 0, 0]);
    for _ in 0..120 {
        create_grant(&kms, &key, ALICE, &operations, &None);
    }
    let request = ScheduleKeyDeletionRequest { key_id: key, pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).expect("scheduled");
    clock.advance_days(8);
    create_key(&kms);
    kms.vault.verify().expect("a vault");
    assert_eq!(left(), [0, 0, 0]);
}
