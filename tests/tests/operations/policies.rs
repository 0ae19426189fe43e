//! `PutKeyPolicy`, `GetKeyPolicy`, `ListKeyPolicies`, `Policy` of `CreateKey`, and what policies decide. The story that every
//! language plays stands in tests/scenario/policies.json; here is what conditions see of each operation.

use pocketkms::{
    ErrorKind, Kms, Result,
    api::*,
    keys::{DataKeySpec, EncryptionAlgorithmSpec},
};
use pocketkms_tests::vault::{Opened, create_alias, create_key, error, vault};
use serde_json::{Value, json};

const ALICE: &str = "arn:aws:iam::000000000000:user/alice";

/// A key whose policy lets its account do all, but alice what a statement says and no more.
struct Scene {
    kms: Opened,
    alice: Kms,
    key: String,
    other: String,
}

impl Scene {
    fn set(condition: &Value) -> Self {
        let (kms, _) = vault();
        let alice = kms.vault.client_as(kms.caller().with_principal(ALICE).expect("a principal"));
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "kms:*", "Resource": "*",
             "Condition": {"ArnNotEquals": {"aws:PrincipalArn": ALICE}}},
            {"Sid": "Alice", "Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "kms:*", "Resource": "*", "Condition": condition},
        ]});
        let [key, other] = ["first", "second"].map(|description| {
            let request = CreateKeyRequest {
                description: Some(description.into()),
                policy: Some(policy.to_string()),
                tags: Some(vec![Tag { tag_key: "team".into(), tag_value: "x".into() }]),
                ..Default::default()
            };
            kms.create_key(request).expect("a key").key_metadata.key_id
        });
        create_alias(&kms, "alias/one", &key);
        Self { kms, alice, key, other }
    }

    fn encrypt(&self, key_id: &str, context: &[(&str, &str)]) -> Result<EncryptResponse> {
        self.alice.encrypt(EncryptRequest {
            key_id: key_id.into(),
            plaintext: vec![1].into(),
            encryption_context: Some(context.iter().copied().collect()),
            ..Default::default()
        })
    }

    fn re_encrypt(&self, destination: &str) -> Result<ReEncryptResponse> {
        let encrypted = self
            .kms
            .encrypt(EncryptRequest { key_id: self.key.clone(), plaintext: vec![1].into(), ..Default::default() })
            .expect("a ciphertext");
        self.alice.re_encrypt(ReEncryptRequest {
            ciphertext_blob: Some(encrypted.ciphertext_blob),
            destination_key_id: destination.into(),
            ..Default::default()
        })
    }
}

type Act = fn(&Scene) -> Result<()>;

fn rotation(scene: &Scene, days: Option<i32>) -> Result<()> {
    let key_id = scene.key.clone();
    scene.alice.enable_key_rotation(EnableKeyRotationRequest { key_id, rotation_period_in_days: days })
}

fn deletion(scene: &Scene, days: Option<i32>) -> Result<()> {
    let key_id = scene.key.clone();
    let request = ScheduleKeyDeletionRequest { key_id, pending_window_in_days: days };
    scene.alice.schedule_key_deletion(request).map(drop)
}

fn tag(scene: &Scene, tags: &[(&str, &str)]) -> Result<()> {
    let tag = |(key, value): &(&str, &str)| Tag { tag_key: (*key).into(), tag_value: (*value).into() };
    let tags = tags.iter().map(tag).collect();
    scene.alice.tag_resource(TagResourceRequest { key_id: scene.key.clone(), tags })
}

fn untag(scene: &Scene, keys: &[&str]) -> Result<()> {
    let tag_keys = keys.iter().map(ToString::to_string).collect();
    scene.alice.untag_resource(UntagResourceRequest { key_id: scene.key.clone(), tag_keys })
}

fn put_policy(scene: &Scene, bypass: Option<bool>) -> Result<()> {
    let policy = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}}"#;
    scene.alice.put_key_policy(PutKeyPolicyRequest {
        key_id: scene.key.clone(),
        policy: policy.into(),
        bypass_policy_lockout_safety_check: bypass,
        ..Default::default()
    })
}

/// The condition, what meets it, and what does not; of what is always so, other values are tried below.
fn conditions() -> Vec<(Value, Act, Option<Act>)> {
    let allow: Act = |scene| scene.encrypt(&scene.key, &[]).map(drop);
    vec![
        (json!({"StringEquals": {"kms:CallerAccount": "000000000000"}}), allow, None),
        (json!({"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyUsage": "ENCRYPT_DECRYPT"}}), allow, None),
        (json!({"StringEquals": {"kms:KeyOrigin": "AWS_KMS"}, "Bool": {"kms:MultiRegion": "false"}}), allow, None),
        (json!({"Null": {"kms:MultiRegionKeyType": "true"}}), allow, None),
        (json!({"StringEquals": {"aws:username": "alice", "aws:PrincipalType": "User"}}), allow, None),
        (json!({"DateGreaterThan": {"aws:CurrentTime": "1970-01-01T00:00:00Z"}}), allow, None),
        (json!({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}), allow, None),
        (
            json!({"StringEquals": {"kms:RequestAlias": "alias/one"}}),
            |scene| scene.encrypt("alias/one", &[]).map(drop),
            Some(|scene| scene.encrypt(&scene.key, &[]).map(drop)),
        ),
        (
            json!({"StringLike": {"kms:EncryptionContext:tenant": "t-*"}}),
            |scene| scene.encrypt(&scene.key, &[("tenant", "t-1")]).map(drop),
            Some(|scene| scene.encrypt(&scene.key, &[("tenant", "x")]).map(drop)),
        ),
        (
            json!({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["a", "b"]}}),
            |scene| scene.encrypt(&scene.key, &[("a", "1"), ("b", "2")]).map(drop),
            Some(|scene| scene.encrypt(&scene.key, &[("a", "1"), ("c", "2")]).map(drop)),
        ),
        (
            json!({"StringEquals": {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}}),
            |scene| {
                let request = GenerateDataKeyRequest {
                    key_id: scene.key.clone(),
                    key_spec: Some(DataKeySpec::Aes256),
                    ..Default::default()
                };
                scene.alice.generate_data_key(request).map(drop)
            },
            Some(|scene| {
                scene
                    .alice
                    .describe_key(DescribeKeyRequest { key_id: scene.key.clone(), ..Default::default() })
                    .map(drop)
            }),
        ),
        (
            json!({"Bool": {"kms:ReEncryptOnSameKey": "true"}}),
            |scene| scene.re_encrypt(&scene.key).map(drop),
            Some(|scene| scene.re_encrypt(&scene.other).map(drop)),
        ),
        (
            json!({"NumericLessThanEquals": {"kms:RotationPeriodInDays": "180"}}),
            |scene| rotation(scene, Some(90)),
            Some(|scene| rotation(scene, Some(181))),
        ),
        (
            json!({"NumericGreaterThanEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": 20}}),
            |scene| deletion(scene, Some(20)),
            Some(|scene| deletion(scene, Some(19))),
        ),
        (
            json!({"StringEquals": {"aws:RequestTag/team": "y"}}),
            |scene| tag(scene, &[("team", "y")]),
            Some(|scene| tag(scene, &[("team", "z")])),
        ),
        (
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}),
            |scene| tag(scene, &[("a", "1")]),
            Some(|scene| tag(scene, &[("a", "1"), ("b", "1")])),
        ),
        (
            json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}),
            |scene| untag(scene, &["a"]),
            Some(|scene| untag(scene, &["b"])),
        ),
        (
            json!({"Null": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}),
            |scene| put_policy(scene, None),
            Some(|scene| put_policy(scene, Some(true))),
        ),
        (
            json!({"StringEquals": {"kms:PolicyName": "default"}}),
            |scene| {
                scene
                    .alice
                    .get_key_policy(GetKeyPolicyRequest { key_id: scene.key.clone(), policy_name: None })
                    .map(drop)
            },
            Some(|scene| scene.encrypt(&scene.key, &[]).map(drop)),
        ),
    ]
}

#[test]
fn conditions_see_what_the_request_has() {
    for (condition, meets, fails) in conditions() {
        let scene = Scene::set(&condition);
        assert!(meets(&scene).is_ok(), "{condition}");
        let Some(fails) = fails else { continue };
        let scene = Scene::set(&condition);
        let error = error(fails(&scene));
        assert_eq!(error.kind(), ErrorKind::AccessDenied, "{condition}: {error}");
    }
}

/// A condition with another value than the one that holds never does.
#[test]
fn conditions_with_other_values_do_not_hold() {
    for condition in [
        json!({"StringEquals": {"kms:CallerAccount": "111122223333"}}),
        json!({"StringEquals": {"kms:KeySpec": "RSA_2048"}}),
        json!({"StringEquals": {"kms:KeyOrigin": "EXTERNAL"}}),
        json!({"Bool": {"kms:MultiRegion": "true"}}),
        json!({"Null": {"kms:MultiRegionKeyType": "false"}}),
        json!({"StringEquals": {"aws:username": "bob"}}),
        json!({"DateGreaterThan": {"aws:CurrentTime": "9999-01-01T00:00:00Z"}}),
        json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
        json!({"Null": {"kms:ViaService": "false"}}),
        // Of the key's tags and aliases only policies of identities may ask.
        json!({"StringEquals": {"aws:ResourceTag/team": "x"}}),
        json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/one"}}),
    ] {
        let scene = Scene::set(&condition);
        assert_eq!(error(scene.encrypt(&scene.key, &[])).kind(), ErrorKind::AccessDenied, "{condition}");
    }
}

#[test]
fn a_denial_says_in_process_what_lacked() {
    let scene = Scene::set(&json!({"StringEquals": {"kms:EncryptionContext:tenant": "t-1"}}));
    let error = error(scene.encrypt(&scene.key, &[("tenant", "t-2")]));
    let explanation = error.explanation().expect("an explanation");
    for part in [
        "needed: a statement of the key policy that allows kms:Encrypt to arn:aws:iam::000000000000:user/alice",
        "statement 2 ('Alice') of the key policy would allow it, but StringEquals of kms:EncryptionContext:tenant with 't-1' \
         did not hold: the request has 't-2'",
    ] {
        assert!(explanation.contains(part), "{explanation}");
    }
    assert!(!error.to_string().contains("'t-1'"), "the policy is not shown to callers: {error}");
}

#[test]
fn a_policy_goes_with_its_key() {
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    let policy = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}}"#;
    let put = |kms: &Kms| {
        let (key_id, policy) = (key.clone(), policy.into());
        kms.put_key_policy(PutKeyPolicyRequest { key_id, policy, ..Default::default() })
    };
    let get = |kms: &Kms| kms.get_key_policy(GetKeyPolicyRequest { key_id: key.clone(), policy_name: None });
    put(&kms).expect("a policy");
    put(&kms).expect("the same again");
    assert_eq!(get(&kms).expect("its policy").policy, policy);
    let request = ScheduleKeyDeletionRequest { key_id: key.clone(), pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).expect("scheduled");
    clock.advance_days(8);
    assert_eq!(error(get(&kms)).kind(), ErrorKind::NotFound);
}

#[test]
fn the_algorithm_of_a_request_is_no_way_around_its_default() {
    let scene = Scene::set(&json!({"StringEquals": {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}}));
    let request = EncryptRequest {
        key_id: scene.key.clone(),
        plaintext: vec![1].into(),
        encryption_algorithm: Some(EncryptionAlgorithmSpec::RsaesOaepSha1),
        ..Default::default()
    };
    assert_eq!(error(scene.alice.encrypt(request)).kind(), ErrorKind::AccessDenied);
}

/// Names of pairs are equal whatever their case: a second pair with the name is no way around what is said of the first.
#[test]
fn a_second_pair_in_another_case_gets_around_no_condition() {
    let (kms, _) = vault();
    let class = |value: &str| json!({"StringEquals": {"kms:EncryptionContext:Class": value}});
    let everything = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"});
    let managing = json!({"Effect": "Allow", "Principal": "*", "Action": ["kms:Put*", "kms:Create*"], "Resource": "*"});
    let of = |effect: &str, condition| json!({"Effect": effect, "Principal": "*", "Action": "kms:Encrypt", "Resource": "*", "Condition": condition});
    for (statements, allowed, refused) in [
        (
            json!([everything, of("Deny", class("secret"))]),
            [vec![("class", "no")], vec![("class", "no"), ("Class", "no")]],
            [vec![("class", "secret")], vec![("class", "secret"), ("Class", "no")]],
        ),
        (
            json!([managing, of("Allow", class("open"))]),
            [vec![("class", "open")], vec![("class", "open"), ("Class", "open")]],
            [vec![("class", "secret")], vec![("class", "secret"), ("Class", "open")]],
        ),
        // Without ForAnyValue or ForAllValues, what AWS calls invalid keeps out.
        (
            json!([everything, of("Deny", json!({"StringEquals": {"kms:EncryptionContextKeys": "b"}}))]),
            [vec![("a", "1")], vec![("a", "1"), ("c", "1")]],
            [vec![("b", "1")], vec![("a", "1"), ("b", "1")]],
        ),
    ] {
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let request = CreateKeyRequest { policy: Some(policy), ..Default::default() };
        let key = kms.create_key(request).expect("a key").key_metadata.key_id;
        let encrypt = |pairs: &[(&str, &str)]| {
            let encryption_context = Some(pairs.iter().copied().collect());
            let plaintext = b"x".to_vec().into();
            kms.encrypt(EncryptRequest { key_id: key.clone(), plaintext, encryption_context, ..Default::default() })
        };
        for pairs in &allowed {
            encrypt(pairs).unwrap_or_else(|error| panic!("{pairs:?}: {}", error.report()));
        }
        for pairs in &refused {
            assert_eq!(error(encrypt(pairs)).kind(), ErrorKind::AccessDenied, "{pairs:?}");
        }
    }
}
