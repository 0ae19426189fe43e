"""Holds values against annotations, so that a type checker reads nothing that is not so."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timezone
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints


def check(value: object, annotation: Any, place: str = "response") -> None:
    """Fails with the place of the first value that is not what the annotation says."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        if value is not None:
            (annotation,) = (argument for argument in arguments if argument is not type(None))
            check(value, annotation, place)
    elif origin is Literal:
        assert type(value) is str and value in arguments, f"{place}: {value!r} is not one of {arguments}"
    elif origin is tuple:
        assert type(value) is tuple, f"{place}: {value!r} is no tuple"
        for index, item in enumerate(cast(tuple[object, ...], value)):
            check(item, arguments[0], f"{place}[{index}]")
    elif origin is Mapping:
        assert type(value) is dict, f"{place}: {value!r} is no dict"
    elif is_dataclass(annotation):
        assert type(value) is annotation, f"{place}: {value!r} is no {annotation}"
        hints = get_type_hints(annotation)
        for member in fields(annotation):
            check(getattr(value, member.name), hints[member.name], f"{place}.{member.name}")
    else:
        assert type(value) is annotation, f"{place}: {value!r} is no {annotation}"
        if annotation is datetime:
            assert isinstance(value, datetime) and value.tzinfo is timezone.utc, f"{place}: {value!r} is not in UTC"
