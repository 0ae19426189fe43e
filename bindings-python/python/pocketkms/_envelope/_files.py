"""Messages in files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike

from pocketkms._envelope._settings import Settings
from pocketkms._generated import AlgorithmSuite, ReadableBuffer
from pocketkms._messages import DecryptedFile, MessageHeader
from pocketkms._native import MaterialsManager


class Files(Settings):
    """Messages in files, by their paths."""

    __slots__ = ()

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
        renamed. What had its name is replaced then, and the sidecar beside that removed. Memory does not grow with the file. The
        source must not change meanwhile: a `ConflictException`.

        Only regular files are read and replaced: an `OSError` says what was found in place of one. A source may be a symbolic link
        to one; a destination may not. A file that is replaced keeps its permissions, owner and extended attributes. A name that
        leaves no place for a sidecar's (18 bytes more), or is one, is a `ValidationException`. All is found out before anything is
        written.

        Args:
            keyring: What supplies the data key and encrypts it.
            source: The file to encrypt.
            destination: Where the message goes, which is not the source.
            encryption_context: Non-secret pairs that are stored in the message and authenticated with it.
            required_encryption_context_keys: The names of pairs that are authenticated, but not stored: they must be
                given again to decrypt.
            algorithm_suite: The algorithm suite, as far as the commitment policy allows it.
            frame_length: The length of a frame in bytes of plaintext, from 1 to the client\'s `max_frame_length`; 64 KiB if
                none is given.
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

        The destination has its name only after the whole message was verified, its end and its signature included. Before, its
        owner alone may read it, on Unix; and afterwards, where it does not replace a file of the same owner. A process that is
        killed leaves what it had decrypted under the temporary name: see `remove_abandoned`. Otherwise as `encrypt_file`.

        Args:
            keyring: What finds the data key.
            source: The file with the message.
            destination: Where the plaintext goes, which is not the source.
            encryption_context: Pairs given again. Those that the message stores must be equal; the others are
                authenticated with it.
            required_encryption_context_keys: The names of pairs that must be among them.
            sidecar: The message's sidecar; if none is given, the file beside it with `.pocketkms-sidecar` after its name, if
                there is one. One of a message that stood there before counts as none.
            progress: Is called after each piece with how many bytes of the source are done, and how many it has. What it
                raises ends the work and comes through as it is.
        """
        options = (encryption_context, required_encryption_context_keys, sidecar, None)
        decrypted: DecryptedFile = self._client.decrypt_file(keyring, source, destination, options, progress)
        return decrypted

    def reencrypt_file(
        self,
        old: MaterialsManager,
        new: MaterialsManager,
        source: str | PathLike[str],
        destination: str | PathLike[str],
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        sidecar: ReadableBuffer | None = None,
        algorithm_suite: AlgorithmSuite | None = None,
        frame_length: int | None = None,
        progress: Callable[[int, int], object] | None = None,
    ) -> MessageHeader:
        """Encrypts the message in a file anew, under a new data key, and gives the new message's header: see `reencrypt`.

        While the old message is there, nothing is lost: source and destination may not be the same file. The new message has the
        old one's times and, where it replaces no other file, its permissions, owner and extended attributes. Otherwise as
        `encrypt_file`.

        Args:
            old: What finds the old data key.
            new: What supplies the new data key and encrypts it.
            source: The file with the old message.
            destination: Where the new message goes.
            encryption_context: Pairs given again. Those that the message stores must be equal; the others are authenticated
                with it, and are not stored in the new one either.
            required_encryption_context_keys: The names of pairs that must be among them.
            sidecar: The old message's sidecar; if none is given, the file beside it with `.pocketkms-sidecar` after its name,
                if there is one. The new message has none.
            algorithm_suite: The algorithm suite of the new message, as far as the commitment policy allows it.
            frame_length: The length of its frames in bytes of plaintext, from 1 to the client\'s `max_frame_length`; 64 KiB if
                none is given.
            progress: Is called after each piece with how many bytes of the source are done, and how many it has. What it
                raises ends the work and comes through as it is.
        """
        options = (encryption_context, required_encryption_context_keys, sidecar, algorithm_suite, frame_length)
        header: MessageHeader = self._client.reencrypt_file(old, new, source, destination, options, progress)
        return header
