"""Messages out of asynchronous sources: encrypted, decrypted or re-encrypted as they come."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterator, Mapping
from typing import Generic

from pocketkms._generated import MessageHeader, ReadableBuffer
from pocketkms._native import Decryptor, Encryptor, Reencryptor
from pocketkms._streams import T, dead, split, taken

__all__ = ["AsyncDecryptReader", "AsyncEncryptReader", "AsyncReencryptReader"]


class _AsyncReader(Generic[T]):
    """What a stream makes of what an asynchronous source gives, in pieces of any length."""

    # What the caller calls the source.
    _source_name = "source"

    def __init__(self, transform: T, source: AsyncIterable[ReadableBuffer]) -> None:
        self._source = aiter(source)
        # What the source gave and is not worked on yet.
        self._pieces: Iterator[bytes] = iter(())
        self._transform: T = transform
        self._ended = self._failed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._failed:
            raise dead()
        # Until it is known better: an exception of any kind, cancellation included, leaves it like that.
        self._failed = True
        made = b""
        while not made and not self._ended:
            for piece in self._pieces:
                made = self._transform.update(piece)
                break
            else:
                await self._fetch()
                if self._ended:
                    made = self._transform.finish()
        self._failed = False
        if not made:
            raise StopAsyncIteration
        return made

    async def _fetch(self) -> None:
        try:
            data = await anext(self._source)
        except StopAsyncIteration:
            self._ended = True
        else:
            self._pieces = split(taken(f"a piece of '{self._source_name}'", data))

    async def read(self) -> bytes:
        """All that is left."""
        return b"".join([piece async for piece in self])


class AsyncEncryptReader(_AsyncReader[Encryptor]):
    """A plaintext that comes asynchronously, as the message that it becomes."""

    @property
    def header(self) -> MessageHeader:
        """The message's header."""
        return self._transform.header


class AsyncDecryptReader(_AsyncReader[Decryptor]):
    """A message that comes asynchronously, as its plaintext.

    What comes was verified, frame by frame, but the message's end may be missing: one that was cut off or altered is an exception
    when the reading comes to it. So use nothing for good before the end was reached.
    """

    @property
    def header(self) -> MessageHeader | None:
        """The message's header, as soon as a piece has come."""
        return self._transform.header

    @property
    def encryption_context(self) -> Mapping[str, str] | None:
        """The encryption context, verified, as soon as a piece has come: the pairs that the message stores, and those that were
        given again."""
        return self._transform.encryption_context


class AsyncReencryptReader(_AsyncReader[Reencryptor]):
    """A message that comes asynchronously, as the new message that is made of it.

    What comes is of use only after the end was reached: before, the old message may lack its end, or have a wrong signature.
    """

    _source_name = "message"

    @property
    def header(self) -> MessageHeader | None:
        """The new message's header, as soon as the old one's has come."""
        return self._transform.header
