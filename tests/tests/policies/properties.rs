//! What must hold of any policies.

use pocketkms::policies::{SimulatedKey, Simulation};
use proptest::prelude::*;
use serde_json::{Value, json};

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const CALLERS: [&str; 4] = [
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:sts::111122223333:assumed-role/app/s1",
    "arn:aws:iam::444455556666:user/carol",
];
const NAMED: [&str; 7] = [
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:sts::111122223333:assumed-role/app/s1",
    "arn:aws:iam::444455556666:user/carol",
    "arn:aws:iam::444455556666:root",
];

fn condition() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        4 => Just(None),
        1 => prop::sample::select(vec![
            json!({"StringEquals": {"kms:EncryptionContext:a": "1"}}),
            json!({"StringNotEquals": {"kms:EncryptionContext:a": "1"}}),
            json!({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["a"]}}),
            json!({"ForAnyValue:StringLike": {"kms:EncryptionContextKeys": ["?", "b*"]}}),
            json!({"Null": {"kms:ViaService": "true"}}),
            json!({"StringLikeIfExists": {"aws:username": "al*"}}),
        ]).prop_map(Some),
    ]
}

fn statement(principals: bool) -> impl Strategy<Value = Value> {
    let action = prop::sample::select(vec!["kms:*", "kms:Decrypt", "kms:De*", "kms:Encrypt", "*", "s3:*"]);
    let resource = prop::sample::select(vec!["*", KEY, "arn:aws:kms:us-east-1:*", "arn:aws:kms:us-east-2:*"]);
    let named = prop::sample::subsequence(NAMED.to_vec(), 1..3);
    (any::<bool>(), action, resource, named, condition()).prop_map(
        move |(allow, action, resource, named, condition)| {
            let effect = if allow { "Allow" } else { "Deny" };
            let mut statement = json!({"Effect": effect, "Action": action, "Resource": resource});
            if principals {
                statement["Principal"] = json!({"AWS": named});
            }
            if let Some(condition) = condition {
                statement["Condition"] = condition;
            }
            statement
        },
    )
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

#[derive(Clone, Debug)]
struct World {
    caller: usize,
    key: Vec<Value>,
    identity: Vec<Value>,
    boundary: Option<Vec<Value>>,
    session: Option<Vec<Value>>,
    context: Vec<(&'static str, &'static str)>,
}

fn world() -> impl Strategy<Value = World> {
    let statements = |principals, count: std::ops::Range<usize>| prop::collection::vec(statement(principals), count);
    let context = prop::sample::subsequence(vec![("a", "1"), ("b", "2"), ("bc", "3")], 0..3);
    let limit = || prop::option::weighted(0.3, prop::collection::vec(statement(false), 1..3));
    (0..CALLERS.len(), statements(true, 1..5), statements(false, 0..4), limit(), limit(), context).prop_map(
        |(caller, key, identity, boundary, session, context)| World {
            caller,
            key,
            identity,
            boundary,
            session,
            context,
        },
    )
}

impl World {
    fn simulation(&self) -> Simulation {
        let documents = |statements: &Vec<Value>| document(statements);
        Simulation {
            principal: CALLERS[self.caller].into(),
            action: "kms:Decrypt".into(),
            key: Some(SimulatedKey::new(KEY)),
            key_policy: Some(document(&self.key)),
            identity_policies: if self.identity.is_empty() { vec![] } else { vec![document(&self.identity)] },
            permissions_boundary: self.boundary.as_ref().map(documents),
            session_policies: self.session.iter().map(documents).collect(),
            encryption_context: Some(self.context.iter().copied().collect()),
            ..Simulation::default()
        }
    }

    fn allowed(&self) -> bool {
        self.simulation().run().expect("valid policies").allowed
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn an_explicit_deny_always_wins(world in world(), anywhere in 0..4_usize) {
        let mut world = world;
        let deny = json!({"Effect": "Deny", "Action": "kms:*", "Resource": "*"});
        match anywhere {
            0 => {
                let mut deny = deny;
                deny["Principal"] = json!("*");
                world.key.push(deny);
            }
            1 => world.identity.push(deny),
            2 => world.boundary.get_or_insert_default().push(deny),
            _ => world.session.get_or_insert_default().push(deny),
        }
        prop_assert!(!world.allowed());
    }

    #[test]
    fn another_allow_never_takes_away(world in world(), more in statement(true), to_the_key in any::<bool>()) {
        let mut more = more;
        more["Effect"] = json!("Allow");
        let before = world.allowed();
        let mut wider = world;
        if to_the_key {
            wider.key.push(more);
        } else {
            more.as_object_mut().expect("an object").remove("Principal");
            wider.identity.push(more);
        }
        prop_assert!(!before || wider.allowed());
    }

    #[test]
    fn a_limit_never_gives(world in world(), limit in prop::collection::vec(statement(false), 1..3)) {
        let mut limited = world.clone();
        limited.boundary = Some(limit);
        let unlimited = World { boundary: None, ..world };
        prop_assert!(!limited.allowed() || unlimited.allowed());
    }

    #[test]
    fn without_an_allow_there_is_nothing(world in world()) {
        let mut world = world;
        world.caller = 1;
        for statement in world.key.iter_mut().chain(&mut world.identity) {
            statement["Effect"] = json!("Deny");
        }
        prop_assert!(!world.allowed());
    }

    #[test]
    fn any_text_as_a_policy_ends(text in any::<String>()) {
        let simulation = Simulation { key_policy: Some(text), ..Simulation {
            principal: CALLERS[1].into(), action: "kms:Decrypt".into(), key: Some(SimulatedKey::new(KEY)), ..Simulation::default()
        }};
        let _ = simulation.run();
    }

    /// Patterns beside a matcher that tries everything, on short texts.
    #[test]
    fn patterns_match_as_by_trying_all(pattern in "[ab*?]{0,8}", text in "[ab]{0,8}") {
        fn tries(pattern: &[u8], text: &[u8]) -> bool {
            match (pattern, text) {
                ([], []) => true,
                ([b'*', rest @ ..], _) => (0..=text.len()).any(|skipped| tries(rest, &text[skipped..])),
                ([b'?', rest @ ..], [_, after @ ..]) => tries(rest, after),
                ([first, rest @ ..], [character, after @ ..]) if first == character => tries(rest, after),
                _ => false,
            }
        }
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*",
            "Condition": {"StringLike": {"kms:ViaService": pattern.as_str()}}}]});
        let simulation = Simulation {
            principal: CALLERS[1].into(),
            action: "kms:Decrypt".into(),
            key: Some(SimulatedKey::new(KEY)),
            key_policy: Some(policy.to_string()),
            context: [("kms:ViaService".to_string(), vec![text.clone()])].into(),
            ..Simulation::default()
        };
        let allowed = simulation.run().expect("a policy").allowed;
        prop_assert_eq!(allowed, tries(pattern.as_bytes(), text.as_bytes()), "{} on {}", pattern, text);
    }
}

/// The worst patterns that fit a policy, on the longest encryption context: a matcher that tries places again
/// would not end, and neither would this test.
#[test]
fn any_pattern_is_matched_in_bounded_time() {
    let text = "a".repeat(8_000);
    for unit in ["*a", "*a?", "*?a", "a*a?a", "*aaaaaaaaaaaaaaaaaaaaaaaaaaaa?aaaaaaaaaaaaaaaaaaaaaaa"] {
        let pattern = format!("{}b", unit.repeat(30_000 / unit.len()));
        let one = format!("*{}b", "a?".repeat(2_000));
        for pattern in [pattern, one] {
            let policy = json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*",
                "Condition": {"StringLike": {"kms:EncryptionContext:x": pattern}}}]});
            let simulation = Simulation {
                principal: CALLERS[1].into(),
                action: "kms:Decrypt".into(),
                key: Some(SimulatedKey::new(KEY)),
                key_policy: Some(policy.to_string()),
                encryption_context: Some([("x", text.as_str())].into()),
                ..Simulation::default()
            };
            assert!(!simulation.run().expect("a policy").allowed);
        }
    }
}
