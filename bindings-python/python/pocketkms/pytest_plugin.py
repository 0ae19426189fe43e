"""Fixtures of pytest: a fresh vault for each test, a clock to turn, and boto3 on it. Loaded by pytest itself wherever the package is
installed, so that it imports neither boto3 nor anything else that the package does not need before a fixture is asked for.

    @pytest.mark.pocketkms(account_id="111122223333", region="eu-central-1")
    def test_orders(kms_client, pocketkms_clock):
        ...

The same can stand in pytest's configuration, for all tests: `pocketkms_account_id`, `pocketkms_region`, `pocketkms_seed`. A seed
is a JSON file, named from pytest's root folder: keys with fixed ids, aliases and material. The marker takes what stands in it, too.

    [{"key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "aliases": ["alias/orders"], "key_material": "<32 bytes in base64>"}]
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

    from pocketkms import ManualClock, Vault
    from pocketkms.boto3 import Installation

OPTIONS = {
    "account_id": "the AWS account of vaults, twelve digits; 000000000000 if none is given",
    "region": "the Region of vaults; us-east-1 if none is given",
    "seed": "keys that are in vaults from the beginning: the path of a JSON file",
}

KEY_MEMBERS = ("key_id", "key_material", "aliases", "description", "account_id", "region", "principal")
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def pytest_addoption(parser: pytest.Parser) -> None:
    for name, meaning in OPTIONS.items():
        parser.addini(f"pocketkms_{name}", meaning)


def pytest_configure(config: pytest.Config) -> None:
    names = ", ".join(OPTIONS)
    config.addinivalue_line("markers", f"pocketkms({names}): with what the vault of a test is made")


@pytest.fixture
def pocketkms_clock() -> ManualClock:
    """The clock of `pocketkms_vault`. It shows the time at the beginning of the test until it is turned."""
    from datetime import datetime, timezone

    from pocketkms import ManualClock

    return ManualClock(datetime.now(timezone.utc))


@pytest.fixture
def pocketkms_vault(request: pytest.FixtureRequest, pocketkms_clock: ManualClock) -> Iterator[Vault]:
    """A vault of the test's own, empty but for the seed."""
    from secrets import token_bytes

    from pocketkms import RootKey, Vault

    options = options_of(request)
    where, keys = seed_of(options.pop("seed", []), request.config.rootpath)
    with Vault.in_memory(RootKey.from_bytes(token_bytes(32)), clock=pocketkms_clock, **options) as vault:
        for number, key in enumerate(keys):
            try:
                plant(vault, key)
            except Exception as error:
                raise pytest.UsageError(f"{where}, entry {number}: {type(error).__name__}: {error}") from error
        yield vault


def seed_of(seed: Any, root: Path) -> tuple[str, list[object]]:
    """What an error calls the seed, and its keys."""
    where = "the seed of the marker pocketkms"
    if isinstance(seed, (str, Path)):
        where = f"the seed {root / seed}"
        try:
            seed = json.loads((root / seed).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise pytest.UsageError(f"{where} cannot be read: {error}") from error
    if not isinstance(seed, list):
        raise pytest.UsageError(f"{where} must be a list of keys")
    return where, cast("list[object]", seed)


def plant(vault: Vault, key: Any) -> None:
    """One key of a seed. What its description does not know is refused, so that a misspelt name is not passed over."""
    if not isinstance(key, dict):
        raise TypeError("a key must be an object")
    known = dict(cast("dict[str, Any]", key))
    if misspelt := known.keys() - KEY_MEMBERS:
        raise TypeError(f"a key has no {', '.join(map(repr, sorted(misspelt)))}: it may have {', '.join(KEY_MEMBERS)}")
    aliases, material = known.pop("aliases", []), known.pop("key_material", None)
    if not isinstance(aliases, list):
        raise TypeError("'aliases' must be a list of names")
    if isinstance(material, str):
        try:
            material = base64.b64decode(material, validate=True)
        except ValueError as error:
            raise ValueError(f"'key_material' must be 32 bytes in base64: {error}") from error
    if "key_id" in known and not UUID.fullmatch(str(known["key_id"])):
        raise ValueError("'key_id' must be a UUID in lower case, such as 1234abcd-12ab-34cd-56ef-1234567890ab")
    made = vault.create_fixed_key(key_material=material, **known)
    who = {name: known[name] for name in ("account_id", "region", "principal") if name in known}
    client = vault.client(**who)
    for alias in cast("list[str]", aliases):
        client.create_alias(alias_name=alias, target_key_id=made.key_id)


@pytest.fixture
def kms_client(pocketkms_vault: Vault) -> KMSClient:
    """A boto3 client of `pocketkms_vault`."""
    from pocketkms import boto3

    return boto3.client(pocketkms_vault.client())


@pytest.fixture
def pocketkms_boto3(pocketkms_vault: Vault) -> Iterator[Installation]:
    """For the length of the test, every KMS client of boto3 and aioboto3 is one of `pocketkms_vault`, those included that were
    made before."""
    from pocketkms import boto3

    with boto3.install(None, pocketkms_vault) as installation:
        yield installation


def options_of(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The markers nearest to the test go before others, and those before the configuration."""
    given: dict[str, Any] = {name: request.config.getini(f"pocketkms_{name}") for name in OPTIONS}
    for marker in reversed(list(request.node.iter_markers("pocketkms"))):
        if marker.args or marker.kwargs.keys() - given.keys():
            raise pytest.UsageError(f"the marker pocketkms takes {', '.join(OPTIONS)}, by name")
        given |= marker.kwargs
    return {name: value for name, value in given.items() if value}
