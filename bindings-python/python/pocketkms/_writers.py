"""Messages as file objects to write to: encrypted, decrypted or encrypted again as they are written.

Ending is an act of its own: `finish()`, or a `with` statement over the writer itself that is left without an exception. Closing
ends nothing. Whatever wraps a file closes it when all went well and when it did not (`io.TextIOWrapper`, `io.BufferedWriter`,
the garbage collector), so that an end written there would make a whole message of what was given up.
"""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Generic, NoReturn, TypeVar

from pocketkms._generated import MessageHeader, ReadableBuffer, StreamStateException
from pocketkms._native import Decryptor, Encryptor, Reencryptor
from pocketkms._streams import BinaryWriter, T, dead, put, split, taken

__all__ = ["DecryptWriter", "EncryptWriter", "ReencryptWriter"]

W = TypeVar("W", bound="_Writer[Any]")


class _Writer(io.RawIOBase, Generic[T]):
    """Writes what a stream makes of what is written to it."""

    # For type checkers, who ask it of whatever is wrapped. As with `io.BytesIO`, there is none.
    name: Any

    # Of one that could not even be made.
    _failed = True
    _finished = False

    def __init__(self, transform: T, sink: BinaryWriter) -> None:
        super().__init__()
        if not hasattr(sink, "write"):
            raise TypeError(f"'sink' must be a binary file, not {type(sink).__name__}")
        self._transform: T = transform
        self._sink = sink
        # How many `with` statements over this writer are under way.
        self._entered = 0
        # Closed by a wrapper inside of such a statement, which decides what becomes of it.
        self._closing = False
        # What is being handled already, and so does not say that this stream is given up.
        self._handled = sys.exc_info()[1]
        self._failed = False

    @property
    def closed(self) -> bool:
        """Whether it takes no more: it was finished, aborted or closed."""
        return self._closing or super().closed

    def writable(self) -> bool:
        """Whether it can be written to: always, until it is closed."""
        self._check_open()
        return True

    def readable(self) -> bool:
        """Whether it can be read: never."""
        self._check_open()
        return False

    def seekable(self) -> bool:
        """Whether it can seek: never."""
        self._check_open()
        return False

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file.")

    def _begin(self) -> None:
        if self._failed:
            raise dead()
        # Until it is known better: an exception of any kind, from anywhere, leaves it like that.
        self._failed = True

    # Typed as in typeshed, which cannot be named at run time: anything that has a buffer.
    def write(self, data: ReadableBuffer, /) -> int:  # type: ignore[override]
        """Takes all of the bytes, and returns how many they are."""
        self._check_open()
        whole = taken("'data'", data)
        self._begin()
        for piece in split(whole):
            put(self._sink, self._transform.update(piece))
        self._failed = False
        return len(whole)

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Refuses: it is written to."""
        raise io.UnsupportedOperation("not readable")

    def flush(self) -> None:
        """Flushes the sink. A frame that has begun is held back until it is whole, or the stream is finished."""
        self._check_open()
        self._flush_sink()

    def _flush_sink(self) -> None:
        flush: Any = getattr(self._sink, "flush", None)
        if flush is not None:
            flush()

    def finish(self) -> None:
        """Ends the message, flushes the sink and closes this writer. The sink stays open.

        What wraps the writer must have given all that it holds: flush or detach an `io.TextIOWrapper` before. To finish again
        does nothing. After a failure there is nothing to finish, and a writer that was closed or aborted is given up:
        `StreamStateException`. If this fails, the message has no end.
        """
        if self._finished:
            return
        try:
            self._begin()
            put(self._sink, self._transform.finish())
            self._flush_sink()
            self._finished = True
        finally:
            self.abort()

    def close(self) -> None:
        """Closes it without an end, as `abort`: only `finish`, or leaving its own `with` statement, ends the message.

        Inside of a `with` statement over this writer, where a wrapper closes it, the end of the statement decides. Elsewhere,
        to close what was neither finished nor aborted is a `StreamStateException`, unless an exception is on its way. The
        sink stays open.
        """
        if self.closed:
            return
        if self._entered and not self._failed:
            self._closing = True
            return
        lost = not self._failed
        self.abort()
        if lost:
            given_up = f"{type(self).__name__} was closed and not finished: the message has no end"
            if sys.exc_info()[1] is self._handled:
                raise StreamStateException(
                    given_up + ". Call finish(), or use it in a 'with' statement of its own around what wraps it"
                )
            warnings.warn(given_up, ResourceWarning, source=self, stacklevel=2)

    def abort(self) -> None:
        """Closes it without an end: what the sink has got is no whole message."""
        if not super().closed:
            self._failed, self._closing = True, False
            # The base class flushes once more.
            self._sink = io.BytesIO()
            super().close()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuses: two of it would share one stream."""
        raise TypeError(f"cannot copy or pickle {type(self).__name__!r} object")

    def __enter__(self: W) -> W:
        self._check_open()
        self._entered += 1
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Finishes it; aborts it if an exception leaves the `with` statement."""
        self._entered -= 1
        if exception_type is not None:
            self.abort()
        elif self._entered:
            # An exception may still leave the statement around this one.
            self.close()
        elif not super().closed:
            self.finish()

    def __del__(self) -> None:
        # That of the base class closes, and says nothing.
        if not super().closed:
            lost = not self._failed
            self.abort()
            if lost:
                warnings.warn(f"{type(self).__name__} was never finished: its end is missing", ResourceWarning, source=self)


class EncryptWriter(_Writer[Encryptor]):
    """A file to which a plaintext is written, and which writes the message to another.

    Use it in a `with` statement, or call `finish`: the end of the message is written then. An exception that leaves the statement,
    `close` and the garbage collector end nothing, and what the sink has got is not a message.
    """

    @property
    def header(self) -> MessageHeader:
        """The message's header."""
        return self._transform.header


class DecryptWriter(_Writer[Decryptor]):
    """A file to which a message is written, and which writes its plaintext to another.

    Use it in a `with` statement, or call `finish`: a message that was cut off is an exception then. So use nothing of the
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

    Use it in a `with` statement, or call `finish`: a message that was cut off is an exception then. So use nothing of the new
    message before.
    """

    @property
    def header(self) -> MessageHeader | None:
        """The new message's header, as soon as the old one's was written."""
        return self._transform.header
