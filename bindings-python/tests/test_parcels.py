"""A key that goes from one vault into another, as Python says it. What is refused, and why, is in the tests of the core."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from conftest import ACCOUNT

from pocketkms import (
    ExpiredImportTokenException,
    InvalidCiphertextException,
    Kms,
    ManualClock,
    NotFoundException,
    ParcelKeyMetadata,
    RootKey,
    Tag,
    ValidationException,
    Vault,
)


@pytest.fixture
def browser(clock: ManualClock) -> Iterator[Kms]:
    root = RootKey.from_bytes(bytes(32))
    with Vault.in_memory(root, clock=clock, account_id=ACCOUNT, region="us-east-1") as vault:
        yield vault.client()


def test_a_replica_in_another_vault_decrypts_and_follows(kms: Kms, browser: Kms) -> None:
    key = kms.create_key(multi_region=True).key_metadata
    for rotations in range(2):
        asked = browser.create_parcel_key(key_id=key.arn)
        sealed = kms.seal_parcel(key_id=key.key_id, parcel_key=asked.parcel_key, fingerprint=asked.fingerprint)
        assert (sealed.key_id, sealed.replica_region) == (key.arn, "us-east-1")
        tags = (Tag(tag_key="of", tag_value="the browser"),) if rotations == 0 else None
        opened = browser.open_parcel(parcel=memoryview(sealed.parcel), fingerprint=sealed.fingerprint, tags=tags)
        assert opened.new_key_materials == 1
        assert opened.key_metadata.arn == key.arn.replace("eu-central-1", "us-east-1")
        blob = kms.encrypt(key_id=key.key_id, plaintext=b"card 4242").ciphertext_blob
        assert browser.decrypt(ciphertext_blob=blob).plaintext == b"card 4242"
        with pytest.raises(NotFoundException):
            browser.open_parcel(parcel=sealed.parcel)
        kms.rotate_key_on_demand(key_id=key.key_id)


def test_parcel_keys_wait_and_expire(kms: Kms, browser: Kms, clock: ManualClock) -> None:
    key = kms.create_key(multi_region=True).key_metadata
    asked = [browser.create_parcel_key(key_id=key.key_id) for _ in range(3)]
    pages = list(browser.paginate("list_parcel_keys", limit=2))
    listed = [entry for page in pages for entry in page.parcel_keys]
    assert len(pages) == 2 and sorted(listed, key=by_id) == sorted(asked, key=by_id)
    browser.delete_parcel_key(parcel_key_id=asked[0].parcel_key_id)
    parcel = kms.seal_parcel(key_id=key.key_id, parcel_key=asked[1].parcel_key).parcel
    with pytest.raises(InvalidCiphertextException) as refused:
        browser.open_parcel(parcel=parcel[:-1])
    assert str(refused.value) == "InvalidCiphertextException"
    with pytest.raises(ValidationException):
        browser.open_parcel(parcel=parcel, fingerprint=asked[1].fingerprint)
    assert asked[1].expiration_date - asked[1].creation_date == timedelta(days=1)
    clock.advance_days(1)
    with pytest.raises(ExpiredImportTokenException):
        browser.open_parcel(parcel=parcel)


def by_id(entry: ParcelKeyMetadata) -> str:
    return entry.parcel_key_id
