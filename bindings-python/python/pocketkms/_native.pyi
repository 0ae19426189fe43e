"""The native part, written in Rust."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from os import PathLike
from typing import Any, final

from typing_extensions import disjoint_base

from pocketkms._batch import RewrappedFile, RewrapReport
from pocketkms._branch_keys import BranchKeyIdSupplier, BranchKeySource
from pocketkms._envelope import EncryptionClient
from pocketkms._generated import AlgorithmSuite, EcdhCurveSpec, KmsOperations, PaddingScheme, ReadableBuffer
from pocketkms._kms import Argon2Cost, ClockTrust, Kms
from pocketkms._messages import DiscoveryFilter, EncryptedDataKey, MessageHeader, WrappedDataKey

__all__ = [
    "CachingMaterialsManager",
    "CallbackKeyring",
    "Client",
    "Decryptor",
    "Encryptor",
    "HierarchicalKeyring",
    "Keyring",
    "KmsKeyring",
    "ManualClock",
    "MaterialsManager",
    "MultiKeyring",
    "Ranges",
    "RawAesKeyring",
    "RawEcdhKeyring",
    "RawRsaKeyring",
    "Reencryptor",
    "RewrapBatch",
    "RootKey",
    "Vault",
    "__version__",
    "remove_abandoned",
]

__version__: str

@final
class RootKey:
    """What opens a vault. Keep it outside of the vault: who has both has every key."""

    @staticmethod
    def from_bytes(key: ReadableBuffer, /) -> RootKey:
        """32 random bytes, kept by you: in a keychain, a secret manager, an HSM."""

    @staticmethod
    def from_passphrase(
        passphrase: str | ReadableBuffer, /, *, cost: Argon2Cost | None = None, max_cost: Argon2Cost | None = None
    ) -> RootKey:
        """A passphrase, hashed with Argon2id. Text counts as its UTF-8 bytes: normalise Unicode before, where users
        type it on different systems.

        An existing vault keeps the cost that it was made with. That stands in its header, which anyone who can write the file can
        forge: above `max_cost` (256 MiB, 10 passes and 16 lanes by default, or `cost` where it is more) opening is a
        `LimitExceededException`, before anything is spent.
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
    def create(
        root: RootKey,
        clock: ManualClock | None,
        clock_trust: ClockTrust | None,
        account: str | None,
        region: str | None,
    ) -> Vault: ...
    @staticmethod
    def open_snapshot(
        snapshot: ReadableBuffer,
        root: RootKey,
        clock: ManualClock | None,
        clock_trust: ClockTrust | None,
        account: str | None,
        region: str | None,
    ) -> Vault: ...
    def call(self, operation: str, members: tuple[object, ...]) -> Any: ...
    def branch_keys(self, method: str, members: tuple[object, ...]) -> Any: ...
    def snapshot(self) -> bytes: ...
    def change_root_key(self, root: RootKey) -> None: ...
    def as_caller(self, account: str, region: str) -> Vault: ...
    def caller(self) -> tuple[str, str]: ...
    def revision(self) -> int: ...
    def needs_saving(self) -> bool: ...
    def time_in_doubt(self) -> bool: ...
    def confirm_time(self) -> None: ...
    def damaged(self, all: bool) -> list[tuple[str, str, str]]: ...
    def close(self) -> None: ...
    def is_closed(self) -> bool: ...

@disjoint_base
class MaterialsManager:
    """Supplies the data keys of messages: a keyring, or a cache in front of one."""

@disjoint_base
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
class RawRsaKeyring(Keyring):
    """Data keys encrypted under an RSA key that you hold, or somebody else."""

    def __new__(
        cls,
        *,
        namespace: str,
        name: str,
        padding_scheme: PaddingScheme,
        public_key: str | ReadableBuffer | None = None,
        private_key: str | ReadableBuffer | None = None,
    ) -> RawRsaKeyring:
        """With a public key to encrypt, a private key to decrypt, or both, in PEM or DER.

        Namespace and name find the key again, and are stored in the message. The public key is a `SubjectPublicKeyInfo`
        (PEM label `PUBLIC KEY`), the private one a PKCS #8 `PrivateKeyInfo` (PEM label `PRIVATE KEY`); they have 2048 to
        8192 bits. The padding scheme `PKCS1` is refused: see `pkcs1_despite_padding_oracles`.
        """

    @staticmethod
    def pkcs1_despite_padding_oracles(
        *, namespace: str, name: str, private_key: str | ReadableBuffer
    ) -> RawRsaKeyring:
        """Decrypts old messages whose data keys were padded as in PKCS #1 v1.5. Cannot encrypt.

        The padding is broken wherever an attacker can have messages of his own making decrypted and sees, by an error, by
        the time it takes or by what happens next, whether the padding was right: some thousands to millions of such
        questions decrypt any message (Bleichenbacher 1998; "Marvin" 2023). No library can hide that. Use this where nobody
        else chooses what is decrypted, best once, to encrypt the messages anew under another keyring.
        """

@final
class RawEcdhKeyring(Keyring):
    """Data keys encrypted under a key that two parties agree on over an elliptic curve: each needs the other's public key
    and its own private key only.

    A private key is a PKCS #8 `PrivateKeyInfo`, a public key a `SubjectPublicKeyInfo`, each in PEM or DER, of the curve that
    is named.
    """

    @staticmethod
    def raw_private_key_to_static_public_key(
        *,
        sender_private_key: str | ReadableBuffer,
        recipient_public_key: str | ReadableBuffer,
        curve_spec: EcdhCurveSpec,
    ) -> RawEcdhKeyring:
        """The keys of both parties are static: both can encrypt, and both can decrypt. Who has either private key can read
        all messages between the two, past ones, too.
        """

    @staticmethod
    def ephemeral_private_key_to_static_public_key(
        *, recipient_public_key: str | ReadableBuffer, curve_spec: EcdhCurveSpec
    ) -> RawEcdhKeyring:
        """A new key pair for each message, of which nobody keeps the private key: only the recipient can decrypt. Nobody
        is authenticated as the sender.
        """

    @staticmethod
    def public_key_discovery(
        *, recipient_private_key: str | ReadableBuffer, curve_spec: EcdhCurveSpec
    ) -> RawEcdhKeyring:
        """Decrypts what any sender encrypted for one's own public key. Cannot encrypt."""

@final
class HierarchicalKeyring(Keyring):
    """Data keys encrypted under branch keys, which are encrypted under KMS keys: so rotating or leaving a KMS key rewraps a few
    branch keys instead of every message.
    """

    def __new__(
        cls,
        source: Kms | BranchKeySource,
        branch_key_id: str | BranchKeyIdSupplier,
        *,
        ttl: float,
        max_entries: int | None = None,
        clock: ManualClock | None = None,
    ) -> HierarchicalKeyring:
        """With branch keys of a vault, or of your own `BranchKeySource`. One of them is for all messages, or a function chooses
        one for each message by its encryption context, as for many tenants.

        The keyring keeps an opened branch key for `ttl` seconds, and at most `max_entries` of them (1,000 if none is given).
        That a vault's KMS key was disabled, that its branch key was rotated, or that it was closed, is seen at once all the
        same; of your own source, see `BranchKeySource.branch_key_state`.

        `clock` counts the seconds of your own source, by default the operating system's. A vault has its own.
        """

@final
class CallbackKeyring(Keyring):
    """Data keys that your own code wraps and unwraps: with the KMS of AWS through its own SDK, with an HSM."""

    def __new__(
        cls,
        provider_id: str,
        *,
        wrap: Callable[[bytes, Mapping[str, str], AlgorithmSuite], WrappedDataKey],
        unwrap: Callable[[EncryptedDataKey, Mapping[str, str], AlgorithmSuite], ReadableBuffer],
        fingerprint: Callable[[tuple[EncryptedDataKey, ...] | None, Mapping[str, str]], ReadableBuffer | None]
        | None = None,
    ) -> CallbackKeyring:
        """The keyring makes the data key where no other keyring did; `wrap` encrypts it, and `unwrap` decrypts it again.

        The provider id stands in the message, and tells whose data key is whose. Both are given the encryption context:
        bind the data key to it.

        What `wrap` raises ends the encryption, and comes through as it is. What `unwrap` raises is noted, and the next
        encrypted data key is tried; if none was decrypted, it is the `__cause__` of the exception.

        A cache keeps the data keys only if there is a `fingerprint`: bytes that are others as soon as the data keys would
        be wrapped otherwise, or `None` to keep out of the cache. It is called for each message with `None` to encrypt, or
        with the encrypted data keys of the message to decrypt, and with the encryption context. It raises if the key may
        not be used for that context: then nothing of the cache is used either.
        """

@final
class CachingMaterialsManager(MaterialsManager):
    """A keyring whose data keys are used for several messages.

    It trades: messages that share a data key fall together if that key is found out, and whoever may decrypt one of them
    while it is cached may decrypt the others. It buys one request to the keyring in place of many, which counts where a
    keyring asks a KMS elsewhere, an HSM or RSA.

    An entry is found by what made it: suite, encryption context, and the keyring's keys with their current material. So in
    this process a rotation or a disabled key is seen at once. A stream whose `plaintext_length` is not announced has a data
    key of its own.
    """

    def __new__(
        cls,
        keyring: Keyring,
        *,
        max_entries: int | None = None,
        max_age: float | None = None,
        max_messages: int | None = None,
        max_bytes: int | None = None,
        clock: ManualClock | None = None,
    ) -> CachingMaterialsManager:
        """At most so many entries (100 if none is given; the least recently used go first), of so many seconds (60), each
        for so many messages (1,000) and bytes of plaintext (1 GiB).
        """

    def clear(self) -> None:
        """Forgets every entry."""

@final
class KmsKeyring(Keyring):
    """Data keys generated, encrypted and decrypted by the keys of a vault."""

    def __new__(
        cls,
        kms: KmsOperations,
        generator: str,
        additional: Sequence[str] = (),
        *,
        multi_region_aware: bool = False,
        grant_tokens: Sequence[str] | None = None,
    ) -> KmsKeyring:
        """The generator makes and encrypts the data key, the additional keys encrypt it, too; each of them can decrypt
        it. They are named by key id, key ARN, alias name or alias ARN. A key id or key ARN stands for that key alone. An
        alias encrypts with the key that it names now, and decrypts with every key of the alias's account and Region with
        which the caller may, since it may have named another one before. (AWS's SDKs decrypt with key ARNs only.)

        `kms` is a `Kms`, or another `KmsOperations` with `generate_data_key`, `encrypt` and `decrypt`, and `describe_key`
        where keys are named by key id or alias name.

        `multi_region_aware` takes a multi-Region key for the same key as its replicas in other Regions.
        """

    @staticmethod
    def discovery(
        kms: KmsOperations,
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
class Reencryptor:
    """A message being encrypted anew: the old one goes in, the new one comes out.

    What came out is of use only after `finish` answered: before, the old message may lack its end, or have a wrong signature.
    It keeps at most one frame of each. After an error it is dead: every further call raises `StreamStateException`. One thread
    at a time can use it.
    """

    @property
    def header(self) -> MessageHeader | None:
        """The new message's header, once the old one's has come."""

    def update(self, message: ReadableBuffer, /) -> bytes:
        """Takes the next bytes of the old message, and gives what they make complete of the new one: maybe nothing."""

    def finish(self) -> bytes:
        """Ends the new message, and gives the rest of it. An old one that is not complete is an error here."""

@final
class Ranges:
    """What stands below `RangeReader`."""

    @property
    def header(self) -> MessageHeader: ...
    @property
    def encryption_context(self) -> Mapping[str, str]: ...
    @property
    def plaintext_length(self) -> int | None: ...
    def locate(self, start: int, end: int, /) -> tuple[int, int]: ...
    def open(self, start: int, end: int, message: ReadableBuffer, /) -> tuple[bytes, int | None]: ...

@final
class RewrapBatch:
    """Moves many stored messages in files to other keys, or to the newest material of their key: `rewrap`, for each of them.

    Nothing is changed in place, and there is no journal. A new header goes into a copy of the message, a sidecar into a file
    beside it; each is brought to the disk before it takes the name of the old one, so at any moment there is the old one or the
    new one, whole. A batch that was killed is simply started again, and skips what is done. A message that has other names by
    hard links keeps its old header there.

    `progress` is told of each file. If it returns `False`, the batch ends there; what it raises ends the batch, too, and comes
    through as it is. What goes wrong with a file ends nothing: it is in the report.
    """

    def __new__(
        cls,
        client: EncryptionClient,
        source: MaterialsManager,
        destination: Keyring,
        *,
        encryption_context: Mapping[str, str] | None = None,
        required_encryption_context_keys: Sequence[str] | None = None,
        sidecar_only: bool = False,
        verify_with: MaterialsManager | None = None,
        every: bool = False,
    ) -> RewrapBatch:
        """From the keys that `source` finds to those of `destination`; with the same keyring as both, to the newest material of
        its keys.

        The pairs of `encryption_context` are given again: all that the messages do not store are needed. `sidecar_only` makes a
        sidecar even where a header could be written anew. `verify_with` decrypts each new header or sidecar before it takes its
        place: proof that the destination encrypted what can be decrypted again, at the price of one more request to the
        keyring per file. `every` rewraps also the messages that seem to use the destination's keys: for a key of the same name.
        """

    def files(
        self,
        paths: Iterable[str | PathLike[str]],
        *,
        progress: Callable[[RewrappedFile], bool | None] | None = None,
    ) -> RewrapReport:
        """Rewraps these files. A symbolic link is followed. The paths are taken one by one, so there may be any number."""

    def directory(
        self,
        path: str | PathLike[str],
        *,
        progress: Callable[[RewrappedFile], bool | None] | None = None,
    ) -> RewrapReport:
        """Rewraps all files in a directory and those below it. Symbolic links are not followed, and sidecars belong to their
        messages. What is no message is reported as failed.
        """

@final
class Client:
    """What stands below `EncryptionClient`."""

    def __new__(cls, values: tuple[object, ...]) -> Client: ...
    def encrypt(self, keyring: MaterialsManager, plaintext: ReadableBuffer, options: tuple[object, ...]) -> Any: ...
    def decrypt(self, keyring: MaterialsManager, message: ReadableBuffer, options: tuple[object, ...]) -> Any: ...
    def inspect(self, front: ReadableBuffer) -> Any: ...
    def inspect_sidecar(self, sidecar: ReadableBuffer) -> Any: ...
    def rewrap(
        self, source: MaterialsManager, destination: Keyring, header: ReadableBuffer, options: tuple[object, ...]
    ) -> Any: ...
    def encrypt_file(
        self,
        keyring: MaterialsManager,
        source: str | PathLike[str],
        destination: str | PathLike[str],
        options: tuple[object, ...],
        progress: Callable[[int, int], object] | None,
    ) -> Any: ...
    def decrypt_file(
        self,
        keyring: MaterialsManager,
        source: str | PathLike[str],
        destination: str | PathLike[str],
        options: tuple[object, ...],
        progress: Callable[[int, int], object] | None,
    ) -> Any: ...
    def reencrypt_file(
        self,
        old: MaterialsManager,
        new: MaterialsManager,
        source: str | PathLike[str],
        destination: str | PathLike[str],
        options: tuple[object, ...],
        progress: Callable[[int, int], object] | None,
    ) -> Any: ...
    def needs_rewrap(self, destination: Keyring, header: ReadableBuffer, sidecar: ReadableBuffer | None) -> bool: ...
    def encryptor(self, keyring: MaterialsManager, options: tuple[object, ...]) -> Encryptor: ...
    def decryptor(self, keyring: MaterialsManager, options: tuple[object, ...]) -> Decryptor: ...
    def reencrypt(
        self,
        source: MaterialsManager,
        destination: MaterialsManager,
        message: ReadableBuffer,
        options: tuple[object, ...],
    ) -> Any: ...
    def reencryptor(
        self, source: MaterialsManager, destination: MaterialsManager, options: tuple[object, ...]
    ) -> Reencryptor: ...
    def ranges(
        self, keyring: MaterialsManager, front: ReadableBuffer, message_length: int, options: tuple[object, ...]
    ) -> Ranges: ...

def remove_abandoned(directory: str | PathLike[str], /) -> int:
    """Removes the temporary files that killed processes left in a directory, and tells how many: a killed `decrypt_file` leaves
    plaintext. Those that a living process writes stay; so do all on a file system without locks. A `RewrapBatch` does this by
    itself.
    """
