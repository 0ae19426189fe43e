//! What the evaluator does in cases that no worked case has: names of principals and resources, condition keys, and limits of grants.

use pocketkms::{
    ErrorKind,
    keys::MultiRegionKeyType,
    policies::{Simulated, SimulatedGrant, SimulatedKey, Simulation},
};
use serde_json::{Value, json};

pub(super) const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
pub(super) const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const APP: &str = "arn:aws:iam::111122223333:role/app";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/one";
pub(super) const STRANGER: &str = "arn:aws:iam::444455556666:user/carol";

pub(super) fn document(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// A statement of a key policy that lets a principal do everything.
pub(super) fn to(principal: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"})
}

/// A statement of an identity policy.
pub(super) fn allow(action: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

pub(super) fn with(mut statement: Value, member: &str, value: &Value) -> Value {
    statement[member] = value.clone();
    statement
}

/// A question of a principal for Decrypt under a key policy.
pub(super) fn asking(principal: &str, statements: &Value) -> Simulation {
    Simulation {
        principal: principal.into(),
        action: "kms:Decrypt".into(),
        key: Some(SimulatedKey::new(KEY)),
        key_policy: Some(document(statements)),
        ..Simulation::default()
    }
}

#[track_caller]
pub(super) fn run(simulation: &Simulation) -> Simulated {
    let simulated = simulation.run().expect("valid policies");
    assert_eq!(simulation.prepare().expect("valid policies").is_allowed(), simulated.allowed);
    simulated
}

#[track_caller]
fn is_allowed(simulation: &Simulation) -> bool {
    run(simulation).allowed
}

/// Whether a key policy may name that principal.
fn is_named(principal: &Value) -> bool {
    match asking(ALICE, &json!([to(principal)])).run() {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::MalformedPolicyDocument);
            false
        }
    }
}

#[test]
fn principals_that_a_policy_can_name() {
    let long = |length: usize| "p".repeat(length);
    for (arn, expected) in [
        ("arn:aws:iam::111122223333:root".to_string(), true),
        ("arn:aws:iam::111122223333:boot".into(), false),
        ("arn:xyz:iam::111122223333:root".into(), false),
        ("arn:aws:iam:us-east-1:111122223333:root".into(), false),
        ("arn:xyz:iam::111122223333:role/app".into(), false),
        ("arn:aws-cn:iam::111122223333:role/app".into(), true),
        (format!("arn:aws:iam::111122223333:role/{}", long(64)), true),
        (format!("arn:aws:iam::111122223333:role/{}", long(65)), false),
        ("arn:aws:iam::111122223333:role/".into(), false),
        (format!("arn:aws:iam::111122223333:role/{}/app", long(500)), true),
        (format!("arn:aws:iam::111122223333:role/{}/app", long(573)), false),
        (format!("arn:aws:iam::111122223333:user/{}/bob", long(510)), true),
        (format!("arn:aws:iam::111122223333:user/{}/bob", long(511)), false),
        ("arn:aws:iam::111122223333:user//bob".into(), false),
    ] {
        assert_eq!(is_named(&json!({"AWS": arn})), expected, "{arn}");
    }
    for (provider, expected) in
        [("cognito-identity.amazonaws.com", true), ("", false), ("*", false), ("accounts.goo?le.com", false)]
    {
        assert_eq!(is_named(&json!({"Federated": provider})), expected, "{provider}");
    }
}

/// Of several names for the caller the one counts that needs least beside it, wherever it stands.
#[test]
fn the_strongest_name_counts() {
    let account = "111122223333";
    for names in [[ALICE, account], [account, ALICE]] {
        assert!(is_allowed(&asking(ALICE, &json!([to(&json!({"AWS": names}))]))), "{names:?}");
    }
    // `*` is not limited by a permissions boundary, a role's name is.
    for names in [["*", APP], [APP, "*"], ["*", account], [account, "*"]] {
        let bounded = Simulation {
            permissions_boundary: Some(document(&json!([allow("kms:Encrypt")]))),
            ..asking(SESSION, &json!([to(&json!({"AWS": names}))]))
        };
        assert!(is_allowed(&bounded), "{names:?}");
    }
    for names in [[APP, account], [account, APP]] {
        assert!(is_allowed(&asking(SESSION, &json!([to(&json!({"AWS": names}))]))), "{names:?}");
    }
}

#[test]
fn a_service_is_another_than_its_neighbour() {
    let policy = json!([to(&json!({"Service": "s3.amazonaws.com"}))]);
    assert!(is_allowed(&asking("s3.amazonaws.com", &policy)));
    assert!(!is_allowed(&asking("logs.amazonaws.com", &policy)));
    assert!(!is_allowed(&asking(ALICE, &policy)));
}

#[test]
fn lists_of_what_is_left_out() {
    let policy = |member: &str, value: &Value| {
        let mut statement = to(&json!("*"));
        statement.as_object_mut().expect("an object").remove(member.trim_start_matches("Not"));
        json!([with(statement, member, value)])
    };
    for (member, value, expected) in [
        ("NotAction", json!(["kms:Encrypt", "kms:Sign"]), true),
        ("NotAction", json!(["kms:Encrypt", "kms:D*"]), false),
        ("NotResource", json!(["arn:aws:kms:us-east-1:111122223333:alias/*"]), true),
        ("NotResource", json!([KEY]), false),
        ("NotResource", json!("*"), false),
    ] {
        assert_eq!(is_allowed(&asking(ALICE, &policy(member, &value))), expected, "{member} {value}");
    }
    for action in [":Decrypt", "kms:", ""] {
        let error = asking(ALICE, &json!([with(to(&json!("*")), "Action", &json!(action))])).run().expect_err(action);
        assert_eq!(error.kind(), ErrorKind::MalformedPolicyDocument);
    }
    // Nothing is left of all resources, also for what has none.
    for (member, expected) in [("Resource", true), ("NotResource", false)] {
        let simulation = Simulation {
            principal: ALICE.into(),
            action: "kms:ListKeys".into(),
            identity_policies: vec![document(&json!([{"Effect": "Allow", "Action": "kms:*", member: "*"}]))],
            ..Simulation::default()
        };
        assert_eq!(is_allowed(&simulation), expected, "{member}");
    }
}

/// A resource that ends early means what begins so: in policies of keys and identities always, in those of an organization where a
/// service control policy ends in `*`.
#[test]
fn resources_that_end_early() {
    let deny =
        |resource: &str| document(&json!([{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": resource}]));
    let service = |resource: &str| document(&json!([{"Effect": "Deny", "Action": "*", "Resource": resource}]));
    let full = document(&json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]));
    let full_access = document(&json!([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]));
    for (resource, in_scp, in_rcp) in [
        ("arn:aws:kms:*", true, false),
        ("arn:aws:kms:us-east-1", false, false),
        ("arn:aws:kms:us-east-1:*", true, false),
        ("arn:aws:kms:*:*:key/*", true, true),
        (KEY, true, true),
        ("*", true, true),
    ] {
        let policy = json!([to(&json!({"AWS": ALICE}))]);
        let scp = Simulation {
            service_control_policies: vec![vec![full.clone(), service(resource)]],
            ..asking(ALICE, &policy)
        };
        assert_eq!(!is_allowed(&scp), in_scp, "{resource} of a service control policy");
        let rcp = Simulation {
            resource_control_policies: vec![vec![full_access.clone(), deny(resource)]],
            ..asking(ALICE, &policy)
        };
        assert_eq!(!is_allowed(&rcp), in_rcp, "{resource} of a resource control policy");
    }
}

/// A condition with a statement that allows, in an identity policy.
fn identity_meets(simulation: &Simulation, condition: &Value) -> bool {
    is_allowed(&Simulation {
        key_policy: Some(document(&json!([to(&json!({"AWS": ["111122223333", "444455556666"]}))]))),
        identity_policies: vec![document(&json!([with(allow("kms:*"), "Condition", condition)]))],
        ..simulation.clone()
    })
}

#[test]
fn condition_keys_of_the_caller() {
    let federated = "arn:aws:sts::111122223333:federated-user/bob";
    for (principal, key, value) in [
        (ALICE, "aws:PrincipalAccount", Some("111122223333")),
        (STRANGER, "aws:PrincipalAccount", Some("444455556666")),
        (STRANGER, "aws:ResourceAccount", Some("111122223333")),
        (ALICE, "aws:userid", Some("alice")),
        (SESSION, "aws:userid", Some("app:one")),
        (federated, "aws:userid", Some("111122223333:bob")),
        (ALICE, "aws:username", Some("alice")),
        (SESSION, "aws:username", None),
        (federated, "aws:username", None),
        (ALICE, "aws:PrincipalServiceNamesList", None),
        (ALICE, "kms:EncryptionContextKeys", None),
    ] {
        let simulation = Simulation { encryption_context: Some([("", ""); 0].into()), ..asking(principal, &json!([])) };
        let meets = |operator: &str, value: &str| identity_meets(&simulation, &json!({operator: {key: value}}));
        assert_eq!(meets("Null", "true"), value.is_none(), "{key} of {principal}");
        if let Some(value) = value {
            assert!(meets("StringEquals", value) && !meets("StringEquals", "other"), "{key} of {principal}");
        }
    }
}

#[test]
fn condition_keys_of_the_key() {
    let key = |key: SimulatedKey| Simulation { key: Some(key), ..asking(ALICE, &json!([])) };
    let tagged = |tags: &[(&str, &str)]| {
        let tags = tags.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect();
        key(SimulatedKey { tags, ..SimulatedKey::new(KEY) })
    };
    let equals = |value: &str| json!({"StringEquals": {"aws:ResourceTag/team": value}});
    for (tags, value, expected) in [
        (&[("other", "x"), ("team", "a")][..], "a", true),
        (&[("team", "a"), ("zeta", "b")], "a", true),
        (&[("Team", "a")], "a", true),
        (&[("Team", "a"), ("team", "a")], "a", true),
        (&[("Team", "a"), ("team", "b")], "a", false),
        (&[("Team", "a"), ("team", "b")], "b", false),
        (&[("other", "a")], "a", false),
    ] {
        assert_eq!(identity_meets(&tagged(tags), &equals(value)), expected, "{tags:?}");
    }
    let aliased = |count: usize| {
        let aliases = (0..count).map(|number| format!("alias/{number}")).collect();
        key(SimulatedKey { aliases, ..SimulatedKey::new(KEY) })
    };
    let any = json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/0"}});
    for (count, expected) in [(0, false), (1, true), (50, true), (51, false)] {
        assert_eq!(identity_meets(&aliased(count), &any), expected, "{count} aliases");
    }
    let none = json!({"Null": {"kms:ResourceAliases": "true"}});
    assert_eq!([0, 1].map(|count| identity_meets(&aliased(count), &none)), [true, false]);
    for kind in [MultiRegionKeyType::Primary, MultiRegionKeyType::Replica] {
        let arn = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab";
        let simulation = key(SimulatedKey { multi_region_key_type: Some(kind), ..SimulatedKey::new(arn) });
        for wanted in ["PRIMARY", "REPLICA"] {
            let condition = json!({"StringEquals": {"kms:MultiRegionKeyType": wanted}});
            assert_eq!(identity_meets(&simulation, &condition), wanted == kind.as_str(), "{wanted} of {kind}");
        }
    }
}

/// Without a key the properties of the key-to-be are part of the question, and of one with a key they are not.
#[test]
fn what_may_be_stated() {
    let create = Simulation {
        principal: ALICE.into(),
        action: "kms:CreateKey".into(),
        identity_policies: vec![document(&json!([with(
            allow("kms:*"),
            "Condition",
            &json!({"StringEquals": {"kms:KeySpec": "RSA_2048"}, "Bool": {"kms:MultiRegion": "true"}})
        )]))],
        ..Simulation::default()
    };
    let stating = |simulation: &Simulation, entries: &[(&str, &str)]| Simulation {
        context: entries.iter().map(|(key, value)| ((*key).to_string(), vec![(*value).to_string()])).collect(),
        ..simulation.clone()
    };
    let both = [("kms:KeySpec", "RSA_2048"), ("kms:MultiRegion", "true")];
    assert!(is_allowed(&stating(&create, &both)) && !is_allowed(&create));
    // CreateKey takes the former members, too, and so policies ask for them.
    let former = Simulation {
        identity_policies: vec![document(&json!([with(
            allow("kms:*"),
            "Condition",
            &json!({"StringEquals": {"kms:CustomerMasterKeySpec": "RSA_2048", "kms:CustomerMasterKeyUsage": "SIGN_VERIFY"}})
        )]))],
        ..create.clone()
    };
    let stated = [("kms:CustomerMasterKeySpec", "RSA_2048"), ("kms:CustomerMasterKeyUsage", "SIGN_VERIFY")];
    assert!(is_allowed(&stating(&former, &stated)) && !is_allowed(&former));
    let error = |simulation: Simulation| simulation.run().expect_err("refused").kind();
    for entry in stated {
        assert_eq!(error(stating(&asking(ALICE, &json!([])), &[entry])), ErrorKind::Validation, "{entry:?}");
    }
    assert_eq!(error(stating(&create, &[("aws:PrincipalArn", ALICE)])), ErrorKind::Validation);
    for entry in both {
        assert_eq!(error(stating(&asking(ALICE, &json!([])), &[entry])), ErrorKind::Validation, "{entry:?}");
    }
    // An action is asked of what it is done to.
    let tag = |key: Option<&str>, action: &str| Simulation {
        action: action.into(),
        key: key.map(SimulatedKey::new),
        ..Simulation { principal: ALICE.into(), ..Simulation::default() }
    };
    assert!(tag(Some(KEY), "kms:TagResource").run().is_ok() && tag(None, "kms:TagResource").run().is_ok());
    for (key, action) in [(Some(KEY), "kms:CreateKey"), (None, "kms:UntagResource"), (None, "kms:Decrypt")] {
        assert_eq!(error(tag(key, action)), ErrorKind::Validation, "{action}");
    }
}

/// A grant is limited as a key policy that names the grantee, and by its constraints.
#[test]
fn limits_of_a_grant() {
    let grant = |grantee: &str| SimulatedGrant {
        grant_id: "g".into(),
        grantee_principal: grantee.into(),
        operations: vec!["Decrypt".into()],
        ..SimulatedGrant::default()
    };
    let asked = |principal: &str, grant: SimulatedGrant, boundary: Option<&str>| Simulation {
        grants: vec![grant],
        permissions_boundary: boundary.map(|action| document(&json!([allow(action)]))),
        ..asking(principal, &json!([to(&json!({"AWS": "999988887777"}))]))
    };
    for (boundary, expected) in [(None, true), (Some("kms:Decrypt"), true), (Some("kms:Encrypt"), false)] {
        assert_eq!(is_allowed(&asked(SESSION, grant(APP), boundary)), expected, "{boundary:?}");
    }
    assert!(is_allowed(&asked(ALICE, grant(ALICE), Some("kms:Encrypt"))), "a user's own name");
    // In another account it is limited whoever is named.
    for (boundary, expected) in [(None, true), (Some("kms:Decrypt"), true), (Some("kms:Encrypt"), false)] {
        let stranger = asked(STRANGER, grant(STRANGER), boundary);
        assert_eq!(is_allowed(&stranger), expected, "{boundary:?} in another account");
    }
    // What a grant is for does not matter to whom it lets end it.
    let retiring = SimulatedGrant {
        operations: vec!["RetireGrant".into()],
        encryption_context_equals: Some([("a", "1")].into()),
        source_arn: Some("arn:aws:s3:::photos".into()),
        ..grant(ALICE)
    };
    assert!(is_allowed(&Simulation { action: "kms:RetireGrant".into(), ..asked(ALICE, retiring, None) }));
    let equals = |pairs: &[(&str, &str)], given: &[(&str, &str)]| {
        let context = |pairs: &[(&str, &str)]| Some(pairs.iter().copied().collect());
        let grant = SimulatedGrant { encryption_context_equals: context(pairs), ..grant(ALICE) };
        is_allowed(&Simulation { encryption_context: context(given), ..asked(ALICE, grant, None) })
    };
    assert!(equals(&[("a", "1")], &[("a", "1")]) && equals(&[("a", "1")], &[("A", "1")]));
    assert!(!equals(&[("a", "1")], &[("a", "2")]) && !equals(&[("a", "1")], &[("b", "1")]));
    assert!(!equals(&[("a", "1"), ("b", "2")], &[("a", "1"), ("A", "1")]));
    assert!(!equals(&[("a", "1")], &[("a", "1"), ("b", "1")]) && !equals(&[("a", "1"), ("b", "1")], &[("a", "1")]));
}
