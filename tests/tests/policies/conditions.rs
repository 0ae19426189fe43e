//! What conditions hold: every operator with values that it compares, and what it does with those that it cannot.

use pocketkms::policies::{SimulatedKey, Simulation};
use serde_json::{Value, json};

pub(super) const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
pub(super) const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
/// Condition keys of which a request has one value, and several.
const ONE: &str = "aws:PrincipalTag/x";
const SEVERAL: &str = "aws:PrincipalOrgPaths";

/// Whether a condition holds of a request with these values, in a statement that allows and in one that denies.
fn holds(operator: &str, key: &str, wanted: &Value, values: Option<&[&str]>) -> (bool, bool) {
    let statement = |effect: &str| {
        let condition = json!({operator: {key: wanted}});
        json!({"Effect": effect, "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": condition})
    };
    let always = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"});
    let allowed = |statements: Value| {
        let simulation = Simulation {
            principal: ALICE.into(),
            action: "kms:Decrypt".into(),
            key: Some(SimulatedKey::new(KEY)),
            key_policy: Some(json!({"Version": "2012-10-17", "Statement": statements}).to_string()),
            context: values
                .map(|values| (key.to_string(), values.iter().map(ToString::to_string).collect()))
                .into_iter()
                .chain([("aws:PrincipalTag/of".to_string(), vec!["Straße".to_string()])])
                .chain([("aws:PrincipalTag/empty".to_string(), vec![String::new()])])
                .collect(),
            ..Simulation::default()
        };
        simulation.run().unwrap_or_else(|error| panic!("{operator} {wanted}: {error:?}")).allowed
    };
    (allowed(json!([statement("Allow")])), !allowed(json!([always, statement("Deny")])))
}

#[track_caller]
pub(super) fn check(operator: &str, wanted: &Value, value: &str, expected: bool) {
    assert_eq!(holds(operator, ONE, wanted, Some(&[value])), (expected, expected), "{operator} {wanted}: {value}");
}

/// An operator and its negation.
#[track_caller]
pub(super) fn check_both(operator: &str, negated: &str, wanted: &Value, value: &str, expected: bool) {
    check(operator, wanted, value, expected);
    check(negated, wanted, value, !expected);
}

#[test]
fn texts() {
    for (wanted, value, expected) in [
        (json!("a"), "a", true),
        (json!("a"), "A", false),
        (json!("a*"), "ab", false),
        (json!("a*"), "a*", true),
        (json!("a?"), "ab", false),
        (json!(["b", "a"]), "a", true),
        (json!(["b", "c"]), "a", false),
        (json!(""), "", true),
        (json!("x${*}"), "x*", true),
        (json!("${?}${$}"), "?$", true),
        (json!("${aws:PrincipalTag/of}"), "Straße", true),
        (json!("${aws:PrincipalTag/of}"), "STRASSE", false),
        (json!(["-${aws:PrincipalTag/of}-", "y"]), "-Straße-", true),
        (json!("${aws:PrincipalTag/none}"), "", false),
        (json!("${aws:PrincipalTag/none, 'of its own'}"), "of its own", true),
        (json!("${aws:PrincipalTag/none, plain}"), "plain", true),
        (json!("${unclosed"), "${unclosed", true),
    ] {
        check_both("StringEquals", "StringNotEquals", &wanted, value, expected);
    }
    for (wanted, value, expected) in [
        (json!("aB"), "Ab", true),
        (json!("ab"), "abc", false),
        (json!(["x", "ÄB"]), "äb", true),
        (json!("${aws:PrincipalTag/of}"), "STRAßE", true),
        (json!("A${aws:PrincipalTag/of}"), "astraße", true),
        (json!("${aws:PrincipalTag/of}"), "straße.", false),
    ] {
        check_both("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", &wanted, value, expected);
    }
    for (wanted, value, expected) in [
        (json!("a*"), "a", true),
        (json!("a*"), "ba", false),
        (json!("*a"), "ba", true),
        (json!("*a"), "ab", false),
        (json!("*"), "", true),
        (json!("**"), "ab", true),
        (json!("a**b"), "a-b", true),
        (json!("a?c"), "abc", true),
        (json!("a?c"), "a?c", true),
        (json!("a?c"), "ac", false),
        (json!("?"), "ä", true),
        (json!("?"), "", false),
        (json!("a*b*c"), "a-b-c", true),
        (json!("a*b*c"), "a-c-b", false),
        (json!("a*b*b"), "ab", false),
        (json!("*b?d*"), "abcde", true),
        (json!("*b?d*"), "abde", false),
        (json!("*?b*?b*"), "abab", true),
        (json!("*?b*?b*"), "bab", false),
        (json!("x${*}"), "xy", false),
        (json!("x${*}"), "x*", true),
        (json!("*${aws:PrincipalTag/of}?"), "eine Straße.", true),
        (json!("*${aws:PrincipalTag/of}?"), "eine Straße", false),
        (json!("*${aws:PrincipalTag/empty}*"), "ab", true),
        (json!("${aws:PrincipalTag/empty}"), "", true),
        (json!("a${aws:PrincipalTag/empty}?"), "ab", true),
        (json!(["b", "a*"]), "ac", true),
    ] {
        check_both("StringLike", "StringNotLike", &wanted, value, expected);
    }
    for (wanted, value, expected) in [("QmluYXJ5", "QmluYXJ5", true), ("QmluYXJ5", "qmluYXJ5", false)] {
        check("BinaryEquals", &json!(wanted), value, expected);
    }
}

/// What is looked for within a text is found also where it is longer than a machine's word.
#[test]
fn long_patterns() {
    let piece = |length: usize| "ab".repeat(length);
    for length in [1, 31, 32, 33, 64, 65, 200] {
        let wanted = json!(format!("*{}?c*", piece(length)));
        let found = format!("abx{}yc.", piece(length));
        check("StringLike", &wanted, &found, true);
        check("StringLike", &wanted, &found.replacen("yc", "c", 1), false);
        check("StringLike", &wanted, &found.replacen("abab", "abxb", 1).replacen("xab", "xaa", 1), false);
        let several = json!(format!("*?{}*{}?*", piece(length), piece(length)));
        check("StringLike", &several, &format!("-{}-{}-", piece(length), piece(length)), true);
        check("StringLike", &several, &format!("-{}-", piece(length)), false);
    }
}

/// In policies of the older version `${…}` is text.
#[test]
fn an_older_policy_has_no_variables() {
    let statement = |wanted: &str| {
        let condition = json!({"StringEquals": {ONE: wanted}});
        json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": condition})
    };
    for (version, value, expected) in
        [("2012-10-17", "alice", true), ("2008-10-17", "alice", false), ("2008-10-17", "${aws:username}", true)]
    {
        let simulation = Simulation {
            principal: ALICE.into(),
            action: "kms:Decrypt".into(),
            key: Some(SimulatedKey::new(KEY)),
            key_policy: Some(json!({"Version": version, "Statement": [statement("${aws:username}")]}).to_string()),
            context: [(ONE.to_string(), vec![value.to_string()])].into(),
            ..Simulation::default()
        };
        assert_eq!(simulation.run().expect("a policy").allowed, expected, "{version}, {value}");
    }
}

#[test]
fn booleans_and_arns() {
    for (wanted, value, expected) in [
        (json!("true"), "true", true),
        (json!(true), "TRUE", true),
        (json!("False"), "false", true),
        (json!("true"), "false", false),
        (json!("false"), "no", false),
        (json!(["true", "false"]), "false", true),
    ] {
        check("Bool", &wanted, value, expected);
    }
    for (wanted, value, expected) in [
        ("arn:aws:s3:::photos", "arn:aws:s3:::photos", true),
        ("arn:aws:s3:::photos", "arn:aws:s3:::photos2", false),
        ("arn:aws:s3:::*", "arn:aws:s3:::photos", true),
        ("arn:aws:s3:*:photos", "arn:aws:s3:::photos", false),
        ("arn:*:s3:::photos", "arn:aws:s3:::photos", true),
        ("arn:aws:iam::111122223333:user/${aws:username}", "arn:aws:iam::111122223333:user/alice", true),
        ("arn:aws:iam::111122223333:user/${aws:username}", "arn:aws:iam::111122223333:user/bob", false),
        ("arn:aws:s3:::photo?", "arn:aws:s3:::photos", true),
        ("arn:aws:s3:::photos", "photos", false),
        ("arn:aws:lambda:us-east-1:111122223333:function:f", "arn:aws:lambda:us-east-1:111122223333:function:f", true),
        ("arn:aws:lambda:us-east-1:111122223333:fun*f", "arn:aws:lambda:us-east-1:111122223333:function:f", true),
        ("arn:aws:lambda:us-east-1:111122223333:function:*", "arn:aws:lambda:us-east-1:111122223333:function", false),
    ] {
        for (operator, negated) in [("ArnEquals", "ArnNotEquals"), ("ArnLike", "ArnNotLike")] {
            check_both(operator, negated, &json!(wanted), value, expected);
        }
    }
}

/// Keys that are not there, and `Null`.
#[test]
fn absent_values() {
    for (operator, wanted, expected) in [
        ("StringEquals", "a", false),
        ("StringNotEquals", "a", true),
        ("StringEqualsIfExists", "a", true),
        ("StringNotEqualsIfExists", "a", true),
        ("NumericLessThan", "1", false),
        ("NumericLessThanIfExists", "1", true),
        ("NumericNotEquals", "1", true),
        ("DateEqualsIfExists", "0", true),
        ("DateNotEquals", "0", true),
        ("IpAddress", "0.0.0.0/0", false),
        ("NotIpAddress", "0.0.0.0/0", true),
        ("BoolIfExists", "false", true),
        ("Bool", "false", false),
        ("ArnNotLike", "arn:aws:s3:::x", true),
        ("Null", "true", true),
        ("Null", "false", false),
        ("ForAllValues:StringEquals", "a", true),
        ("ForAnyValue:StringEquals", "a", false),
        ("ForAnyValue:StringNotEquals", "a", false),
    ] {
        let found = holds(operator, "aws:PrincipalTag/absent", &json!(wanted), None);
        assert_eq!(found, (expected, expected), "{operator} {wanted}");
    }
    for (wanted, expected) in [("true", false), ("false", true)] {
        check("Null", &json!(wanted), "there", expected);
    }
    assert_eq!(holds("Null", ONE, &json!(["true", "false"]), Some(&["there"])), (true, true));
    check("StringEqualsIfExists", &json!("a"), "b", false);
}

/// Keys with several values: without a quantifier they allow nothing, and deny what any of them would.
#[test]
fn several_values() {
    for (operator, wanted, values, allows, denies) in [
        ("ForAnyValue:StringEquals", json!("a"), &["a", "b"][..], true, true),
        ("ForAnyValue:StringEquals", json!("c"), &["a", "b"], false, false),
        ("ForAllValues:StringEquals", json!("a"), &["a", "b"], false, false),
        ("ForAllValues:StringEquals", json!(["a", "b", "c"]), &["a", "b"], true, true),
        ("ForAllValues:StringLike", json!("?"), &["a", "b"], true, true),
        ("ForAnyValue:StringNotEquals", json!("a"), &["a", "b"], true, true),
        ("ForAnyValue:StringNotEquals", json!(["a", "b"]), &["a", "b"], false, false),
        ("ForAllValues:StringNotEquals", json!("a"), &["a", "b"], false, false),
        ("ForAllValues:StringNotEquals", json!("c"), &["a", "b"], true, true),
        ("StringEquals", json!("a"), &["a"], false, true),
        ("StringEquals", json!("a"), &["a", "b"], false, true),
        ("StringEquals", json!("c"), &["a", "b"], false, false),
        ("ForAnyValue:StringLike", json!("x${aws:PrincipalTag/of}"), &["xStraße", "b"], true, true),
        ("ForAllValues:StringLike", json!("*${aws:PrincipalTag/of}"), &["xStraße", "a long Straße"], true, true),
    ] {
        assert_eq!(holds(operator, SEVERAL, &wanted, Some(values)), (allows, denies), "{operator} {wanted} {values:?}");
    }
}

/// Pairs of an encryption context whose names differ in case alone are one name to a condition.
#[test]
fn ambiguous_values() {
    let allowed = |effect: &str, operator: &str, wanted: &Value| {
        let condition = json!({operator: {"kms:EncryptionContext:team": wanted}});
        let statement =
            json!({"Effect": effect, "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": condition});
        let always = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"});
        let statements = if effect == "Allow" { json!([statement]) } else { json!([always, statement]) };
        let simulation = Simulation {
            principal: ALICE.into(),
            action: "kms:Decrypt".into(),
            key: Some(SimulatedKey::new(KEY)),
            key_policy: Some(json!({"Version": "2012-10-17", "Statement": statements}).to_string()),
            encryption_context: Some([("team", "blue"), ("Team", "red")].into()),
            ..Simulation::default()
        };
        simulation.run().expect("a policy").allowed
    };
    for (operator, wanted, allows, denies) in [
        ("StringEquals", json!("blue"), false, true),
        ("StringEquals", json!(["blue", "red"]), true, true),
        ("StringNotEquals", json!("blue"), false, true),
        ("StringNotEquals", json!("green"), true, true),
        ("StringEquals", json!("green"), false, false),
        ("StringLike", json!("*e*"), true, true),
        ("ForAnyValue:StringEquals", json!("blue"), false, true),
    ] {
        let found = (allowed("Allow", operator, &wanted), !allowed("Deny", operator, &wanted));
        assert_eq!(found, (allows, denies), "{operator} {wanted}");
    }
}
