"""Messages of which a piece at a time is in memory."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import TYPE_CHECKING, overload

from pocketkms._async_readers import AsyncDecryptReader, AsyncEncryptReader
from pocketkms._envelope._settings import Settings
from pocketkms._generated import DecryptStreamOptions, EncryptStreamOptions, ReadableBuffer
from pocketkms._native import Decryptor, Encryptor, MaterialsManager
from pocketkms._readers import DecryptReader, EncryptReader
from pocketkms._streams import BinaryReader, BinaryWriter
from pocketkms._writers import DecryptWriter, EncryptWriter

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Streams(Settings):
    """Messages as streams."""

    __slots__ = ()

    def encryptor(
        self,
        keyring: MaterialsManager,
        **options: Unpack[EncryptStreamOptions],
    ) -> Encryptor:
        """Starts a message that is encrypted piece by piece.

        Args:
            keyring: What supplies the data key and encrypts it.
            options: How the message is encrypted, each by its name: see `EncryptStreamOptions`.
        """
        return self._client.encryptor(keyring, options)

    def decryptor(
        self,
        keyring: MaterialsManager,
        **options: Unpack[DecryptStreamOptions],
    ) -> Decryptor:
        """Starts to decrypt a message piece by piece.

        Args:
            keyring: What finds the data key.
            options: What is asked of the message, each by its name: see `DecryptStreamOptions`.
        """
        return self._client.decryptor(keyring, options)

    @overload
    def encrypt_stream(
        self,
        keyring: MaterialsManager,
        source: BinaryReader | Iterable[ReadableBuffer],
        **options: Unpack[EncryptStreamOptions],
    ) -> EncryptReader: ...

    @overload
    def encrypt_stream(
        self,
        keyring: MaterialsManager,
        source: AsyncIterable[ReadableBuffer],
        **options: Unpack[EncryptStreamOptions],
    ) -> AsyncEncryptReader: ...

    def encrypt_stream(
        self,
        keyring: MaterialsManager,
        source: BinaryReader | Iterable[ReadableBuffer] | AsyncIterable[ReadableBuffer],
        **options: Unpack[EncryptStreamOptions],
    ) -> EncryptReader | AsyncEncryptReader:
        """Encrypts what a file or an iterable gives, as it is read.

        Of an asynchronous iterable, the message is one, too: `async for piece in client.encrypt_stream(...)`. The keyring is asked
        on the event loop's thread: where it waits for a network, use `asyncio.to_thread` and a file.

        Memory does not grow with the message. What the source raises comes through as it is.

        Args:
            keyring: What supplies the data key and encrypts it.
            source: A binary file, or an iterable of bytes, which may be asynchronous.
            options: How the message is encrypted, each by its name: see `EncryptStreamOptions`.
        """
        encryptor = self._client.encryptor(keyring, options)
        if isinstance(source, AsyncIterable):
            return AsyncEncryptReader(encryptor, source)
        return EncryptReader(encryptor, source)

    @overload
    def decrypt_stream(
        self,
        keyring: MaterialsManager,
        source: BinaryReader | Iterable[ReadableBuffer],
        **options: Unpack[DecryptStreamOptions],
    ) -> DecryptReader: ...

    @overload
    def decrypt_stream(
        self,
        keyring: MaterialsManager,
        source: AsyncIterable[ReadableBuffer],
        **options: Unpack[DecryptStreamOptions],
    ) -> AsyncDecryptReader: ...

    def decrypt_stream(
        self,
        keyring: MaterialsManager,
        source: BinaryReader | Iterable[ReadableBuffer] | AsyncIterable[ReadableBuffer],
        **options: Unpack[DecryptStreamOptions],
    ) -> DecryptReader | AsyncDecryptReader:
        """Decrypts what a file or an iterable gives, as it is read.

        Of an asynchronous iterable, the plaintext is one, too: see `encrypt_stream`.

        Memory does not grow with the message. What the source raises comes through as it is.

        Args:
            keyring: What finds the data key.
            source: A binary file, or an iterable of bytes, which may be asynchronous.
            options: What is asked of the message, each by its name: see `DecryptStreamOptions`.
        """
        decryptor = self._client.decryptor(keyring, options)
        if isinstance(source, AsyncIterable):
            return AsyncDecryptReader(decryptor, source)
        return DecryptReader(decryptor, source)

    def encrypt_writer(
        self,
        keyring: MaterialsManager,
        sink: BinaryWriter,
        **options: Unpack[EncryptStreamOptions],
    ) -> EncryptWriter:
        """Encrypts what is written to it, and writes the message to a file.

        Memory does not grow with the message. What the sink raises comes through as it is.

        Args:
            keyring: What supplies the data key and encrypts it.
            sink: A binary file. It is not closed.
            options: How the message is encrypted, each by its name: see `EncryptStreamOptions`.
        """
        encryptor = self._client.encryptor(keyring, options)
        return EncryptWriter(encryptor, sink)

    def decrypt_writer(
        self,
        keyring: MaterialsManager,
        sink: BinaryWriter,
        **options: Unpack[DecryptStreamOptions],
    ) -> DecryptWriter:
        """Decrypts what is written to it, and writes the plaintext to a file.

        Memory does not grow with the message. What the sink raises comes through as it is.

        Args:
            keyring: What finds the data key.
            sink: A binary file. It is not closed.
            options: What is asked of the message, each by its name: see `DecryptStreamOptions`.
        """
        return DecryptWriter(self._client.decryptor(keyring, options), sink)
