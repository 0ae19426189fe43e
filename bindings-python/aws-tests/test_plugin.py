"""The fixtures of the pytest plugin, in projects of their own."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

APP = '''
import boto3

# As so many apps do: made when the module is imported.
KMS = boto3.client("kms", region_name="eu-west-3", aws_access_key_id="a", aws_secret_access_key="b")
'''

TESTS = '''
from datetime import timedelta

import app
import boto3
import pytest


def test_fresh_1(pocketkms_vault):
    pocketkms_vault.client().create_key()
    assert len(pocketkms_vault.client().list_keys().keys) == 1

def test_fresh_2(pocketkms_vault):
    assert pocketkms_vault.client().list_keys().keys == ()

def test_configured(pocketkms_vault):
    assert (pocketkms_vault.caller.account_id, pocketkms_vault.caller.region) == ("444455556666", "eu-north-1")

@pytest.mark.pocketkms(account_id="111122223333")
class TestMarked:
    def test_account(self, pocketkms_vault):
        assert (pocketkms_vault.caller.account_id, pocketkms_vault.caller.region) == ("111122223333", "eu-north-1")

    @pytest.mark.pocketkms(region="eu-central-1")
    def test_region(self, kms_client):
        arn = kms_client.create_key()["KeyMetadata"]["Arn"]
        assert arn.startswith("arn:aws:kms:eu-central-1:111122223333:key/")

def test_clock(kms_client, pocketkms_clock):
    key_id = kms_client.create_key()["KeyMetadata"]["KeyId"]
    kms_client.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)
    blob = kms_client.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    pocketkms_clock.advance(timedelta(days=5 * 365))
    assert len(kms_client.list_key_rotations(KeyId=key_id)["Rotations"]) == 20
    assert kms_client.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"

def test_every_client(pocketkms_boto3):
    app.KMS.create_key()
    assert len(boto3.client("kms", region_name="eu-west-3").list_keys()["Keys"]) == 1

def test_another(pocketkms_boto3):
    assert app.KMS.list_keys()["Keys"] == []

ID = "1234abcd-12ab-34cd-56ef-1234567890ab"

@pytest.mark.pocketkms(seed="seed.json")
class TestSeeded:
    blobs = []

    @pytest.mark.parametrize("time", [1, 2])
    def test_ids_aliases_and_material(self, kms_client, time):
        assert kms_client.describe_key(KeyId="alias/orders")["KeyMetadata"]["KeyId"] == ID
        self.blobs.append(kms_client.encrypt(KeyId=ID, Plaintext=b"x")["CiphertextBlob"])
        for blob in self.blobs:
            assert kms_client.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"

@pytest.mark.pocketkms(seed=[{"key_id": ID, "key_material": bytes(32), "region": "eu-west-3", "aliases": ["alias/a", "alias/b"]}])
def test_seed_in_the_marker(pocketkms_boto3):
    assert app.KMS.describe_key(KeyId="alias/b")["KeyMetadata"]["KeyId"] == ID

@pytest.mark.pocketkms(seed=[{"key": ID}])
def test_misspelt_seed(request):
    with pytest.raises(pytest.UsageError, match=r"^the seed of the marker pocketkms, entry 0: TypeError: .*'key'"):
        request.getfixturevalue("pocketkms_vault")
'''

WRONG = '''
import pytest

@pytest.mark.pocketkms(acount_id="111122223333")
def test_misspelt(pocketkms_vault):
    pass

@pytest.mark.pocketkms("111122223333")
def test_unnamed(pocketkms_vault):
    pass

@pytest.mark.pocketkms(account_id="1")
def test_no_account(pocketkms_vault):
    pass
'''

IDLE = '''
import sys

def test_nothing_is_imported_before_it_is_asked_for():
    assert "pocketkms.pytest_plugin" in sys.modules
    assert not sys.modules.keys() & {"pocketkms.boto3", "botocore", "boto3"}
'''


def pytest_in(folder: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "--strict-markers", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    return done.stdout + done.stderr


def test_the_fixtures(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "test_app.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\npocketkms_account_id = 444455556666\npocketkms_region = eu-north-1\n")
    material = base64.b64encode(bytes(32)).decode()
    seed = [{"key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "aliases": ["alias/orders"], "key_material": material}]
    (tmp_path / "seed.json").write_text(json.dumps(seed))
    output = pytest_in(tmp_path)
    assert "12 passed" in output, output
    output = pytest_in(tmp_path, "-n", "2")
    assert "12 passed" in output, output


def test_wrong_options(tmp_path: Path) -> None:
    (tmp_path / "test_app.py").write_text(WRONG)
    output = pytest_in(tmp_path)
    assert "3 errors" in output and output.count("the marker pocketkms takes account_id, region, seed") >= 2, output
    assert "ValidationException" in output, output


@pytest.mark.parametrize(
    ("seed", "reason"),
    [
        (None, "cannot be read: [Errno 2]"),
        ("[", "cannot be read: Expecting value"),
        ('{"key_id": "x"}', "must be a list of keys"),
        ("[{}, []]", ", entry 1: TypeError: a key must be an object"),
        ('[{}, {"key_material": "AAAA"}]', ", entry 1: ValueError: 'key_material' must be 32 bytes"),
        ('[{"key_material": "?"}]', ", entry 0: ValueError: 'key_material' must be 32 bytes in base64"),
        ('[{"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}]', ", entry 0: TypeError: a key has no 'KeyId': it may have key_id"),
        ('[{"key_id": "orders"}]', ", entry 0: ValueError: 'key_id' must be a UUID in lower case"),
        ('[{"aliases": "alias/orders"}]', ", entry 0: TypeError: 'aliases' must be a list"),
        ('[{"aliases": ["orders"]}]', ", entry 0: ValidationException: "),
    ],
)
def test_wrong_seeds(tmp_path: Path, seed: str | None, reason: str) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\npocketkms_seed = seed.json\n")
    (tmp_path / "test_app.py").write_text("def test(pocketkms_vault):\n    pass\n")
    if seed is not None:
        (tmp_path / "seed.json").write_text(seed)
    output = pytest_in(tmp_path)
    assert "1 error" in output and f"the seed {tmp_path / 'seed.json'}{'' if reason[0] == ',' else ' '}{reason}" in output, output


def test_it_costs_nothing_unasked(tmp_path: Path) -> None:
    (tmp_path / "test_app.py").write_text(IDLE)
    output = pytest_in(tmp_path)
    assert "1 passed" in output, output
