"""What an operation answers."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from datetime import datetime, timedelta, timezone

import pytest

from pocketkms import KeyMetadata, Kms, ManualClock, Tag


def test_metadata(kms: Kms, clock: ManualClock, key: KeyMetadata) -> None:
    assert key == kms.describe_key(key_id=key.key_id).key_metadata
    assert key.creation_date == clock.now() == datetime(2026, 1, 1, tzinfo=timezone.utc)
    assert key.enabled is True and key.deletion_date is None
    assert key.encryption_algorithms == ("SYMMETRIC_DEFAULT",)


def test_a_time_of_the_answer(kms: Kms, clock: ManualClock, key: KeyMetadata) -> None:
    clock.advance(timedelta(hours=1, milliseconds=7))
    answer = kms.schedule_key_deletion(key_id=key.key_id, pending_window_in_days=7)
    assert answer.deletion_date == datetime(2026, 1, 8, 1, 0, 0, 7000, tzinfo=timezone.utc)
    assert answer.pending_window_in_days == 7


@pytest.mark.parametrize("year", [1, 1583, 1969, 1970, 2026, 9991])
def test_times_are_exact_to_the_millisecond(kms: Kms, clock: ManualClock, year: int) -> None:
    for microsecond in (0, 1000, 123000, 999000):
        now = datetime(year, 12, 31, 23, 59, 59, microsecond, tzinfo=timezone.utc)
        clock.set(now)
        assert kms.create_key().key_metadata.creation_date == now


def test_no_secret_shows(kms: Kms, key: KeyMetadata) -> None:
    blob = kms.encrypt(key_id=key.key_id, plaintext=b"card 4242").ciphertext_blob
    decrypted = kms.decrypt(ciphertext_blob=blob)
    data_key = kms.generate_data_key(key_id=key.key_id, key_spec="AES_256")
    random = kms.generate_random(number_of_bytes=16)
    assert decrypted.plaintext == b"card 4242"
    assert (len(data_key.plaintext), len(random.plaintext)) == (32, 16)
    for response in (decrypted, data_key, random):
        for shown in (repr(response), str(response), f"{response}"):
            assert repr(response.plaintext) not in shown and "card" not in shown and "plaintext" not in shown
        # Comparing would show in its time how much of a guess is right.
        assert response != copy.copy(response)
    assert "key_id" in repr(decrypted)


def test_an_answer_does_not_change(kms: Kms, key: KeyMetadata) -> None:
    answer = kms.encrypt(key_id=key.key_id, plaintext=b"x")
    with pytest.raises(dataclasses.FrozenInstanceError):
        answer.key_id = "other"  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):
        answer.ciphertext = b""  # type: ignore[attr-defined]
    assert not hasattr(answer, "__dict__")


def test_an_answer_is_an_ordinary_dataclass(kms: Kms, key: KeyMetadata) -> None:
    assert dataclasses.replace(key, description="new").description == "new"
    assert dataclasses.asdict(key)["description"] == "orders"
    assert {key: 1}[kms.describe_key(key_id=key.key_id).key_metadata] == 1
    for copied in (copy.copy(key), copy.deepcopy(key), pickle.loads(pickle.dumps(key))):
        assert copied == key
    assert Tag(tag_key="a", tag_value="b") == Tag(tag_key="a", tag_value="b") != Tag(tag_key="a", tag_value="c")
