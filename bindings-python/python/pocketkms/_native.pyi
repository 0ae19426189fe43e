"""The native part, written in Rust."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from os import PathLike
from typing import Any, final

from typing_extensions import Unpack, disjoint_base

from pocketkms._batch import RewrappedFile, RewrapReport
from pocketkms._branch_keys import BranchKeyIdSupplier, BranchKeySource
from pocketkms._envelope import EncryptionClient
from pocketkms._generated import (
    AlgorithmSuite,
    Argon2Cost,
    CacheOptions,
    ClockTrust,
    DiscoveryFilter,
    EcdhCurveSpec,
    EncryptedDataKey,
    MessageClientOptions,
    KmsDiscoveryOptions,
    KmsKeyringOptions,
    KmsOperations,
    MessageHeader,
    PaddingScheme,
    ReadableBuffer,
    RewrapBatchOptions,
)
from pocketkms._clusters import CloudHsmCluster
from pocketkms._vault import Audit, AuditFormat, AuditProblemKind, AuditSink, Clock, XksTransport
from pocketkms._kms import Kms as _Client
from pocketkms._messages import KmsClient, WrappedDataKey

__all__ = [
    "CachingMaterialsManager",
    "CallbackKeyring",
    "Client",
    "Decryptor",
    "Encryptor",
    "HierarchicalKeyring",
    "Keyring",
    "Kms",
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
    "XksHttpsTransport",
    "XksRequest",
    "__version__",
    "flush_all",
    "remove_abandoned",
]

__version__: str

@final
class RootKey:
    """What opens a vault. Keep it outside of the vault: anyone who has both has every key."""

    @staticmethod
    def from_bytes(key: ReadableBuffer, /) -> RootKey:
        """32 random bytes, kept by you: in a keychain, a secret manager, an HSM."""

    @staticmethod
    def generate() -> RootKey:
        """32 new random bytes. Keep `to_bytes` of it."""

    @staticmethod
    def from_recovery_key(text: str, /) -> RootKey:
        """A recovery key as it was written down: `Vault.add_recovery_key` showed it. Upper and lower case, spaces and hyphens do not
        matter, nor do look-alikes (O and 0; I, L and 1; U and V). A checksum finds other mistakes.
        """

    @staticmethod
    def from_env(name: str, /) -> RootKey:
        """The root key in an environment variable: 64 hexadecimal digits or base64. Anyone who may inspect the process sees its
        environment, and so do the processes that it starts: a file is better where there is a choice.
        """

    @staticmethod
    def from_file(path: str | PathLike[str], /) -> RootKey:
        """The root key in a file: 64 hexadecimal digits, base64, or 32 raw bytes.

        A file that others can read or write is a `ValidationException`: its mode is 0600 or less, and it belongs to the user of the
        process or to root. A secret that Docker, Kubernetes or systemd mounts (tmpfs or ramfs, read-only) counts whatever its
        mode. Symbolic links are followed. On Windows the rights of the file are not looked at.
        """

    @staticmethod
    def from_callback(
        name: str, /, *, wrap: Callable[[bytes], ReadableBuffer], unwrap: Callable[[bytes], ReadableBuffer]
    ) -> RootKey:
        """A key elsewhere, which functions of yours ask: a key of AWS KMS or of another vault, in an HSM.

        `wrap` encrypts 32 bytes when a vault is made or the root key is added; what it returns, at most 4,096 bytes, stands in the
        vault's header. `unwrap` decrypts it when the vault is opened. They are called on the thread of that call, and what they raise
        is raised by it, the same exception. `name` distinguishes the key from others, and stands readable in the vault's header: the
        key's ARN. A vault needs a root key beside it that a person can keep.
        """

    def to_bytes(self) -> bytes:
        """The 32 bytes of a root key that is made of bytes, to keep them where `from_bytes` finds them again."""

    @staticmethod
    def from_passphrase(
        passphrase: str | ReadableBuffer,
        /,
        *,
        cost: Argon2Cost | None = None,
        max_cost: Argon2Cost | None = None,
        seconds: float | None = None,
    ) -> RootKey:
        """A passphrase, hashed with Argon2id. Text counts as its UTF-8 bytes: normalise Unicode before, where users
        type it on different systems.

        An existing vault keeps the cost that it was made with. That stands in its header, which anyone who can write the file can
        forge: above `max_cost` (256 MiB, 10 passes and 16 lanes by default, or `cost` where it is more) opening is a
        `LimitExceededException`, before anything is spent.

        Instead of a cost, `seconds` says how long the hash is to take on this machine, about: the cost is measured when a vault is
        made or the root key is added, at least 19 MiB and 2 passes, and at most `max_cost`.
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
        """Turns the time forward by so many days; `advance` turns it back."""

@final
class XksHttpsTransport:
    """Carries requests to external key store proxies over HTTPS, on connections that it keeps. The whole exchange has 250 ms, as with AWS
    KMS, and redirections are not followed. A proxy for HTTP in the environment is not used."""

    def __new__(
        cls,
        *,
        roots: ReadableBuffer | None = None,
        timeout: timedelta | None = None,
        routes: Mapping[str, str] | None = None,
        hosts: Sequence[str] | None = None,
    ) -> XksHttpsTransport:
        """
        Args:
            roots: The certificates against which those of proxies are checked, as PEM; those that Mozilla trusts if none are given.
            timeout: How long an exchange may take.
            routes: Where requests for an endpoint (`https://xks.example.com`) go instead: `https://` or `http://`, a host, and a port
                if it is another than usual. The header `Host` stays the endpoint's; the certificate is that of the other place.
                Without TLS only addresses of this machine are taken.
            hosts: The only hosts that are called: `xks.example.com`, or `*.example.com` for all names that end so. Whoever may make a custom
                key store names its proxy: without a list, any host that this machine reaches.
        """

@final
class XksRequest:
    """A request of AWS's XKS proxy API, version 1: an HTTP POST of JSON, signed. It holds no plaintext of a caller's: what a proxy
    encrypts is encrypted already."""

    @property
    def url(self) -> str:
        """The endpoint and the path."""

    @property
    def endpoint(self) -> str:
        """Whose proxy it is: `https://` and the name of a host."""

    @property
    def path(self) -> str:
        """The path at that host."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers, all but `Host`, which is that of the endpoint and is signed, too."""

    @property
    def body(self) -> bytes:
        """The body."""

@final
class Vault:
    """The host's handle of a vault. Callers are given as account, Region and principal, each if it is named."""

    @staticmethod
    def file(
        how: str,
        path: str | PathLike[str],
        root: RootKey,
        trusted: tuple[Clock | None, ClockTrust | None, Sequence[ReadableBuffer] | None],
        audit: tuple[Audit | None, str | None, AuditSink | None],
        caller: tuple[str | None, str | None, str | None],
        outside: tuple[dict[str, CloudHsmCluster] | None, dict[str, list[str]] | None, XksTransport | None],
    ) -> Vault: ...
    @staticmethod
    def in_memory(
        root: RootKey,
        trusted: tuple[Clock | None, ClockTrust | None, Sequence[ReadableBuffer] | None],
        audit: tuple[Audit | None, str | None, AuditSink | None],
        caller: tuple[str | None, str | None, str | None],
        outside: tuple[dict[str, CloudHsmCluster] | None, dict[str, list[str]] | None, XksTransport | None],
    ) -> Vault: ...
    @staticmethod
    def open_snapshot(
        snapshot: ReadableBuffer,
        root: RootKey,
        trusted: tuple[Clock | None, ClockTrust | None, Sequence[ReadableBuffer] | None],
        audit: tuple[Audit | None, str | None, AuditSink | None],
        caller: tuple[str | None, str | None, str | None],
        outside: tuple[dict[str, CloudHsmCluster] | None, dict[str, list[str]] | None, XksTransport | None],
    ) -> Vault: ...
    def create_fixed_key(
        self,
        caller: tuple[str | None, str | None, str | None],
        key_id: str | None,
        key_material: ReadableBuffer | None,
        description: str | None,
    ) -> Any: ...
    def client(self, caller: tuple[str | None, str | None, str | None], session: tuple[Any, ...] | None) -> Kms: ...
    def put_iam_entity(self, members: tuple[Any, ...]) -> None: ...
    def get_iam_entity(self, arn: str) -> Any: ...
    def list_iam_entities(self, members: tuple[Any, ...]) -> Any: ...
    def remove_iam_entity(self, arn: str) -> None: ...
    def set_request_quotas(self, quotas: list[tuple[Any, ...]] | None) -> None: ...
    def set_resource_quotas(self, quotas: tuple[Any, ...] | None) -> None: ...
    def set_grant_delay(self, seconds: int) -> None: ...
    def bill(self, members: tuple[Any, ...]) -> Any: ...
    def estimate(self, members: tuple[Any, ...]) -> Any: ...
    def simulate(
        self,
        caller: tuple[str | None, str | None, str | None],
        session: tuple[Any, ...] | None,
        members: tuple[Any, ...],
    ) -> Any: ...
    def assume_role(
        self,
        caller: tuple[str | None, str | None, str | None],
        session: tuple[Any, ...] | None,
        members: tuple[Any, ...],
    ) -> Kms: ...
    def caller(self) -> tuple[str, str, str]: ...
    def snapshot(self) -> bytes: ...
    def mark_saved(self, snapshot: ReadableBuffer) -> None: ...
    def root_keys(self) -> Any: ...
    def add_root_key(self, root: RootKey, label: str) -> str: ...
    def add_recovery_key(self, label: str) -> Any: ...
    def remove_root_key(self, id: str) -> None: ...
    def replace_root_key(self, id: str, root: RootKey) -> str: ...
    def rotate_vault_key(self, roots: list[RootKey]) -> None: ...
    def finish_rotation(self) -> bool: ...
    def shred(self, root: RootKey) -> None: ...
    def revision(self) -> int: ...
    def needs_saving(self) -> bool: ...
    def time_in_doubt(self) -> bool: ...
    def confirm_time(self) -> None: ...
    def damaged(self, all: bool) -> list[tuple[str, str, str]]: ...
    def lookup_events(self, members: tuple[Any, ...]) -> Any: ...
    def export_audit(self, format: AuditFormat, members: tuple[Any, ...], write: Callable[[str], object]) -> int: ...
    def flush_audit(self) -> None: ...
    def verify_audit(self) -> tuple[int, list[tuple[AuditProblemKind, int, str]]]: ...
    def remove_audit_before(self, time: datetime) -> int: ...
    def head(self) -> str: ...
    def backup(self, path: str | PathLike[str]) -> list[tuple[str, str, str]]: ...
    def close(self) -> None: ...
    def is_closed(self) -> bool: ...
    def lock(self) -> None: ...
    def unlock(self, root: RootKey) -> None: ...
    def is_locked(self) -> bool: ...
    def save_to(self, path: str | PathLike[str]) -> None: ...

@final
class Kms:
    """A caller's client, and the one native function above which the generated methods stand."""

    def execute(self, operation: str, members: tuple[object, ...]) -> Any: ...
    def call(self, target: str, body: ReadableBuffer) -> tuple[int, bytes]: ...
    def caller(self) -> tuple[str, str, str]: ...
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
        questions decrypt any message (Bleichenbacher 1998; "Marvin" 2023). No library can hide that. Use this where no one
        else chooses what is decrypted, best once, to re-encrypt the messages under another keyring.
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
        """The keys of both parties are static: both can encrypt, and both can decrypt. Anyone who has either private key can read
        all messages between the two, past ones, too.
        """

    @staticmethod
    def ephemeral_private_key_to_static_public_key(
        *, recipient_public_key: str | ReadableBuffer, curve_spec: EcdhCurveSpec
    ) -> RawEcdhKeyring:
        """A new key pair for each message, of which no one keeps the private key: only the recipient can decrypt. No one
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
        source: _Client | BranchKeySource,
        branch_key_id: str | BranchKeyIdSupplier,
        *,
        ttl: float,
        max_entries: int | None = None,
        clock: Clock | None = None,
    ) -> HierarchicalKeyring:
        """With branch keys of a vault, or of your own `BranchKeySource`. One of them is for all messages, or a function chooses
        one for each message by its encryption context, as for many tenants.

        The keyring keeps an opened branch key for `ttl` seconds, and at most `max_entries` of them (1,000 if none is given).
        That a vault's KMS key was disabled, that its branch key was rotated, or that it was closed, is seen immediately all the
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

        The provider id stands in the message, and says whose data key is whose. Both are given the encryption context:
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

    It trades: messages that share a data key fall together if that key is found out, and anyone who may decrypt one of them
    while it is cached may decrypt the others. It buys one request to the keyring in place of many, which counts where a
    keyring asks a KMS elsewhere, an HSM or RSA.

    An entry is found by what made it: suite, encryption context, and the keyring's keys with their current material. So in
    this process a rotation or a disabled key is seen immediately. A stream whose `plaintext_length` is not announced has a data
    key of its own.
    """

    def __new__(
        cls,
        keyring: Keyring,
        *,
        clock: Clock | None = None,
        **limits: Unpack[CacheOptions],
    ) -> CachingMaterialsManager:
        """With these limits, each by its name: see `CacheOptions`. `clock` says how old entries are, by default the operating
        system's.
        """

    def clear(self) -> None:
        """Forgets every entry."""

@final
class KmsKeyring(Keyring):
    """Data keys generated, encrypted and decrypted by the keys of a vault."""

    def __new__(
        cls,
        kms: KmsOperations | KmsClient,
        generator: str,
        additional: Sequence[str] = (),
        **options: Unpack[KmsKeyringOptions],
    ) -> KmsKeyring:
        """The generator makes and encrypts the data key, the additional keys encrypt it, too; each of them can decrypt
        it. They are named by key id, key ARN, alias name or alias ARN. A key id or key ARN stands for that key alone. An
        alias encrypts with the key that it names now, and decrypts with every key of the alias's account and Region with
        which the caller may, since it may have named another one before. (AWS's SDKs decrypt with key ARNs only.)

        `kms` is a `Kms`, or your own `KmsClient` (or `KmsOperations`): that has `generate_data_key`, `encrypt` and `decrypt`, and
        its keys are named by their ARNs.

        `options` are those of `KmsKeyringOptions`, each by its name.
        """

    @staticmethod
    def discovery(
        kms: KmsOperations | KmsClient,
        filter: DiscoveryFilter | None = None,
        **options: Unpack[KmsDiscoveryOptions],
    ) -> KmsKeyring:
        """Decrypts with whichever key encrypted the data key, as far as the caller may use it and the filter allows.
        Cannot encrypt.

        `options` are those of `KmsDiscoveryOptions`, each by its name.
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
    """A message being re-encrypted: the old one goes in, the new one comes out.

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

    `progress` is called for each file. If it returns `False`, the batch ends there; what it raises ends the batch, too, and comes
    through as it is. What goes wrong with a file ends nothing: it is in the report.
    """

    def __new__(
        cls,
        client: EncryptionClient,
        source: MaterialsManager,
        destination: Keyring,
        *,
        verify_with: MaterialsManager | None = None,
        every: bool = False,
        **options: Unpack[RewrapBatchOptions],
    ) -> RewrapBatch:
        """From the keys that `source` finds to those of `destination`; with the same keyring as both, to the newest material of
        its keys.

        The options are those of `rewrap`, for each message; its sidecar is the one beside it. `verify_with` decrypts each new header or sidecar before it takes its
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

    def __new__(cls, options: MessageClientOptions) -> Client: ...
    def encrypt(self, keyring: MaterialsManager, plaintext: ReadableBuffer, options: Mapping[str, object]) -> Any: ...
    def decrypt(self, keyring: MaterialsManager, message: ReadableBuffer, options: Mapping[str, object]) -> Any: ...
    def inspect(self, front: ReadableBuffer) -> Any: ...
    def inspect_sidecar(self, sidecar: ReadableBuffer) -> Any: ...
    def rewrap(
        self, source: MaterialsManager, destination: Keyring, header: ReadableBuffer, options: Mapping[str, object]
    ) -> Any: ...
    def encrypt_file(
        self,
        keyring: MaterialsManager,
        source: str | PathLike[str],
        destination: str | PathLike[str],
        options: Mapping[str, object],
        progress: Callable[[int, int], object] | None,
    ) -> Any: ...
    def decrypt_file(
        self,
        keyring: MaterialsManager,
        source: str | PathLike[str],
        destination: str | PathLike[str],
        options: Mapping[str, object],
        progress: Callable[[int, int], object] | None,
    ) -> Any: ...
    def reencrypt_file(
        self,
        old: MaterialsManager,
        new: MaterialsManager,
        source: str | PathLike[str],
        destination: str | PathLike[str],
        options: Mapping[str, object],
        progress: Callable[[int, int], object] | None,
    ) -> Any: ...
    def needs_rewrap(self, destination: Keyring, header: ReadableBuffer, sidecar: ReadableBuffer | None) -> bool: ...
    def encryptor(self, keyring: MaterialsManager, options: Mapping[str, object]) -> Encryptor: ...
    def decryptor(self, keyring: MaterialsManager, options: Mapping[str, object]) -> Decryptor: ...
    def reencrypt(
        self,
        source: MaterialsManager,
        destination: MaterialsManager,
        message: ReadableBuffer,
        options: Mapping[str, object],
    ) -> Any: ...
    def reencryptor(
        self, source: MaterialsManager, destination: MaterialsManager, options: Mapping[str, object]
    ) -> Reencryptor: ...
    def ranges(
        self, keyring: MaterialsManager, front: ReadableBuffer, message_length: int, options: Mapping[str, object]
    ) -> Ranges: ...

def flush_all() -> None: ...
def remove_abandoned(directory: str | PathLike[str], /) -> int:
    """Removes the temporary files that killed processes left in a directory, and returns how many: a killed `decrypt_file` leaves
    plaintext. Those that a living process writes stay; so do all on a file system without locks. A `RewrapBatch` does this by
    itself.
    """
