"""Checks of arguments whose types a caller without a type checker may get wrong."""

from __future__ import annotations


def check_type(name: str, value: object, expected: type) -> None:
    """Refuses another type at once, not at the first call of a client made with it."""
    if not isinstance(value, expected):
        raise TypeError(f"'{name}' must be a {expected.__name__}, not {type(value).__name__}")
