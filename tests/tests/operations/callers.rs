//! Who may be a caller: principals by their ARNs, of one account and partition.

use pocketkms::{Caller, ErrorKind, PrincipalKind, Vault, api::DescribeKeyRequest};
use pocketkms_tests::vault::{create_key, describe, error, refused, root};

const ACCOUNT: &str = "111122223333";

#[test]
fn principals_that_call_are_taken() {
    for (arn, kind) in [
        ("arn:aws:iam::111122223333:root", PrincipalKind::Root),
        ("arn:aws:iam::111122223333:user/eve", PrincipalKind::User),
        ("arn:aws:iam::111122223333:user/a/path/with:anything~/eve+=,.@-_9", PrincipalKind::User),
        ("arn:aws:iam::111122223333:user/division_abc/eve", PrincipalKind::User),
        ("arn:aws:sts::111122223333:assumed-role/role/session", PrincipalKind::AssumedRole),
        ("arn:aws:sts::111122223333:federated-user/eve", PrincipalKind::FederatedUser),
    ] {
        let caller = Caller::new(arn, "us-east-1").unwrap();
        assert_eq!((caller.principal().as_str(), caller.principal().kind()), (arn, kind));
        assert_eq!((caller.account().as_str(), caller.region().as_str()), (ACCOUNT, "us-east-1"));
        let resource = arn.rsplit_once("111122223333:").unwrap().1;
        assert_eq!((caller.principal().partition(), caller.principal().resource()), ("aws", resource));
    }
    assert!(Caller::new("arn:aws-cn:iam::111122223333:user/eve", "cn-north-1").is_ok());
    assert!(Caller::new("arn:aws-us-gov:iam::111122223333:root", "us-gov-west-1").is_ok());
}

#[test]
fn a_service_calls_on_behalf_of_an_account() {
    let root = Caller::root(ACCOUNT, "us-east-1").unwrap();
    let logs = root.with_principal("logs.us-east-1.amazonaws.com").unwrap();
    assert_eq!(logs.principal().kind(), PrincipalKind::Service);
    assert_eq!(logs.principal().as_str(), "logs.us-east-1.amazonaws.com");
    assert_eq!((logs.account().as_str(), logs.principal().partition()), (ACCOUNT, ""));
    let other = logs.with(Some("444455556666"), Some("cn-north-1"), Some("logs.amazonaws.com.cn")).unwrap();
    assert_eq!((other.account().as_str(), other.region().as_str()), ("444455556666", "cn-north-1"));
    // Somebody else of the account that it called for.
    assert_eq!(logs.with(Some("444455556666"), None, None).unwrap().principal().kind(), PrincipalKind::Root);
    for text in ["amazonaws.com", ".amazonaws.com", "*.amazonaws.com", "logs.amazonaws.org", "LOGS.amazonaws.com"] {
        assert_eq!(error(root.with_principal(text)).kind(), ErrorKind::Validation, "{text}");
    }
    // Alone it has no account.
    assert_eq!(error(Caller::new("logs.amazonaws.com", "us-east-1")).kind(), ErrorKind::Validation);
    let vault = Vault::builder().account_id(ACCOUNT).region("us-east-1").principal("logs.amazonaws.com");
    let vault = vault.create_in_memory(&pocketkms_tests::vault::root()).unwrap();
    let opened = Vault::builder().open_snapshot(&vault.snapshot().unwrap(), &pocketkms_tests::vault::root()).unwrap();
    assert_eq!(opened.caller(), vault.caller());
}

#[test]
fn what_is_no_caller_is_refused() {
    let long = |length| "x".repeat(length);
    let arns = [
        String::new(),
        "eve".into(),
        "root".into(),
        "*".into(),
        "111122223333".into(),
        "arn:aws:iam::111122223333".into(),
        "arn:aws:iam::111122223333:".into(),
        "arn:aws:iam::111122223333:root/".into(),
        "arn:aws:iam::111122223333:root ".into(),
        "arn:aws:iam::111122223333:Root".into(),
        "arn:aws:sts::111122223333:root".into(),
        "arn:aws:iam:us-east-1:111122223333:root".into(),
        "arn:aws:iam::11112222333:root".into(),
        "arn:aws:iam::1111222233334:root".into(),
        "arn:aws:iam::aws:root".into(),
        "arn:amazon:iam::111122223333:root".into(),
        "ARN:aws:iam::111122223333:root".into(),
        "arn:aws:iam::111122223333:user".into(),
        "arn:aws:iam::111122223333:user/".into(),
        "arn:aws:iam::111122223333:user//eve".into(),
        "arn:aws:iam::111122223333:user/*".into(),
        "arn:aws:iam::111122223333:user/a path/eve".into(),
        "arn:aws:iam::111122223333:user/eve:bob".into(),
        "arn:aws:iam::111122223333:user/eve\n".into(),
        "arn:aws:iam::111122223333:user/ève".into(),
        format!("arn:aws:iam::111122223333:user/{}", long(65)),
        format!("arn:aws:iam::111122223333:user/{}/eve", long(511)),
        // Roles and groups never call; a role's sessions do.
        "arn:aws:iam::111122223333:role/role".into(),
        "arn:aws:iam::111122223333:group/group".into(),
        "arn:aws:sts::111122223333:assumed-role/role".into(),
        "arn:aws:sts::111122223333:assumed-role/role/".into(),
        "arn:aws:sts::111122223333:assumed-role/role/s".into(),
        "arn:aws:sts::111122223333:assumed-role/path/role/session".into(),
        "arn:aws:sts::111122223333:assumed-role//session".into(),
        "arn:aws:sts::111122223333:federated-user/".into(),
        format!("arn:aws:sts::111122223333:federated-user/{}", long(33)),
        "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab".into(),
    ];
    let root = Caller::root(ACCOUNT, "us-east-1").unwrap();
    for arn in arns {
        let refusals =
            [error(Caller::new(&arn, "us-east-1")), error(root.with_principal(&arn)), error(vault_for(&arn))];
        for refusal in refusals {
            assert_eq!(refusal.kind(), ErrorKind::Validation, "{arn}");
            assert!(refusal.message().contains("is not the ARN of a principal that can call"), "{refusal}");
        }
    }
}

fn vault_for(principal: &str) -> pocketkms::Result<Vault> {
    Vault::builder().principal(principal).create_in_memory(&root())
}

#[test]
fn a_principal_of_another_account_or_partition_is_refused() {
    let eve = "arn:aws:iam::111122223333:user/eve";
    let root = Caller::root("444455556666", "us-east-1").unwrap();
    let message = "the principal 'arn:aws:iam::111122223333:user/eve' is not of the account 444455556666";
    refused(root.with_principal(eve), ErrorKind::Validation, message);
    refused(root.with(Some("444455556666"), None, Some(eve)), ErrorKind::Validation, message);
    let message = "the principal 'arn:aws:iam::111122223333:user/eve' is not of the partition of cn-north-1";
    refused(Caller::new(eve, "cn-north-1"), ErrorKind::Validation, message);
    let caller = Caller::new(eve, "us-east-1").unwrap();
    refused(caller.with(None, Some("cn-north-1"), None), ErrorKind::Validation, message);
}

#[test]
fn what_is_not_named_is_as_it_was() {
    let eve = Caller::new("arn:aws:iam::111122223333:user/eve", "us-east-1").unwrap();
    let described = |caller: pocketkms::Result<Caller>| {
        let caller = caller.unwrap();
        (caller.principal().to_string(), caller.region().to_string())
    };
    let is = |principal: &str, region: &str| (principal.to_string(), region.to_string());
    assert_eq!(described(eve.with(None, None, None)), is("arn:aws:iam::111122223333:user/eve", "us-east-1"));
    assert_eq!(
        described(eve.with(None, Some("eu-west-1"), None)),
        is("arn:aws:iam::111122223333:user/eve", "eu-west-1")
    );
    assert_eq!(described(eve.with(Some(ACCOUNT), None, None)), is("arn:aws:iam::111122223333:user/eve", "us-east-1"));
    // No one of one account is anybody in another: there it is the root user.
    assert_eq!(
        described(eve.with(Some("444455556666"), None, None)),
        is("arn:aws:iam::444455556666:root", "us-east-1")
    );
    let session = "arn:aws:sts::444455556666:assumed-role/role/session";
    assert_eq!(described(eve.with(None, None, Some(session))), is(session, "us-east-1"));
    let root = Caller::root(ACCOUNT, "us-east-1").unwrap();
    assert_eq!(
        described(root.with(None, Some("cn-north-1"), None)),
        is("arn:aws-cn:iam::111122223333:root", "cn-north-1")
    );
}

/// A vault remembers the principal that it was made for, and clients of others see what is theirs.
#[test]
fn a_vault_has_a_client_for_each_caller() {
    let session = "arn:aws:sts::111122223333:assumed-role/role/session";
    let vault = Vault::builder().principal(session).region("eu-central-1").create_in_memory(&root()).unwrap();
    let kms = vault.client();
    let key = create_key(&kms);
    let snapshot = vault.snapshot().unwrap();
    let opened = Vault::builder().open_snapshot(&snapshot, &root()).unwrap();
    assert_eq!(opened.caller(), &Caller::new(session, "eu-central-1").unwrap());
    assert_eq!(opened.client().caller(), opened.caller());
    // A vault that is opened for somebody by name says so.
    let eve = Vault::builder().principal("arn:aws:iam::111122223333:user/eve");
    let eve = eve.open_snapshot(&snapshot, &root()).unwrap();
    assert_eq!(eve.caller(), &Caller::new("arn:aws:iam::111122223333:user/eve", "eu-central-1").unwrap());

    describe(&opened.client(), &key.arn);
    let stranger = opened.client_as(opened.caller().with(Some("444455556666"), None, None).unwrap());
    assert_eq!(stranger.caller().principal().as_str(), "arn:aws:iam::444455556666:root");
    let request = DescribeKeyRequest { key_id: key.arn, ..Default::default() };
    assert_eq!(error(stranger.describe_key(request)).kind(), ErrorKind::AccessDenied);
    // Closing the vault closes it for each of them.
    opened.close();
    assert!(stranger.is_closed() && opened.client().is_closed());
}
