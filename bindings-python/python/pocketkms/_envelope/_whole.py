"""Whole messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pocketkms._envelope._settings import Settings
from pocketkms._generated import AlgorithmSuite, ReadableBuffer
from pocketkms._messages import Decrypted, Encrypted
from pocketkms._native import MaterialsManager


class WholeMessages(Settings):
    """Messages that fit into memory."""

    __slots__ = ()

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
            frame_length: The length of a frame in bytes of plaintext, from 1 to the client\'s `max_frame_length`; 64 KiB if
                none is given.
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
