"""AWS's own clients on a vault. No test may reach a network, and none has credentials or a Region but its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from model import OFFERED, violations

from pocketkms import Kms, ManualClock, RootKey, Vault

ACCOUNT, REGION = "111122223333", "eu-central-1"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test fails where anything looks up a name or connects; asyncio's own pairs of sockets are none of that."""

    def refuse(*arguments: object, **_: object) -> object:
        pytest.fail(f"something went to the network: {arguments[1:]}")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.fixture(autouse=True)
def judged(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """Every response of every test is held against botocore's model. How many of each operation were, is what it gives."""
    seen: dict[str, int] = {}
    wrong: list[str] = []
    answer = Kms.call

    def call(self: Kms, target: str, body: Any) -> Any:
        response = answer(self, target, body)
        operation = target.removeprefix("TrentService.")
        if operation in OFFERED:
            wrong.extend(violations(operation, response.status, response.body))
            seen[operation] = seen.get(operation, 0) + 1
        return response

    monkeypatch.setattr(Kms, "call", call)
    yield seen
    assert wrong == []


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 1, tzinfo=timezone.utc))


@pytest.fixture
def vault(clock: ManualClock) -> Iterator[Vault]:
    root = RootKey.from_bytes(bytes(range(32)))
    with Vault.in_memory(root, clock=clock, account_id=ACCOUNT, region=REGION) as vault:
        yield vault
