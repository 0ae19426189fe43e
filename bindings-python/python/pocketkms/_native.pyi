"""The native part, written in Rust."""

from datetime import datetime, timedelta
from typing import Any, final

from pocketkms._generated import ReadableBuffer

__all__ = ["ManualClock", "RootKey", "Vault"]

@final
class RootKey:
    """What opens a vault. Keep it outside of the vault: who has both has every key."""

    @staticmethod
    def from_bytes(key: ReadableBuffer, /) -> RootKey:
        """32 random bytes, kept by you: in a keychain, a secret manager, an HSM."""

    @staticmethod
    def from_passphrase(passphrase: str | ReadableBuffer, /) -> RootKey:
        """A passphrase, hashed with Argon2id. Text counts as its UTF-8 bytes: normalise Unicode before, where users
        type it on different systems.
        """

@final
class ManualClock:
    """A clock that stands still until it is turned: "don't make me wait a year to test rotation". It counts
    milliseconds.

    Give it to a vault and keep it, to turn what the vault sees.
    """

    def __new__(cls, now: datetime, /) -> ManualClock:
        """A clock that shows `now`, a `datetime` with a time zone."""

    def now(self) -> datetime:
        """The time that it shows, in UTC."""

    def set(self, now: datetime, /) -> None:
        """Sets the time."""

    def advance(self, by: timedelta, /) -> None:
        """Turns the time, forward or, with a negative `by`, backward."""

    def advance_days(self, days: int, /) -> None:
        """Turns the time forward by so many days."""

@final
class Vault:
    """An open vault and the one native function above which the generated methods stand."""

    @staticmethod
    def create(root: RootKey, clock: ManualClock | None, account: str, region: str) -> Vault: ...
    @staticmethod
    def open_snapshot(
        snapshot: ReadableBuffer, root: RootKey, clock: ManualClock | None, account: str, region: str
    ) -> Vault: ...
    def call(self, operation: str, members: tuple[object, ...]) -> Any: ...
    def snapshot(self) -> bytes: ...
    def change_root_key(self, root: RootKey) -> None: ...
    def as_caller(self, account: str, region: str) -> Vault: ...
    def close(self) -> None: ...
