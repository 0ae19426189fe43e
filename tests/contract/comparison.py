"""Everything in which the core's model differs from AWS's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore import xform_name

Model = dict[str, Any]

# Exceptions that every AWS service may raise, and which service models do not list.
COMMON_ERRORS = {"AccessDeniedException", "ExpiredTokenException", "ThrottlingException", "ValidationException"}

# The documentation of these operations has narrower limits than the model's one type for several of them.
NARROWER = {
    "ListAliasesRequest.Limit",
    "ListGrantsRequest.Limit",
    "ListRetirableGrantsRequest.Limit",
    "ListResourceTagsRequest.Limit",
    "ScheduleKeyDeletionRequest.PendingWindowInDays",
}

# From this code on, errors are PocketKMS's own.
FIRST_OWN_CODE = 1000

SCALARS = {
    "string": "string",
    "boolean": "boolean",
    "integer": "integer",
    "timestamp": "timestamp",
    "bytes": "blob",
    "secret": "blob",
    "secretText": "string",
    "map": "map",
}


def differences(core: Model, aws: Model) -> list[str]:
    """A sentence for each difference; nothing if the core keeps the contract."""
    return list(dict.fromkeys(Comparison(core, aws).all()))


class Comparison:
    def __init__(self, core: Model, aws: Model) -> None:
        self.core = core
        self.aws = aws

    def all(self) -> Iterator[str]:
        for operation in self.core["operations"]:
            yield from self.operation(operation)
        yield from self.errors()
        offered = {operation["name"] for operation in self.core["operations"]}
        yield from unless_equal("operations", sorted(offered), sorted(self.aws["operations"]))

    def operation(self, operation: Model) -> Iterator[str]:
        name = operation["name"]
        aws = self.aws["operations"].get(name)
        if aws is None:
            yield f"{name}: no such operation"
            return
        yield from unless_equal(f"{name}: method", operation["snakeName"], xform_name(name))
        errors = {error["shape"] for error in aws.get("errors", [])}
        yield from unless_equal(f"{name}: errors", sorted(operation["errors"]), sorted(errors))
        for side, key in (("request", "input"), ("response", "output")):
            shape = aws.get(key, {}).get("shape")
            # A response without members is none: nothing is in it that a caller could ask for.
            if shape and side == "response" and not self.aws["shapes"][shape]["members"]:
                shape = None
            yield from unless_equal(f"{name}: {side}", operation[side], shape)
            if shape and operation[side]:
                yield from self.structure(shape, required_by_user=side == "request")

    def structure(self, name: str, *, required_by_user: bool) -> Iterator[str]:
        """`required_by_user`: what the user gives must be asked for exactly where AWS asks for it. What the core gives
        may be promised where AWS promises nothing, but not the other way round."""
        if name not in self.core["structures"]:
            yield f"{name}: missing"
            return
        core, aws = self.core["structures"][name]["members"], self.aws["shapes"][name]
        yield from unless_equal(f"{name}: members", [member["wireName"] for member in core], list(aws["members"]))
        required = set(aws.get("required", []))
        for member in core:
            wire = member["wireName"]
            place = f"{name}.{wire}"
            yield from unless_equal(f"{place}: name", member["snakeName"], xform_name(wire))
            if wire not in aws["members"]:
                continue
            if member["required"] != (wire in required) and (required_by_user or wire in required):
                yield f"{place}: required is {member['required']}, but AWS's model says {wire in required}"
            yield from self.type(place, member["type"], aws["members"][wire]["shape"], required_by_user)
            if required_by_user and place not in NARROWER:
                yield from self.limits(place, member["limits"], aws["members"][wire]["shape"])

    def limits(self, place: str, core: Any, shape: str) -> Iterator[str]:
        aws = self.aws["shapes"][shape]
        bounds = [aws["min"], aws["max"]] if "min" in aws and "max" in aws else None
        yield from unless_equal(f"{place}: limits", core["bounds"], bounds)
        yield from unless_equal(f"{place}: pattern", core["pattern"], aws.get("pattern"))
        if aws["type"] == "list":
            none = {"bounds": None, "pattern": None, "items": None}
            yield from self.limits(f"{place}[]", core["items"] or none, aws["member"]["shape"])

    def type(self, place: str, core: Any, shape: str, required_by_user: bool) -> Iterator[str]:
        aws = self.aws["shapes"][shape]
        match core:
            case {"list": item}:
                yield from unless_equal(f"{place}: type", "list", aws["type"])
                if aws["type"] == "list":
                    yield from self.type(f"{place}[]", item, aws["member"]["shape"], required_by_user)
            case {"structure": name}:
                yield from unless_equal(f"{place}: structure", name, shape)
                if aws["type"] == "structure":
                    yield from self.structure(shape, required_by_user=required_by_user)
            case {"enumeration": name}:
                values = [value["value"] for value in self.core["enumerations"][name]["values"]]
                yield from unless_equal(f"{place}: enumeration", name, shape)
                yield from unless_equal(f"{place}: values of {name}", values, aws.get("enum"))
            case str():
                yield from unless_equal(f"{place}: type", SCALARS[core], aws["type"])
                if "enum" in aws:
                    yield f"{place}: {core}, but AWS's model has the enumeration {shape}"
                if aws["type"] == "blob":
                    yield from unless_equal(f"{place}: secret", core == "secret", aws.get("sensitive", False))
                if aws["type"] == "map":
                    for side in ("key", "value"):
                        yield from self.type(f"{place} {side}", "string", aws[side]["shape"], required_by_user)
            case _:
                raise AssertionError(f"{place}: what is {core!r}?")

    def errors(self) -> Iterator[str]:
        """By name: the model has no HTTP statuses."""
        core = {error["name"] for error in self.core["errors"] if error["code"] < FIRST_OWN_CODE}
        for name in sorted(core - COMMON_ERRORS):
            if not self.aws["shapes"].get(name, {}).get("exception"):
                yield f"{name}: no such exception in AWS's model"
        for operation in self.core["operations"]:
            for error in self.aws["operations"].get(operation["name"], {}).get("errors", []):
                if error["shape"] not in core:
                    yield f"{operation['name']}: AWS raises {error['shape']}, which the core does not know"


def unless_equal(what: str, core: object, aws: object) -> Iterator[str]:
    if core != aws:
        yield f"{what}: {core!r}, but AWS's model says {aws!r}"
