"""Every operation and member of AWS's service model is in a test, or stands in docs/aws-compatibility.md as what differs.

What counts as a test of a member: a scenario that sends or expects it in a call of the operation, or a file of the Rust tests that calls
the operation and names the member.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from comparison import Model

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted(set((ROOT / "tests/scenario").glob("*.json")) - {ROOT / "tests/scenario/schema.json"})
RUST = sorted((ROOT / "tests/tests").rglob("*.rs"))
ROWS = (ROOT / "docs/aws-compatibility.md").read_text(encoding="utf-8")


def snake(name: str) -> str:
    """As the Rust API calls it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def names(value: Any) -> Iterator[str]:
    """The names of all members in a part of a scenario."""
    if isinstance(value, dict):
        for name, inside in value.items():
            yield name
            yield from names(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from names(inside)


def members(aws: Model, shape: str, seen: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """The members of a structure and of those in it: the structure's name, and the member's."""
    if shape in seen:
        return
    found, seen = aws["shapes"][shape], seen | {shape}
    if found["type"] == "structure":
        for name, member in found["members"].items():
            yield shape, name
            yield from members(aws, member["shape"], seen)
    elif found["type"] == "list":
        yield from members(aws, found["member"]["shape"], seen)
    elif found["type"] == "map":
        yield from members(aws, found["value"]["shape"], seen)


@pytest.fixture(scope="module")
def played() -> dict[str, set[str]]:
    """The members that scenarios have in calls of each operation."""
    found: dict[str, set[str]] = {}
    for path in SCENARIOS:
        for step in json.loads(path.read_text(encoding="utf-8"))["steps"]:
            if call := step.get("call"):
                found.setdefault(call, set()).update(names(step.get("input", {})), names(step.get("answer", {})))
    assert found, "no scenario calls anything"
    return found


@pytest.fixture(scope="module")
def called() -> list[str]:
    """The files of the Rust tests."""
    found = [path.read_text(encoding="utf-8") for path in RUST]
    assert found, "there are no Rust tests"
    return found


def has_row(*words: str) -> bool:
    """Whether one row of the page has all these words."""
    return any(all(re.search(rf"\b{word}\b", row) for word in words) for row in ROWS.splitlines() if row.startswith("|"))


def untested(aws: Model, played: dict[str, set[str]], called: list[str]) -> list[str]:
    missing, inner = [], {}
    for operation, shapes in aws["operations"].items():
        calls = [text for text in called if f"{operation}Request" in text or f".{snake(operation)}(" in text]
        if operation not in played and not calls and not has_row(operation):
            missing.append(operation)
            continue
        own = {shapes[side]["shape"] for side in ("input", "output") if side in shapes}
        for structure, member in (pair for shape in own for pair in members(aws, shape)):
            in_rust = any(re.search(rf"\b{snake(member)}\b", text) for text in calls)
            is_tested = in_rust or member in played.get(operation, ()) or has_row(member)
            if structure not in own:
                # What is in a request or response is made in one place for all operations that have it.
                inner[structure, member] = is_tested or inner.get((structure, member), False)
            elif not is_tested:
                missing.append(f"{member} of {structure}")
    missing += [f"{member} of {structure}" for (structure, member), is_tested in inner.items() if not is_tested]
    return sorted(missing)


def test_everything_is_tested_or_told(aws: Model, played: dict[str, set[str]], called: list[str]) -> None:
    assert not untested(aws, played, called)


def test_what_is_not_tested_is_seen(aws: Model, played: dict[str, set[str]], called: list[str]) -> None:
    grown = json.loads(json.dumps(aws))
    grown["operations"]["EncryptTwice"] = aws["operations"]["Encrypt"]
    grown["shapes"]["EncryptRequest"]["members"]["PostQuantumHint"] = {"shape": "BooleanType"}
    assert untested(grown, played, called) == sorted(
        [*untested(aws, played, called), "PostQuantumHint of EncryptRequest", "EncryptTwice"]
    )
