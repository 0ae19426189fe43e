"""The service model that botocore carries, as a judge of what the wire answers."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel

import pocketkms

# Without the user's search paths: ~/.aws/models may hold another model.
LOADER: Any = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
MODEL: Any = ServiceModel(LOADER.load_service_model("kms", "service-2"), "kms")
OFFERED: list[str] = [name for name in MODEL.operation_names if hasattr(pocketkms.Kms, xform_name(name))]

# Exceptions that every AWS service may answer, and which models do not list.
COMMON = {
    "AccessDeniedException",
    "ExpiredTokenException",
    "ThrottlingException",
    "UnsupportedOperationException",
    "ValidationException",
}

NUMBERS: dict[str, Any] = {"integer": int, "long": int, "timestamp": (int, float), "double": float, "float": float}


# DescribeKey takes grant tokens, but its list of exceptions lacks the one for those that are not valid.
UNLISTED = {"DescribeKey": {"InvalidGrantTokenException"}}


def errors_of(operation: str) -> set[str]:
    return {shape.name for shape in MODEL.operation_model(operation).error_shapes}


def violations(operation: str, status: int, body: bytes) -> list[str]:
    """What is wrong with a response, by the model. Nothing passes that the model does not name."""
    if status != 200:
        answered = json.loads(body)
        name = answered.pop("__type")
        known = name in errors_of(operation) | COMMON | UNLISTED.get(operation, set())
        message = answered.pop("message", "")
        right = known and isinstance(message, str) and not answered
        return [] if right else [f"{operation}: {name} {answered}"]
    shape = MODEL.operation_model(operation).output_shape
    if shape is None:
        return [] if body == b"" else [f"{operation}: answers {body!r}, but has no output"]
    return list(of_value(operation, shape, json.loads(body)))


def of_value(place: str, shape: Any, value: Any) -> Iterator[str]:
    match shape.type_name:
        case "structure":
            if not isinstance(value, dict):
                yield f"{place}: no structure"
                return
            for name in value.keys() - shape.members.keys():
                yield f"{place}.{name}: unknown"
            for name in set(shape.required_members) - value.keys():
                yield f"{place}.{name}: missing"
            for name, member in shape.members.items():
                if name in value:
                    yield from of_value(f"{place}.{name}", member, value[name])
        case "list":
            if not isinstance(value, list):
                yield f"{place}: no list"
                return
            yield from limits(place, shape, len(value))
            for item in value:
                yield from of_value(f"{place}[]", shape.member, item)
        case "map":
            if not isinstance(value, dict):
                yield f"{place}: no map"
                return
            yield from limits(place, shape, len(value))
            for name, item in value.items():
                yield from of_value(f"{place}: a name", shape.key, name)
                yield from of_value(f"{place}.{name}", shape.value, item)
        case "string":
            if not isinstance(value, str):
                yield f"{place}: no string"
                return
            yield from limits(place, shape, len(value))
            if shape.enum and value not in shape.enum:
                yield f"{place}: {value!r} is not one of {shape.enum}"
            pattern = shape.metadata.get("pattern")
            if pattern and not re.fullmatch(pattern, value):
                yield f"{place}: {value!r} is not of {pattern}"
        case "blob":
            yield from limits(place, shape, len(base64.b64decode(value, validate=True)))
        case "boolean":
            if not isinstance(value, bool):
                yield f"{place}: no boolean"
        case number:
            if isinstance(value, bool) or not isinstance(value, NUMBERS[number]):
                yield f"{place}: no {number}"
            elif number != "timestamp":
                yield from limits(place, shape, value)


def limits(place: str, shape: Any, size: float) -> Iterator[str]:
    if size < shape.metadata.get("min", size) or size > shape.metadata.get("max", size):
        yield f"{place}: {size} is not within {shape.metadata}"
