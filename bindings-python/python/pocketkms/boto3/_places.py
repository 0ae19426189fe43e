"""The few places that every client and every request passes, in botocore and aiobotocore, and what is done there while a vault is
installed. Clients are not searched for: neither the garbage collector nor anybody else knows all of them.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from botocore.config import Config
from botocore.endpoint import Endpoint
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from pocketkms._kms import Kms
from pocketkms.boto3._answer import ANSWERED_BY, decide
from pocketkms.boto3._clients import UNSIGNED

Find = Callable[[object, str], Kms | None]
"""Who answers the clients of a session in a Region, if a vault does. For a session stands what all its clients have in common, and no
others: its factory of parsers."""

RegionOf = Callable[[object], str | None]
"""The Region of a session's clients that name none, if a vault answers them."""


class NotInstalledError(BotoCoreError):
    """A client that was made while PocketKMS answered is used after it has stopped. It has no credentials, and what it would send
    was not meant for AWS."""

    fmt = "this client was made while pocketkms.boto3 was installed, which it no longer is: make a client for each installation"


class Change(NamedTuple):
    owner: type
    name: str
    ours: Callable[..., Any]
    original: Callable[..., Any]


# Guarded by the lock of `_install`.
_changes: list[Change] = []


def change(find: Find, region_of: RegionOf) -> None:
    """Makes the changes, all but those that are in effect. Around what others, such as instrumentation, have put there."""
    new: list[Change] = []
    for owner, name, around in _places(find, region_of):
        current = vars(owner)[name]
        if all(current is not made.ours for made in _changes):
            new.append(Change(owner, name, functools.wraps(current)(around(current)), current))
    for made in new:
        setattr(made.owner, made.name, made.ours)
        _changes.append(made)


def restore() -> None:
    """Takes the changes back. What others have put around one stays, and it with them: it lets everything pass when nothing is
    installed."""
    while _changes:
        made = _changes.pop()
        if vars(made.owner).get(made.name) is made.ours:
            setattr(made.owner, made.name, made.original)


Around = Callable[[Callable[..., Any]], Callable[..., Any]]


def _places(find: Find, region_of: RegionOf) -> Iterator[tuple[type, str, Around]]:
    yield Session, "create_client", functools.partial(_create_client, region_of)
    # aiobotocore's endpoints inherit it: the one place for all requests.
    yield Endpoint, "make_request", functools.partial(_make_request, find)
    try:
        # Imported here, for the app may come to it later.
        sessions: Any = importlib.import_module("aiobotocore.session")
    except ImportError:
        return
    yield sessions.AioSession, "_create_client", functools.partial(_create_async_client, region_of)


def _make_request(find: Find, original: Callable[..., Any]) -> Callable[..., Any]:
    def make_request(self: Any, operation_model: Any, request_dict: Any) -> Any:
        context = request_dict["context"]
        # A client of one `Kms` has decided already.
        if self._endpoint_prefix == "kms" and ANSWERED_BY not in context:
            kms = find(self._response_parser_factory, context["client_region"])
            if kms is not None:
                decide(self, context, kms)
        return original(self, operation_model, request_dict)

    return make_request


def _create_client(region_of: RegionOf, original: Callable[..., Any]) -> Callable[..., Any]:
    def create_client(self: Session, service_name: str, region_name: str | None = None, *rest: Any, **options: Any) -> Any:
        region = region_of(family(self)) if service_name == "kms" else None
        if region is None:
            return original(self, service_name, region_name, *rest, **options)
        region_name = _without_credentials(self, region_name, region, options)
        return _guarded(self, original(self, service_name, region_name, *rest, **options))

    return create_client


def _create_async_client(region_of: RegionOf, original: Callable[..., Any]) -> Callable[..., Any]:
    async def create_client(
        self: Session, service_name: str, region_name: str | None = None, *rest: Any, **options: Any
    ) -> Any:
        region = region_of(family(self)) if service_name == "kms" else None
        if region is None:
            return await original(self, service_name, region_name, *rest, **options)
        region_name = _without_credentials(self, region_name, region, options)
        return _guarded(self, await original(self, service_name, region_name, *rest, **options))

    return create_client


def family(session: Any) -> object:
    """What the clients of a session, and no others, have in common."""
    factory: object = session.get_component("response_parser_factory")
    return factory


def _without_credentials(session: Session, named: str | None, otherwise: str, options: dict[str, Any]) -> str:
    """The Region that the app names or has configured, else the vault's."""
    config: Config | None = options.get("config")
    options["config"] = config.merge(UNSIGNED) if config else UNSIGNED
    configs: tuple[Any, ...] = (config, session.get_default_client_config())
    configured = next((found.region_name for found in configs if getattr(found, "region_name", None)), None)
    region: str = named or configured or session.get_config_variable("region") or otherwise
    return region


def _guarded(session: Any, made: Any) -> Any:
    made.meta.events.register_first("request-created.kms", _refuse, unique_id="pocketkms-guard")
    # Client-side monitoring, where it is configured, would send a datagram for each call.
    monitor = session._get_internal_component("monitor")
    if monitor is not None:
        for event in monitor._EVENTS_TO_REGISTER:
            made.meta.events.unregister(event, monitor.capture)
    return made


def _refuse(request: Any, **_: object) -> None:
    if ANSWERED_BY not in request.context:
        raise NotInstalledError()
