"""Messages in files."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING

from pocketkms._envelope._settings import Settings
from pocketkms._generated import DecryptOptions, EncryptOptions, MessageHeader, ReencryptOptions
from pocketkms._messages import DecryptedFile
from pocketkms._native import MaterialsManager

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Files(Settings):
    """Messages in files, by their paths."""

    __slots__ = ()

    def encrypt_file(
        self,
        keyring: MaterialsManager,
        source: str | PathLike[str],
        destination: str | PathLike[str],
        *,
        progress: Callable[[int, int], object] | None = None,
        **options: Unpack[EncryptOptions],
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
            options: How the message is encrypted, each by its name: see `EncryptOptions`.
            progress: Is called after each piece with how many bytes of the source are done, and how many it has. What it
                raises ends the work and comes through as it is.
        """
        header: MessageHeader = self._client.encrypt_file(keyring, source, destination, options, progress)
        return header

    def decrypt_file(
        self,
        keyring: MaterialsManager,
        source: str | PathLike[str],
        destination: str | PathLike[str],
        *,
        progress: Callable[[int, int], object] | None = None,
        **options: Unpack[DecryptOptions],
    ) -> DecryptedFile:
        """Decrypts a file.

        The destination has its name only after the whole message was verified, its end and its signature included. Before, its
        owner alone may read it, on Unix; and afterwards, where it does not replace a file of the same owner. A process that is
        killed leaves what it had decrypted under the temporary name: see `remove_abandoned`. Otherwise as `encrypt_file`.

        Args:
            keyring: What finds the data key.
            source: The file with the message.
            destination: Where the plaintext goes, which is not the source.
            options: What is asked of the message, each by its name: see `DecryptOptions`. If no sidecar is given, it is
                the file beside the source with `.pocketkms-sidecar` after its name, if there is one. One of a message that stood
                there before counts as none.
            progress: Is called after each piece with how many bytes of the source are done, and how many it has. What it
                raises ends the work and comes through as it is.
        """
        decrypted: DecryptedFile = self._client.decrypt_file(keyring, source, destination, options, progress)
        return decrypted

    def reencrypt_file(
        self,
        old: MaterialsManager,
        new: MaterialsManager,
        source: str | PathLike[str],
        destination: str | PathLike[str],
        *,
        progress: Callable[[int, int], object] | None = None,
        **options: Unpack[ReencryptOptions],
    ) -> MessageHeader:
        """Re-encrypts the message in a file under a new data key, and returns the new message's header: see `reencrypt`.

        While the old message is there, nothing is lost: source and destination may not be the same file. The new message has the
        old one's times and, where it replaces no other file, its permissions, owner and extended attributes. Otherwise as
        `encrypt_file`.

        Args:
            old: What finds the old data key.
            new: What supplies the new data key and encrypts it.
            source: The file with the old message.
            destination: Where the new message goes.
            options: What is asked of the old message, and how the new one is encrypted, each by its name: see
                `ReencryptOptions`. If no sidecar is given, it is the file beside the source with `.pocketkms-sidecar` after its
                name, if there is one.
            progress: Is called after each piece with how many bytes of the source are done, and how many it has. What it
                raises ends the work and comes through as it is.
        """
        header: MessageHeader = self._client.reencrypt_file(old, new, source, destination, options, progress)
        return header
