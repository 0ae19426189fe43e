"""Vaults that answer the clients of sessions."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from botocore.session import Session

from pocketkms._kms import Kms
from pocketkms._vault import Vault
from pocketkms.boto3._arguments import check_type
from pocketkms.boto3._fork import lock
from pocketkms.boto3._places import change, family, restore

if TYPE_CHECKING:
    import boto3

_lock = lock()
# The one that came last answers. Replaced and never changed, so that a request looks through it without the lock.
_rules: tuple[Rule, ...] = ()


class Rule:
    """Who answers whom."""

    def __init__(self, session: Session | None, vault: Vault, account_id: str | None, principal: str | None) -> None:
        self.family = None if session is None else family(session)
        """Whose clients; `None`: all."""
        self.vault = vault
        self.account_id = account_id
        self.principal = principal
        self.region = vault.client(account_id=account_id, principal=principal).caller.region
        """Of clients that name none."""
        self.clients: dict[str, Kms] = {}

    def client(self, region: str) -> Kms:
        found = self.clients.get(region)
        if found is None:
            found = self.vault.client(account_id=self.account_id, region=region, principal=self.principal)
            self.clients[region] = found
        return found


class Installation:
    """A vault that answers the KMS clients of a session, or of all of them, until `uninstall` or the end of its `with` statement.
    Made by `install`."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def uninstall(self) -> None:
        """Ends it. The installation before it answers again, if there is one; else clients go where they went before, and those that
        were made meanwhile raise `NotInstalledError`. A second time does nothing.
        """
        global _rules
        with _lock:
            _rules = tuple(other for other in _rules if other is not self._rule)
            if not _rules:
                restore()

    def __enter__(self) -> Installation:
        if all(rule is not self._rule for rule in _rules):
            raise RuntimeError("this installation has ended, and answers no client: install the vault again")
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.uninstall()


def install(
    session: boto3.Session | Session | None,
    vault: Vault,
    *,
    account_id: str | None = None,
    principal: str | None = None,
) -> Installation:
    """Answers KMS clients by a vault: those that there are, and those that are made from now on. Each calls in the Region that it was
    made for; where none is configured, in the vault's. A call that has begun ends as it began.

    It is for this process and those that it forks. A worker that is spawned is a new interpreter: it installs for itself, or its clients
    go to AWS.

    Args:
        session: The session whose clients are answered, of boto3, botocore, aioboto3 or aiobotocore; `None` for all sessions.
        vault: Who answers.
        account_id: The account of the callers; the principal's if one is given, else the vault's.
        principal: The caller's ARN; the root user of the account if only that is given, else the vault's.

    Raises:
        VaultClosedException: The vault was closed.
    """
    global _rules
    check_type("vault", vault, Vault)
    if vault.closed:
        # Raises what its clients would raise later, at each call.
        _ = vault.revision
    # A session of boto3 or aioboto3 is one of botocore or aiobotocore with more methods around it.
    inner: Any = getattr(session, "_session", session)
    if inner is not None:
        check_type("session", inner, Session)
    rule = Rule(inner, vault, account_id, principal)
    with _lock:
        change(_find, _region_of)
        _rules = (*_rules, rule)
    return Installation(rule)


def _find(clients: object, region: str) -> Kms | None:
    rule = _latest(clients)
    return None if rule is None else rule.client(region)


def _region_of(clients: object) -> str | None:
    rule = _latest(clients)
    return None if rule is None else rule.region


def _latest(clients: object) -> Rule | None:
    """A session's own goes before one of all sessions."""
    everywhere = None
    for rule in reversed(_rules):
        if rule.family is None:
            everywhere = everywhere or rule
        elif rule.family is clients:
            return rule
    return everywhere
