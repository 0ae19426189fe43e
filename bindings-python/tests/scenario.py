"""Plays the scenarios of `tests/scenario`: values, patterns and the clock. How a call is made is the caller's affair."""

# What comes out of JSON has no type that pyright would know.
# pyright: basic

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from pocketkms import ManualClock

ROOT = Path(__file__).parents[2]
START = datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)

FILES = sorted(file for file in (ROOT / "tests/scenario").glob("*.json") if file.name != "schema.json")


class Failure(Exception):
    """What an operation answered instead."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message


Host = Callable[[str, Any], None]
"""Calls a method of the vault that is the host's, by its name in camel case, with its one argument as on the wire."""

Call = Callable[[str | None, str, dict[str, Any]], Any]
"""Performs an operation, for a caller if one is named: its input and answer are as on the wire. Raises `Failure`."""


def play(
    scenario: Mapping[str, Any],
    call: Call,
    host: Host,
    clock: ManualClock,
    *,
    wire: bool = False,
    proxy: Callable[[str | None], None] | None = None,
) -> int:
    """Plays a scenario on a new vault by this clock, and returns how many calls it made. `wire` takes any members; `proxy` is told the error with
    which an external key store proxy answers from now on."""
    world = World(clock)
    world.named.update(scenario.get("values", {}))
    calls = 0
    for number, step in enumerate(scenario["steps"], 1):
        try:
            if "turn" in step:
                clock.advance(timedelta(**step["turn"]))
            elif "proxy" in step:
                assert proxy is not None, "there is no proxy"
                proxy(step["proxy"])
            elif "host" in step:
                host(step["host"], world.value(step["argument"]))
            elif wire or "only" not in step:
                world.perform(step, call)
                calls += 1
        except AssertionError as wrong:
            raise AssertionError(f"step {number}: {wrong}") from wrong
    return calls


class World:
    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.named: dict[str, Any] = {}

    def perform(self, step: Mapping[str, Any], call: Call) -> None:
        operation = step["call"]
        try:
            answer = call(step.get("as"), operation, self.value(step["input"]))
        except Failure as failure:
            assert failure.name == step.get("error"), f"{operation}: {failure}"
            self.expect("message", step.get("message", {}), failure.message)
            return
        assert "error" not in step, f"{operation}: no error, but {step['error']} was expected"
        if "answer" in step:
            self.expect(operation, step["answer"], answer)
        else:
            assert answer is None, f"{operation} answered {answer}"

    def value(self, given: Any) -> Any:
        """A value with names and makers replaced by what they stand for."""
        match given:
            case str():
                return re.sub(r"\$\{(\w+)\}", lambda found: str(self.named[found[1]]), given)
            case list():
                return [self.value(item) for item in given]
            case {"$text": text}:
                return encoded(text.encode())
            case {"$json": inner}:
                return json.dumps(self.value(inner))
            case {"$zeros": length}:
                return encoded(bytes(length))
            case {"$altered": text}:
                *bytes_before, last = base64.b64decode(self.value(text))
                return encoded(bytes([*bytes_before, last ^ 1]))
            case {"$repeat": [text, times]}:
                return text * times
            case dict():
                return {name: self.value(value) for name, value in given.items()}
        return given

    def expect(self, place: str, pattern: Any, actual: Any) -> None:
        """Compares an answer. Names are given first, since members come in any order."""
        for name, value in names(place, pattern, actual):
            self.named[name] = value
        self.compare(place, pattern, actual)

    def compare(self, place: str, pattern: Any, actual: Any) -> None:
        shown = f"{place}: {actual!r} does not fit {pattern!r}"
        match pattern:
            case {"$let": _}:
                self.compare(place, pattern.get("$is", {}), actual)
            case {"$not": other}:
                try:
                    self.compare(place, other, actual)
                except AssertionError:
                    return
                raise AssertionError(shown)
            case {"$length": length}:
                assert len(actual) == length, shown
            case {"$bytes": length}:
                assert len(base64.b64decode(actual)) == length, shown
            case {"$contains": text}:
                assert self.value(text) in actual, shown
            case {"$clock": by}:
                expected = self.clock.now() + timedelta(**by)
                assert round(actual * 1000) == round(expected.timestamp() * 1000), shown
            case {"$set": patterns}:
                assert len(actual) == len(patterns), shown
                for one in patterns:
                    assert any(self.fits(one, item) for item in actual), shown
            case {"$text": _} | {"$zeros": _} | {"$altered": _} | {"$repeat": _}:
                assert actual == self.value(pattern), shown
            case dict():
                assert not any(name.startswith("$") for name in pattern), f"unknown pattern {pattern}"
                for name, part in pattern.items():
                    self.compare(f"{place}.{name}", part, actual.get(name))
            case list():
                assert isinstance(actual, list) and len(actual) == len(pattern), shown
                for index, (part, item) in enumerate(zip(pattern, actual)):
                    self.compare(f"{place}.{index}", part, item)
            case _:
                assert actual == self.value(pattern), shown

    def fits(self, pattern: Any, actual: Any) -> bool:
        try:
            self.compare("", pattern, actual)
        except AssertionError:
            return False
        return True


def names(place: str, pattern: Any, actual: Any) -> Iterator[tuple[str, Any]]:
    match pattern:
        case {"$let": name}:
            assert actual is not None, f"{place}: missing"
            yield name, actual
        case dict() if isinstance(actual, dict):
            for name, part in pattern.items():
                yield from names(f"{place}.{name}", part, actual.get(name))
        case list() if isinstance(actual, list):
            for index, (part, item) in enumerate(zip(pattern, actual)):
                yield from names(f"{place}.{index}", part, item)


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Shapes:
    """Converts between the wire and values of Python, by the core's description of the types."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        schema = json.loads((ROOT / "tests/scenario/schema.json").read_text(encoding="utf-8"))
        self.host_arguments = schema["$defs"]["hostMethod"]["x-arguments"]
        self.structures = {**model["structures"], **model["ownStructures"]}
        self.operations = {operation["name"]: operation for operation in model["operations"]}

    def members(self, structure: str) -> Mapping[str, Mapping[str, Any]]:
        return {member["wireName"]: member for member in self.structures[structure]["members"]}

    def given(self, value: Any, shape: Any, make: Callable[[str, dict[str, Any]], Any]) -> Any:
        """A value for a call. `make` makes a structure of its name and members."""
        match shape:
            case "bytes" | "secret":
                return base64.b64decode(value)
            case {"list": item}:
                return [self.given(part, item, make) for part in value]
            case {"structure": name}:
                members = self.members(name)
                return make(name, {key: self.given(part, members[key]["type"], make) for key, part in value.items()})
        return value

    @staticmethod
    def answered(value: Any) -> Any:
        """What a call answered, for the wire; structures are dictionaries already."""
        match value:
            case bytes():
                return encoded(value)
            case datetime():
                return value.timestamp()
            case dict():
                return {name: Shapes.answered(part) for name, part in value.items() if part is not None}
            case list() | tuple():
                return [Shapes.answered(item) for item in value]
        return value


def load(file: Path) -> dict[str, Any]:
    scenario: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return scenario
