"""AWS's Encryption SDK for Python with its own KMS keyrings over a vault, and our own keyrings, both ways."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import (
    CreateAwsKmsDiscoveryKeyringInput,
    CreateAwsKmsDiscoveryMultiKeyringInput,
    CreateAwsKmsKeyringInput,
    CreateAwsKmsMultiKeyringInput,
    DiscoveryFilter as AwsDiscoveryFilter,
)
from aws_encryption_sdk import EncryptionSDKClient, StrictAwsKmsMasterKeyProvider
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError
from conftest import ACCOUNT

import pocketkms.boto3
from pocketkms import (
    DiscoveryFilter,
    EncryptionClient,
    Kms,
    KmsKeyring,
    MultiKeyring,
    UnableToDecryptDataKeyException,
    Vault,
)

THEIRS: Any = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())
SDK: Any = EncryptionSDKClient()
OURS = EncryptionClient()
CONTEXT = {"album": "2026"}
PLAINTEXT = bytes(range(256)) * 40


@pytest.fixture
def ours(vault: Vault) -> Kms:
    return vault.client()


@pytest.fixture
def kms(ours: Kms) -> Any:
    return pocketkms.boto3.client(ours)


@pytest.fixture
def keys(ours: Kms) -> list[str]:
    return [ours.create_key().key_metadata.arn for _ in range(3)]


def strict(kms: Any, key: str) -> Any:
    return THEIRS.create_aws_kms_keyring(CreateAwsKmsKeyringInput(kms_key_id=key, kms_client=kms))


def discovery(kms: Any, *accounts: str) -> Any:
    discovery_filter = AwsDiscoveryFilter(account_ids=list(accounts), partition="aws") if accounts else None
    return THEIRS.create_aws_kms_discovery_keyring(
        CreateAwsKmsDiscoveryKeyringInput(kms_client=kms, discovery_filter=discovery_filter)
    )


def encrypt(keyring: Any) -> bytes:
    message: bytes = SDK.encrypt(source=PLAINTEXT, keyring=keyring, encryption_context=CONTEXT)[0]
    return message


def decrypt(keyring: Any, message: bytes) -> bytes:
    plaintext, header = SDK.decrypt(source=message, keyring=keyring)
    assert CONTEXT.items() <= header.encryption_context.items()
    assert type(plaintext) is bytes
    return plaintext


def refused(keyring: Any, message: bytes) -> bool:
    try:
        decrypt(keyring, message)
    except Exception as error:  # what the material providers raise has no class in common
        return "KMS" in repr(error) or isinstance(error, AWSEncryptionSDKClientError) or "Unable to decrypt" in repr(error)
    return False


def test_strict_both_ways(kms: Any, ours: Kms, keys: list[str]) -> None:
    theirs, our = strict(kms, keys[0]), KmsKeyring(ours, keys[0])
    message = encrypt(theirs)
    assert decrypt(theirs, message) == OURS.decrypt(our, message).plaintext == PLAINTEXT
    message = OURS.encrypt(our, PLAINTEXT, encryption_context=CONTEXT).message
    assert decrypt(theirs, message) == PLAINTEXT
    assert refused(strict(kms, keys[1]), message)
    with pytest.raises(UnableToDecryptDataKeyException):
        OURS.decrypt(KmsKeyring(ours, keys[1]), message)


def test_discovery_both_ways(kms: Any, ours: Kms, keys: list[str]) -> None:
    message = encrypt(strict(kms, keys[0]))
    assert OURS.decrypt(KmsKeyring.discovery(ours), message).plaintext == PLAINTEXT
    assert OURS.decrypt(KmsKeyring.discovery(ours, DiscoveryFilter(account_ids=[ACCOUNT])), message).plaintext == PLAINTEXT
    message = OURS.encrypt(KmsKeyring(ours, keys[0]), PLAINTEXT, encryption_context=CONTEXT).message
    assert decrypt(discovery(kms), message) == decrypt(discovery(kms, ACCOUNT), message) == PLAINTEXT
    assert refused(discovery(kms, "999988887777"), message)


def test_several_keys_both_ways(kms: Any, ours: Kms, keys: list[str]) -> None:
    generator, *children = keys
    multi = THEIRS.create_aws_kms_multi_keyring(CreateAwsKmsMultiKeyringInput(generator=generator, kms_key_ids=children))
    our = MultiKeyring(KmsKeyring(ours, generator), [KmsKeyring(ours, child) for child in children])
    for message in (encrypt(multi), OURS.encrypt(our, PLAINTEXT, encryption_context=CONTEXT).message):
        assert len(OURS.inspect(message).wrapping_keys) == 3
        for key in keys:
            assert decrypt(strict(kms, key), message) == OURS.decrypt(KmsKeyring(ours, key), message).plaintext == PLAINTEXT
    # One of the keys is enough when the others are gone.
    ours.schedule_key_deletion(key_id=keys[0])
    ours.disable_key(key_id=keys[1])
    assert decrypt(multi, message) == decrypt(discovery(kms), message) == OURS.decrypt(our, message).plaintext == PLAINTEXT
    ours.disable_key(key_id=keys[2])
    assert refused(multi, message)


@pytest.fixture(autouse=True)
def clients_that_they_make_themselves(request: pytest.FixtureRequest, vault: Vault) -> Any:
    """A multi keyring makes a client for the Region of each key, of boto3's default session."""
    with pocketkms.boto3.install(None, vault):
        yield


def test_clients_of_several_regions(vault: Vault) -> None:
    regions = ["eu-central-1", "us-east-1", "ap-southeast-2"]
    keys = [vault.client(region=region).create_key().key_metadata.arn for region in regions]
    multi = THEIRS.create_aws_kms_multi_keyring(CreateAwsKmsMultiKeyringInput(generator=keys[0], kms_key_ids=keys[1:]))
    message = encrypt(multi)
    for region, key in zip(regions, keys):
        assert OURS.decrypt(KmsKeyring(vault.client(region=region), key), message).plaintext == PLAINTEXT
        assert decrypt(strict(boto3.client("kms", region_name=region), key), message) == PLAINTEXT
    wide = THEIRS.create_aws_kms_discovery_multi_keyring(CreateAwsKmsDiscoveryMultiKeyringInput(regions=regions))
    assert decrypt(wide, message) == PLAINTEXT


def test_its_former_master_keys(ours: Kms, keys: list[str]) -> None:
    provider: Any = StrictAwsKmsMasterKeyProvider(key_ids=keys[:2])
    message = SDK.encrypt(source=PLAINTEXT, key_provider=provider, encryption_context=CONTEXT)[0]
    assert OURS.decrypt(KmsKeyring(ours, keys[1]), message).plaintext == PLAINTEXT
    message = OURS.encrypt(KmsKeyring(ours, keys[0]), PLAINTEXT).message
    assert SDK.decrypt(source=message, key_provider=provider)[0] == PLAINTEXT


def test_altered_messages(kms: Any, ours: Kms, keys: list[str]) -> None:
    message = bytearray(encrypt(strict(kms, keys[0])))
    message[-1] ^= 1
    with pytest.raises(Exception):
        decrypt(strict(kms, keys[0]), bytes(message))
