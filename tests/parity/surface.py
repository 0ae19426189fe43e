"""The public API of one language, as all five can be compared: types, their members, and what a call takes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# Of a parameter whose value must be given.
REQUIRED = "required"
# Of one that may be left out; what it is then is said in its documentation, if anywhere.
OPTIONAL = "optional"

STATED = re.compile(
    r"(?P<value>\d[\d,]*(?: \*\* \d+)?(?: [KMG]iB)?|`[A-Z][A-Z_]+`|[a-z]+|`[a-z]+`)"
    r" (?:by default|(?:if|where) (?:none|nothing) is given)"
)


@dataclass
class Option:
    """What a call takes, or a structure holds."""

    need: str
    stated: str | None = None
    """The default that the documentation states."""


@dataclass
class Member:
    """A method with its options, or (`options` is None) a property or value."""

    options: dict[str, Option] | None = None


Type = dict[str, Member]


@dataclass
class Surface:
    types: dict[str, Type] = field(default_factory=dict)
    """Classes, structures and interfaces by name, each with its members in Python's casing; functions stand under `""`."""

    def add(self, name: str, member: str, options: dict[str, Option] | None = None) -> None:
        """Adds a member. Overloads take together what each takes."""
        found = self.types.setdefault(name, {}).setdefault(snake(member), Member())
        for option, value in (options or {}).items():
            found.options = {**(found.options or {}), snake(option): value}
        if options is not None and found.options is None:
            found.options = {}


def snake(name: str) -> str:
    """`maxFrameLength` as `max_frame_length`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")


def stated_default(doc: str) -> str | None:
    """The default in a sentence such as "64 MiB by default"."""
    found = STATED.search(" ".join(doc.split()))
    return found["value"].strip("`") if found else None
