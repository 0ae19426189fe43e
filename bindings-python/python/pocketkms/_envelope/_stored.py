"""Messages that are stored already."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pocketkms._envelope._settings import Settings
from pocketkms._generated import (
    InvalidMessageException,
    MessageInfo,
    RangeReaderOptions,
    ReadableBuffer,
    RewrapOptions,
    SidecarInfo,
)
from pocketkms._messages import Rewrapped
from pocketkms._native import Keyring, MaterialsManager
from pocketkms._ranges import Front, RangeReader, RangeSource, SeekableReader, range_source
from pocketkms._streams import BinaryReader, taken

if TYPE_CHECKING:
    from typing_extensions import Unpack


class StoredMessages(Settings):
    """What messages say of themselves, other keys for them, parts of them."""

    __slots__ = ()

    def inspect(self, message: ReadableBuffer | BinaryReader) -> MessageInfo:
        """Returns which keys and key materials a message uses, without decrypting it.

        This client's limits hold, its commitment policy does not: nothing is decrypted.

        Args:
            message: The message, or a binary file. Of a file, the front is read: 1 KiB, or as much as the header needs.
        """
        return self._front(message)[1]

    def _front(self, message: ReadableBuffer | BinaryReader) -> tuple[bytes, MessageInfo]:
        """The first bytes of a message, its whole header at least, and what they say."""
        is_whole = isinstance(message, (bytes, bytearray, memoryview))
        source = io.BytesIO(taken("'message'", message)) if is_whole else message
        if not hasattr(source, "read"):
            raise TypeError(
                f"'message' must be bytes, bytearray, memoryview or a binary file, not {type(message).__name__}"
            )
        front, needed = b"", 1024
        while True:
            piece = taken("what the file reads", source.read(needed - len(front)))
            front += piece
            info: MessageInfo | int = self._client.inspect(front)
            if isinstance(info, MessageInfo):
                return front, info
            if not piece:
                explanation = f"the message is truncated: its header does not end by byte {len(front)}"
                raise InvalidMessageException("", explanation)
            needed = max(info, needed)

    def inspect_sidecar(self, sidecar: ReadableBuffer) -> SidecarInfo:
        """Returns which keys and key materials a sidecar uses, without decrypting it.

        Args:
            sidecar: The whole sidecar.
        """
        info: SidecarInfo = self._client.inspect_sidecar(sidecar)
        return info

    def rewrap(
        self,
        source: MaterialsManager,
        destination: Keyring,
        message: ReadableBuffer | BinaryReader,
        **options: Unpack[RewrapOptions],
    ) -> Rewrapped:
        """Moves a stored message to other keys, or to the newest material of its key, without its body.

        The data key is decrypted, verified against the header, and re-encrypted. For an unsigned message of version 1 that
        makes a new header, for any other a sidecar; the body is neither read nor changed. This takes no access away: who
        kept the old header, or the old sidecar, and may use the old key still finds the data key.

        Args:
            source: What finds the data key.
            destination: What re-encrypts it. With the source's keyring it is encrypted under its keys' newest material.
            message: The message, or its header, or a binary file. Of a file, the front is read.
            options: What is asked of the message, and what becomes of it, each by its name: see `RewrapOptions`.
        """
        front, _ = self._front(message)
        rewrapped: Rewrapped = self._client.rewrap(source, destination, front, options)
        return rewrapped

    def needs_rewrap(
        self,
        destination: Keyring,
        message: ReadableBuffer | BinaryReader,
        *,
        sidecar: ReadableBuffer | None = None,
    ) -> bool:
        """Returns whether rewrapping with this destination would change which keys and materials a message uses.

        Nothing is decrypted. For a keyring that does not know, as one of your own code, the answer is true.

        Args:
            destination: What would re-encrypt the data key.
            message: The message, or its header, or a binary file. Of a file, the front is read.
            sidecar: The message's sidecar, if it has one.
        """
        front, _ = self._front(message)
        return self._client.needs_rewrap(destination, front, sidecar)

    def range_reader(
        self,
        keyring: MaterialsManager,
        message: ReadableBuffer | SeekableReader | RangeSource,
        **options: Unpack[RangeReaderOptions],
    ) -> RangeReader:
        """Reads the plaintext of a message from any place on, without what comes before it.

        The header is read and verified now, and of the body what a read asks for. The message must be framed.

        Args:
            keyring: What finds the data key.
            message: The message, as a binary file that can seek, or as an object with the message's `size` and a method
                `read_range(start, end)`. It begins with its first byte, wherever the file stands, and must not change.
            options: What is asked of the message, each by its name: see `RangeReaderOptions`.
        """
        source = range_source(message)
        front, _ = self._front(Front(source))
        return RangeReader(self._client.ranges(keyring, front, source.size, options), source)
