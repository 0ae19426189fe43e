"""Messages that are stored already."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from pocketkms._envelope._settings import Settings
from pocketkms._generated import InvalidMessageException, ReadableBuffer
from pocketkms._messages import MessageInfo, Rewrapped, SidecarInfo
from pocketkms._native import Keyring, MaterialsManager
from pocketkms._ranges import Front, RangeReader, RangeSource, SeekableReader, range_source
from pocketkms._streams import BinaryReader, taken


class StoredMessages(Settings):
    """What messages say of themselves, other keys for them, parts of them."""

    __slots__ = ()

    def inspect(self, message: ReadableBuffer | BinaryReader) -> MessageInfo:
        """Tells which keys and key materials a message uses, without decrypting it.

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
        """Tells which keys and key materials a sidecar uses, without decrypting it.

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
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        sidecar: ReadableBuffer | None = None,
        sidecar_only: bool = False,
    ) -> Rewrapped:
        """Moves a stored message to other keys, or to the newest material of its key, without its body.

        The data key is decrypted, verified against the header, and encrypted anew. For an unsigned message of version 1 that
        makes a new header, for any other a sidecar; the body is neither read nor changed. This takes no access away: who
        kept the old header, or the old sidecar, and may use the old key still finds the data key.

        Args:
            source: What finds the data key.
            destination: What encrypts it anew. With the source's keyring it is encrypted under its keys' newest material.
            message: The message, or its header, or a binary file. Of a file, the front is read.
            encryption_context: Pairs given again: all that the message does not store are needed.
            required_encryption_context_keys: The names of pairs that must be among them.
            sidecar: The message's sidecar, if it has one. Then the result is a new sidecar.
            sidecar_only: Makes a sidecar even where the header could be written anew.
        """
        front, _ = self._front(message)
        options = (encryption_context, required_encryption_context_keys, sidecar, sidecar_only)
        rewrapped: Rewrapped = self._client.rewrap(source, destination, front, options)
        return rewrapped

    def needs_rewrap(
        self,
        destination: Keyring,
        message: ReadableBuffer | BinaryReader,
        *,
        sidecar: ReadableBuffer | None = None,
    ) -> bool:
        """Tells whether rewrapping with this destination would change which keys and materials a message uses.

        Nothing is decrypted. A keyring that cannot tell, as one of your own code, says that it would.

        Args:
            destination: What would encrypt the data key anew.
            message: The message, or its header, or a binary file. Of a file, the front is read.
            sidecar: The message's sidecar, if it has one.
        """
        front, _ = self._front(message)
        return self._client.needs_rewrap(destination, front, sidecar)

    def range_reader(
        self,
        keyring: MaterialsManager,
        message: ReadableBuffer | SeekableReader | RangeSource,
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        sidecar: ReadableBuffer | None = None,
        accept_unverified_signature: bool = False,
    ) -> RangeReader:
        """Reads the plaintext of a message from any place on, without what comes before it.

        The header is read and verified now, and of the body what a read asks for. The message must be framed.

        Args:
            keyring: What finds the data key.
            message: The message, as a binary file that can seek, or as an object with the message's `size` and a method
                `read_range(start, end)`. It begins with its first byte, wherever the file stands, and must not change.
            encryption_context: Pairs given again. Those that the message stores must be equal; the others are
                authenticated with it.
            required_encryption_context_keys: The names of pairs that must be among them.
            sidecar: The message's sidecar, if it was rewrapped into one: its encrypted data keys are used in place of the
                message's.
            accept_unverified_signature: Reads signed messages, too. Their signature covers the whole message and is **not**
                verified here: each frame is what someone encrypted who may decrypt the message, and not only its sender.
        """
        source = range_source(message)
        front, _ = self._front(Front(source))
        options = (encryption_context, required_encryption_context_keys, sidecar, accept_unverified_signature)
        return RangeReader(self._client.ranges(keyring, front, source.size, options), source)
