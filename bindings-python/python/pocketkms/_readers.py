"""Messages as file objects to read: encrypted, decrypted or re-encrypted as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic

from pocketkms._generated import MessageHeader, ReadableBuffer
from pocketkms._native import Decryptor, Encryptor, Reencryptor
from pocketkms._reading import BinaryFile
from pocketkms._streams import BinaryReader, T, dead, pieces

__all__ = ["DecryptReader", "EncryptReader", "ReencryptReader"]


class _Reader(BinaryFile, Generic[T]):
    """Reads what a stream makes of what a source gives."""

    # What the caller calls the source.
    _source_name = "source"

    def __init__(self, transform: T, source: BinaryReader | Iterable[ReadableBuffer]) -> None:
        super().__init__()
        self._pieces = pieces(source, self._source_name)
        self._transform: T = transform
        # What was made and not read: of these bytes, those from there on.
        self._made, self._start = b"", 0
        self._ended = self._failed = False

    def seekable(self) -> bool:
        """Whether it can be read from any place: never."""
        self._check_open()
        return False

    def _some(self, most: int) -> bytes:
        if self._failed:
            raise dead()
        # Until it is known better: an exception of any kind, from anywhere, leaves it like that.
        self._failed = True
        while self._start == len(self._made) and not self._ended:
            self._start = 0
            for piece in self._pieces:
                self._made = self._transform.update(piece)
                break
            else:
                self._made = self._transform.finish()
                self._ended = True
        self._failed = False
        made, start = self._made, self._start
        end = len(made) if most < 0 else min(start + most, len(made))
        self._start = end
        return made if end - start == len(made) else made[start:end]

    def _unread(self, count: int) -> None:
        self._start -= count

    def chunks(self) -> Iterator[bytes]:
        """What is left, in pieces of any length, as they come: for the body of an HTTP response, and for whatever is not made of
        lines. Memory does not grow with the message.
        """
        while piece := self.read1():
            yield piece

    def close(self) -> None:
        """Ends the reading. What was not read is not looked at any more; the source stays open."""
        self._made, self._start = b"", 0
        super().close()


class EncryptReader(_Reader[Encryptor]):
    """A plaintext, read as the message that it becomes: a binary file."""

    @property
    def header(self) -> MessageHeader:
        """The message's header."""
        return self._transform.header


class DecryptReader(_Reader[Decryptor]):
    """A message, read as its plaintext: a binary file.

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
    """A message, read as the new message that is made of it: a binary file.

    What is read is of use only after the end was reached: before, the old message may lack its end, or have a wrong signature.
    """

    _source_name = "message"

    @property
    def header(self) -> MessageHeader | None:
        """The new message's header, as soon as the old one's was read."""
        return self._transform.header
