"""The clocks of a vault: the one that is turned by hand, Python's own, and functions."""

from __future__ import annotations

import sys
import threading
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from pocketkms import KeyMetadata, Kms, ManualClock, NotFoundException, RootKey, Vault

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
    for days in (2**32 - 1, 2**32, 2**64):
        with pytest.raises(OverflowError):
            clock.advance_days(days)
    assert clock.now() == BEGIN


@pytest.mark.parametrize(
    ("days", "error", "words"),
    [(-1, ValueError, r"'days' must not be negative: advance\(\)"), (1.5, TypeError, "'days' must be an int, not float"), ("1", TypeError, "'days'")],
)
def test_what_is_no_number_of_days(clock: ManualClock, days: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
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


def test_a_vault_goes_by_it(kms: Kms, clock: ManualClock, key: KeyMetadata) -> None:
    kms.enable_key_rotation(key_id=key.key_id)
    clock.advance_days(366)
    (rotation,) = kms.list_key_rotations(key_id=key.key_id).rotations
    assert (rotation.rotation_date, rotation.rotation_type) == (BEGIN + timedelta(days=365), "AUTOMATIC")


def test_without_one_the_time_is_that_of_the_machine(root: Any) -> None:
    with Vault.in_memory(root) as vault:
        kms = vault.client()
        before = datetime.now(UTC)
        created = kms.create_key().key_metadata.creation_date
        after = datetime.now(UTC)
    assert before - timedelta(milliseconds=1) <= created <= after


def test_it_is_what_time_time_shows_at_each_call(root: RootKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """By which freezegun and time-machine turn it."""
    with Vault.in_memory(root) as vault:
        kms = vault.client()
        for shown in (0.0, 1_767_268_800.123, 4_102_444_800):
            monkeypatch.setattr("time.time", lambda shown=shown: shown)
            created = kms.create_key().key_metadata.creation_date
            assert created == datetime.fromtimestamp(shown, UTC)
        monkeypatch.setattr("time.time", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            kms.create_key()


def test_a_function_as_a_clock(root: RootKey) -> None:
    shown = [datetime(2026, 1, 1, tzinfo=UTC)]
    with Vault.in_memory(root, clock=lambda: shown[-1]) as vault:
        kms = vault.client()
        key_id = kms.create_key().key_metadata.key_id
        kms.schedule_key_deletion(key_id=key_id, pending_window_in_days=7)
        shown.append(shown[0] + timedelta(days=8))
        with pytest.raises(NotFoundException):
            kms.describe_key(key_id=key_id)
        threads = [threading.Thread(target=kms.list_keys) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def test_functions_that_are_no_clocks(root: RootKey) -> None:
    untyped: Any = Vault.in_memory
    with pytest.raises(ZeroDivisionError):
        untyped(root, clock=lambda: 1 / 0)
    for wrong in (lambda: 0.0, lambda: datetime(2026, 1, 1), 0, datetime.now(UTC)):
        with pytest.raises(TypeError):
            untyped(root, clock=wrong)


def test_time_stands_still_while_a_clock_fails(root: RootKey, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    
    def hook(failure: Any) -> None:
        seen.append(failure.exc_type)

    monkeypatch.setattr(sys, "unraisablehook", hook)
    now: list[Any] = [datetime(2026, 1, 1, tzinfo=UTC)]
    with Vault.in_memory(root, clock=lambda: now[-1]) as vault:
        now.append(None)
        assert vault.client().create_key().key_metadata.creation_date == now[0]
    assert seen and set(seen) == {TypeError}
