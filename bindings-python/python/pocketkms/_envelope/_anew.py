"""Messages encrypted anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pocketkms._envelope._settings import Settings
from pocketkms._generated import AlgorithmSuite, ReadableBuffer
from pocketkms._messages import Encrypted
from pocketkms._native import MaterialsManager, Reencryptor
from pocketkms._readers import ReencryptReader
from pocketkms._streams import BinaryReader, BinaryWriter
from pocketkms._writers import ReencryptWriter


class Anew(Settings):
    """Messages encrypted anew, for where rewrapping does not do: under a new data key, in another suite, with other frames."""

    __slots__ = ()

    def reencrypt(
        self,
        source: MaterialsManager,
        destination: MaterialsManager,
        message: ReadableBuffer,
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        sidecar: ReadableBuffer | None = None,
        algorithm_suite: AlgorithmSuite | None = None,
        frame_length: int | None = None,
    ) -> Encrypted:
        """Encrypts a message anew, under a new data key.

        Who once found the old data key, or kept the old header, finds nothing of the new message with it. The encryption
        context stays as it is. Nothing of the new message is seen before all of the old one is verified.

        Args:
            source: What finds the old data key.
            destination: What supplies the new data key and encrypts it.
            message: The old message.
            encryption_context: Pairs given again. Those that the message stores must be equal; the others are authenticated
                with it, and are not stored in the new one either.
            required_encryption_context_keys: The names of pairs that must be among them.
            sidecar: The old message's sidecar, if it was rewrapped into one. The new message has none.
            algorithm_suite: The algorithm suite of the new message, as far as the commitment policy allows it.
            frame_length: The length of its frames in bytes of plaintext, from 1 to the client\'s `max_frame_length`; 64 KiB if
                none is given.
        """
        options = (encryption_context, required_encryption_context_keys, sidecar, algorithm_suite, frame_length)
        encrypted: Encrypted = self._client.reencrypt(source, destination, message, options)
        return encrypted

    def reencryptor(
        self,
        source: MaterialsManager,
        destination: MaterialsManager,
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        sidecar: ReadableBuffer | None = None,
        algorithm_suite: AlgorithmSuite | None = None,
        frame_length: int | None = None,
    ) -> Reencryptor:
        """Starts to encrypt a message anew piece by piece.

        Args:
            source: What finds the old data key.
            destination: What supplies the new data key and encrypts it.
            encryption_context: Pairs given again. Those that the message stores must be equal; the others are authenticated
                with it, and are not stored in the new one either.
            required_encryption_context_keys: The names of pairs that must be among them.
            sidecar: The old message's sidecar, if it was rewrapped into one. The new message has none.
            algorithm_suite: The algorithm suite of the new message, as far as the commitment policy allows it.
            frame_length: The length of its frames in bytes of plaintext, from 1 to the client\'s `max_frame_length`; 64 KiB if
                none is given.
        """
        options = (encryption_context, required_encryption_context_keys, sidecar, algorithm_suite, frame_length)
        return self._client.reencryptor(source, destination, options)

    def reencrypt_stream(
        self,
        source: MaterialsManager,
        destination: MaterialsManager,
        message: BinaryReader | Iterable[ReadableBuffer],
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        sidecar: ReadableBuffer | None = None,
        algorithm_suite: AlgorithmSuite | None = None,
        frame_length: int | None = None,
    ) -> ReencryptReader:
        """Encrypts a message that a file or an iterable gives anew, as it is read.

        Memory does not grow with the message. What the file or the iterable raises comes through as it is.

        Args:
            source: What finds the old data key.
            destination: What supplies the new data key and encrypts it.
            message: The old message: a binary file, or an iterable of bytes.
            encryption_context: Pairs given again. Those that the message stores must be equal; the others are authenticated
                with it, and are not stored in the new one either.
            required_encryption_context_keys: The names of pairs that must be among them.
            sidecar: The old message's sidecar, if it was rewrapped into one. The new message has none.
            algorithm_suite: The algorithm suite of the new message, as far as the commitment policy allows it.
            frame_length: The length of its frames in bytes of plaintext, from 1 to the client\'s `max_frame_length`; 64 KiB if
                none is given.
        """
        options = (encryption_context, required_encryption_context_keys, sidecar, algorithm_suite, frame_length)
        return ReencryptReader(self._client.reencryptor(source, destination, options), message)

    def reencrypt_writer(
        self,
        source: MaterialsManager,
        destination: MaterialsManager,
        sink: BinaryWriter,
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        sidecar: ReadableBuffer | None = None,
        algorithm_suite: AlgorithmSuite | None = None,
        frame_length: int | None = None,
    ) -> ReencryptWriter:
        """Encrypts the message that is written to it anew, and writes the new one to a file.

        Memory does not grow with the message. What the sink raises comes through as it is.

        Args:
            source: What finds the old data key.
            destination: What supplies the new data key and encrypts it.
            sink: A binary file. It is not closed.
            encryption_context: Pairs given again. Those that the message stores must be equal; the others are authenticated
                with it, and are not stored in the new one either.
            required_encryption_context_keys: The names of pairs that must be among them.
            sidecar: The old message's sidecar, if it was rewrapped into one. The new message has none.
            algorithm_suite: The algorithm suite of the new message, as far as the commitment policy allows it.
            frame_length: The length of its frames in bytes of plaintext, from 1 to the client\'s `max_frame_length`; 64 KiB if
                none is given.
        """
        options = (encryption_context, required_encryption_context_keys, sidecar, algorithm_suite, frame_length)
        return ReencryptWriter(self._client.reencryptor(source, destination, options), sink)
