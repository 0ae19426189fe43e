"""The native part, written in Rust."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, final

from pocketkms._generated import ReadableBuffer
from pocketkms._kms import Kms
from pocketkms._messages import DiscoveryFilter, MessageHeader

__all__ = [
    "Client",
    "Decryptor",
    "Encryptor",
    "Keyring",
    "KmsKeyring",
    "ManualClock",
    "MaterialsManager",
    "MultiKeyring",
    "RawAesKeyring",
    "RootKey",
    "Vault",
]

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

class MaterialsManager:
    """Supplies the data keys of messages: a keyring, or a cache in front of one."""

class Keyring(MaterialsManager):
    """Encrypts and decrypts data keys under one or more wrapping keys."""

@final
class RawAesKeyring(Keyring):
    """Data keys encrypted under an AES key that you hold."""

    def __new__(cls, *, namespace: str, name: str, wrapping_key: ReadableBuffer) -> RawAesKeyring:
        """Under a key of 16, 24 or 32 bytes.

        Namespace and name find it again, and are stored in the message. AWS keeps the namespace `aws-kms` for itself.
        """

@final
class KmsKeyring(Keyring):
    """Data keys generated, encrypted and decrypted by the keys of a vault."""

    def __new__(
        cls,
        kms: Kms,
        generator: str,
        additional: Sequence[str] = (),
        *,
        multi_region_aware: bool = False,
        grant_tokens: Sequence[str] | None = None,
    ) -> KmsKeyring:
        """The generator makes and encrypts the data key, the additional keys encrypt it, too; each of them can decrypt
        it. They are named by key id, key ARN, alias name or alias ARN.

        `multi_region_aware` takes a multi-Region key for the same key as its replicas in other Regions.
        """

    @staticmethod
    def discovery(
        kms: Kms,
        filter: DiscoveryFilter | None = None,
        *,
        multi_region_aware: bool = False,
        grant_tokens: Sequence[str] | None = None,
    ) -> KmsKeyring:
        """Decrypts with whichever key encrypted the data key, as far as the caller may use it and the filter allows.
        Cannot encrypt.
        """

@final
class MultiKeyring(Keyring):
    """Several keyrings in one: encrypts the data key under each of them; any one of them finds it again."""

    def __new__(cls, generator: Keyring | None, children: Sequence[Keyring] = ()) -> MultiKeyring:
        """The generator makes the data key; without one the keyring can only decrypt."""

@final
class Encryptor:
    """A message being encrypted: plaintext goes in, the message comes out.

    It keeps at most one frame of plaintext. After an error it is dead: every further call raises
    `StreamStateException`. One thread at a time can use it.
    """

    @property
    def header(self) -> MessageHeader:
        """The message's header."""

    def update(self, plaintext: ReadableBuffer, /) -> bytes:
        """Takes the next bytes of the plaintext, and gives what they make complete of the message: maybe nothing."""

    def finish(self) -> bytes:
        """Ends the message, and gives the rest of it."""

@final
class Decryptor:
    """A message being decrypted: the message goes in, plaintext comes out, as soon as the frame that holds it is
    verified.

    It keeps at most one frame, as far as it has come. Until `finish` answered, the plaintext may lack its end, and the
    signature of a signed message is not verified. After an error it is dead: every further call raises
    `StreamStateException`. One thread at a time can use it.
    """

    @property
    def header(self) -> MessageHeader | None:
        """The message's header, once it has come. It is authentic as soon as plaintext has come out, or the stream
        ended.
        """

    @property
    def encryption_context(self) -> Mapping[str, str] | None:
        """The encryption context, verified, once the header has come: the pairs that the message stores, and those that
        were given again.
        """

    def update(self, message: ReadableBuffer, /) -> bytes:
        """Takes the next bytes of the message, and gives the plaintext of the frames that they make complete: maybe
        nothing.
        """

    def finish(self) -> bytes:
        """Ends the message. One that is not complete is an error here: what came out before is a part only."""

@final
class Client:
    """What stands below `EncryptionClient`."""

    def __new__(cls, values: tuple[object, ...]) -> Client: ...
    def encrypt(self, keyring: MaterialsManager, plaintext: ReadableBuffer, options: tuple[object, ...]) -> Any: ...
    def decrypt(self, keyring: MaterialsManager, message: ReadableBuffer, options: tuple[object, ...]) -> Any: ...
    def encryptor(self, keyring: MaterialsManager, options: tuple[object, ...]) -> Encryptor: ...
    def decryptor(self, keyring: MaterialsManager, options: tuple[object, ...]) -> Decryptor: ...
