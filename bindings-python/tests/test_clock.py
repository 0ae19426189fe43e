"""The clock that is turned by hand."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from pocketkms import AccessDeniedException, KeyMetadata, Kms, ManualClock

UTC = timezone.utc
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def test_it_stands_still_until_it_is_turned(clock: ManualClock) -> None:
    assert clock.now() == clock.now() == BEGIN
    clock.advance(timedelta(minutes=90))
    clock.advance_days(2)
    assert clock.now() == BEGIN + timedelta(days=2, minutes=90)
    clock.advance(timedelta(days=-2))
    assert clock.now() == BEGIN + timedelta(minutes=90)
    clock.set(BEGIN)
    assert clock.now() == BEGIN


def test_times_have_a_zone(clock: ManualClock) -> None:
    clock.set(datetime(2026, 7, 1, 2, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now() == datetime(2026, 7, 1, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    for naive in (ManualClock, clock.set):
        with pytest.raises(TypeError, match="time zone"):
            naive(datetime(2026, 1, 1))
    assert clock.now() == datetime(2026, 7, 1, tzinfo=UTC)


def test_it_counts_milliseconds(clock: ManualClock) -> None:
    clock.set(datetime(2026, 1, 1, 0, 0, 0, 1999, tzinfo=UTC))
    assert clock.now() == datetime(2026, 1, 1, 0, 0, 0, 1000, tzinfo=UTC)
    clock.set(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
    assert clock.now() == datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)


def test_it_does_not_pass_the_last_day_of_python(clock: ManualClock) -> None:
    with pytest.raises(OverflowError):
        clock.advance(timedelta.max)
    for days in (2**32 - 1, 2**32, -1):
        with pytest.raises(OverflowError):
            clock.advance_days(days)
    assert clock.now() == BEGIN


def test_a_clock_shows_what_it_was_set_to(clock: ManualClock) -> None:
    """A time with a zone may lie beyond what Python can say in UTC."""
    east, west = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
    before = clock.now()
    for beyond in (datetime.max.replace(tzinfo=west), datetime.min.replace(tzinfo=east)):
        with pytest.raises(OverflowError):
            clock.set(beyond)
        with pytest.raises(OverflowError):
            ManualClock(beyond)
        assert clock.now() == before
    for end in (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)):
        clock.set(end)
        assert abs(clock.now() - end) < timedelta(milliseconds=1)


@pytest.mark.parametrize("value", [None, 0, "2026-01-01", timedelta(1)], ids=repr)
def test_what_is_no_time(clock: ManualClock, value: Any) -> None:
    with pytest.raises(TypeError):
        ManualClock(value)
    with pytest.raises(TypeError):
        clock.set(value)


def test_repr() -> None:
    assert repr(ManualClock(BEGIN)) == "ManualClock(datetime.datetime(2026, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))"


def test_a_year_in_a_moment(kms: Kms, clock: ManualClock, key: KeyMetadata) -> None:
    kms.enable_key_rotation(key_id=key.key_id)
    status = kms.get_key_rotation_status(key_id=key.key_id)
    assert status.key_rotation_enabled and status.next_rotation_date == BEGIN + timedelta(days=365)
    old = kms.encrypt(key_id=key.key_id, plaintext=b"old").ciphertext_blob
    clock.advance_days(366)
    (rotation,) = kms.list_key_rotations(key_id=key.key_id).rotations
    assert (rotation.rotation_date, rotation.rotation_type) == (BEGIN + timedelta(days=365), "AUTOMATIC")
    assert rotation.key_material_id == kms.describe_key(key_id=key.key_id).key_metadata.current_key_material_id
    assert rotation.key_material_id != key.current_key_material_id
    assert kms.decrypt(ciphertext_blob=old).key_material_id == key.current_key_material_id


def test_the_end_of_a_waiting_period(kms: Kms, clock: ManualClock, key: KeyMetadata) -> None:
    blob = kms.encrypt(key_id=key.key_id, plaintext=b"x").ciphertext_blob
    kms.schedule_key_deletion(key_id=key.key_id, pending_window_in_days=7)
    clock.advance_days(8)
    with pytest.raises(AccessDeniedException):
        kms.decrypt(ciphertext_blob=blob)


def test_without_one_the_time_is_that_of_the_machine(root: Any) -> None:
    with Kms.create(root) as kms:
        before = datetime.now(UTC)
        created = kms.create_key().key_metadata.creation_date
        after = datetime.now(UTC)
    assert before - timedelta(milliseconds=1) <= created <= after
