"""The vault that users hold: generated operations above the native part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import final

from pocketkms._generated import (
    BranchKeyMetadata,
    KmsOperations,
    ListBranchKeysResponse,
    ReadableBuffer,
    RewrapBranchKeysResponse,
)
from pocketkms._native import ManualClock, RootKey, Vault


@final
class Kms(KmsOperations):
    """AWS KMS in this process: an open vault, and who calls.

    All methods may be called from several threads, and let the others run while they work. Make one with `Kms.create` or
    `Kms.open_snapshot`. Close it, or use it in a `with` statement: closing wipes its secrets from memory.
    """

    __slots__ = ("_call", "_vault")

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._call = vault.call

    @classmethod
    def create(
        cls,
        root: RootKey,
        *,
        clock: ManualClock | None = None,
        account: str = "000000000000",
        region: str = "us-east-1",
    ) -> Kms:
        """Makes a new vault in memory. Take a `snapshot` to keep it.

        Args:
            root: What opens the vault from then on.
            clock: The clock by which keys rotate and go; by default the operating system's.
            account: The AWS account that calls, twelve digits.
            region: The Region that it calls.
        """
        return cls(Vault.create(root, clock, account, region))

    @classmethod
    def open_snapshot(
        cls,
        snapshot: ReadableBuffer,
        root: RootKey,
        *,
        clock: ManualClock | None = None,
        account: str = "000000000000",
        region: str = "us-east-1",
    ) -> Kms:
        """Opens a snapshot, made on any platform, into memory.

        Args:
            snapshot: The sealed file.
            root: What the vault was sealed with.
            clock: The clock by which keys rotate and go; by default the operating system's.
            account: The AWS account that calls, twelve digits.
            region: The Region that it calls.
        """
        return cls(Vault.open_snapshot(snapshot, root, clock, account, region))

    def create_branch_key(
        self,
        *,
        kms_key_id: str,
        branch_key_identifier: str | None = None,
        encryption_context: Mapping[str, str] | None = None,
    ) -> BranchKeyMetadata:
        """Creates a branch key, for hierarchical keyrings: 32 random bytes under a KMS key, kept in the vault.

        Args:
            kms_key_id: The symmetric encryption KMS key that the branch key is encrypted under: its key id, key ARN, alias
                name or alias ARN.
            branch_key_identifier: The id of the branch key, 1 to 256 characters; a random UUID if none is given. One's own
                id needs an encryption context.
            encryption_context: Pairs that are bound to all versions of the branch key.
        """
        members = (kms_key_id, branch_key_identifier, encryption_context)
        metadata: BranchKeyMetadata = self._vault.branch_keys("create", members)
        return metadata

    def rotate_branch_key(self, *, branch_key_identifier: str) -> BranchKeyMetadata:
        """Makes a new version of a branch key the active one. Former versions still decrypt.

        Args:
            branch_key_identifier: The id of the branch key.
        """
        metadata: BranchKeyMetadata = self._vault.branch_keys("rotate", (branch_key_identifier,))
        return metadata

    def rewrap_branch_keys(
        self,
        *,
        branch_key_identifiers: Sequence[str] | None = None,
        source_kms_key_id: str | None = None,
        destination_kms_key_id: str | None = None,
    ) -> RewrapBranchKeysResponse:
        """Encrypts all versions of branch keys anew, under another KMS key or the newest material of their own.

        That is to be done after a KMS key was rotated, or before one is deleted. Messages stay as they are. Each branch key
        is moved as a whole or not at all. After an exception those before it are moved; to call again goes on.

        Args:
            branch_key_identifiers: The ids of the branch keys; all of the caller's account and Region if none are given.
            source_kms_key_id: Only those that are under this KMS key.
            destination_kms_key_id: The KMS key that they are under afterwards; if none is given, each stays under its own.
        """
        members = (branch_key_identifiers, source_kms_key_id, destination_kms_key_id)
        response: RewrapBranchKeysResponse = self._vault.branch_keys("rewrap", members)
        return response

    def describe_branch_key(self, *, branch_key_identifier: str) -> BranchKeyMetadata:
        """Tells what is known of a branch key.

        Args:
            branch_key_identifier: The id of the branch key.
        """
        metadata: BranchKeyMetadata = self._vault.branch_keys("describe", (branch_key_identifier,))
        return metadata

    def list_branch_keys(self, *, limit: int | None = None, marker: str | None = None) -> ListBranchKeysResponse:
        """Lists the branch keys of the caller's account and Region, page by page.

        Args:
            limit: The most entries of the answer, 1 to 1000; 100 if none is given.
            marker: The `next_marker` of the page before.
        """
        response: ListBranchKeysResponse = self._vault.branch_keys("list", (limit, marker))
        return response

    def snapshot(self) -> bytes:
        """The whole vault as one sealed file, the same on every platform.

        Keys whose waiting period is over are not in it.
        """
        return self._vault.snapshot()

    def change_root_key(self, root: RootKey) -> None:
        """Seals the vault under another root key.

        Ciphertexts and snapshots made before are not touched: an old snapshot still opens with the old root key, so
        destroy both together.
        """
        self._vault.change_root_key(root)

    def as_caller(self, account: str, region: str) -> Kms:
        """The same vault for another caller, who sees the keys of that account and Region.

        Closing one closes the vault for all.
        """
        return Kms(self._vault.as_caller(account, region))

    def close(self) -> None:
        """Closes the vault for all its callers, after the calls that are under way, and wipes its secrets.

        Afterwards every call raises `ValueError`, as with a closed file. Closing again does nothing.
        """
        self._vault.close()

    def __enter__(self) -> Kms:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
