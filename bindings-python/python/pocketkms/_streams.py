"""What streams are made of: where bytes come from, where they go, and in what pieces.

Below each stream stands a native `Encryptor`, `Decryptor` or `Reencryptor`, which takes bytes and gives bytes. The file objects above
(`_readers.py`, `_writers.py`) bring the bytes there, in pieces of a bounded size.

A stream is dead after any error, whatever made it. Otherwise a source that failed once and then seemed to have ended would
make a part look like the whole.
"""

from __future__ import annotations

import io
import operator
from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TypeVar

from pocketkms._generated import ReadableBuffer, StreamStateException

__all__ = ["BinaryReader", "BinaryWriter"]

# How much is worked on in one step. Of larger pieces the C library gives the memory back to the system after each, and fetching it again,
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
        """Takes all of the bytes and returns `None`, or returns how many it took."""
        ...


class Transform(Protocol):
    """What stands below a stream."""

    def update(self, data: ReadableBuffer, /) -> bytes: ...
    def finish(self) -> bytes: ...


T = TypeVar("T", bound=Transform)


def dead() -> StreamStateException:
    """The error of a stream that is dead."""
    return StreamStateException("the stream has ended or failed: start a new one")


def check_bytes(place: str, data: object) -> None:
    """Refuses what are no bytes."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"{place} must be bytes, bytearray or memoryview, not {type(data).__name__}")


def taken(place: str, data: object) -> bytes:
    """The bytes as they are now: what can change is copied, for foreign code may run before all of it is used."""
    if type(data) is bytes:
        return data
    check_bytes(place, data)
    copied: Any = data
    return bytes(copied) if not isinstance(copied, memoryview) else copied.tobytes()


def split(data: bytes) -> Iterator[bytes]:
    """Bytes in pieces of at most `CHUNK`, since what is made of a piece is as large as it is."""
    if len(data) <= CHUNK:
        yield data
        return
    view = memoryview(data)
    for start in range(0, len(view), CHUNK):
        yield bytes(view[start : start + CHUNK])


def put(sink: BinaryWriter, data: bytes) -> None:
    """Writes all of the bytes, and believes the sink no more than it said it took."""
    while data:
        written: Any = sink.write(data)
        if written is None:
            if isinstance(sink, io.RawIOBase):
                raise BlockingIOError("the sink does not wait until it can take more")
            return
        # A bool is an int, but a sink that returns one means something else.
        if isinstance(written, bool):
            raise TypeError("the sink's 'write' must return int or None, not bool")
        try:
            count = operator.index(written)
        except TypeError:
            raise TypeError(f"the sink's 'write' must return int or None, not {type(written).__name__}") from None
        # A sink that takes nothing, again and again, would be asked for ever.
        if not 0 < count <= len(data):
            raise OSError(f"the sink's 'write' returned {count}, which is not between 1 and {len(data)}")
        data = data[count:]


def _read_each(source: BinaryReader, name: str) -> Iterator[bytes]:
    read = source.read
    while True:
        data: Any = read(CHUNK)
        if data is None and isinstance(source, io.RawIOBase):
            raise BlockingIOError(f"'{name}' does not wait until there is more")
        # The type first: an end is believed of bytes only, and not of whatever calls itself empty.
        piece = taken(f"what '{name}' reads", data)
        if not piece:
            return
        yield from split(piece)


def _split_each(source: Iterable[ReadableBuffer], name: str) -> Iterator[bytes]:
    for data in source:
        yield from split(taken(f"a piece of '{name}'", data))


def pieces(source: BinaryReader | Iterable[ReadableBuffer], name: str) -> Iterator[bytes]:
    """All that a source gives; `name` is what the caller calls it."""
    if isinstance(source, (bytes, bytearray, memoryview, str)):
        raise TypeError(f"'{name}' must be a binary file or an iterable of bytes, not {type(source).__name__}")
    given: Any = source
    if hasattr(given, "read"):
        return _read_each(given, name)
    if not isinstance(source, Iterable):
        raise TypeError(f"'{name}' must be a binary file or an iterable of bytes, not {type(source).__name__}")
    return _split_each(source, name)
