"""Branch keys that your own code keeps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["BranchKeyIdSupplier", "BranchKeyMaterials", "BranchKeySource"]

BranchKeyIdSupplier: TypeAlias = Callable[[Mapping[str, str]], str]
"""Chooses the branch key, by its id, for each message by its encryption context."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BranchKeyMaterials:
    """One version of a branch key, opened."""

    branch_key_version: str
    """The version: a UUID, in lower case."""

    branch_key: bytes = field(repr=False)
    """The branch key: 32 bytes."""


class BranchKeySource(ABC):
    """Your own store of branch keys, for a `HierarchicalKeyring`: what AWS calls a key store. A `Kms` is one, too.

    What a method raises to encrypt comes through as it is. To decrypt it is a reason why that data key was not decrypted, and
    the `__cause__` of the exception if none was.
    """

    @abstractmethod
    def active_branch_key(self, branch_key_id: str, /) -> BranchKeyMaterials:
        """The version that encrypts."""

    @abstractmethod
    def branch_key_version(self, branch_key_id: str, branch_key_version: str, /) -> BranchKeyMaterials:
        """A version that encrypted."""

    def branch_key_state(self, branch_key_id: str, branch_key_version: str | None, /) -> str:
        """Text that is another one as soon as another version is active (asked with `None` for the version), or what the
        version is kept under has changed; an exception as soon as it may not be used any more.

        It is asked for each data key. This one answers always the same: then a rotation or a disabled key is seen when the
        keyring forgets the branch key, after its `ttl`. Override it if your store knows without a request over the network.
        """
        return ""
