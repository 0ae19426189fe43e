"""Messages as file objects to read: encrypted, decrypted or encrypted anew as they are read."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic

from pocketkms._generated import ReadableBuffer
from pocketkms._messages import MessageHeader
from pocketkms._native import Decryptor, Encryptor, Reencryptor
from pocketkms._streams import BinaryReader, T, dead, pieces

__all__ = ["DecryptReader", "EncryptReader", "ReencryptReader"]


class _Reader(io.RawIOBase, Generic[T]):
    """Reads what a stream makes of what a source gives."""

    # What the caller calls the source.
    _source_name = "source"

    def __init__(self, transform: T, source: BinaryReader | Iterable[ReadableBuffer]) -> None:
        super().__init__()
        self._pieces = pieces(source, self._source_name)
        self._transform: T = transform
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
            raise dead()
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
