"""A caller's client: generated operations above the native part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, final

from pocketkms import _native
from pocketkms._generated import BranchKeyOperations, KmsOperations, Pages, ParcelOperations, ReadableBuffer

__all__ = ["Caller", "Kms", "WireResponse"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and where."""

    account_id: str
    """The AWS account, twelve digits."""

    region: str
    """The Region that is called."""

    principal: str
    """The ARN of the principal: a root user, an IAM user, a session of a role or a federated user."""


class WireResponse(NamedTuple):
    """What AWS KMS would answer over HTTP."""

    status: int
    """The HTTP status: 200, or that of the exception."""

    body: bytes
    """JSON, of the content type `application/x-amz-json-1.1`; empty where the operation answers nothing."""

    def __repr__(self) -> str:
        # A plaintext in the body stays out of it, and thereby out of logs.
        return f"WireResponse(status={self.status}, body=<{len(self.body)} bytes>)"


@final
class Kms(KmsOperations, BranchKeyOperations, ParcelOperations, Pages):
    """AWS KMS in this process, for one caller. Made by `Vault.client`.

    Anyone who has one calls as this caller and no other; what concerns the vault as a whole is the host's, in `Vault`. All methods may
    be called from several threads, and let the others run while they work.
    """

    __slots__ = ("_call", "_kms", "_stored")

    def __init__(self, native: _native.Kms, stored: bool) -> None:
        self._kms = native
        self._stored = stored
        self._call = native.execute

    @property
    def caller(self) -> Caller:
        """Who calls, and where."""
        return Caller(*self._kms.caller())

    @property
    def closed(self) -> bool:
        """Whether the vault was closed."""
        return self._kms.is_closed()

    def call(self, target: str, body: ReadableBuffer) -> WireResponse:
        """Answers a request of AWS's JSON protocol (AWS JSON 1.1) as AWS KMS would.

        Errors are responses, too, with the name and text of AWS and nothing else. What AWS does not know is raised: a closed vault, a
        full disk, a change whose outcome is unknown. As the `KMSInternalException` that it would be, AWS's clients would try it again.

        Args:
            target: The header `X-Amz-Target`, such as `TrentService.Encrypt`.
            body: The request as JSON, at most 1 MiB.

        Raises:
            VaultClosedException: The vault was closed.
            StoreException, StoreFullException, StoreReadOnlyException, StoreDamagedException: The store failed, and nothing was changed.
            OutcomeUnknownException: The store failed, and whether the change was made is not known.
        """
        return WireResponse(*self._kms.call(target, body))
