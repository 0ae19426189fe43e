"""The registry of principals and what policies decide, as Python sees them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from pocketkms import (
    AccessDeniedException,
    ContextEntry,
    ExpiredTokenException,
    IamEntity,
    IamPolicy,
    KeyMetadata,
    Kms,
    LimitExceededException,
    MalformedPolicyDocumentException,
    ManualClock,
    NotFoundException,
    RequestQuota,
    ResourceQuotas,
    RootKey,
    SessionContext,
    Tag,
    ThrottlingException,
    ValidationException,
    Vault,
)

ALICE = "arn:aws:iam::111122223333:user/alice"
APP = "arn:aws:iam::111122223333:role/app"


def policy(name: str, *statements: dict[str, object]) -> IamPolicy:
    return IamPolicy(policy_name=name, policy_document=json.dumps({"Version": "2012-10-17", "Statement": statements}))


def allow(action: str, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": "*", **more}


@pytest.fixture
def host() -> Vault:
    return Vault.in_memory(RootKey.from_bytes(bytes(32)), account_id="111122223333")


def test_identity_policies_decide_and_simulate_says_why(host: Vault) -> None:
    key = host.client().create_key().key_metadata.key_id
    alice = IamEntity(arn=ALICE, policies=(policy("describe", allow("kms:DescribeKey")),))
    host.put_iam_entity(alice)
    assert host.get_iam_entity(ALICE) == alice
    assert host.list_iam_entities().arns == ("arn:aws:iam::111122223333:root", ALICE)
    kms = host.client(principal=ALICE)
    kms.describe_key(key_id=key)
    with pytest.raises(AccessDeniedException, match="no identity-based policy allows the kms:Encrypt action"):
        kms.encrypt(key_id=key, plaintext=b"x")
    allowed = host.simulate(action="kms:DescribeKey", key_id=key, principal=ALICE)
    assert allowed.allowed
    assert allowed.message is None
    assert "policy 'describe' of user/alice" in " ".join(allowed.explanation)
    denied = host.simulate(action="kms:Encrypt", key_id=key, principal=ALICE, encryption_context={"a": "1"})
    assert not denied.allowed
    assert denied.explanation[0] == f"needed: an identity policy of {ALICE} that allows kms:Encrypt"
    with pytest.raises(NotFoundException):
        host.client(principal="arn:aws:iam::111122223333:user/nobody")
    host.remove_iam_entity(ALICE)
    with pytest.raises(AccessDeniedException):
        kms.describe_key(key_id=key)


def test_roles_are_assumed_with_what_the_host_states(host: Vault) -> None:
    key = host.client().create_key().key_metadata.key_id
    condition = {"StringEquals": {"aws:PrincipalTag/team": "x"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    trust = {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    host.put_iam_entity(IamEntity(arn=ALICE))
    host.put_iam_entity(
        IamEntity(
            arn=APP,
            policies=(policy("use", allow("kms:Encrypt", Condition=condition)),),
            assume_role_policy_document=json.dumps({"Version": "2012-10-17", "Statement": trust}),
        )
    )
    session = SessionContext(tags=(Tag(tag_key="team", tag_value="x"),), source_ip="10.0.0.1")
    kms = host.assume_role(role_arn=APP, role_session_name="one", session=session, principal=ALICE)
    assert kms.caller.principal == "arn:aws:sts::111122223333:assumed-role/app/one"
    kms.encrypt(key_id=key, plaintext=b"x")
    with pytest.raises(AccessDeniedException, match="sts:AssumeRole"):
        host.assume_role(role_arn=APP + "2", role_session_name="one", principal=ALICE)
    # What is true of the caller counts, too: its session has ended.
    ended = SessionContext(expiration=datetime(2020, 1, 1, tzinfo=timezone.utc))
    with pytest.raises(ExpiredTokenException):
        host.assume_role(role_arn=APP, role_session_name="six", principal=ALICE, caller_session=ended)
    bare = host.assume_role(role_arn=APP, role_session_name="two", principal=ALICE)
    with pytest.raises(AccessDeniedException):
        bare.encrypt(key_id=key, plaintext=b"x")
    host.client(principal=bare.caller.principal, session=session).encrypt(key_id=key, plaintext=b"x")


def test_what_is_wrong_is_refused(host: Vault) -> None:
    with pytest.raises(MalformedPolicyDocumentException):
        host.put_iam_entity(IamEntity(arn=ALICE, policies=(IamPolicy(policy_name="p", policy_document="{}"),)))
    with pytest.raises(ValidationException):
        host.put_iam_entity(IamEntity(arn="arn:aws:iam::1:user/alice"))
    forged = ContextEntry(context_key_name="aws:PrincipalArn", context_key_values=("arn:aws:iam::111122223333:root",))
    with pytest.raises(ValidationException):
        host.client(principal=ALICE, session=SessionContext(context=(forged,)))
    with pytest.raises(TypeError):
        host.put_iam_entity(IamEntity(arn=ALICE, policies=("no policy",)))  # type: ignore[arg-type]


def test_request_quotas_by_the_vaults_clock(vault: Vault, clock: ManualClock, kms: Kms, key: KeyMetadata) -> None:
    quota = RequestQuota(quota_name="DescribeKey", requests=2)
    vault.set_request_quotas([quota, RequestQuota(quota_name="CreateKey", requests=1, seconds=60)])
    for _ in range(2):
        kms.describe_key(key_id=key.key_id)
    with pytest.raises(ThrottlingException):
        kms.describe_key(key_id=key.key_id)
    kms.create_key()
    clock.set(clock.now() + timedelta(seconds=1))
    kms.describe_key(key_id=key.key_id)
    with pytest.raises(ThrottlingException):
        kms.create_key()
    vault.set_request_quotas(None)
    for _ in range(3):
        kms.create_key()
    with pytest.raises(ValidationException):
        vault.set_request_quotas([RequestQuota(quota_name="DescribeKey", requests=-1)])


def test_resource_quotas_grant_delay_and_expiration(vault: Vault, clock: ManualClock, kms: Kms, key: KeyMetadata) -> None:
    vault.set_resource_quotas(ResourceQuotas(keys=1, aliases_per_key=1))
    with pytest.raises(LimitExceededException):
        kms.create_key()
    vault.set_resource_quotas(None)
    kms.create_key()
    vault.set_grant_delay(60)
    with pytest.raises(ValidationException):
        vault.set_grant_delay(301)
    ends = clock.now() + timedelta(seconds=60)
    account = key.arn.split(":")[4]
    user = vault.client(principal=f"arn:aws:iam::{account}:user/late", session=SessionContext(expiration=ends))
    user.describe_key(key_id=key.key_id)
    clock.set(ends)
    with pytest.raises(ExpiredTokenException, match="The security token included in the request is expired"):
        user.describe_key(key_id=key.key_id)
