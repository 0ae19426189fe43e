"""What may be behind a custom key store: an AWS CloudHSM cluster, or what an app puts in its place."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias, final

__all__ = ["CloudHsmCluster", "ClusterError", "ClusterErrorKind"]

ClusterErrorKind: TypeAlias = Literal[
    "NOT_FOUND",
    "NOT_ACTIVE",
    "NO_ACTIVE_HSM",
    "INVALID_CREDENTIALS",
    "USER_LOCKED_OUT",
    "USER_NOT_FOUND",
    "USER_LOGGED_IN",
    "UNREACHABLE",
    "FULL",
    "KEY_NOT_FOUND",
    "INVALID_CIPHERTEXT",
    "INTERNAL",
]
"""Why a cluster could not do what was asked of it."""


@final
class ClusterError(Exception):
    """What a `CloudHsmCluster` raises: the custom key store's operations answer with the exception of AWS KMS that this stands for. The text
    is the explanation of that, and stays in the process. Any other exception comes back to the caller as it is."""

    def __init__(self, kind: ClusterErrorKind, text: str = "") -> None:
        super().__init__(text or kind)
        self.kind: ClusterErrorKind = kind


class CloudHsmCluster(Protocol):
    """The cluster of hardware security modules behind a custom key store: what makes, keeps and uses its keys, which never leave it.

    Its methods are called while an operation is carried out, in the thread of its caller and by several at once, while nobody is kept from using
    the vault. An operation that is computed again, since others came before its commit, asks again only for what has changed. Each gets the password of the crypto user `kmsuser` as the custom key store has it. Keys are AES keys of 256 bits that
    encrypt by GCM, with an IV of 12 bytes and a tag of 16.
    """

    def describe(self) -> str | None:
        """The trust anchor certificate that custom key stores have to name; `None` where they may name any. Without logging in."""

    def connect(self, password: str, /) -> None:
        """Logs in, to find out whether the keys can be used."""

    def disconnect(self) -> None:
        """The custom key store was disconnected."""

    def create_key(self, password: str, label: str, /) -> str:
        """Makes a key, and returns its id in the cluster: 1 to 128 letters, digits, `-`, `_` and `.`. The label is the id of the KMS key."""
        ...

    def delete_key(self, password: str, key: str, /) -> None:
        """Deletes a key, when its KMS key was deleted after the waiting period."""

    def encrypt(self, password: str, key: str, plaintext: bytes, aad: bytes, /) -> bytes:
        """Encrypts up to 4,096 bytes, and returns IV, ciphertext and tag in one. `aad` is authenticated."""
        ...

    def decrypt(self, password: str, key: str, ciphertext: bytes, aad: bytes, /) -> bytes:
        """Decrypts what `encrypt` returned. A tag that does not match is the `ClusterError` `INVALID_CIPHERTEXT`."""
        ...

    def random(self, password: str, length: int, /) -> bytes:
        """Random bytes, 1 to 1024."""
        ...
