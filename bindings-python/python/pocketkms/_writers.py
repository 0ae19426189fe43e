"""Messages as file objects to write to: encrypted, decrypted or encrypted anew as they are written."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from types import TracebackType
from typing import Generic

from pocketkms._generated import ReadableBuffer
from pocketkms._messages import MessageHeader
from pocketkms._native import Decryptor, Encryptor, Reencryptor
from pocketkms._streams import BinaryWriter, T, check_bytes, dead, split

__all__ = ["DecryptWriter", "EncryptWriter", "ReencryptWriter"]


class _Writer(io.RawIOBase, Generic[T]):
    """Writes what a stream makes of what is written to it."""

    # Of one that could not even be made.
    _failed = True

    def __init__(self, transform: T, sink: BinaryWriter) -> None:
        super().__init__()
        if not hasattr(sink, "write"):
            raise TypeError(f"'sink' must be a binary file, not {type(sink).__name__}")
        self._transform: T = transform
        self._sink = sink
        self._failed = False

    def writable(self) -> bool:
        """Whether it can be written to: always."""
        return True

    def _begin(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file.")
        if self._failed:
            raise dead()
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
        for piece in split(data):
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
