"""What calls of envelope messages take and return, beyond what the core describes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pocketkms._generated import DecryptResponse, EncryptResponse, GenerateDataKeyResponse, MessageHeader

__all__ = [
    "DecryptedFile",
    "KmsClient",
    "Rewrapped",
    "RewrappedHeader",
    "RewrappedSidecar",
    "WrappedDataKey",
]

@dataclass(frozen=True, slots=True, kw_only=True)
class DecryptedFile:
    """What the message in a file said, verified."""

    encryption_context: Mapping[str, str]
    """The encryption context: the pairs that the message stores, and those that were given again."""

    header: MessageHeader
    """The message's header."""


class KmsClient(ABC):
    """What a KMS keyring asks of KMS, for your own code that passes the requests on: to AWS through its own SDK, to a server of yours.

    Each method is called with named arguments, and may be called from any thread. Of what it returns only the members that are named here
    are looked at.

    What `generate_data_key` and `encrypt` raise ends the encryption of the message, and comes through as it is. What `decrypt` raises is
    noted, and the next encrypted data key is tried.

    A cache in front of the keyring cannot see that a key was rotated or disabled: it keeps a data key for as long as its limits say.
    """

    @abstractmethod
    def generate_data_key(
        self,
        *,
        key_id: str,
        number_of_bytes: int,
        encryption_context: Mapping[str, str] | None = None,
        grant_tokens: Sequence[str] | None = None,
    ) -> GenerateDataKeyResponse:
        """Makes a data key of so many bytes under a key, and returns it as `plaintext` and as `ciphertext_blob`, and the key's ARN as
        `key_id`.
        """

    @abstractmethod
    def encrypt(
        self,
        *,
        key_id: str,
        plaintext: bytes,
        encryption_context: Mapping[str, str] | None = None,
        grant_tokens: Sequence[str] | None = None,
    ) -> EncryptResponse:
        """Encrypts a data key, and returns `ciphertext_blob`, and the key's ARN as `key_id`."""

    @abstractmethod
    def decrypt(
        self,
        *,
        ciphertext_blob: bytes,
        key_id: str,
        encryption_context: Mapping[str, str] | None = None,
        grant_tokens: Sequence[str] | None = None,
    ) -> DecryptResponse:
        """Decrypts a data key with that key and no other, and returns `plaintext`, and the key's ARN as `key_id`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedDataKey:
    """A data key that your own code wrapped."""

    provider_info: bytes
    """Which key wrapped it, so that it is found again: of a KMS key its ARN. At most 65,535 bytes."""

    ciphertext: bytes
    """The data key, encrypted. At most 65,535 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RewrappedHeader:
    """A new header of a message."""

    header: bytes
    """The new header, to be written in place of the old one. The body follows as it is."""

    replaces: int
    """The length of the old header in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RewrappedSidecar:
    """A sidecar of a message, which stays as it is."""

    sidecar: bytes
    """To be kept beside the message, in place of the sidecar that it may have, and given whenever it is decrypted."""


Rewrapped: TypeAlias = RewrappedHeader | RewrappedSidecar
"""What rewrapping made: for an unsigned message of version 1 a new header, for any other a sidecar."""
