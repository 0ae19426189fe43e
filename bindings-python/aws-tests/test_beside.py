"""Beside what the tests of an app have already: moto, freezegun, time-machine, pytest-xdist."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3
import freezegun
import pytest
import time_machine
from conftest import ACCOUNT, REGION
from moto import mock_aws
from moto.kms.models import kms_backends
from test_install import account

import pocketkms.boto3
from pocketkms import RootKey, Vault


@pytest.mark.parametrize("order", ["moto first", "vault first"])
def test_beside_moto(vault: Vault, order: str) -> None:
    contexts: list[Any] = [mock_aws(), pocketkms.boto3.install(None, vault)]
    if order == "vault first":
        contexts.reverse()
    with contexts[0], contexts[1]:
        s3, kms = boto3.client("s3", "us-east-1"), boto3.client("kms", REGION)
        s3.create_bucket(Bucket="one")
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["one"]
        assert account(kms) == ACCOUNT and len(kms.list_keys()["Keys"]) == 1
        # What moto has not made of it once more.
        assert all(not backend.keys for region in kms_backends.values() for backend in region.values())
    with mock_aws():
        assert account(boto3.client("kms", REGION)) == "123456789012"


def test_freezegun_and_time_machine_turn_it() -> None:
    begin = datetime(2031, 5, 6, 7, 8, 9, 123000, tzinfo=timezone.utc)
    with Vault.in_memory(RootKey.from_bytes(bytes(32))) as vault, pocketkms.boto3.install(None, vault):
        kms = boto3.client("kms")
        with freezegun.freeze_time(begin) as frozen:
            metadata = kms.create_key()["KeyMetadata"]
            assert metadata["CreationDate"] == begin
            kms.schedule_key_deletion(KeyId=metadata["KeyId"], PendingWindowInDays=7)
            frozen.tick(timedelta(days=8))
            with pytest.raises(kms.exceptions.NotFoundException):
                kms.describe_key(KeyId=metadata["KeyId"])
        with time_machine.travel(begin, tick=False):
            assert kms.create_key()["KeyMetadata"]["CreationDate"] == begin


XDIST = """
import boto3, pytest, pocketkms.boto3
from pocketkms import RootKey, Vault

@pytest.fixture(autouse=True)
def installed():
    with Vault.in_memory(RootKey.from_bytes(bytes(32))) as vault, pocketkms.boto3.install(None, vault):
        yield

@pytest.mark.parametrize("number", range(20))
def test(number):
    kms = boto3.client("kms")
    kms.create_key()
    assert len(kms.list_keys()["Keys"]) == 1
"""


def test_under_xdist(tmp_path: Path) -> None:
    (tmp_path / "test_app.py").write_text(XDIST)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", "test_app.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "20 passed" in done.stdout, done.stdout + done.stderr
