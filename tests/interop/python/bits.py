"""What blobs and messages have in common: outcomes, flipped bits, base64."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

from pocketkms import KmsError


def outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except KmsError as error:
        return error.name
    return "accepted"


def each_flipped(original: bytes) -> Iterator[bytes]:
    """Copies of the bytes, one for each position that is tried (README.md), in which the byte there has one bit flipped."""
    return (flip(original, at, at % 8) for at in range(len(original)) if at < 1024 or at % 101 == 0)


def flip(original: bytes, at: int, bit: int) -> bytes:
    altered = bytearray(original)
    altered[at] ^= 1 << bit
    return bytes(altered)


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()
