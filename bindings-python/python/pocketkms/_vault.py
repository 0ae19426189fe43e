"""The vault, for the host that owns it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, final, overload

from pocketkms import _native
from pocketkms._clusters import CloudHsmCluster
from pocketkms._exit import flush_at_exit
from pocketkms._generated import (
    AuditEvent,
    Bill,
    ClockTrust,
    ContextEntry,
    CreateKeyResponse,
    EstimatedKeys,
    IamEntity,
    KeyMetadata,
    ListIamEntitiesResponse,
    LookupEventsResponse,
    PriceList,
    ReadableBuffer,
    RecoveryKey,
    RequestQuota,
    ResourceQuotas,
    RootKeyInfo,
    SessionContext,
    SimulateResponse,
)
from pocketkms._kms import Caller, Kms
from pocketkms._native import ManualClock, RootKey, XksHttpsTransport, XksRequest

if TYPE_CHECKING:
    from _typeshed import SupportsWrite
    from typing_extensions import Unpack

__all__ = [
    "Audit",
    "AuditFilter",
    "AuditFormat",
    "AuditProblem",
    "AuditProblemKind",
    "AuditReport",
    "AuditSink",
    "Clock",
    "DamagedRecord",
    "Vault",
    "VaultOptions",
    "XksTransport",
]

Clock: TypeAlias = ManualClock | Callable[[], datetime]
"""A clock: one that is turned by hand, or a function that returns the time as a `datetime` with a time zone. Such a function may be
called from any thread; it should not fail, for then time stands still."""


Audit: TypeAlias = (
    Literal[
        # No call is recorded.
        "OFF",
        # An event is stored before anything of the answer is given out, and a call whose event cannot be stored fails.
        "STRICT",
    ]
    | timedelta
)
"""When events of the audit trail are stored. The event of a call that changes something is always in the same commit as the change. Those
of other calls wait in memory, so long at most (a second by default, by the vault's clock), or until 1,000 of them have come together, or
the process ends; one that is killed loses them. `timedelta(0)` stores each before its call returns."""

AuditSink: TypeAlias = Callable[[tuple[AuditEvent, ...]], object]
"""A second place for the events of the audit trail: a function that takes those that have just been stored, in their order. It is called
on the thread of the call that stored them, before that returns, and may call the vault. What it raises does not concern that call: the
trail has the events, and `sys.unraisablehook` is told."""

AuditFormat: TypeAlias = Literal[
    # A file of AWS CloudTrail's: `{"Records": [...]}`.
    "CLOUDTRAIL",
    # A record in each line.
    "JSON_LINES",
]
"""The form in which the audit trail is written."""

AuditProblemKind: TypeAlias = Literal["REMOVED", "EDITED", "REORDERED", "INSERTED", "RESTARTED", "GAP", "OTHER"]
"""What may be wrong with the audit trail: an entry is gone, was altered, has the place of another, or does not belong there; or the
trail goes on after its end was not known, since the record `generation` was damaged or gone: entries may be missing before that. A gap is
no attack: the store did not take all events in time, and so many are missing."""


XksTransport: TypeAlias = XksHttpsTransport | Callable[[XksRequest], tuple[int, bytes]]
"""What carries requests to external key store proxies: HTTPS, or a function that takes a request and returns the status and the body of the
response, whatever the status is. It is called in the middle of an operation, on the thread of the call, and must not call the vault.
Where there is no response it raises: `TimeoutError` where none came in time, `ssl.SSLError` where the certificate is not good, and
anything else where the proxy cannot be reached. What it raised is among the causes of what the operation raises."""


class VaultOptions(TypedDict, total=False):
    """With what a vault is made or opened, each by its name."""

    account_id: str | None
    """The AWS account, twelve digits; the principal's if one is given, else that of the vault, which is `000000000000` for a new one."""

    region: str | None
    """The Region; that of the vault if none is given, which is `us-east-1` for a new one."""

    principal: str | None
    """The caller's ARN: a root user, an IAM user, a session of a role or a federated user. The root user of the account if only that is
    given, else that of the vault. A new vault remembers it, the account and the Region."""

    clock: Clock | None
    """The clock by which keys rotate and are deleted. By default Python's `time.time()`, as it is at each call: what turns that
    (freezegun, time-machine) turns the vault, too."""

    clock_trust: ClockTrust | None
    """How far that clock is relied on: by default `SYSTEM` for a vault in a file, and `TRUSTED` for one in memory and for a `ManualClock`."""

    audit: Audit | None
    """When events of the audit trail are stored: by default within a second."""

    expected_head: str | None
    """What `Vault.head` gave when it was last asked, kept out of reach of anyone who can write the store: a vault whose store was restored
    from a copy since is refused (`RolledBackException`), and none is made in its place."""

    audit_sink: AuditSink | None
    """Who is shown the events of the audit trail that calls of this vault store, for a second place."""

    cloud_hsm_clusters: Mapping[str, CloudHsmCluster] | None
    """What is behind custom key stores, by the ids of AWS CloudHSM clusters: `cluster-` and 11 to 16 characters."""

    cloud_hsm_cluster_accounts: Mapping[str, Sequence[str]] | None
    """Whose these clusters are, by their ids: accounts of twelve digits, or `*` for every account. A cluster that is left out is of the account
    that the vault is opened for. For any other account there is no such cluster: whoever may make a custom key store of it may give it wrong
    passwords, until it locks its `kmsuser` out."""

    xks_transport: XksTransport | None
    """What carries requests to external key store proxies, for custom key stores of the type `EXTERNAL_KEY_STORE`; without one they
    cannot be reached."""

    attestation_roots: Sequence[ReadableBuffer] | None
    """The root certificates that are trusted to say what the `recipient` of an answer is, in place of AWS's: each an X.509 certificate, PEM
    or DER. By default that is the root G1 of AWS Nitro Enclaves; with none, no attestation document is accepted."""


def _native_options(
    *,
    account_id: str | None = None,
    region: str | None = None,
    principal: str | None = None,
    clock: Clock | None = None,
    clock_trust: ClockTrust | None = None,
    audit: Audit | None = None,
    expected_head: str | None = None,
    audit_sink: AuditSink | None = None,
    cloud_hsm_clusters: Mapping[str, CloudHsmCluster] | None = None,
    cloud_hsm_cluster_accounts: Mapping[str, Sequence[str]] | None = None,
    attestation_roots: Sequence[ReadableBuffer] | None = None,
    xks_transport: XksTransport | None = None,
) -> tuple[
    tuple[Clock | None, ClockTrust | None, Sequence[ReadableBuffer] | None],
    tuple[Audit | None, str | None, AuditSink | None],
    tuple[str | None, str | None, str | None],
    tuple[dict[str, CloudHsmCluster] | None, dict[str, list[str]] | None, XksTransport | None],
]:
    """What the native part takes of `VaultOptions`."""
    clusters = None if cloud_hsm_clusters is None else dict(cloud_hsm_clusters)
    accounts = {cluster: list(of) for cluster, of in (cloud_hsm_cluster_accounts or {}).items()} or None
    return (
        (clock, clock_trust, attestation_roots),
        (audit, expected_head, audit_sink),
        (account_id, region, principal),
        (clusters, accounts, xks_transport),
    )


@dataclass(frozen=True, slots=True)
class DamagedRecord:
    """A record of a vault that does not open."""

    name: str
    """The record's name: which key, alias or material it belongs to."""

    error: str
    """The name of the exception that calls for it get: `RecordCorruptedException`, or `UnsupportedVersionException` of a newer one."""

    explanation: str
    """What is wrong with it."""


@dataclass(frozen=True, slots=True)
class AuditProblem:
    """Something that is wrong with the audit trail."""

    kind: AuditProblemKind
    """What it is."""

    entry: int
    """The number of the entry, which is in the record `audit/<number>`."""

    explanation: str
    """More about it."""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What `Vault.verify_audit` found."""

    events: int
    """How many events were checked."""

    problems: tuple[AuditProblem, ...]
    """What is wrong with the trail, in its order; at most 1,000 problems."""


class AuditFilter(TypedDict, total=False):
    """Which events are wanted, each by its name. What is left out excludes none."""

    key_id: str | None
    """Events about this KMS key: its key id or key ARN."""

    principal: str | None
    """Calls of this principal, by its ARN."""

    event_name: str | None
    """Events of this name: that of an operation, `Decrypt`, or `RotateKey`, `DeleteKey`."""

    start_time: datetime | None
    """Events of this time and later."""

    end_time: datetime | None
    """Events before this time."""

    errors_only: bool | None
    """Calls that failed alone."""

    oldest_first: bool | None
    """The oldest events first. By default the newest ones come first; in an export the oldest."""

    max_results: int | None
    """How many events are read at once, from 1 to 1000."""


def _wanted(
    *,
    key_id: str | None = None,
    principal: str | None = None,
    event_name: str | None = None,
    start_time: datetime | None = None,
    end_time: datetime | None = None,
    errors_only: bool | None = None,
    oldest_first: bool | None = None,
    max_results: int | None = None,
) -> tuple[Any, ...]:
    """What the native part takes of an `AuditFilter`, but for the marker."""
    return key_id, principal, event_name, start_time, end_time, errors_only, oldest_first, max_results


@overload
def _members(structure: IamEntity | RequestQuota | ResourceQuotas | SessionContext) -> tuple[Any, ...]: ...
@overload
def _members(structure: None) -> None: ...
@overload
def _members(structure: ResourceQuotas | SessionContext | None) -> tuple[Any, ...] | None: ...
def _members(structure: IamEntity | RequestQuota | ResourceQuotas | SessionContext | None) -> tuple[Any, ...] | None:
    """What the native part takes of a structure: its members, in their order."""
    if structure is None:
        return None
    return tuple(getattr(structure, field.name) for field in fields(structure))


@final
class Vault:
    """An open vault, for the app that keeps it: its snapshot, root key and time, and a client for each caller.

    Get one from `Vault.open_or_create`, `Vault.create` or `Vault.open`, which keep it in a file, from `Vault.in_memory` or
    `Vault.open_snapshot`. Close it, or use it in a `with` statement: closing wipes its secrets
    from memory. Give a `Kms` to code that calls on somebody's behalf, and keep this. All methods may be called from several
    threads.
    """

    __slots__ = ("_stored", "_vault")

    def __init__(self, native: _native.Vault, *, stored: bool) -> None:
        self._vault = native
        self._stored = stored
        flush_at_exit()

    @classmethod
    def open_or_create(
        cls,
        path: str | PathLike[str],
        root_key: RootKey,
        **options: Unpack[VaultOptions],
    ) -> Vault:
        """Opens the vault in a file, or makes it where there is no such file.

        The file is there when the process is gone, and after a crash; several threads and processes may use it at the same time. It
        belongs to its owner alone (mode 0600), and must be on a disk of this machine. After `os.fork` the child opens it by itself.

        Args:
            path: The file.
            root_key: What opens the vault.
            options: With what it is opened: see `VaultOptions`.

        Raises:
            WrongRootKeyException: It is another vault's root key.
            UnsupportedVersionException: A newer version of PocketKMS wrote the file.
            StoreDamagedException: The file is damaged, or does not hold a vault.
        """
        return cls(_native.Vault.file("open_or_create", path, root_key, *_native_options(**options)), stored=True)

    @classmethod
    def create(
        cls,
        path: str | PathLike[str],
        root_key: RootKey,
        **options: Unpack[VaultOptions],
    ) -> Vault:
        """Makes a new vault in a file, as `open_or_create` does.

        Args:
            path: The file.
            root_key: What opens the vault from then on.
            options: With what it is opened: see `VaultOptions`.

        Raises:
            AlreadyExistsException: There is such a file, and it is not empty.
        """
        return cls(_native.Vault.file("create", path, root_key, *_native_options(**options)), stored=True)

    @classmethod
    def open(
        cls,
        path: str | PathLike[str],
        root_key: RootKey,
        **options: Unpack[VaultOptions],
    ) -> Vault:
        """Opens the vault in a file, as `open_or_create` does.

        Args:
            path: The file.
            root_key: What opens the vault.
            options: With what it is opened: see `VaultOptions`.

        Raises:
            NotFoundException: There is no such file, or no vault in it.
            WrongRootKeyException: It is another vault's root key.
            UnsupportedVersionException: A newer version of PocketKMS wrote the file.
            StoreDamagedException: The file is damaged, or does not hold a vault.
        """
        return cls(_native.Vault.file("open", path, root_key, *_native_options(**options)), stored=True)

    @classmethod
    def in_memory(
        cls,
        root_key: RootKey,
        **options: Unpack[VaultOptions],
    ) -> Vault:
        """Makes a new vault in memory, which is gone with the process unless a `snapshot` is taken: for tests, and for apps that
        save it themselves.

        Args:
            root_key: What opens the vault from then on.
            options: With what it is opened: see `VaultOptions`.
        """
        return cls(_native.Vault.in_memory(root_key, *_native_options(**options)), stored=False)

    @classmethod
    def open_snapshot(
        cls,
        snapshot: ReadableBuffer,
        root_key: RootKey,
        **options: Unpack[VaultOptions],
    ) -> Vault:
        """Opens a snapshot, made on any platform, into memory.

        Args:
            snapshot: The sealed file.
            root_key: What the vault was sealed with.
            options: With what it is opened: see `VaultOptions`.
        """
        return cls(_native.Vault.open_snapshot(snapshot, root_key, *_native_options(**options)), stored=False)

    def client(
        self,
        *,
        account_id: str | None = None,
        region: str | None = None,
        principal: str | None = None,
        session: SessionContext | None = None,
    ) -> Kms:
        """A client for a caller. Who that is, the host has to know: nothing is asked of the caller here.

        Args:
            account_id: The AWS account, twelve digits; the principal's if one is given, else the vault's `caller`'s.
            region: The Region; the `caller`'s if none is given.
            principal: The caller's ARN, or the name of an AWS service that calls by itself on behalf of the account; the root user of the
                account if only that is given, else the `caller`'s. Where the registry keeps its account, it must be there.
            session: What is true of the caller's session and connection.
        """
        return Kms(self._vault.client((account_id, region, principal), _members(session)), self._stored)

    def put_iam_entity(self, entity: IamEntity) -> None:
        """Puts a user, group, role, federated user or account into the registry, in place of what was kept of it.

        From its first entity on, an account is kept: its principals are those of the registry, and their identity policies decide as
        AWS's do. Who is not in it is allowed nothing. Of an account that is not kept, key policies and grants alone decide.
        """
        self._vault.put_iam_entity(_members(entity))

    def get_iam_entity(self, arn: str) -> IamEntity:
        """What the registry keeps of an entity, by its ARN."""
        entity: IamEntity = self._vault.get_iam_entity(arn)
        return entity

    def list_iam_entities(
        self, *, account_id: str | None = None, limit: int | None = None, marker: str | None = None
    ) -> ListIamEntitiesResponse:
        """The ARNs of what the registry keeps of an account, page by page.

        Args:
            account_id: The account, twelve digits; the vault's own if none is given.
            limit: The most entities to return, 1 to 1000; 100 by default.
            marker: Where to go on: the `next_marker` of a truncated response.
        """
        page: ListIamEntitiesResponse = self._vault.list_iam_entities((account_id, limit, marker))
        return page

    def remove_iam_entity(self, arn: str) -> None:
        """Removes an entity from the registry. Its clients are allowed nothing any more.

        A group goes when no user is in it, and an account (the ARN of its root user) when nothing else is kept of it: then
        identity policies of that account count no more.
        """
        self._vault.remove_iam_entity(arn)

    def set_request_quotas(self, quotas: Sequence[RequestQuota] | None) -> None:
        """Request quotas for all clients of the vault in this process: AWS's numbers, but for those that are given, by the vault's clock;
        `None` for none, as at first. The count begins again. Each process counts for itself.

        A request beyond its quota raises `ThrottlingException`, which AWS's SDKs try again with backoff. Who asks pays, whosever the
        key is, and whatever becomes of the request.
        """
        self._vault.set_request_quotas(None if quotas is None else [_members(quota) for quota in quotas])

    def set_resource_quotas(self, quotas: ResourceQuotas | None) -> None:
        """Resource quotas for all clients of the vault in this process: AWS's numbers, but for those that are given; `None` for AWS's, as
        at first. What is there already stays.

        More raises `LimitExceededException`, tags `TagException`. Keys are counted only where their number is given, by reading as
        many names at each `create_key`.
        """
        self._vault.set_resource_quotas(_members(quotas))

    def set_grant_delay(self, seconds: int) -> None:
        """For how many seconds, by the vault's clock, a grant that is made from now on counts only for requests that bring its token; 0 as
        at first, when it counts at once. An app that forgets its tokens fails with AWS now and then, and here each time.

        Args:
            seconds: At most 300.
        """
        self._vault.set_grant_delay(seconds)

    def bill(self, month: str, *, account_id: str | None = None, prices: PriceList | None = None) -> Bill:
        """What a month of an account would cost at AWS, up to now: its keys in all Regions, by the hour, and the requests that it made.

        Keys are exact: an hour in which a key was there counts. A key costs nothing while its deletion is pending, and as much as ever
        if that is cancelled. Requests are counted in the audit trail: those that change something exactly, others but for those whose
        events were lost. The account may be any caller's.

        Args:
            month: The month, in UTC: `2026-11`.
            account_id: The account that pays: the owner of the keys, and the caller of the requests. By default that of the vault's
                caller.
            prices: The prices. By default AWS's.

        Raises:
            ValidationException: It is no month, or no account.
        """
        bill: Bill = self._vault.bill((month, account_id, prices))
        return bill

    def estimate(
        self,
        *,
        month: str | None = None,
        keys: Sequence[EstimatedKeys] | None = None,
        requests: int | None = None,
        rsa_2048_requests: int | None = None,
        asymmetric_requests: int | None = None,
        ecc_data_key_pairs: int | None = None,
        rsa_data_key_pairs: int | None = None,
        prices: PriceList | None = None,
    ) -> Bill:
        """What a month would cost at AWS of which only the quantities are known. Nothing of the vault is asked.

        Args:
            month: The month, in UTC: `2026-11`. By default one of 30 days.
            keys: The customer managed keys.
            requests: How many requests there are without an asymmetric key.
            rsa_2048_requests: How many with an `RSA_2048` key.
            asymmetric_requests: How many with any other asymmetric key.
            ecc_data_key_pairs: How many data key pairs on elliptic curves.
            rsa_data_key_pairs: How many RSA data key pairs.
            prices: The prices. By default AWS's.

        Raises:
            ValidationException: It is no month, or it does not have so many hours.
        """
        requested = (requests, rsa_2048_requests, asymmetric_requests, ecc_data_key_pairs, rsa_data_key_pairs)
        bill: Bill = self._vault.estimate((month, keys, *requested, prices))
        return bill

    def simulate(
        self,
        *,
        action: str,
        key_id: str | None = None,
        alias_name: str | None = None,
        encryption_context: Mapping[str, str] | None = None,
        grant_tokens: Sequence[str] | None = None,
        context: Sequence[ContextEntry] | None = None,
        account_id: str | None = None,
        region: str | None = None,
        principal: str | None = None,
        session: SessionContext | None = None,
    ) -> SimulateResponse:
        """Tries out what the vault's policies, grants and principals decide of a call, and why: which statement of which policy or
        grant decides, which conditions do not hold and with what value, or what would be needed. Nothing is carried out.

        Args:
            action: The action: `kms:Decrypt`. `ReEncrypt` asks for two, `kms:ReEncryptFrom` and `kms:ReEncryptTo`; actions on
                aliases are asked of the alias and of its key.
            key_id: The KMS key: its key id, key ARN, alias name or alias ARN. Actions without a key have none.
            alias_name: In its place, the name of an alias, for actions on aliases.
            encryption_context: The encryption context of the call.
            grant_tokens: Grant tokens that come with the call.
            context: Other condition keys of the call: `kms:EncryptionAlgorithm`.
            account_id: The account of the caller; as in `client`.
            region: The Region; as in `client`.
            principal: Who would call; as in `client`.
            session: What is true of the caller's session and connection.
        """
        members = (action, key_id, alias_name, encryption_context, grant_tokens, context)
        response: SimulateResponse = self._vault.simulate(
            (account_id, region, principal), _members(session), members
        )
        return response

    def assume_role(
        self,
        *,
        role_arn: str,
        role_session_name: str,
        external_id: str | None = None,
        session: SessionContext | None = None,
        account_id: str | None = None,
        region: str | None = None,
        principal: str | None = None,
        caller_session: SessionContext | None = None,
    ) -> Kms:
        """Assumes a role as a caller: the client of a session of it, if its trust policy and the caller's own policies allow that.

        The host can also make the client of a session without asking: `client` with the session's ARN.

        Args:
            role_arn: The ARN of the role.
            role_session_name: The name of the session, 2 to 64 characters.
            external_id: What the trust policy of another account's role may ask for: `sts:ExternalId`.
            session: What is true of the session that the caller gets.
            account_id: The account of the caller that assumes the role; as in `client`.
            region: The Region; as in `client`.
            principal: Who assumes the role; as in `client`.
            caller_session: What is true of the caller: the `session` of `client`.
        """
        caller, members = (account_id, region, principal), (role_arn, role_session_name, external_id, session)
        return Kms(self._vault.assume_role(caller, _members(caller_session), members), self._stored)

    def create_fixed_key(
        self,
        *,
        key_id: str | None = None,
        key_material: ReadableBuffer | None = None,
        description: str | None = None,
        account_id: str | None = None,
        region: str | None = None,
        principal: str | None = None,
    ) -> KeyMetadata:
        """Creates a key with an id, key material or both of your choice, for tests: what one vault encrypts with it decrypts in every
        other that is made alike. Keys that protect anything are made by `create_key`: anyone who knows the material can decrypt all that
        the key encrypts.

        Args:
            key_id: A UUID in lower case, or `mrk-` and 32 hexadecimal digits for a multi-Region key; a random UUID if none is given.
            key_material: 32 bytes; random ones if none are given. What comes by rotation is random in any case.
            description: A description of the key.
            account_id: The account of the caller who creates it; as in `client`.
            region: The Region of the key; as in `client`.
            principal: Who creates it; as in `client`.
        """
        caller = (account_id, region, principal)
        made: CreateKeyResponse = self._vault.create_fixed_key(caller, key_id, key_material, description)
        return made.key_metadata

    @property
    def caller(self) -> Caller:
        """The caller whom the vault was opened for: who was named then, else the one that it was created for."""
        return Caller(*self._vault.caller())

    @property
    def revision(self) -> int:
        """How many changes the vault has seen, those of time (a rotation or a deletion that fell due) and of the audit trail included. Snapshots keep it: it
        distinguishes an older snapshot from the one that was saved last. Of two copies that went on separately it does not say
        which is newer: a copy that no one changed may have the greater one.
        """
        return self._vault.revision()

    @property
    def needs_saving(self) -> bool:
        """Whether something that a caller changed is in memory only: of a vault in memory at first, and after each change, until a snapshot
        with it is said to be saved (`mark_saved`). A key whose deletion fell due counts too: the file that was saved last still has it.
        Rotations that only fell due do not, since every copy of the vault comes to the same.
        """
        return self._vault.needs_saving()

    @property
    def closed(self) -> bool:
        """Whether the vault was closed, by whichever of its callers."""
        return self._vault.is_closed()

    @property
    def locked(self) -> bool:
        """Whether the vault is locked."""
        return self._vault.is_locked()

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

    def lookup_events(self, *, marker: str | None = None, **wanted: Unpack[AuditFilter]) -> LookupEventsResponse:
        """A page of the audit trail: the events that are wanted, in the form of AWS CloudTrail's, the newest first.

        For the owner of the vault alone: they may be any caller's. A call about another account's key makes two events, which come
        together: then a page has more than it was asked for.

        Args:
            marker: Where to go on: the `next_marker` of the page before.
            wanted: Which events: see `AuditFilter`.

        Raises:
            InvalidMarkerException: The marker is not one that a page gave.
        """
        page: LookupEventsResponse = self._vault.lookup_events((*_wanted(**wanted), marker))
        return page

    def audit_events(self, **wanted: Unpack[AuditFilter]) -> Iterator[AuditEvent]:
        """The events of the audit trail one after the other, read page by page: see `lookup_events`."""
        members, marker = _wanted(**wanted), None
        while True:
            page: LookupEventsResponse = self._vault.lookup_events((*members, marker))
            yield from page.events
            marker = page.next_marker
            if marker is None:
                return

    def export_audit(
        self, file: SupportsWrite[str], *, format: AuditFormat = "CLOUDTRAIL", **wanted: Unpack[AuditFilter]
    ) -> int:
        """Writes the events of the audit trail, the oldest first, page by page.

        Args:
            file: What is open for writing text.
            format: The form: a file of CloudTrail's, or JSON lines.
            wanted: Which events: see `AuditFilter`.

        Returns:
            How many events were written.
        """
        return self._vault.export_audit(format, (*_wanted(**wanted), None), file.write)

    def flush_audit(self) -> None:
        """Stores the events of the audit trail that wait in memory: on a timer, where nothing calls for a while."""
        self._vault.flush_audit()

    def verify_audit(self) -> AuditReport:
        """Looks through the whole audit trail: whether an entry was removed, edited, moved or inserted, or events could not be stored."""
        events, problems = self._vault.verify_audit()
        return AuditReport(events, tuple(AuditProblem(*problem) for problem in problems))

    def remove_audit_before(self, time: datetime) -> int:
        """Removes the events from before that time, and returns how many those were. What is left can be verified as before.

        A head that was pinned before is no good any more if entries after it were removed: pin one afterwards.
        """
        return self._vault.remove_audit_before(time)

    def head(self) -> str:
        """The state of the vault, in about 150 printable characters, to be kept out of reach of anyone who can write the store. It reveals a
        store that was restored as a whole (`expected_head`), and is no secret.
        """
        return self._vault.head()

    def backup(self, path: str | PathLike[str]) -> tuple[DamagedRecord, ...]:
        """Copies the vault, as it is at one moment, to another file, while it is in use. The copy is on the disk and was read whole
        before it gets its name. It opens with the root key that the vault has now, like any vault.

        Args:
            path: The file, which must not be there.

        Returns:
            The records that are damaged in the vault itself, and so in the copy; none if all is well.

        Raises:
            AlreadyExistsException: There is a file of that name.
            UnsupportedOperationException: The vault is in memory.
        """
        return tuple(DamagedRecord(*record) for record in self._vault.backup(path))

    def snapshot(self) -> bytes:
        """The whole vault as one sealed file, the same on every platform. Of a vault in memory, say so when the file is where it lasts:
        `mark_saved`.

        Keys whose waiting period is over are not in it.
        """
        return self._vault.snapshot()

    def mark_saved(self, snapshot: ReadableBuffer) -> None:
        """Says that the file is where it lasts: what this `snapshot` has needs saving no more.

        Call it after the file was written and synced, and not where that failed.

        Args:
            snapshot: The snapshot itself, and not a revision, so that a change that came in between is never taken for saved.

        Raises:
            ValidationException: It is not one of the latest 64 snapshots taken of this vault since it was opened.
        """
        self._vault.mark_saved(snapshot)

    def save_to(self, path: str | PathLike[str]) -> None:
        """Writes a snapshot to a file, which is replaced if it is there, and marks it as saved.

        The file is the new snapshot or what it was before, whenever the process or the machine stops. Its owner alone may read it (mode
        0600).

        Raises:
            OSError: What the system refuses, or a destination that is no regular file. The file is as it was.
        """
        self._vault.save_to(path)

    def root_keys(self) -> tuple[RootKeyInfo, ...]:
        """The root keys that open the vault, in the order in which they were added. Each wraps the vault key, which seals the records."""
        infos: tuple[RootKeyInfo, ...] = self._vault.root_keys()
        return infos

    def add_root_key(self, root_key: RootKey, label: str = "") -> str:
        """Adds a root key beside those that there are, and returns its id.

        It is opened as it stands in the store before it counts: one that cannot be opened again is taken out, with an exception.

        Args:
            root_key: What opens the vault from then on, too.
            label: For people: where the key is kept.
        """
        return self._vault.add_root_key(root_key, label)

    def add_recovery_key(self, label: str = "") -> RecoveryKey:
        """Adds a new recovery key, for a person to write down: it is shown this once, and opens the vault by
        `RootKey.from_recovery_key`.
        """
        key: RecoveryKey = self._vault.add_recovery_key(label)
        return key

    def remove_root_key(self, id: str) -> None:
        """Removes a root key. It opens the vault no more, and vaults that were opened by it elsewhere end with `WrongRootKeyException`.

        The last one that a person can keep stays: that is a `LastRootKeyException`. Anyone who has the key and an earlier copy of the
        vault still has the vault key in it: `shred` ends that.
        """
        self._vault.remove_root_key(id)

    def replace_root_key(self, id: str, root_key: RootKey) -> str:
        """Puts a root key in the place of another, in one commit, and returns its id. It keeps the label."""
        return self._vault.replace_root_key(id, root_key)

    def rotate_vault_key(self, root_keys: Iterable[RootKey]) -> None:
        """Makes a new vault key and seals every record again under it, in pages, while the vault is used; then the old vault key is
        destroyed.

        A process that ends meanwhile leaves a vault that works, and that `finish_rotation` goes on with. An earlier copy of the vault
        still opens with these root keys: `shred` ends that. A `shred` that another process did not come to the end of is taken back.

        Args:
            root_keys: All root keys of the vault, since each wraps the new vault key. Remove those that are lost before.
        """
        self._vault.rotate_vault_key(list(root_keys))

    def finish_rotation(self) -> bool:
        """Goes on with a rotation of the vault key that another process did not come to the end of. Says whether there was one.

        Raises:
            ConflictException: It is a `shred`, whose new root key may be lost with that process. `shred` with that root key goes on
                with it, and `rotate_vault_key` takes it back.
        """
        return self._vault.finish_rotation()

    def shred(self, root_key: RootKey) -> None:
        """Makes deletion final: deletes what is due, makes a new vault key, seals every record again under it, and takes away every root
        key but this new one. Then no earlier copy of the vault opens with a root key that remains.

        Keep the new root key where it lasts before this call; afterwards destroy the former ones, and add a recovery key.
        Until this has returned, the vault opens with its former root keys only. Where a process ended meanwhile, call it again with
        the same new root key; if that is lost, `rotate_vault_key` takes it back. Take a root key that was never used with this vault
        before.

        Raises:
            ConflictException: The vault is being shredded for another root key, or that was taken back meanwhile.
            KMSInvalidStateException: A deletion is due by a clock that is in doubt: see `confirm_time`.
        """
        self._vault.shred(root_key)

    def close(self) -> None:
        """Closes the vault for all its callers, and wipes its secrets as soon as the calls under way have ended.

        Keyrings and caches above the vault end with it. Afterwards every call raises `VaultClosedException`. Closing again does
        nothing.
        """
        self._vault.close()

    def lock(self) -> None:
        """Locks the vault for all its callers, and wipes its secrets, until it is unlocked.

        Calls under way come to their end, or raise `VaultLockedException` as later ones do; what they had begun is whole or not there.
        Keyrings and caches above the vault wait for `unlock`. Streams and range readers whose keys came from the vault lose them, and
        have to be begun again. What the app has is not wiped: plaintexts, the root key. Locking again does nothing.
        """
        self._vault.lock()

    def unlock(self, root_key: RootKey) -> None:
        """Unlocks the vault by any of its root keys, as opening it would: its callers, keyrings and caches work again.

        `WrongRootKeyException` for another root key, `RolledBackException` if the store was put back meanwhile; the vault stays locked
        then.
        """
        self._vault.unlock(root_key)

    def __enter__(self) -> Vault:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
