"""What the use of a vault costs, as Python sees it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from pocketkms import Bill, EstimatedKeys, ManualClock, PriceList, RootKey, ValidationException, Vault

NOVEMBER = datetime(2023, 11, 1, tzinfo=timezone.utc)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOVEMBER)


@pytest.fixture
def host(clock: ManualClock) -> Vault:
    return Vault.in_memory(RootKey.from_bytes(bytes(32)), clock=clock)


def test_estimates(host: Vault) -> None:
    assert host.estimate(keys=[EstimatedKeys(count=5)], requests=50_000).total_micro_dollars == 5_090_000
    assert host.estimate(keys=[EstimatedKeys(count=100)], requests=1_000_000).total_micro_dollars == 102_940_000
    assert host.estimate(requests=100_000).total_micro_dollars == 240_000
    assert host.estimate(requests=100_000, prices=PriceList(free_requests=0)).total_micro_dollars == 300_000
    with pytest.raises(ValidationException):
        host.estimate(month="2023-02", keys=[EstimatedKeys(count=1, hours=673)])


def test_a_bill(host: Vault, clock: ManualClock) -> None:
    kms = host.client()
    kms.create_key()
    clock.advance(timedelta(days=15))
    key = kms.create_key().key_metadata.key_id
    kms.encrypt(key_id=key, plaintext=b"x")
    clock.advance(timedelta(days=15))
    bill: Bill = host.bill("2023-11")
    assert (bill.month, bill.account_id, bill.hours) == ("2023-11", "000000000000", 720)
    assert bill.total_micro_dollars == 1_500_000
    lines = [(line.item, line.quantity, line.charged, line.micro_dollars) for line in bill.lines]
    assert lines == [("KEYS", 1080, 1080, 1_500_000), ("REQUESTS", 3, 0, 0)]
    assert [(usage.region, usage.item, usage.quantity) for usage in bill.usage] == [
        ("us-east-1", "KEYS", 1080),
        ("us-east-1", "REQUESTS", 3),
    ]
    assert host.bill("2023-11", prices=PriceList(key_month=0, request=7, free_requests=1)).total_micro_dollars == 14
    assert host.bill("2023-11", account_id="111122223333").lines == ()
    for month in ("2023-13", "november"):
        with pytest.raises(ValidationException):
            host.bill(month)


def test_the_last_use_of_a_key_is_an_event(host: Vault) -> None:
    kms = host.client()
    key = kms.create_key().key_metadata.key_id
    assert kms.get_key_last_usage(key_id=key).key_last_usage.operation is None
    kms.encrypt(key_id=key, plaintext=b"x")
    used = kms.get_key_last_usage(key_id=key).key_last_usage
    (event,) = host.lookup_events(event_name="Encrypt").events
    assert (used.operation, used.cloud_trail_event_id, used.timestamp) == ("Encrypt", event.event_id, NOVEMBER)
