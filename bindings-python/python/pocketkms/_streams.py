"""What streams are made of: where bytes come from, where they go, and in what pieces.

Below each stream stands a native `Encryptor`, `Decryptor` or `Reencryptor`, which takes bytes and gives bytes. The file objects above
(`_readers.py`, `_writers.py`) bring the bytes there, in pieces of a bounded size.

A stream is dead after any error, whoever made it. Else a source that failed once and then seemed to have ended would
make a part look like the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from pocketkms._generated import ReadableBuffer, StreamStateException

__all__ = ["BinaryReader", "BinaryWriter"]

# How much is taken at once. Of larger pieces the C library gives the memory back to the system after each, and fetching it anew,
# page by page, takes longer than the encryption.
CHUNK = 64 << 10


class BinaryReader(Protocol):
    """What a stream can read from: a file that was opened with `"rb"`, a socket's `makefile`, an HTTP response."""

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes; none at the end."""
        ...


class BinaryWriter(Protocol):
    """What a stream can write to: a file that was opened with `"wb"`, a socket's `makefile`, an upload."""

    def write(self, data: bytes, /) -> object:
        """Takes all of the bytes, or answers how many it took."""
        ...


class Transform(Protocol):
    """What stands below a stream."""

    def update(self, data: ReadableBuffer, /) -> bytes: ...
    def finish(self) -> bytes: ...


T = TypeVar("T", bound=Transform)


def dead() -> StreamStateException:
    """The answer of a stream that is dead."""
    return StreamStateException("the stream has ended or failed: start a new one")


def check_bytes(place: str, data: object) -> None:
    """Refuses what are no bytes."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"{place} must be bytes, bytearray or memoryview, not {type(data).__name__}")


def split(data: ReadableBuffer) -> Iterator[ReadableBuffer]:
    """Bytes in pieces of at most `CHUNK`, since what is made of a piece is as large as it is."""
    view = memoryview(data)
    if view.nbytes <= CHUNK:
        yield data
        return
    view = view.cast("B") if view.c_contiguous else memoryview(view.tobytes())
    for start in range(0, len(view), CHUNK):
        yield bytes(view[start : start + CHUNK])


def _split_each(source: Iterable[ReadableBuffer], name: str) -> Iterator[ReadableBuffer]:
    for data in source:
        check_bytes(f"a piece of '{name}'", data)
        yield from split(data)


def pieces(source: BinaryReader | Iterable[ReadableBuffer], name: str) -> Iterator[ReadableBuffer]:
    """All that a source gives; `name` is what the caller calls it."""
    if isinstance(source, (bytes, bytearray, memoryview, str)):
        raise TypeError(f"'{name}' must be a binary file or an iterable of bytes, not {type(source).__name__}")
    read = getattr(source, "read", None)
    if read is not None:
        # Until it gives nothing. `None`, from a file that does not wait, is refused where it arrives.
        return iter(lambda: read(CHUNK), b"")
    if not isinstance(source, Iterable):
        raise TypeError(f"'{name}' must be a binary file or an iterable of bytes, not {type(source).__name__}")
    return _split_each(source, name)
