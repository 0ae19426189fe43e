"""The vault that users hold: generated operations above the native part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, TypeAlias, final

from pocketkms._generated import (
    BranchKeyMetadata,
    KmsOperations,
    ListBranchKeysResponse,
    ReadableBuffer,
    RewrapBranchKeysResponse,
)
from pocketkms._native import ManualClock, RootKey, Vault

__all__ = ["Argon2Cost", "ClockTrust", "DamagedRecord", "Kms"]

ClockTrust: TypeAlias = Literal[
    # The clock is right by definition, and years may pass at once: for tests, fixtures, a vault in memory.
    "TRUSTED",
    # The clock may be wrong for a while. While it is more than three days ahead of the latest known time, no key is deleted, until
    # it is back or `Kms.confirm_time` says that it is right.
    "SYSTEM",
]
"""How far a vault relies on its clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argon2Cost:
    """The cost of a passphrase hash (Argon2id, RFC 9106): what an attacker pays for each guess, and an honest user once."""

    memory_kib: int = 65_536
    """Memory in KiB."""

    passes: int = 3
    """Passes over the memory."""

    lanes: int = 4
    """Lanes."""


@dataclass(frozen=True, slots=True)
class DamagedRecord:
    """A record of a vault that does not open."""

    name: str
    """The record's name: which key, alias or material it belongs to."""

    error: str
    """The name of the exception that calls for it get: `RecordCorruptedException`, or `UnsupportedVersionException` of a newer one."""

    explanation: str
    """What is wrong with it."""


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
        clock_trust: ClockTrust | None = None,
        account: str | None = None,
        region: str | None = None,
    ) -> Kms:
        """Makes a new vault in memory. Take a `snapshot` to keep it.

        Args:
            root: What opens the vault from then on.
            clock: The clock by which keys rotate and go; by default the operating system's.
            clock_trust: How far that clock is relied on; `TRUSTED` if nothing is said.
            account: The AWS account that calls, twelve digits; `000000000000` if none is given.
            region: The Region that it calls; `us-east-1` if none is given. The vault remembers both.
        """
        return cls(Vault.create(root, clock, clock_trust, account, region))

    @classmethod
    def open_snapshot(
        cls,
        snapshot: ReadableBuffer,
        root: RootKey,
        *,
        clock: ManualClock | None = None,
        clock_trust: ClockTrust | None = None,
        account: str | None = None,
        region: str | None = None,
    ) -> Kms:
        """Opens a snapshot, made on any platform, into memory.

        Args:
            snapshot: The sealed file.
            root: What the vault was sealed with.
            clock: The clock by which keys rotate and go; by default the operating system's.
            clock_trust: How far that clock is relied on; `TRUSTED` if nothing is said.
            account: The AWS account that calls, twelve digits; the one that the vault was made with if none is given.
            region: The Region that it calls; the one that the vault was made with if none is given.
        """
        return cls(Vault.open_snapshot(snapshot, root, clock, clock_trust, account, region))

    @property
    def account(self) -> str:
        """The AWS account that calls."""
        return self._vault.caller()[0]

    @property
    def region(self) -> str:
        """The Region that it calls."""
        return self._vault.caller()[1]

    @property
    def revision(self) -> int:
        """How many changes the vault has seen, those of time included (a rotation or a deletion that fell due). Snapshots keep it: by
        it an older snapshot is told from the one that was saved last. Of two copies that went on by themselves it does not tell
        which is newer: a copy that nobody changed may have the greater one.
        """
        return self._vault.revision()

    @property
    def needs_saving(self) -> bool:
        """Whether something that a caller changed is in memory only: after `create`, and after each change, until a `snapshot` is
        taken. Rotations and deletions that only fell due do not count, since every copy of the vault comes to the same.
        """
        return self._vault.needs_saving()

    @property
    def closed(self) -> bool:
        """Whether the vault was closed, by whichever of its callers."""
        return self._vault.is_closed()

    @property
    def time_in_doubt(self) -> bool:
        """Whether the clock is so far ahead of the latest known time that deletions wait: only with the clock trust `SYSTEM`."""
        return self._vault.time_in_doubt()

    def confirm_time(self) -> None:
        """Says that the clock is right, whatever it showed before: what fell due by it is carried out from now on."""
        self._vault.confirm_time()

    def damaged(self) -> tuple[DamagedRecord, ...]:
        """The records that calls found damaged since the vault was opened, and that still are. A call that can do without a record
        passes it over: a list goes on after it, a snapshot has it in it as it is. What it left out is here.

        For the owner of the vault alone: the records may be any caller's.
        """
        return tuple(DamagedRecord(*record) for record in self._vault.damaged(False))

    def verify(self) -> tuple[DamagedRecord, ...]:
        """Opens every record of the vault, and returns those that are damaged. Takes as long as reading the whole store.

        For the owner of the vault alone: the records may be any caller's.
        """
        return tuple(DamagedRecord(*record) for record in self._vault.damaged(True))

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
        is moved as a whole or not at all. After an exception those before it are moved; to call again goes on. Records that
        are damaged keep the others from nothing, but `RecordCorruptedException` is raised when all others are moved: keep the
        old KMS key until they were put back, and call again then without a source.

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
        """Closes the vault for all its callers, and wipes its secrets as soon as the calls under way have ended.

        Keyrings and caches above the vault end with it. Afterwards every call raises `VaultClosedException`. Closing again does
        nothing.
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
