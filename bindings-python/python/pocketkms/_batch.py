"""What a batch reports of the files that it moves to other keys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

__all__ = ["RewrapFailure", "RewrapOutcome", "RewrapReport", "RewrappedFile"]

RewrapOutcome: TypeAlias = Literal[
    # It uses the destination's keys now.
    "REWRAPPED",
    # It used them already.
    "ALREADY_DONE",
    # There is nothing to rewrap: it is no message, or no regular file.
    "SKIPPED",
    # It is as it was; or as another writer left it, where that is the error.
    "FAILED",
]
"""What became of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RewrappedFile:
    """A file of a batch, and what became of it."""

    path: Path
    """The file."""

    outcome: RewrapOutcome
    """What became of it."""

    reason: str | None
    """Why it was skipped, if it was: `not a message`, or what it is in place of a regular file."""

    error: Exception | None
    """Why it failed, if it did. Of one that was saved while it was rewrapped, a `ConflictException`."""

    done: int
    """How many files are done, this one included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RewrapFailure:
    """A file that was not rewrapped."""

    path: Path
    """The file."""

    error: Exception
    """Why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RewrapReport:
    """What a batch did."""

    rewrapped: int
    """How many files use the destination's keys now, and did not before."""

    already_done: int
    """How many used them already."""

    skipped: int
    """In how many there was nothing to rewrap: other files than messages."""

    failed: int
    """How many are as they were."""

    failures: tuple[RewrapFailure, ...]
    """Which those are, and why: the first 10,000."""

    cancelled: bool
    """Whether the progress callback ended the batch before its end."""
