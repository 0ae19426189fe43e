"""The scenarios that every language plays: by the typed API, and by the wire."""

# What comes out of JSON has no type that pyright would know.
# pyright: basic

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from scenario import FILES, ROOT, START, Call, Failure, Host, Shapes, World, load, play
from xks_proxy import Proxy, in_process

import pocketkms
from pocketkms import Kms, KmsError, ManualClock, RootKey, Vault


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    generate = [str(ROOT / "scripts/bindings-types"), "json"]
    return Shapes(json.loads(subprocess.run(generate, check=True, stdout=subprocess.PIPE).stdout))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def file() -> Path | None:
    """The scenario, where a test is of one."""
    return None


@pytest.fixture
def proxy(file: Path | None) -> Proxy | None:
    """The external key store proxy that the scenario has."""
    keys = load(file).get("externalKeys") if file else None
    return keys and Proxy({name: base64.b64decode(key) for name, key in keys.items()}, "/tenant/kms/xks/v1")


@pytest.fixture
def vault(clock: ManualClock, file: Path | None, proxy: Proxy | None) -> Vault:
    roots = load(file).get("attestationRoots") if file else None
    trusted = None if roots is None else [base64.b64decode(root) for root in roots]
    transport = None if proxy is None else in_process(proxy)
    root = RootKey.from_bytes(bytes(range(32)))
    return Vault.in_memory(root, clock=clock, attestation_roots=trusted, xks_transport=transport)


def refusing(proxy: Proxy | None) -> Callable[[str | None], None] | None:
    return None if proxy is None else lambda error: setattr(proxy, "refuses", error)


def maker(shapes: Shapes) -> Callable[[str, dict[str, Any]], Any]:
    """Makes structures of Python; of requests their arguments."""

    def make(name: str, members: dict[str, Any]) -> Any:
        snake = {member["wireName"]: member["snakeName"] for member in shapes.structures[name]["members"]}
        arguments = {snake[member]: value for member, value in members.items()}
        return arguments if name.endswith("Request") else getattr(pocketkms, name)(**arguments)

    return make


def clients(vault: Vault, scenario: dict[str, Any], shapes: Shapes, clock: ManualClock) -> Callable[[str | None], Kms]:
    """The client of a caller that the scenario names."""
    names = {"account": "account_id", "region": "region", "principal": "principal", "session": "session"}
    callers: dict[str | None, Kms] = {None: vault.client()}
    for name, caller in scenario.get("callers", {}).items():
        arguments = {names[key]: World(clock).value(value) for key, value in caller.items()}
        if "session" in arguments:
            arguments["session"] = shapes.given(arguments["session"], {"structure": "SessionContext"}, maker(shapes))
        callers[name] = vault.client(**arguments)
    return callers.__getitem__


def hosting(vault: Vault, shapes: Shapes) -> Host:
    def host(method: str, argument: Any) -> None:
        name = re.sub(r"[A-Z]", lambda letter: "_" + letter[0].lower(), method)
        answer = getattr(vault, name)(shapes.given(argument, shapes.host_arguments[method]["type"], maker(shapes)))
        assert answer is None, f"{method} answered {answer}"

    return host


def typed(client: Callable[[str | None], Kms], shapes: Shapes) -> Call:
    make = maker(shapes)

    def call(caller: str | None, operation: str, given: dict[str, Any]) -> Any:
        described = shapes.operations[operation]
        arguments = shapes.given(given, {"structure": described["request"]}, make)
        try:
            return Shapes.answered(plain(getattr(client(caller), described["snakeName"])(**arguments)))
        except KmsError as error:
            raise Failure(type(error).__name__, error.message) from error

    def plain(value: Any) -> Any:
        if is_dataclass(value):
            wire = {member["snakeName"]: member["wireName"] for member in shapes.structures[type(value).__name__]["members"]}
            return {wire[field.name]: plain(getattr(value, field.name)) for field in fields(value)}
        return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value

    return call


def by_wire(client: Callable[[str | None], Kms]) -> Call:
    def call(caller: str | None, operation: str, given: dict[str, Any]) -> Any:
        response = client(caller).call(f"TrentService.{operation}", json.dumps(given).encode())
        # An object without members is no answer either.
        answer: Any = json.loads(response.body) or None if response.body else None
        if response.status != 200:
            raise Failure(answer["__type"], answer.get("message", ""))
        return answer

    return call


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_typed(file: Path, vault: Vault, clock: ManualClock, shapes: Shapes, proxy: Proxy | None) -> None:
    scenario = load(file)
    call = typed(clients(vault, scenario, shapes, clock), shapes)
    assert play(scenario, call, hosting(vault, shapes), clock, proxy=refusing(proxy)) >= 10


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_wire(file: Path, vault: Vault, clock: ManualClock, shapes: Shapes, proxy: Proxy | None) -> None:
    scenario = load(file)
    call = by_wire(clients(vault, scenario, shapes, clock))
    assert play(scenario, call, hosting(vault, shapes), clock, wire=True, proxy=refusing(proxy)) >= 10


def test_each_operation_is_in_a_scenario(shapes: Shapes) -> None:
    called = {step["call"] for file in FILES for step in load(file)["steps"] if "call" in step}
    assert called == set(shapes.operations)


@pytest.mark.parametrize(
    "step",
    [
        {"call": "ListKeys", "input": {}, "answer": {"Truncated": True}},
        {"call": "ListKeys", "input": {}, "answer": {"NextMarker": {"$let": "marker"}}},
        {"call": "ListKeys", "input": {}, "answer": {"Keys": {"$odd": 1}}},
        {"call": "ListKeys", "input": {}},
        {"call": "EnableKey", "input": {"KeyId": "alias/none"}},
        {"call": "EnableKey", "input": {"KeyId": "alias/none"}, "error": "DisabledException"},
        {"call": "EnableKey", "input": {"KeyId": "alias/none"}, "error": "NotFoundException", "message": "x"},
    ],
)
def test_a_scenario_that_goes_otherwise_is_noticed(
    step: dict[str, Any], vault: Vault, clock: ManualClock, shapes: Shapes
) -> None:
    with pytest.raises(AssertionError):
        play({"steps": [step]}, by_wire(lambda _: vault.client()), hosting(vault, shapes), clock, wire=True)
