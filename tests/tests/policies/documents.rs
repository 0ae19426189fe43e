//! Which documents are policies.

use pocketkms::{
    ErrorKind,
    policies::{SimulatedKey, Simulation},
};

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

fn try_policy(document: &str) -> Result<bool, (ErrorKind, String)> {
    let simulation = Simulation {
        principal: ALICE.into(),
        action: "kms:Decrypt".into(),
        key: Some(SimulatedKey::new(KEY)),
        key_policy: Some(document.into()),
        ..Simulation::default()
    };
    simulation.run().map(|simulated| simulated.allowed).map_err(|error| (error.kind(), error.message().into()))
}

/// A statement with one member in place of another's default.
fn statement(name: &str, value: &str) -> String {
    let members = [("Effect", "\"Allow\""), ("Principal", "\"*\""), ("Action", "\"kms:*\""), ("Resource", "\"*\"")];
    let mut members: Vec<_> = members.into_iter().filter(|(member, _)| *member != name).collect();
    members.push((name, value));
    let members: Vec<_> = members.into_iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
    format!(r#"{{"Version": "2012-10-17", "Statement": [{{{}}}]}}"#, members.join(", "))
}

#[test]
fn malformed_ones_are_refused_with_awss_exception() {
    let principals = "Policy contains a statement with one or more invalid principals.";
    let syntax = "Syntax errors in policy.";
    for (document, message) in [
        ("", "This policy contains invalid Json"),
        ("{", "This policy contains invalid Json"),
        (r#"{"Statement": null}"#, "This policy contains invalid Json"),
        ("[]", syntax),
        ("{}", syntax),
        (r#"{"Statement": []}"#, syntax),
        (r#"{"Statement": ["x"]}"#, syntax),
        (r#"{"Version": "2013-01-01", "Statement": [{"Effect":"Deny","Principal":"*"}]}"#, syntax),
        (r#"{"Statement": [{"Effect":"Deny","Principal":"*"}], "Other": "x"}"#, syntax),
        (r#"{"Statement": [{"Effect":"Deny","Principal":"*"}], "Statement": []}"#, "This policy contains invalid Json"),
        (r#"{"Statement": [{"Effect":"Deny"}]}"#, syntax),
        (r#"{"Statement": [{"Principal":"*"}]}"#, syntax),
        (r#"{"Statement": [{"Effect":"Deny","Principal":"*","NotPrincipal":"*"}]}"#, syntax),
        (r#"{"Statement": [{"Effect":"Deny","Principal":"*","Action":"kms:*","NotAction":"kms:*"}]}"#, syntax),
        (r#"{"Statement": [{"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},"Action":"kms:*"}]}"#, syntax),
        (&statement("Effect", "\"allow\""), syntax),
        (&statement("Other", "\"x\""), syntax),
        (&statement("Action", "\"Decrypt\""), syntax),
        (&statement("Action", "[[\"kms:Decrypt\"]]"), syntax),
        (&statement("Resource", "\"key/1\""), syntax),
        (&statement("Condition", r#"{"StringEqual": {"aws:username": "a"}}"#), syntax),
        (&statement("Condition", r#"{"NullIfExists": {"aws:username": "true"}}"#), syntax),
        (&statement("Condition", r#"{"ForSomeValues:StringEquals": {"aws:username": "a"}}"#), syntax),
        (&statement("Condition", r#"{"StringEquals": "a"}"#), syntax),
        (&statement("Condition", r#"{"StringEquals": {"aws:username": []}}"#), syntax),
        (&statement("Condition", r#"{"NumericLessThan": {"aws:EpochTime": "soon"}}"#), syntax),
        (&statement("Condition", r#"{"DateLessThan": {"aws:CurrentTime": ["2026-01-01", "tomorrow"]}}"#), syntax),
        (&statement("Condition", r#"{"IpAddress": {"aws:SourceIp": "10.0.0.0/33"}}"#), syntax),
        (&statement("Condition", r#"{"Bool": {"aws:SecureTransport": "no"}}"#), syntax),
        (&statement("Condition", r#"{"Null": {"aws:SourceIp": "yes"}}"#), syntax),
        (r#"{"Statement": [{"Effect":"Allow","Principal":"*","NotAction":[],"Resource":"*"}]}"#, syntax),
        (r#"{"Statement": [{"Effect":"Allow","Principal":"*","Action":"kms:*","NotResource":[]}]}"#, syntax),
        (&statement("Principal", "\"arn:aws:iam::111122223333:user/alice\""), principals),
        (&statement("Principal", r#"{"AWS": "arn:aws:iam::111122223333:user/*"}"#), principals),
        (&statement("Principal", r#"{"AWS": "arn:aws:iam::111122223333:role/a?p"}"#), principals),
        (&statement("Principal", r#"{"AWS": "arn:aws:iam::111122223333:group/admins"}"#), principals),
        (&statement("Principal", r#"{"AWS": "arn:aws:iam::1234:root"}"#), principals),
        (&statement("Principal", r#"{"AWS": "1234"}"#), principals),
        (&statement("Principal", r#"{"AWS": []}"#), principals),
        (&statement("Principal", r#"{"Service": "s3"}"#), principals),
        (&statement("Principal", r#"{"Service": "*"}"#), principals),
        (&statement("Principal", r#"{"Nobody": "x"}"#), syntax),
        (&statement("Principal", "{}"), principals),
    ] {
        assert_eq!(try_policy(document), Err((ErrorKind::MalformedPolicyDocument, message.into())), "{document}");
    }
}

#[test]
fn an_overly_permissive_condition_is_refused() {
    for key in ["kms:EncryptionContext:AppName", "aws:RequestTag/team"] {
        let condition = format!(r#"{{"ForAllValues:StringEquals": {{"{key}": "x"}}}}"#);
        let (kind, message) = try_policy(&statement("Condition", &condition)).expect_err("refused");
        assert_eq!(kind, ErrorKind::MalformedPolicyDocument);
        assert!(message.starts_with("OverlyPermissiveCondition"), "{message}");
    }
}

#[test]
fn unusual_ones_are_taken() {
    for (document, allowed) in [
        (statement("Effect", "\"Allow\""), true),
        (statement("Sid", "\"with spaces\""), true),
        (statement("Action", "\"*\""), true),
        (statement("Action", "\"KMS:DEcrypt\""), true),
        (statement("Action", "\"kms:Decrypt \""), false),
        (statement("Action", "\"kms:Decrypt,kms:Encrypt\""), false),
        (statement("Action", "[]"), false),
        (statement("Resource", "\"arn:aws:kms:*\""), true),
        (statement("Resource", "\"arn:aws:kms:us-east-1:*:key/*\""), true),
        (statement("Resource", "\"arn:aws:kms:us*key/*\""), false),
        (statement("Principal", r#"{"AWS": "*"}"#), true),
        (statement("Principal", r#"{"AWS": ["111122223333", "arn:aws:iam::111122223333:user/alice"]}"#), true),
        (statement("Principal", r#"{"AWS": "arn:aws:iam::111122223333:user/bob"}"#), false),
        (statement("Principal", r#"{"Federated": "cognito-identity.amazonaws.com"}"#), false),
        (statement("Condition", r#"{"Bool": {"aws:PrincipalIsAWSService": false}}"#), true),
        (statement("Condition", r#"{"NumericEquals": {"aws:EpochTime": 0}}"#), true),
        (statement("Condition", r#"{"StringLike": {"aws:username": ["b*", "a*e"]}}"#), true),
        (r#"{"Statement": {"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}}"#.into(), true),
    ] {
        assert_eq!(try_policy(&document), Ok(allowed), "{document}");
    }
}

#[test]
fn a_policy_has_at_most_32_kib() {
    let fits = |length: usize| {
        let empty = statement("Sid", "\"\"").len();
        try_policy(&statement("Sid", &format!("\"{}\"", "x".repeat(length - empty))))
    };
    assert_eq!(fits(32_768), Ok(true));
    assert_eq!(fits(32_769).expect_err("too long").0, ErrorKind::LimitExceeded);
}

#[test]
fn deep_nesting_ends_in_an_error() {
    let deep = format!("{}{}", "[".repeat(16_000), "]".repeat(16_000));
    assert_eq!(try_policy(&deep).expect_err("deep").0, ErrorKind::MalformedPolicyDocument);
}
