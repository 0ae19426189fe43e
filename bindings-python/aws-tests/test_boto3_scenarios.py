"""The scenarios that every language plays: by boto3's client."""

# What comes out of JSON has no type that pyright would know.
# pyright: basic

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from scenario import FILES, Failure, Shapes, load, play
from test_scenarios import clients, clock, file, hosting, proxy, refusing, shapes, vault
from xks_proxy import Proxy

import pocketkms.boto3
from pocketkms import ManualClock, Vault

__all__ = ["clock", "file", "proxy", "shapes", "vault"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_boto3(file: Path, vault: Vault, clock: ManualClock, shapes: Shapes, proxy: Proxy | None) -> None:
    scenario = load(file)
    kms = clients(vault, scenario, shapes, clock)
    # botocore would refuse some requests by itself; here the vault is asked.
    config = Config(parameter_validation=False)
    made = {caller: pocketkms.boto3.client(kms(caller), config=config) for caller in [None, *scenario.get("callers", {})]}

    def call(caller: str | None, operation: str, given: dict[str, Any]) -> Any:
        described = shapes.operations[operation]
        arguments = shapes.given(given, {"structure": described["request"]}, lambda _, members: members)
        try:
            answer = getattr(made[caller], described["snakeName"])(**arguments)
        except ClientError as error:
            raise Failure(error.response["Error"]["Code"], error.response["Error"]["Message"]) from error
        assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 200
        return Shapes.answered(answer) or None

    assert play(scenario, call, hosting(vault, shapes), clock, proxy=refusing(proxy)) >= 10
