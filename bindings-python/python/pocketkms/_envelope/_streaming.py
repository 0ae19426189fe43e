"""Messages of which a piece at a time is in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pocketkms._envelope._settings import Settings
from pocketkms._generated import AlgorithmSuite, ReadableBuffer
from pocketkms._native import Decryptor, Encryptor, MaterialsManager
from pocketkms._readers import DecryptReader, EncryptReader
from pocketkms._streams import BinaryReader, BinaryWriter
from pocketkms._writers import DecryptWriter, EncryptWriter


class Streams(Settings):
    """Messages as streams."""

    __slots__ = ()

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
            frame_length: The length of a frame in bytes of plaintext, from 1 to the client\'s `max_frame_length`; 64 KiB if
                none is given.
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
            frame_length: The length of a frame in bytes of plaintext, from 1 to the client\'s `max_frame_length`; 64 KiB if
                none is given.
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
            frame_length: The length of a frame in bytes of plaintext, from 1 to the client\'s `max_frame_length`; 64 KiB if
                none is given.
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
