"""Messages re-encrypted."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import TYPE_CHECKING, overload

from pocketkms._async_readers import AsyncReencryptReader
from pocketkms._envelope._settings import Settings
from pocketkms._generated import Encrypted, ReadableBuffer, ReencryptOptions
from pocketkms._native import MaterialsManager, Reencryptor
from pocketkms._readers import ReencryptReader
from pocketkms._streams import BinaryReader, BinaryWriter
from pocketkms._writers import ReencryptWriter

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Reencryption(Settings):
    """Re-encrypting messages, for where rewrapping does not do: under a new data key, in another suite, with other frames."""

    __slots__ = ()

    def reencrypt(
        self,
        source: MaterialsManager,
        destination: MaterialsManager,
        message: ReadableBuffer,
        **options: Unpack[ReencryptOptions],
    ) -> Encrypted:
        """Re-encrypts a message under a new data key.

        Anyone who once found the old data key, or kept the old header, finds nothing of the new message with it. The encryption
        context stays as it is. Nothing of the new message is seen before all of the old one is verified.

        Args:
            source: What finds the old data key.
            destination: What supplies the new data key and encrypts it.
            message: The old message.
            options: What is asked of the old message, and how the new one is encrypted, each by its name: see `ReencryptOptions`.
        """
        encrypted: Encrypted = self._client.reencrypt(source, destination, message, options)
        return encrypted

    def reencryptor(
        self,
        source: MaterialsManager,
        destination: MaterialsManager,
        **options: Unpack[ReencryptOptions],
    ) -> Reencryptor:
        """Starts to re-encrypt a message piece by piece.

        Args:
            source: What finds the old data key.
            destination: What supplies the new data key and encrypts it.
            options: What is asked of the old message, and how the new one is encrypted, each by its name: see `ReencryptOptions`.
        """
        return self._client.reencryptor(source, destination, options)

    @overload
    def reencrypt_stream(
        self,
        source: MaterialsManager,
        destination: MaterialsManager,
        message: BinaryReader | Iterable[ReadableBuffer],
        **options: Unpack[ReencryptOptions],
    ) -> ReencryptReader: ...

    @overload
    def reencrypt_stream(
        self,
        source: MaterialsManager,
        destination: MaterialsManager,
        message: AsyncIterable[ReadableBuffer],
        **options: Unpack[ReencryptOptions],
    ) -> AsyncReencryptReader: ...

    def reencrypt_stream(
        self,
        source: MaterialsManager,
        destination: MaterialsManager,
        message: BinaryReader | Iterable[ReadableBuffer] | AsyncIterable[ReadableBuffer],
        **options: Unpack[ReencryptOptions],
    ) -> ReencryptReader | AsyncReencryptReader:
        """Re-encrypts a message that a file or an iterable gives, as it is read.

        Of an asynchronous iterable, the new message is one, too: see `encrypt_stream`. Memory does not grow with the message. What
        the file or the iterable raises comes through as it is.

        Args:
            source: What finds the old data key.
            destination: What supplies the new data key and encrypts it.
            message: The old message: a binary file, or an iterable of bytes, which may be asynchronous.
            options: What is asked of the old message, and how the new one is encrypted, each by its name: see `ReencryptOptions`.
        """
        reencryptor = self._client.reencryptor(source, destination, options)
        if isinstance(message, AsyncIterable):
            return AsyncReencryptReader(reencryptor, message)
        return ReencryptReader(reencryptor, message)

    def reencrypt_writer(
        self,
        source: MaterialsManager,
        destination: MaterialsManager,
        sink: BinaryWriter,
        **options: Unpack[ReencryptOptions],
    ) -> ReencryptWriter:
        """Re-encrypts the message that is written to it, and writes the new one to a file.

        Memory does not grow with the message. What the sink raises comes through as it is.

        Args:
            source: What finds the old data key.
            destination: What supplies the new data key and encrypts it.
            sink: A binary file. It is not closed.
            options: What is asked of the old message, and how the new one is encrypted, each by its name: see `ReencryptOptions`.
        """
        return ReencryptWriter(self._client.reencryptor(source, destination, options), sink)
