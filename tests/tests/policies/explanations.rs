//! The words of the evaluator's answers.

use super::evaluator::{ALICE, KEY, STRANGER, allow, asking, document, run, to, with};
use pocketkms::policies::{SimulatedKey, Simulation};
use serde_json::{Value, json};

/// Sentences about the decision alone, and about nothing else.
#[test]
fn explanations() {
    let explained = |simulation: &Simulation| run(simulation).explanation;
    let named = json!({"AWS": ALICE});
    let statements = json!([
        with(to(&json!({"AWS": STRANGER})), "Sid", &json!("of another")),
        with(to(&named), "Action", &json!("kms:Encrypt")),
        with(to(&named), "Resource", &json!("arn:aws:kms:us-east-1:111122223333:alias/x")),
        with(to(&named), "Condition", &json!({"Null": {"aws:username": "true"}})),
        with(to(&named), "Sid", &json!("this one")),
    ]);
    assert_eq!(explained(&asking(ALICE, &statements)), ["statement 5 ('this one') of the key policy allows it"]);
    let four = Value::from(statements.as_array().expect("statements")[..4].to_vec());
    let near = explained(&asking(ALICE, &four));
    let (needed, near) = near.split_first().expect("what is needed");
    assert!(needed.starts_with("needed: a statement of the key policy that allows kms:Decrypt"), "{needed}");
    assert_eq!(
        near,
        [
            "statement 1 ('of another') of the key policy does not name the caller",
            "statement 2 of the key policy does not have the action",
            "statement 3 of the key policy does not have the resource",
            "statement 4 of the key policy would allow it, but Null of aws:username with 'true' did not hold: the request has 'alice'",
        ]
    );
    // What lacks two things is not near.
    let twice = with(
        with(to(&named), "Action", &json!("kms:Encrypt")),
        "Condition",
        &json!({"Null": {"aws:username": "true"}}),
    );
    assert_eq!(explained(&asking(ALICE, &json!([twice]))).len(), 1);
    // Tags of the key are nothing to its own policy, and its explanation says so.
    let tagged = Simulation {
        key: Some(SimulatedKey { tags: [("team".into(), "a".into())].into(), ..SimulatedKey::new(KEY) }),
        ..asking(
            ALICE,
            &json!([with(to(&named), "Condition", &json!({"StringEquals": {"aws:ResourceTag/team": "a"}}))]),
        )
    };
    assert!(explained(&tagged)[1].contains("StringEquals of aws:ResourceTag/team with 'a' did not hold"));

    let by_identity = |principal: &str, policies: Vec<String>| Simulation {
        key_policy: None,
        identity_policies: policies,
        ..asking(principal, &json!([]))
    };
    assert_eq!(
        explained(&by_identity(ALICE, vec![document(&json!([allow("kms:Sign"), allow("kms:Decrypt")]))])),
        [
            "default key policy (leaves everything to the account 111122223333, and so this caller's) applies",
            "statement 2 of the identity-based policy 1 allows it"
        ]
    );
    let root = Simulation {
        principal: "arn:aws:iam::111122223333:root".into(),
        action: "kms:ListKeys".into(),
        ..Simulation::default()
    };
    assert_eq!(
        explained(&root),
        ["the vault keeps no identity policies of the caller's account, or it is its root user: it needs none"]
    );
    let stranger = explained(&by_identity(STRANGER, vec![document(&json!([allow("kms:Decrypt")]))]));
    assert_eq!(
        stranger[1],
        "the key has the default key policy (leaves everything to the account 111122223333, which is not the caller's)"
    );
}

/// A deny in the policy of another account's key would show that there is such a key.
#[test]
fn another_accounts_deny_is_not_told() {
    let deny = with(to(&json!("*")), "Effect", &json!("Deny"));
    let message = |principal: &str| {
        let simulation = Simulation {
            identity_policies: vec![document(&json!([allow("kms:*")]))],
            ..asking(principal, &json!([deny]))
        };
        run(&simulation).message.expect("denied")
    };
    assert!(message(ALICE).ends_with("with an explicit deny in a resource-based policy"));
    assert!(message(STRANGER).ends_with("because no resource-based policy allows the kms:Decrypt action"));
}
