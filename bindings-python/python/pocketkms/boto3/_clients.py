"""Clients that are made for a `Kms`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import os

import botocore
from botocore.config import Config
from botocore.session import Session

from pocketkms._kms import Kms
from pocketkms.boto3._answer import KmsEndpoint
from pocketkms.boto3._arguments import check_type
from pocketkms.boto3._fork import lock

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

UNSIGNED = Config(signature_version=botocore.UNSIGNED)
"""Given to a client when it is made, it keeps botocore from looking for credentials, for which it might ask the network."""

_lock = lock()
_session: Session | None = None


def client(kms: Kms, *, config: Config | None = None) -> KMSClient:
    """A boto3 client of a `Kms`, in its Region.

    It is botocore's own, all but the sending: responses, exceptions, paginators, hooks and retries are those of
    `boto3.client("kms")`. It needs no credentials, opens no connection and reads no profile of the machine. Clients may be used by several
    threads.

    Args:
        kms: Who answers.
        config: botocore's settings, its retries for one.
    """
    global _session
    check_type("kms", kms, Kms)
    # Sessions are not made for several threads.
    with _lock:
        _session = _session or _bare_session()
        made: Any = _session.create_client(
            "kms", region_name=kms.caller.region, config=config.merge(UNSIGNED) if config else UNSIGNED
        )
    # botocore makes endpoints of no class but its own.
    made._endpoint.__class__ = KmsEndpoint
    made._endpoint.kms = kms
    kms_client: KMSClient = made
    return kms_client


def _bare_session() -> Session:
    """A session that takes nothing of the machine's profiles, which are for AWS: one that is named and is not there would fail here."""
    session = Session()
    # Of the session itself, a variable that is set to nothing is looked for in the environment.
    variables: Any = session.get_component("config_store")
    for name, value in (("profile", None), ("config_file", os.devnull), ("credentials_file", os.devnull), ("csm_enabled", False)):
        variables.set_config_variable(name, value)
    return session
