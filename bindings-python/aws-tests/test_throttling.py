"""Request quotas of a vault against botocore's own retries: its code decides to wait and to ask again, and the vault's clock goes on by so long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

import botocore.retries.standard
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import pocketkms.boto3
from pocketkms import ManualClock, RequestQuota, Vault


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> list[float]:
    """How long botocore waited each time. No time passes but the vault's."""
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        clock.advance(timedelta(seconds=seconds))

    monkeypatch.setattr("botocore.endpoint.time.sleep", sleep)
    begin = botocore.retries.standard.RetryHandler.__init__

    def __init__(self: Any, *arguments: Any, **named: Any) -> None:
        begin(self, *arguments, **{**named, "sleep": sleep})

    monkeypatch.setattr(botocore.retries.standard.RetryHandler, "__init__", __init__)
    return waited


Mode = Literal["legacy", "standard"]


def throttled(vault: Vault, mode: Mode, attempts: int) -> Any:
    """A client whose next ListKeys is beyond its quota, which lets one through in two seconds."""
    config = Config(retries={"mode": mode, "total_max_attempts": attempts})
    client = pocketkms.boto3.client(vault.client(), config=config)
    vault.set_request_quotas([RequestQuota(quota_name="ListKeys", requests=1, seconds=2)])
    assert client.list_keys()["ResponseMetadata"]["RetryAttempts"] == 0
    return client


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_a_throttled_call_is_retried_until_it_passes(mode: Mode, vault: Vault, waits: list[float]) -> None:
    client = throttled(vault, mode, 30)
    answered = client.list_keys()["ResponseMetadata"]
    assert answered["HTTPStatusCode"] == 200
    assert answered["RetryAttempts"] == len(waits) >= 1
    assert sum(waits) >= 2 and sum(waits[:-1]) < 2


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_it_fails_where_no_attempt_is_left(mode: Mode, vault: Vault, waits: list[float]) -> None:
    client = throttled(vault, mode, 2)
    # Too short a pause for another request.
    vault.set_request_quotas([RequestQuota(quota_name="ListKeys", requests=1, seconds=3600)])
    client.list_keys()
    with pytest.raises(ClientError, match=r"\(ThrottlingException\).*reached max retries: 1.*You have exceeded the rate") as raised:
        client.list_keys()
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert len(waits) == 1


def test_other_errors_are_not_retried(vault: Vault, waits: list[float]) -> None:
    client = pocketkms.boto3.client(vault.client(), config=Config(retries={"mode": "standard", "total_max_attempts": 5}))
    with pytest.raises(ClientError, match="NotFoundException"):
        client.describe_key(KeyId="alias/none")
    assert waits == []
