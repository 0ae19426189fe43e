"""What envelope messages are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pocketkms._generated import AlgorithmSuite

__all__ = [
    "ContentType",
    "Decrypted",
    "DecryptedFile",
    "DiscoveryFilter",
    "Encrypted",
    "EncryptedDataKey",
    "MessageHeader",
    "MessageInfo",
    "Rewrapped",
    "RewrappedHeader",
    "RewrappedSidecar",
    "SidecarInfo",
    "WrappedDataKey",
    "WrappingKey",
]

ContentType: TypeAlias = Literal[
    # In one piece. Read only: it cannot be decrypted before the whole of it has come.
    "UNFRAMED",
    # Into frames of equal length, each authenticated on its own; the last may be shorter.
    "FRAMED",
]
"""How the body of a message is divided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptedDataKey:
    """A data key, encrypted under a wrapping key."""

    provider_id: str
    """Which kind of keyring made it: `aws-kms`, or the key namespace of a raw keyring."""

    provider_info: bytes
    """Which wrapping key it is encrypted under: a key ARN, or the key name of a raw keyring and what else it needs."""

    ciphertext: bytes
    """The data key in encrypted form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHeader:
    """The header of a message.

    Before the message's data key was found and the header's tag verified, nothing in it is to be trusted.
    """

    version: int
    """The version of the message format: 1, or 2 with key commitment."""

    algorithm_suite: AlgorithmSuite
    """The algorithm suite."""

    message_id: bytes
    """The message's id, random: 16 bytes in version 1, 32 in version 2."""

    encryption_context: Mapping[str, str]
    """The pairs that the message stores, `aws-crypto-public-key` of a signed one included."""

    encrypted_data_keys: tuple[EncryptedDataKey, ...]
    """The data key, once under each wrapping key."""

    content_type: ContentType
    """How the body is divided."""

    frame_length: int
    """The length of a frame's plaintext in bytes; 0 where the body is unframed."""

    commitment: bytes | None
    """What commits to the data key, in version 2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encrypted:
    """A message."""

    message: bytes
    """Its bytes."""

    header: MessageHeader
    """Its header."""


# As with every result that holds a secret, `repr` shows none, and `==` would tell in its time how much of a guess is right.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decrypted:
    """What a message held."""

    plaintext: bytes = field(repr=False)
    """The plaintext."""

    encryption_context: Mapping[str, str]
    """The encryption context: the pairs that the message stores, and those that were given again."""

    header: MessageHeader
    """The message's header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecryptedFile:
    """What the message in a file said, verified."""

    encryption_context: Mapping[str, str]
    """The encryption context: the pairs that the message stores, and those that were given again."""

    header: MessageHeader
    """The message's header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryFilter:
    """Which keys a discovery keyring may ask to decrypt."""

    account_ids: Sequence[str]
    """The accounts."""

    partition: str = "aws"
    """The partition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedDataKey:
    """A data key that your own code wrapped."""

    provider_info: bytes
    """Which key wrapped it, so that it is found again: of a KMS key its ARN. At most 65,535 bytes."""

    ciphertext: bytes
    """The data key, encrypted. At most 65,535 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappingKey:
    """What a data key is encrypted under, as far as its encrypted form tells."""

    provider_id: str
    """Which kind of keyring encrypted it: `aws-kms`, `aws-kms-hierarchy`, or the key namespace of a raw keyring."""

    key_name: str
    """The key's name: a key ARN, a branch key id, the key name of a raw keyring."""

    key_arn: str | None
    """The ARN of a KMS key."""

    key_id: str | None
    """The id of a PocketKMS key, as it stands in the ciphertext."""

    key_material: str | None
    """Which of the key's materials: of a PocketKMS key the first 32 of the 64 hexadecimal digits of its key material id,
    of a branch key the version. A ciphertext of AWS KMS does not tell.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageInfo:
    """What a message says of itself. Nothing of it is authenticated: that takes the data key."""

    header: MessageHeader
    """The header."""

    header_length: int
    """The length of the header in bytes, its tag included: where the body begins."""

    wrapping_keys: tuple[WrappingKey, ...]
    """What each of the header's encrypted data keys is encrypted under, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SidecarInfo:
    """What a sidecar says of itself. Nothing of it is authenticated: that takes the data key."""

    algorithm_suite: AlgorithmSuite
    """The algorithm suite of the message that it belongs to."""

    message_id: bytes
    """The id of that message."""

    encrypted_data_keys: tuple[EncryptedDataKey, ...]
    """The data key, once under each wrapping key."""

    wrapping_keys: tuple[WrappingKey, ...]
    """What each of them is encrypted under, in their order."""


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
