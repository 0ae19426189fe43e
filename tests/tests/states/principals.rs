//! The same table for those who may and for those who may not: who is allowed finds what the state says, however the permission came about;
//! who is not is told the same in every state, and so never learns it.

use super::{
    scene::{STATES, Scene, State, WITH_IMPORTED_MATERIAL},
    table::{Cell, Row, table},
};
use pocketkms::{
    Caller, ErrorKind, Kms, Result,
    api::{Operation, ResourceKind, *},
    keys::KeySpec,
};
use pocketkms_tests::vault::error;
use std::collections::BTreeSet;

const ALICE: &str = "arn:aws:iam::000000000000:user/alice";
const BOB: &str = "arn:aws:iam::000000000000:user/bob";
const DAVE: &str = "arn:aws:iam::000000000000:user/dave";
const MALLORY: &str = "arn:aws:iam::000000000000:user/mallory";
const ROOT: &str = "arn:aws:iam::000000000000:root";
const CAROL: &str = "arn:aws:iam::444455556666:user/carol";

fn client(scene: &Scene, principal: &str) -> Kms {
    scene.kms.vault.client_as(Caller::new(principal, "us-east-1").expect("a principal"))
}

/// Puts a user with that permission in identity policies.
fn register(scene: &Scene, arn: &str, action: Option<&str>) {
    let document = |action| format!(r#"{{"Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#);
    let policy = |action| IamPolicy { policy_name: "p".into(), policy_document: document(action) };
    let policies = action.map(|action| vec![policy(action)]);
    scene.kms.vault.put_iam_entity(&IamEntity { arn: arn.into(), policies, ..Default::default() }).expect("an entity");
}

fn put_policy(scene: &Scene, statements: &str) {
    for key in [&scene.key, &scene.other] {
        let policy = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{ROOT}"}},"Action":"kms:*","Resource":"*"}}{statements}]}}"#
        );
        let request = PutKeyPolicyRequest { key_id: key.arn.clone(), policy, ..Default::default() };
        scene.kms.put_key_policy(request).expect("a policy");
    }
}

/// Grants all that a grant on each key can hold.
fn grant_everything(scene: &Scene, grantee: &str) {
    for key in [&scene.key, &scene.other] {
        let request = |operations: Vec<GrantOperation>, dry_run| CreateGrantRequest {
            key_id: key.arn.clone(),
            grantee_principal: Some(grantee.into()),
            operations,
            dry_run,
            ..Default::default()
        };
        let possible = |operation: &GrantOperation| {
            error(scene.kms.create_grant(request(vec![*operation], Some(true)))).kind() == ErrorKind::DryRunOperation
        };
        let operations = GrantOperation::ALL.iter().copied().filter(possible).collect();
        scene.kms.create_grant(request(operations, None)).expect("a grant");
    }
}

/// Who may do something does not depend on how many Regions a key is for.
fn single_region() -> impl Iterator<Item = Row> {
    table().into_iter().filter(|row| !row.is_multi_region)
}

/// Rows of one key spec of each kind: who may do something does not depend on the algorithm.
fn rows() -> impl Iterator<Item = Row> {
    let specs = [
        KeySpec::SymmetricDefault,
        KeySpec::Hmac256,
        KeySpec::EccNistP256,
        KeySpec::EccNistP384,
        KeySpec::MlKem512,
        WITH_IMPORTED_MATERIAL,
    ];
    single_region().filter(move |row| specs.contains(&row.spec))
}

/// Who is allowed, and what.
struct Allowed {
    principal: &'static str,
    prepare: fn(&Scene),
    may: fn(Operation) -> bool,
}

fn of_keys_alone(operation: Operation) -> bool {
    operation.actions().iter().all(|action| action.resource() == ResourceKind::Key)
}

const ALLOWED: [Allowed; 3] = [
    Allowed {
        principal: ALICE,
        prepare: |scene| {
            put_policy(
                scene,
                &format!(r#",{{"Effect":"Allow","Principal":{{"AWS":"{ALICE}"}},"Action":"kms:*","Resource":"*"}}"#),
            );
        },
        // In a key policy it has no effect (API reference of RetireGrant).
        may: |operation| of_keys_alone(operation) && operation != Operation::RetireGrant,
    },
    Allowed { principal: BOB, prepare: |_| (), may: |_| true },
    Allowed {
        principal: DAVE,
        prepare: |scene| grant_everything(scene, DAVE),
        // The grant that the table retires is another one.
        may: |operation| {
            let grantable = operation.actions().iter().all(|action| action.is_grantable());
            of_keys_alone(operation) && grantable && operation != Operation::RetireGrant
        },
    },
];

fn registered(scene: &Scene) {
    for (arn, action) in [(ALICE, None), (BOB, Some("kms:*")), (DAVE, None), (MALLORY, None)] {
        register(scene, arn, action);
    }
}

#[test]
fn who_is_allowed_finds_what_the_state_says() {
    let (mut allowed_cells, mut denied_cells) = (0, 0);
    for Allowed { principal, prepare, may } in ALLOWED {
        for row in rows() {
            for (state, cell) in STATES.into_iter().zip(row.cells) {
                let scene = Scene::set_for(state, row.spec, |scene| {
                    registered(scene);
                    prepare(scene);
                });
                let answer = (row.call)(&scene, &client(&scene, principal));
                let place = format!("{principal}: {} ({}) of a key that is {state:?}", row.operation.name(), row.what);
                // What is not there is not there for anybody of its account.
                if may(row.operation) || matches!(cell, Cell::NoKey | Cell::NoAlias) && of_keys_alone(row.operation) {
                    allowed_cells += 1;
                    cell.check(&scene, answer, &place);
                } else {
                    denied_cells += 1;
                    let failed = error(answer);
                    let missing = matches!(cell, Cell::NoKey | Cell::NoAlias) && failed.kind() == ErrorKind::NotFound;
                    assert!(failed.kind() == ErrorKind::AccessDenied || missing, "{place}: {failed}");
                }
            }
        }
    }
    assert!(allowed_cells > 400 && denied_cells > 100, "{allowed_cells} {denied_cells}");
}

/// What a caller sees of an answer, without the names of the keys.
fn seen(scene: &Scene, answer: Result<()>) -> String {
    let Err(error) = answer else { return "fine".into() };
    let mut text = format!("{}: {}\n{}", error.kind().name(), error.message(), error.report());
    for (name, key) in [("KEY", &scene.key), ("OTHER", &scene.other)] {
        let id = key.arn.rsplit('/').next().expect("an id");
        text = text.replace(id, name);
    }
    text
}

/// What somebody is answered to each row in each state. Refused calls change nothing, so that one scene does for all of them.
fn answers(spec: KeySpec, state: State, look: impl Fn(&Scene) -> Kms, by_arn: bool) -> Vec<(String, String)> {
    let scene = Scene::set_for(state, spec, registered);
    let scene = if by_arn { scene.by_arn() } else { scene };
    let kms = look(&scene);
    scene.kms.vault.snapshot().expect("a snapshot");
    let before = scene.store.records();
    let asked =
        single_region().filter(|row| row.spec == spec && row.cells.iter().any(|cell| !matches!(cell, Cell::Fine)));
    let answers = asked.map(|row| {
        let name = format!("{} ({})", row.operation.name(), row.what);
        (name, seen(&scene, (row.call)(&scene, &kms)))
    });
    let answers = answers.collect();
    assert_eq!(scene.store.records(), before, "{state:?}: something changed");
    answers
}

fn specs() -> BTreeSet<&'static str> {
    rows().map(|row| row.spec.as_str()).collect()
}

fn spec_of(name: &str) -> KeySpec {
    KeySpec::ALL.iter().copied().find(|spec| spec.as_str() == name).expect("a spec")
}

#[test]
fn who_is_denied_never_learns_the_state() {
    let mut compared = 0;
    for spec in specs().into_iter().map(spec_of) {
        let of = |state| answers(spec, state, |scene| client(scene, MALLORY), false);
        let enabled = of(State::Enabled);
        for state in [State::Disabled, State::PendingDeletion, State::Cancelled] {
            assert_eq!(of(state), enabled, "{spec}: {state:?}");
        }
        for (what, answer) in &enabled {
            compared += 1;
            assert!(answer.starts_with("AccessDeniedException: "), "{spec}: {what}: {answer}");
        }
        // Within an account, it is no secret which keys there are; but the key of a ciphertext may be anyone's.
        for (what, answer) in of(State::Deleted) {
            let secret = what.contains("ciphertext") || what == "ReEncrypt (from the key)";
            let kind = if secret { "AccessDeniedException: " } else { "" };
            assert!(answer != "fine" && answer.starts_with(kind), "{spec}: {what}: {answer}");
        }
    }
    assert!(compared > 40, "{compared}");
}

/// Not even whether there is a key.
#[test]
fn another_account_never_learns_anything() {
    for spec in specs().into_iter().map(spec_of) {
        for by_arn in [true, false] {
            let of = |state| answers(spec, state, |scene| client(scene, CAROL), by_arn);
            let deleted = of(State::Deleted);
            for state in [State::Enabled, State::Disabled, State::PendingDeletion, State::Cancelled] {
                assert_eq!(of(state), deleted, "{spec}: {state:?}");
            }
            for (what, answer) in deleted {
                let denied = answer.starts_with("AccessDeniedException: ");
                // By its id or an alias it would be a key of the account that asks.
                let own = answer.starts_with("NotFoundException: ");
                assert!(denied || own, "{spec}: {what}: {answer}");
            }
        }
    }
}

/// A key that never was is as one that is gone.
#[test]
fn an_unknown_key_is_as_a_deleted_one() {
    let (known, unknown) = ("KEY", "00000000-1111-4222-8333-444444444444");
    for (principal, by_arn) in [(MALLORY, false), (BOB, false), (CAROL, true)] {
        for row in rows().filter(|row| matches!(row.cells, [.., Cell::NoKey])) {
            let mut scene = Scene::set_for(State::Deleted, row.spec, registered);
            let id = scene.key.key_id.clone();
            scene = if by_arn { scene.by_arn() } else { scene };
            let kms = client(&scene, principal);
            let gone = seen(&scene, (row.call)(&scene, &kms)).replace(&id, known);
            scene.key.key_id = scene.key.key_id.replace(&id, unknown);
            scene.key.arn = scene.key.arn.replace(&id, unknown);
            let never = seen(&scene, (row.call)(&scene, &kms)).replace(unknown, known);
            assert_eq!(gone, never, "{principal}: {} ({})", row.operation.name(), row.what);
        }
    }
}
