"""The client of envelope messages."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from typing import final

from pocketkms._generated import AlgorithmSuite, CommitmentPolicy, InvalidMessageException, ReadableBuffer
from pocketkms._messages import Decrypted, DecryptedFile, Encrypted, MessageHeader, MessageInfo, Rewrapped, SidecarInfo
from pocketkms._native import Client, Decryptor, Encryptor, Keyring, MaterialsManager
from pocketkms._streams import (
    BinaryReader,
    BinaryWriter,
    DecryptReader,
    DecryptWriter,
    EncryptReader,
    EncryptWriter,
)

__all__ = ["EncryptionClient"]


@final
class EncryptionClient:
    """Encrypts and decrypts messages of any size, in the message format of the AWS Encryption SDK.

    A message carries its data key in encrypted form, so that whoever may use one of the wrapping keys can decrypt it,
    with this package or with AWS's. A keyring says which wrapping keys.

    The client holds settings and no keys. It may be used from several threads.
    """

    __slots__ = ("_client",)

    def __init__(
        self,
        *,
        commitment_policy: CommitmentPolicy | None = None,
        max_encrypted_data_keys: int | None = None,
        max_frame_length: int | None = None,
        max_unframed_length: int | None = None,
    ) -> None:
        """Settings for all messages.

        Args:
            commitment_policy: Which suites may be used, as to key commitment; `REQUIRE_ENCRYPT_REQUIRE_DECRYPT` if none
                is given.
            max_encrypted_data_keys: The most encrypted data keys of a message; 100 if none is given.
            max_frame_length: The longest frames that are decrypted, in bytes of plaintext; 64 MiB if none is given. A
                frame is kept in memory until it is whole.
            max_unframed_length: The longest unframed message that is decrypted, in bytes of plaintext; 64 MiB if none is
                given. It is kept in memory whole.
        """
        self._client = Client((commitment_policy, max_encrypted_data_keys, max_frame_length, max_unframed_length))

    def encrypt(
        self,
        keyring: MaterialsManager,
        plaintext: ReadableBuffer,
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        algorithm_suite: AlgorithmSuite | None = None,
        frame_length: int | None = None,
    ) -> Encrypted:
        """Encrypts a message.

        Args:
            keyring: What supplies the data key and encrypts it.
            plaintext: What to encrypt.
            encryption_context: Non-secret pairs that are stored in the message and authenticated with it.
            required_encryption_context_keys: The names of pairs that are authenticated, but not stored: they must be
                given again to decrypt.
            algorithm_suite: The algorithm suite, as far as the commitment policy allows it.
            frame_length: The length of a frame in bytes of plaintext, at least 1; 64 KiB if none is given.
        """
        options = (encryption_context, required_encryption_context_keys, algorithm_suite, frame_length, None)
        encrypted: Encrypted = self._client.encrypt(keyring, plaintext, options)
        return encrypted

    def decrypt(
        self,
        keyring: MaterialsManager,
        message: ReadableBuffer,
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        sidecar: ReadableBuffer | None = None,
    ) -> Decrypted:
        """Decrypts a message. Nothing of the plaintext is seen before all of it is verified, the signature included.

        Args:
            keyring: What finds the data key.
            message: What to decrypt.
            encryption_context: Pairs given again. Those that the message stores must be equal; the others are
                authenticated with it.
            required_encryption_context_keys: The names of pairs that must be among them.
            sidecar: The message's sidecar, if it was rewrapped into one: its encrypted data keys are used in place of the
                message's.
        """
        options = (encryption_context, required_encryption_context_keys, sidecar, None)
        decrypted: Decrypted = self._client.decrypt(keyring, message, options)
        return decrypted

    def encrypt_file(
        self,
        keyring: MaterialsManager,
        source: str | PathLike[str],
        destination: str | PathLike[str],
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        algorithm_suite: AlgorithmSuite | None = None,
        frame_length: int | None = None,
        progress: Callable[[int, int], object] | None = None,
    ) -> MessageHeader:
        """Encrypts a file, and gives the message's header.

        The destination is whole or is not there: it is written under a temporary name beside it, brought to the disk, and
        renamed. What had its name is replaced then. Memory does not grow with the file. The source must not change meanwhile.

        Args:
            keyring: What supplies the data key and encrypts it.
            source: The file to encrypt.
            destination: Where the message goes, which is not the source.
            encryption_context: Non-secret pairs that are stored in the message and authenticated with it.
            required_encryption_context_keys: The names of pairs that are authenticated, but not stored: they must be
                given again to decrypt.
            algorithm_suite: The algorithm suite, as far as the commitment policy allows it.
            frame_length: The length of a frame in bytes of plaintext, at least 1; 64 KiB if none is given.
            progress: Is called after each piece with how many bytes of the source are done, and how many it has. What it
                raises ends the work and comes through as it is.
        """
        options = (encryption_context, required_encryption_context_keys, algorithm_suite, frame_length, None)
        header: MessageHeader = self._client.encrypt_file(keyring, source, destination, options, progress)
        return header

    def decrypt_file(
        self,
        keyring: MaterialsManager,
        source: str | PathLike[str],
        destination: str | PathLike[str],
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        sidecar: ReadableBuffer | None = None,
        progress: Callable[[int, int], object] | None = None,
    ) -> DecryptedFile:
        """Decrypts a file.

        The destination has its name only after the whole message was verified, its end and its signature included; before,
        and on Unix afterwards, its owner alone may read it. Otherwise as `encrypt_file`.

        Args:
            keyring: What finds the data key.
            source: The file with the message.
            destination: Where the plaintext goes, which is not the source.
            encryption_context: Pairs given again. Those that the message stores must be equal; the others are
                authenticated with it.
            required_encryption_context_keys: The names of pairs that must be among them.
            sidecar: The message's sidecar; if none is given, the file beside it with `.pocketkms-sidecar` after its name, if
                there is one.
            progress: Is called after each piece with how many bytes of the source are done, and how many it has. What it
                raises ends the work and comes through as it is.
        """
        options = (encryption_context, required_encryption_context_keys, sidecar, None)
        decrypted: DecryptedFile = self._client.decrypt_file(keyring, source, destination, options, progress)
        return decrypted

    def inspect(self, message: ReadableBuffer | BinaryReader) -> MessageInfo:
        """Tells which keys and key materials a message uses, without decrypting it.

        This client's limits hold, its commitment policy does not: nothing is decrypted.

        Args:
            message: The message, or a binary file. Of a file, the front is read: 1 KiB, or as much as the header needs.
        """
        return self._front(message)[1]

    def _front(self, message: ReadableBuffer | BinaryReader) -> tuple[bytes, MessageInfo]:
        """The first bytes of a message, its whole header at least, and what they say."""
        source = io.BytesIO(message) if isinstance(message, (bytes, bytearray, memoryview)) else message
        if not hasattr(source, "read"):
            raise TypeError(
                f"'message' must be bytes, bytearray, memoryview or a binary file, not {type(message).__name__}"
            )
        front, needed = b"", 1024
        while True:
            piece = source.read(needed - len(front))
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

    def encryptor(
        self,
        keyring: MaterialsManager,
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        algorithm_suite: AlgorithmSuite | None = None,
        frame_length: int | None = None,
        plaintext_length: int | None = None,
    ) -> Encryptor:
        """Starts a message that is encrypted piece by piece.

        Args:
            keyring: What supplies the data key and encrypts it.
            encryption_context: Non-secret pairs that are stored in the message and authenticated with it.
            required_encryption_context_keys: The names of pairs that are authenticated, but not stored: they must be
                given again to decrypt.
            algorithm_suite: The algorithm suite, as far as the commitment policy allows it.
            frame_length: The length of a frame in bytes of plaintext, at least 1; 64 KiB if none is given.
            plaintext_length: How long the plaintext will be: another length is an error then, and a cache of data keys
                counts it.
        """
        return self._client.encryptor(
            keyring,
            (encryption_context, required_encryption_context_keys, algorithm_suite, frame_length, plaintext_length),
        )

    def decryptor(
        self,
        keyring: MaterialsManager,
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        sidecar: ReadableBuffer | None = None,
        unsigned_only: bool = False,
    ) -> Decryptor:
        """Starts to decrypt a message piece by piece.

        Args:
            keyring: What finds the data key.
            encryption_context: Pairs given again. Those that the message stores must be equal; the others are
                authenticated with it.
            required_encryption_context_keys: The names of pairs that must be among them.
            sidecar: The message's sidecar, if it was rewrapped into one: its encrypted data keys are used in place of the
                message's.
            unsigned_only: Refuses signed messages, whose plaintext comes out before the signature at their end was
                verified.
        """
        options = (encryption_context, required_encryption_context_keys, sidecar, unsigned_only)
        return self._client.decryptor(keyring, options)

    def encrypt_stream(
        self,
        keyring: MaterialsManager,
        source: BinaryReader | Iterable[ReadableBuffer],
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        algorithm_suite: AlgorithmSuite | None = None,
        frame_length: int | None = None,
        plaintext_length: int | None = None,
    ) -> EncryptReader:
        """Encrypts what a file or an iterable gives, as it is read.

        Memory does not grow with the message. What the source raises comes through as it is.

        Args:
            keyring: What supplies the data key and encrypts it.
            source: A binary file, or an iterable of bytes.
            encryption_context: Non-secret pairs that are stored in the message and authenticated with it.
            required_encryption_context_keys: The names of pairs that are authenticated, but not stored: they must be
                given again to decrypt.
            algorithm_suite: The algorithm suite, as far as the commitment policy allows it.
            frame_length: The length of a frame in bytes of plaintext, at least 1; 64 KiB if none is given.
            plaintext_length: How long the plaintext will be: another length is an error then, and a cache of data keys
                counts it.
        """
        encryptor = self._client.encryptor(
            keyring,
            (encryption_context, required_encryption_context_keys, algorithm_suite, frame_length, plaintext_length),
        )
        return EncryptReader(encryptor, source)

    def decrypt_stream(
        self,
        keyring: MaterialsManager,
        source: BinaryReader | Iterable[ReadableBuffer],
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        sidecar: ReadableBuffer | None = None,
        unsigned_only: bool = False,
    ) -> DecryptReader:
        """Decrypts what a file or an iterable gives, as it is read.

        Memory does not grow with the message. What the source raises comes through as it is.

        Args:
            keyring: What finds the data key.
            source: A binary file, or an iterable of bytes.
            encryption_context: Pairs given again. Those that the message stores must be equal; the others are
                authenticated with it.
            required_encryption_context_keys: The names of pairs that must be among them.
            sidecar: The message's sidecar, if it was rewrapped into one: its encrypted data keys are used in place of the
                message's.
            unsigned_only: Refuses signed messages, whose plaintext comes out before the signature at their end was
                verified.
        """
        options = (encryption_context, required_encryption_context_keys, sidecar, unsigned_only)
        return DecryptReader(self._client.decryptor(keyring, options), source)

    def encrypt_writer(
        self,
        keyring: MaterialsManager,
        sink: BinaryWriter,
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        algorithm_suite: AlgorithmSuite | None = None,
        frame_length: int | None = None,
        plaintext_length: int | None = None,
    ) -> EncryptWriter:
        """Encrypts what is written to it, and writes the message to a file.

        Memory does not grow with the message. What the sink raises comes through as it is.

        Args:
            keyring: What supplies the data key and encrypts it.
            sink: A binary file. It is not closed.
            encryption_context: Non-secret pairs that are stored in the message and authenticated with it.
            required_encryption_context_keys: The names of pairs that are authenticated, but not stored: they must be
                given again to decrypt.
            algorithm_suite: The algorithm suite, as far as the commitment policy allows it.
            frame_length: The length of a frame in bytes of plaintext, at least 1; 64 KiB if none is given.
            plaintext_length: How long the plaintext will be: another length is an error then, and a cache of data keys
                counts it.
        """
        encryptor = self._client.encryptor(
            keyring,
            (encryption_context, required_encryption_context_keys, algorithm_suite, frame_length, plaintext_length),
        )
        return EncryptWriter(encryptor, sink)

    def decrypt_writer(
        self,
        keyring: MaterialsManager,
        sink: BinaryWriter,
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        sidecar: ReadableBuffer | None = None,
        unsigned_only: bool = False,
    ) -> DecryptWriter:
        """Decrypts what is written to it, and writes the plaintext to a file.

        Memory does not grow with the message. What the sink raises comes through as it is.

        Args:
            keyring: What finds the data key.
            sink: A binary file. It is not closed.
            encryption_context: Pairs given again. Those that the message stores must be equal; the others are
                authenticated with it.
            required_encryption_context_keys: The names of pairs that must be among them.
            sidecar: The message's sidecar, if it was rewrapped into one: its encrypted data keys are used in place of the
                message's.
            unsigned_only: Refuses signed messages, whose plaintext comes out before the signature at their end was
                verified.
        """
        options = (encryption_context, required_encryption_context_keys, sidecar, unsigned_only)
        return DecryptWriter(self._client.decryptor(keyring, options), sink)
