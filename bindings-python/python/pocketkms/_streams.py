"""Messages as file objects: read, or written, as they are encrypted or decrypted.

Below each stands a native `Encryptor` or `Decryptor`, which takes bytes and gives bytes. What is here brings the bytes
there: from a file or an iterable, or to a file, in pieces of a bounded size.

A stream is dead after any error, whoever made it. Else a source that failed once and then seemed to have ended would
make a part look like the whole.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Generic, Protocol, TypeVar

from pocketkms._generated import ReadableBuffer, StreamStateException
from pocketkms._messages import MessageHeader
from pocketkms._native import Decryptor, Encryptor, Reencryptor

__all__ = [
    "BinaryReader",
    "BinaryWriter",
    "DecryptReader",
    "DecryptWriter",
    "EncryptReader",
    "EncryptWriter",
    "ReencryptReader",
    "ReencryptWriter",
]

# How much is taken at once: enough for several processors to share, and little beside a program's memory.
CHUNK = 1 << 20


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


class _Transform(Protocol):
    def update(self, data: ReadableBuffer, /) -> bytes: ...
    def finish(self) -> bytes: ...


_T = TypeVar("_T", bound=_Transform)


def _dead() -> StreamStateException:
    return StreamStateException("the stream has ended or failed: start a new one")


def check_bytes(place: str, data: object) -> None:
    """Refuses what are no bytes."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"{place} must be bytes, bytearray or memoryview, not {type(data).__name__}")


def _split(data: ReadableBuffer) -> Iterator[ReadableBuffer]:
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
        yield from _split(data)


def _pieces(source: BinaryReader | Iterable[ReadableBuffer], name: str) -> Iterator[ReadableBuffer]:
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


class _Reader(io.RawIOBase, Generic[_T]):
    """Reads what a stream makes of what a source gives."""

    # What the caller calls the source.
    _source_name = "source"

    def __init__(self, transform: _T, source: BinaryReader | Iterable[ReadableBuffer]) -> None:
        super().__init__()
        self._pieces = _pieces(source, self._source_name)
        self._transform: _T = transform
        self._unread = b""
        self._ended = self._failed = False

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def _fill(self) -> bytes:
        """All that is there to give at once: what is left of the last piece, or what the next ones make; at the end, nothing."""
        if self.closed:
            raise ValueError("I/O operation on closed file.")
        if self._failed:
            raise _dead()
        # Until it is known better: an exception of any kind, from anywhere, leaves it like that.
        self._failed = True
        while not self._unread and not self._ended:
            for piece in self._pieces:
                self._unread = self._transform.update(piece)
                break
            else:
                self._unread = self._transform.finish()
                self._ended = True
        self._failed = False
        return self._unread

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to so many bytes; all that is left where no size is given; none at the end."""
        if size is None or size < 0:
            return self.readall()
        unread = self._fill() if size > 0 else b""
        self._unread = unread[size:]
        return unread[:size]

    def readall(self) -> bytes:
        """All that is left."""
        return b"".join(self)

    # Typed as in typeshed, which cannot be named at run time: anything that has a writable buffer.
    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Fills a buffer from its beginning; answers how many bytes it wrote, 0 at the end."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def write(self, data: ReadableBuffer, /) -> int:  # type: ignore[override]
        """Refuses: it is read."""
        raise io.UnsupportedOperation("not writable")

    def __iter__(self) -> Iterator[bytes]:
        """Pieces of any length, as they come."""
        return self

    def __next__(self) -> bytes:
        data, self._unread = self._fill(), b""
        if not data:
            raise StopIteration
        return data

    def close(self) -> None:
        """Ends the reading. What was not read is not looked at any more; the source stays open."""
        self._unread = b""
        super().close()


class EncryptReader(_Reader[Encryptor]):
    """A plaintext, read as the message that it becomes: a binary file, and an iterator of `bytes`."""

    @property
    def header(self) -> MessageHeader:
        """The message's header."""
        return self._transform.header


class DecryptReader(_Reader[Decryptor]):
    """A message, read as its plaintext: a binary file, and an iterator of `bytes`.

    What is read was verified, frame by frame, but its end may be missing: a message that was cut off or altered is an
    exception of the read that comes to it. So use nothing for good before the end was reached.
    """

    @property
    def header(self) -> MessageHeader | None:
        """The message's header, as soon as something was read."""
        return self._transform.header

    @property
    def encryption_context(self) -> Mapping[str, str] | None:
        """The encryption context, verified, as soon as something was read: the pairs that the message stores, and those
        that were given again.
        """
        return self._transform.encryption_context


class ReencryptReader(_Reader[Reencryptor]):
    """A message, read as the new message that is made of it: a binary file, and an iterator of `bytes`.

    What is read is of use only after the end was reached: before, the old message may lack its end, or have a wrong signature.
    """

    _source_name = "message"

    @property
    def header(self) -> MessageHeader | None:
        """The new message's header, as soon as the old one's was read."""
        return self._transform.header


class _Writer(io.RawIOBase, Generic[_T]):
    """Writes what a stream makes of what is written to it."""

    # Of one that could not even be made.
    _failed = True

    def __init__(self, transform: _T, sink: BinaryWriter) -> None:
        super().__init__()
        if not hasattr(sink, "write"):
            raise TypeError(f"'sink' must be a binary file, not {type(sink).__name__}")
        self._transform: _T = transform
        self._sink = sink
        self._failed = False

    def writable(self) -> bool:
        """Whether it can be written to: always."""
        return True

    def _begin(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file.")
        if self._failed:
            raise _dead()
        # Until it is known better: an exception of any kind, from anywhere, leaves it like that.
        self._failed = True

    def _put(self, data: bytes) -> None:
        while data:
            written = self._sink.write(data)
            if written is None and isinstance(self._sink, io.RawIOBase):
                raise BlockingIOError("the sink does not wait until it can take more")
            data = data[written:] if isinstance(written, int) else b""

    # Typed as in typeshed, which cannot be named at run time: anything that has a buffer.
    def write(self, data: ReadableBuffer, /) -> int:  # type: ignore[override]
        """Takes all of the bytes; answers how many they are."""
        check_bytes("'data'", data)
        self._begin()
        for piece in _split(data):
            self._put(self._transform.update(piece))
        self._failed = False
        return memoryview(data).nbytes

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Refuses: it is written to."""
        raise io.UnsupportedOperation("not readable")

    def flush(self) -> None:
        """Flushes the sink. A frame that has begun is held back until it is whole, or the stream is closed."""
        flush = getattr(self._sink, "flush", None)
        if flush is not None and not self.closed:
            flush()

    def close(self) -> None:
        """Ends the stream: writes its end. The sink stays open.

        After a failure it ends nothing, so that no part looks like the whole.
        """
        if self.closed:
            return
        try:
            if not self._failed:
                self._begin()
                self._put(self._transform.finish())
                self.flush()
        finally:
            self.abort()

    def abort(self) -> None:
        """Closes it without an end: what the sink has got is no whole."""
        if not self.closed:
            self._failed = True
            # That of the base class flushes, which is no matter any more.
            self._sink = io.BytesIO()
            super().close()

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Closes it; aborts it if an exception leaves the `with` statement."""
        if exception_type is None:
            self.close()
        else:
            self.abort()

    def __del__(self) -> None:
        # That of the base class closes: what was given up would get an end.
        if not self.closed:
            if not self._failed:
                warnings.warn(f"{type(self).__name__} was never closed: its end is missing", ResourceWarning, source=self)
            self.abort()


class EncryptWriter(_Writer[Encryptor]):
    """A file to which a plaintext is written, and which writes the message to another.

    Close it, or use it in a `with` statement: the end of the message is written then, and not if an exception leaves the
    statement.
    """

    @property
    def header(self) -> MessageHeader:
        """The message's header."""
        return self._transform.header


class DecryptWriter(_Writer[Decryptor]):
    """A file to which a message is written, and which writes its plaintext to another.

    Close it, or use it in a `with` statement: a message that was cut off is an exception then. So use nothing of the
    plaintext for good before.
    """

    @property
    def header(self) -> MessageHeader | None:
        """The message's header, as soon as it was written."""
        return self._transform.header

    @property
    def encryption_context(self) -> Mapping[str, str] | None:
        """The encryption context, verified, as soon as the header was written."""
        return self._transform.encryption_context


class ReencryptWriter(_Writer[Reencryptor]):
    """A file to which a message is written, and which writes a new message made of it to another.

    Close it, or use it in a `with` statement: a message that was cut off is an exception then. So use nothing of the new
    message before.
    """

    @property
    def header(self) -> MessageHeader | None:
        """The new message's header, as soon as the old one's was written."""
        return self._transform.header
