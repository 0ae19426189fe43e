"""Whole messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pocketkms._envelope._settings import Settings
from pocketkms._generated import DecryptOptions, Decrypted, EncryptOptions, Encrypted, ReadableBuffer
from pocketkms._native import MaterialsManager

if TYPE_CHECKING:
    from typing_extensions import Unpack


class WholeMessages(Settings):
    """Messages that fit into memory."""

    __slots__ = ()

    def encrypt(
        self,
        keyring: MaterialsManager,
        plaintext: ReadableBuffer,
        **options: Unpack[EncryptOptions],
    ) -> Encrypted:
        """Encrypts a message.

        Args:
            keyring: What supplies the data key and encrypts it.
            plaintext: What to encrypt.
            options: How the message is encrypted, each by its name: see `EncryptOptions`.
        """
        encrypted: Encrypted = self._client.encrypt(keyring, plaintext, options)
        return encrypted

    def decrypt(
        self,
        keyring: MaterialsManager,
        message: ReadableBuffer,
        **options: Unpack[DecryptOptions],
    ) -> Decrypted:
        """Decrypts a message. Nothing of the plaintext is seen before all of it is verified, the signature included.

        Args:
            keyring: What finds the data key.
            message: What to decrypt.
            options: What is asked of the message, each by its name: see `DecryptOptions`.
        """
        decrypted: Decrypted = self._client.decrypt(keyring, message, options)
        return decrypted
