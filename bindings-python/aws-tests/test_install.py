"""The KMS clients that an app makes itself, answered by a vault without a changed line."""

from __future__ import annotations

import gc
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import boto3
import botocore.session
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.endpoint import Endpoint
from conftest import ACCOUNT, REGION

import pocketkms.boto3
from pocketkms import RootKey, ValidationException, Vault, VaultClosedException
from pocketkms.boto3 import NotInstalledError

OTHER = "444455556666"


def account(client: Any) -> str:
    arn: str = client.create_key()["KeyMetadata"]["Arn"]
    return arn.split(":")[4]


@pytest.fixture
def other() -> Any:
    with Vault.in_memory(RootKey.from_bytes(bytes(32)), account_id=OTHER) as vault:
        yield vault


def test_the_first_example(vault: Vault) -> None:
    vault.client().create_alias(
        alias_name="alias/tempKey", target_key_id=vault.client().create_key().key_metadata.key_id
    )
    installed = pocketkms.boto3.install(None, vault)
    try:
        kms = boto3.client("kms")
        encrypted = kms.encrypt(KeyId="alias/tempKey", Plaintext="my unencrypted password")
        decrypted = kms.decrypt(CiphertextBlob=encrypted["CiphertextBlob"])
        assert decrypted["Plaintext"] == b"my unencrypted password"
    finally:
        installed.uninstall()


def test_a_vault_and_its_clients_are_not_mistaken(vault: Vault) -> None:
    # What it takes is what it says, to a type checker and to those without one.
    client, install = cast("Any", pocketkms.boto3.client), cast("Any", pocketkms.boto3.install)
    with pytest.raises(TypeError, match="^'kms' must be a Kms, not Vault$"):
        client(vault)
    for wrong in (None, vault.client()):
        with pytest.raises(TypeError, match="^'vault' must be a Vault, not "):
            install(None, wrong)


def test_an_ended_installation_is_not_entered_again(vault: Vault) -> None:
    installation = pocketkms.boto3.install(None, vault)
    with installation:
        pass
    with pytest.raises(RuntimeError, match="has ended"), installation:
        pytest.fail("clients would go to AWS")


def test_what_is_no_session_is_refused(vault: Vault) -> None:
    for wrong in ("boto3", boto3):
        with pytest.raises(TypeError, match="'session' must be a Session"):
            pocketkms.boto3.install(cast(Any, wrong), vault)


def test_a_closed_vault_is_refused(vault: Vault) -> None:
    before = places()
    vault.close()
    with pytest.raises(VaultClosedException):
        pocketkms.boto3.install(None, vault)
    assert places() == before


def test_every_session(vault: Vault) -> None:
    before = boto3.client("kms", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    session = boto3.Session(region_name="eu-west-2")
    with pocketkms.boto3.install(None, vault):
        clients: list[tuple[Any, str]] = [
            (boto3.client("kms"), REGION),
            (boto3.client("kms", region_name="us-east-1"), "us-east-1"),
            (session.client("kms"), "eu-west-2"),
            (boto3.Session().client("kms", endpoint_url="http://localhost:4566"), REGION),
            (botocore.session.Session().create_client("kms", "sa-east-1"), "sa-east-1"),
            (before, "eu-west-1"),
        ]
        for client, region in clients:
            arn = client.create_key()["KeyMetadata"]["Arn"]
            assert arn.startswith(f"arn:aws:kms:{region}:{ACCOUNT}:key/")
    with pytest.raises(NotInstalledError, match="no longer is"):
        clients[0][0].list_keys()
    # Made before, it goes where it went before.
    with pytest.raises(pytest.fail.Exception, match="to the network"):
        before.list_keys()
    after = boto3.client("kms", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    with pytest.raises(pytest.fail.Exception, match="to the network"):
        after.list_keys()


def test_configured_regions(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    with pocketkms.boto3.install(None, vault):
        assert boto3.Session().client("kms", config=Config(region_name="eu-north-1")).meta.region_name == "eu-north-1"
        session = botocore.session.Session()
        session.set_default_client_config(Config(region_name="eu-west-3"))
        for config in (None, Config(retries={"max_attempts": 1})):
            assert session.create_client("kms", config=config).meta.region_name == "eu-west-3"
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-south-1")
        assert boto3.Session().client("kms").meta.region_name == "eu-south-1"


def test_monitoring_sends_nothing(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore's client-side monitoring sends a datagram for each call, and makes no error of one that fails."""
    sent: list[object] = []
    monkeypatch.setattr("botocore.monitoring.SocketPublisher.publish", lambda _, event: sent.append(event))
    monkeypatch.setenv("AWS_CSM_ENABLED", "true")
    session: Any = boto3.Session(region_name=REGION)
    with pocketkms.boto3.install(None, vault):
        assert session.client("kms").list_keys()["Keys"] == []
    assert sent == []
    # botocore never closes it.
    session._session._get_internal_component("monitor")._publisher._socket.close()


def test_the_first_calls_of_many_threads(vault: Vault) -> None:
    """A client that was made before is changed by its first call."""
    for _ in range(20):
        kms = boto3.Session("a", "b", region_name=REGION).client("kms")
        begin = threading.Barrier(8)

        def work(kms: Any = kms, begin: threading.Barrier = begin) -> int:
            begin.wait()
            return len(kms.list_keys()["Keys"])

        with pocketkms.boto3.install(None, vault), ThreadPoolExecutor(8) as pool:
            assert [call.result() for call in [pool.submit(work) for _ in range(8)]] == [0] * 8


def test_one_session(vault: Vault) -> None:
    session, stranger = boto3.Session(region_name=REGION), boto3.Session("a", "b", region_name=REGION)
    old = session.client("kms", aws_access_key_id="a", aws_secret_access_key="b")
    with pocketkms.boto3.install(session, vault):
        assert account(old) == account(session.client("kms")) == ACCOUNT
        with pytest.raises(pytest.fail.Exception, match="to the network"):
            stranger.client("kms").list_keys()


def test_the_session_of_botocore(vault: Vault) -> None:
    session = botocore.session.Session()
    with pocketkms.boto3.install(session, vault):
        assert account(session.create_client("kms")) == ACCOUNT


def test_a_sessions_own_goes_before_one_of_all(vault: Vault, other: Vault) -> None:
    session = boto3.Session()
    with pocketkms.boto3.install(session, vault), pocketkms.boto3.install(None, other):
        assert account(session.client("kms")) == ACCOUNT and account(boto3.client("kms")) == OTHER


def test_the_one_that_came_last_answers(vault: Vault, other: Vault) -> None:
    with pocketkms.boto3.install(None, vault):
        kms = boto3.client("kms")
        again = pocketkms.boto3.install(None, other)
        assert account(kms) == OTHER
        again.uninstall()
        again.uninstall()
        assert account(kms) == ACCOUNT


def test_registering_twice_answers_once(vault: Vault) -> None:
    with pocketkms.boto3.install(None, vault), pocketkms.boto3.install(None, vault):
        kms = boto3.client("kms")
        kms.create_key()
        assert len(kms.list_keys()["Keys"]) == 1


def test_a_client_of_ones_own_is_not_taken_away(vault: Vault, other: Vault) -> None:
    kms = pocketkms.boto3.client(vault.client())
    with pocketkms.boto3.install(None, other):
        assert account(kms) == ACCOUNT
    assert account(kms) == ACCOUNT


def test_who_calls(vault: Vault) -> None:
    with pocketkms.boto3.install(None, vault, account_id=OTHER):
        assert account(boto3.client("kms")) == OTHER
    with pocketkms.boto3.install(None, vault, principal=f"arn:aws:iam::{OTHER}:user/alice"):
        assert account(boto3.client("kms")) == OTHER
    with pytest.raises(ValidationException):
        pocketkms.boto3.install(None, vault, account_id=ACCOUNT, principal=f"arn:aws:iam::{OTHER}:user/alice")


def test_other_services_are_left_alone(vault: Vault) -> None:
    with pocketkms.boto3.install(None, vault):
        sts = boto3.client("sts", REGION, aws_access_key_id="a", aws_secret_access_key="b")
        with pytest.raises(pytest.fail.Exception, match="to the network"):
            sts.get_caller_identity()


def test_clients_do_not_live_longer(vault: Vault) -> None:
    import weakref

    with pocketkms.boto3.install(None, vault):
        client = weakref.ref(boto3.Session().client("kms"))
        gc.collect()
        assert client() is None


@pytest.mark.parametrize("freeze", [False, True])
def test_clients_that_the_garbage_collector_does_not_show(vault: Vault, freeze: bool) -> None:
    """Of a server that has called `gc.freeze` before its workers fork."""
    before = boto3.client("kms", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    if freeze:
        gc.freeze()
    try:
        with pocketkms.boto3.install(None, vault):
            assert account(before) == ACCOUNT
    finally:
        gc.unfreeze()


def test_a_client_that_is_being_made(vault: Vault) -> None:
    """By another thread, while the installation begins."""
    begun, go, made = threading.Event(), threading.Event(), []
    session = boto3.Session("a", "b", region_name="eu-west-1")

    def hold(**_: object) -> None:
        begun.set()
        assert go.wait(10)

    session.events.register("creating-client-class.kms", hold)
    thread = threading.Thread(target=lambda: made.append(session.client("kms")))
    thread.start()
    assert begun.wait(10)
    # Such as the collector shows where a client's making was interrupted: asked for any attribute, it asks itself.
    half = BaseClient.__new__(BaseClient)
    with pocketkms.boto3.install(None, vault):
        go.set()
        thread.join()
        assert account(made[0]) == ACCOUNT
    del half


def test_an_end_in_the_middle_of_a_request(vault: Vault) -> None:
    """A call ends as it began: it goes nowhere but to the vault, not unsigned to AWS."""
    before = boto3.client("kms", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    installed = [pocketkms.boto3.install(None, vault)]
    within = boto3.client("kms")

    def end(**_: object) -> None:
        for installation in installed:
            installation.uninstall()

    for client in (before, within):
        installed.append(pocketkms.boto3.install(None, vault))
        client.meta.events.register("before-sign.kms.CreateKey", end)
        assert account(client) == ACCOUNT
    for client, error in ((before, pytest.fail.Exception), (within, NotInstalledError)):
        with pytest.raises(error):
            client.list_keys()


def places() -> list[object]:
    """What of botocore an installation may change."""
    return [vars(Endpoint).copy(), vars(botocore.session.Session).copy()]


def test_botocore_is_as_before_in_the_end(vault: Vault) -> None:
    before = places()
    for _ in range(3):
        with pocketkms.boto3.install(None, vault):
            within = places()
            with pocketkms.boto3.install(boto3.Session(), vault):
                assert places() == within != before
            assert account(boto3.client("kms")) == ACCOUNT
        assert places() == before


def test_what_others_put_around_botocore_stays(vault: Vault) -> None:
    """Instrumentation that comes or goes while a vault is installed."""
    seen: list[str] = []
    original = Endpoint.make_request

    def instrument() -> None:
        inner = Endpoint.make_request

        def make_request(self: Any, operation_model: Any, request_dict: Any) -> Any:
            seen.append(operation_model.name)
            return inner(self, operation_model, request_dict)

        Endpoint.make_request = make_request  # type: ignore[method-assign]

    try:
        with pocketkms.boto3.install(None, vault):
            instrument()
            assert account(boto3.client("kms")) == ACCOUNT and seen == ["CreateKey"]
        client = boto3.client("kms", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
        with pytest.raises(pytest.fail.Exception, match="to the network"):
            client.list_keys()
        for _ in range(3):
            with pocketkms.boto3.install(None, vault):
                assert account(client) == ACCOUNT
        assert seen == ["CreateKey", "ListKeys", *["CreateKey"] * 3]
        # The one that ends puts back what was there when it began, and that was without a vault.
        with pocketkms.boto3.install(None, vault):
            Endpoint.make_request = original  # type: ignore[method-assign]
            with pytest.raises(NotInstalledError):
                boto3.client("kms").list_keys()
            with pocketkms.boto3.install(None, vault):
                assert account(client) == ACCOUNT
    finally:
        Endpoint.make_request = original  # type: ignore[method-assign]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows does not fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_while_others_install(vault: Vault) -> None:
    """The child has none of the threads that hold the module's locks."""
    stop, errors = threading.Event(), []

    def work() -> None:
        try:
            while not stop.is_set():
                pocketkms.boto3.install(None, vault).uninstall()
                pocketkms.boto3.client(vault.client(), config=Config(connect_timeout=1))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(8):
            child = os.fork()
            if child == 0:
                signal.alarm(20)  # It ends the process: a test that waits for a lock would wait forever.
                try:
                    with Vault.in_memory(RootKey.from_bytes(bytes(32))) as own, pocketkms.boto3.install(None, own):
                        good = account(boto3.Session().client("kms")) and account(pocketkms.boto3.client(own.client()))
                    os._exit(0 if good else 1)
                finally:
                    os._exit(2)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []
