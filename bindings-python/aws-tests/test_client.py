"""A boto3 client of a `Kms` is botocore's own in all but the sending."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError
from botocore.stub import Stubber
from conftest import ACCOUNT, REGION

import pocketkms.boto3
from pocketkms import Kms, ManualClock, Vault, VaultClosedException

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"


@pytest.fixture
def kms(vault: Vault) -> Any:
    return pocketkms.boto3.client(vault.client())


def test_the_offline_check_itself() -> None:
    client = boto3.client("kms", region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b")
    with pytest.raises(pytest.fail.Exception, match="something went to the network"):
        client.list_keys()


def test_responses(kms: Any, clock: ManualClock) -> None:
    metadata = kms.create_key(Description="orders", Tags=[{"TagKey": "team", "TagValue": "a"}])["KeyMetadata"]
    assert metadata["Arn"] == f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{metadata['KeyId']}"
    assert metadata["CreationDate"] == clock.now() and metadata["CreationDate"].tzinfo is not None
    encrypted = kms.encrypt(KeyId=metadata["KeyId"], Plaintext=b"\x00secret", EncryptionContext={"order": "4711"})
    assert type(encrypted["CiphertextBlob"]) is bytes
    decrypted = kms.decrypt(CiphertextBlob=encrypted["CiphertextBlob"], EncryptionContext={"order": "4711"})
    assert decrypted["Plaintext"] == b"\x00secret"
    answered = decrypted["ResponseMetadata"]
    assert answered["HTTPStatusCode"] == 200 and answered["RetryAttempts"] == 0 and len(answered["RequestId"]) == 36
    assert kms.disable_key(KeyId=metadata["KeyId"]).keys() == {"ResponseMetadata"}


def test_exceptions(kms: Any) -> None:
    with pytest.raises(kms.exceptions.NotFoundException) as raised:
        kms.describe_key(KeyId="alias/none")
    error = raised.value
    assert isinstance(error, ClientError)
    assert error.response["Error"] == {
        "Code": "NotFoundException",
        "Message": f"Alias arn:aws:kms:{REGION}:{ACCOUNT}:alias/none is not found.",
    }
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400 and error.operation_name == "DescribeKey"
    # No modelled one, as with AWS.
    with pytest.raises(ClientError, match=r"\(ValidationException\).*1 validation error detected: "):
        kms.list_keys(Limit=1001)
    # botocore's own look at the request comes first.
    with pytest.raises(ParamValidationError):
        kms.encrypt(KeyId="alias/none")


def test_paginators_and_waiters(kms: Any) -> None:
    made = {kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(7)}
    pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["Keys"]) for page in pages] == [3, 3, 1]
    assert {key["KeyId"] for page in pages for key in page["Keys"]} == made
    limited = kms.get_paginator("list_keys").paginate(PaginationConfig={"MaxItems": 4, "PageSize": 3}).build_full_result()
    assert len(limited["Keys"]) == 4 and "NextToken" in limited
    assert kms.waiter_names == []  # AWS has none for KMS; an app's own go through the same client.


def test_waiters_of_an_app(kms: Any) -> None:
    from botocore.waiter import WaiterModel, create_waiter_with_client

    accept = {"matcher": "path", "argument": "KeyMetadata.KeyState", "expected": "Enabled", "state": "success"}
    settings = {"operation": "DescribeKey", "delay": 0, "maxAttempts": 2, "acceptors": [accept]}
    model = WaiterModel({"version": 2, "waiters": {"KeyEnabled": settings}})
    waiter = create_waiter_with_client("KeyEnabled", model, kms)
    waiter.wait(KeyId=kms.create_key()["KeyMetadata"]["KeyId"])


def test_hooks(kms: Any) -> None:
    seen: list[str] = []
    events = ["provide-client-params", "before-call", "request-created", "before-sign", "before-send", "after-call"]
    for event in events:
        kms.meta.events.register(f"{event}.kms.ListKeys", lambda event_name, **_: seen.append(event_name.split(".")[0]))
    kms.list_keys()
    assert seen == events


def test_a_handler_that_answers_goes_before(kms: Any) -> None:
    with Stubber(kms) as stubber:
        stubber.add_response("list_keys", {"Keys": [{"KeyId": "stubbed"}], "Truncated": False})
        assert kms.list_keys()["Keys"] == [{"KeyId": "stubbed"}]
    assert kms.list_keys()["Keys"] == []


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_retries_are_botocores(vault: Vault, mode: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an answer 500, which a handler makes of the first two requests."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    kms: Any = pocketkms.boto3.client(vault.client(), config=Config(retries={"mode": mode, "total_max_attempts": 4}))
    sent: list[object] = []

    def fail_twice(response: Any = None, **arguments: Any) -> None:
        sent.append(arguments)
        if len(sent) <= 2:
            arguments["response_dict"]["status_code"] = 500
            arguments["response_dict"]["body"] = b'{"__type": "KMSInternalException"}'

    kms.meta.events.register("before-parse.kms.ListKeys", fail_twice)
    patched = kms._endpoint._do_get_response

    def with_status(request: Any, operation: Any, context: Any) -> Any:
        success, exception = patched(request, operation, context)
        if success is not None and len(sent) <= 2:
            success[0].status_code = 500
        return success, exception

    monkeypatch.setattr(kms._endpoint, "_do_get_response", with_status)
    assert kms.list_keys()["ResponseMetadata"]["RetryAttempts"] == 2 and len(sent) == 3


def test_a_closed_vault_is_one_clear_error(vault: Vault, kms: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    kms.meta.events.register("before-send.kms", lambda **_: asked.append(None))
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("it waits to try again"))
    vault.close()
    for call in (kms.list_keys, kms.create_key, lambda: kms.decrypt(CiphertextBlob=b"x")):
        with pytest.raises(VaultClosedException, match="^VaultClosedException: the vault is closed$"):
            call()
    assert len(asked) == 3  # Once each.


FULL = """
import contextlib, resource, signal, sys, time
import pocketkms.boto3
from pocketkms import Kms, OutcomeUnknownException, RootKey, StoreException, StoreFullException, Vault

time.sleep = lambda _: sys.exit("it waits to try again")
with Vault.create(sys.argv[1], RootKey.from_bytes(bytes(32))) as vault:
    kms = pocketkms.boto3.client(vault.client())
    kms.create_key()
    calls, answer = [], Kms.call
    Kms.call = lambda *arguments: calls.append(1) or answer(*arguments)
    # No file may grow any more.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    try:
        kms.create_key()
    except (OutcomeUnknownException, StoreException, StoreFullException) as error:
        print(type(error).__name__, len(calls), bool(error.explanation))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such limits")
def test_a_full_disk_is_one_clear_error(tmp_path: Path) -> None:
    """botocore would make a change once more whose outcome is not known."""
    command = [sys.executable, "-c", FULL, str(tmp_path / "vault")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    name, calls, explained = done.stdout.split() or [done.stderr, "", ""]
    assert name.startswith(("Store", "OutcomeUnknown")) and (calls, explained) == ("1", "True"), done.stderr


def test_the_machines_profiles_are_not_read(vault: Vault, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[default]\nregion = eu-north-1\ncsm_enabled = true\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_CSM_ENABLED", "true")
    for name, profile in (("AWS_PROFILE", "nowhere"), ("AWS_PROFILE", ""), ("AWS_DEFAULT_PROFILE", "nowhere")):
        monkeypatch.setenv(name, profile)
        # Another test may have made the session before.
        monkeypatch.setattr("pocketkms.boto3._clients._session", None)
        client = pocketkms.boto3.client(vault.client())
        assert client.meta.region_name == REGION and client.list_keys()["Keys"] == []
        monkeypatch.delenv(name)


def test_a_thousand_threads_on_one_client(kms: Any) -> None:
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    begin = threading.Barrier(1000)

    def work(number: int) -> bytes:
        begin.wait()
        blob = kms.encrypt(KeyId=key, Plaintext=str(number))["CiphertextBlob"]
        plaintext: bytes = kms.decrypt(CiphertextBlob=blob)["Plaintext"]
        return plaintext

    with ThreadPoolExecutor(1000) as pool:
        assert list(pool.map(work, range(1000))) == [str(number).encode() for number in range(1000)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows does not fork")
def test_a_fork_after_use(kms: Any) -> None:
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    child = os.fork()
    if child == 0:
        try:
            good = kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x" and kms.encrypt(KeyId=key, Plaintext=b"y")
            os._exit(0 if good else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_no_credentials_are_looked_for(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.session.Session.get_credentials", lambda self: pytest.fail("it looks for credentials"))
    kms = pocketkms.boto3.client(vault.client())
    assert kms.list_keys()["Keys"] == []
    with pocketkms.boto3.install(None, vault):
        assert boto3.client("kms").list_keys()["Keys"] == []


def test_callers(vault: Vault) -> None:
    client: Kms = vault.client(region="us-east-1", principal=ALICE)
    kms = pocketkms.boto3.client(client)
    assert kms.meta.region_name == "us-east-1"
    assert kms.create_key()["KeyMetadata"]["Arn"].startswith(f"arn:aws:kms:us-east-1:{ACCOUNT}:")



def test_the_repr_of_an_answer_shows_no_plaintext(vault: Vault) -> None:
    kms = vault.client()
    answer = kms.call("TrentService.GenerateRandom", b'{"NumberOfBytes": 32}')
    assert repr(answer) == f"WireResponse(status=200, body=<{len(answer.body)} bytes>)"
    assert answer == (200, answer.body)
