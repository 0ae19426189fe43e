"""The vault that users hold: generated operations above the native part."""

from __future__ import annotations

from types import TracebackType
from typing import final

from pocketkms._generated import KmsOperations, ReadableBuffer
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
