"""What most tests begin with: a vault whose clock stands at the beginning of 2026, and a key in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
from vectors import COUNTS

from pocketkms import EncryptionClient, KeyMetadata, Kms, ManualClock, RawAesKeyring, RootKey, Vault

ACCOUNT, REGION = "111122223333", "eu-central-1"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how many vectors were seen."""
    for count in COUNTS:
        terminalreporter.write_line(f"vectors: {count}")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 1, tzinfo=timezone.utc))


@pytest.fixture
def root() -> RootKey:
    return RootKey.from_bytes(bytes(range(32)))


@pytest.fixture
def vault(root: RootKey, clock: ManualClock) -> Iterator[Vault]:
    with Vault.in_memory(root, clock=clock, account_id=ACCOUNT, region=REGION) as vault:
        yield vault


@pytest.fixture
def kms(vault: Vault) -> Kms:
    return vault.client()


@pytest.fixture
def key(kms: Kms) -> KeyMetadata:
    return kms.create_key(description="orders").key_metadata


@pytest.fixture
def client() -> EncryptionClient:
    return EncryptionClient()


@pytest.fixture
def keyring() -> RawAesKeyring:
    return RawAesKeyring(namespace="tests", name="one", wrapping_key=bytes(range(32)))
