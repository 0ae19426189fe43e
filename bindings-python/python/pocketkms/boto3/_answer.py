"""Endpoints that answer where botocore's would send.

A call passes three methods of its client's endpoint: `make_request`, and for each time that it is tried, `prepare_request` and `_send`.
Who answers is decided in the first, and goes along with the call, so that it ends as it began, whatever is installed or uninstalled
meanwhile.
"""

from __future__ import annotations

import functools
import sys
import uuid
from io import BytesIO
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.endpoint import Endpoint

from pocketkms._kms import Kms

ANSWERED_BY = "pocketkms"
"""Where the `Kms` is noted: in the context of a call, and on its prepared requests, which have no context."""


def decide(endpoint: Any, context: dict[str, Any], kms: Kms) -> None:
    """Who answers a call. From then on its endpoint is one that looks for such decisions; without one it sends, as it did."""
    # Read once: another thread may be doing the same.
    present: Any = endpoint.__class__
    if not issubclass(present, Answering):
        endpoint.__class__ = _answering(present)
    context[ANSWERED_BY] = kms
    # As if the model said that the operation is not to be signed: no credentials are asked for.
    context["auth_type"] = "none"


@functools.cache
def _answering(endpoints: type) -> type:
    asynchronous: Any = sys.modules.get("aiobotocore.endpoint")
    mixin: type = Answering
    if asynchronous is not None and issubclass(endpoints, asynchronous.AioEndpoint):
        from pocketkms.boto3._async import AsyncAnswering

        mixin = AsyncAnswering
    return type(endpoints.__name__, (mixin, endpoints), {})


if TYPE_CHECKING:

    class _Base(Endpoint):
        def _send(self, request: Any) -> Any: ...

else:
    _Base = object


class Answering(_Base):
    """In front of a class of endpoints, and never without one."""

    def prepare_request(self, request: Any) -> Any:
        prepared = super().prepare_request(request)
        kms = request.context.get(ANSWERED_BY)
        if kms is not None:
            setattr(prepared, ANSWERED_BY, kms)
            if _moto_is_active():
                # moto answers before anything is sent, where it knows the service by the URL. By this one it knows none.
                prepared.url = "pocketkms://answered"
        return prepared

    def _send(self, request: Any) -> Any:
        kms = getattr(request, ANSWERED_BY, None)
        if kms is None:
            return super()._send(request)
        headers, body, status = answer(kms, request)
        response: Any = AWSResponse
        return response(request.url, status, headers, Raw(body))


def _moto_is_active() -> bool:
    """Whether `mock_aws` is in effect, and not merely imported."""
    return bool(getattr(getattr(sys.modules.get("moto.core.models"), "botocore_stubber", None), "enabled", False))


class KmsEndpoint(Answering, Endpoint):
    """The endpoint of a client that is made for one `Kms`: it has no other, whatever is installed."""

    kms: Kms

    def make_request(self, operation_model: Any, request_dict: Any) -> Any:
        decide(self, request_dict["context"], self.kms)
        return super().make_request(operation_model, request_dict)


def answer(kms: Kms, request: Any) -> tuple[dict[str, str], bytes, int]:
    """The headers, body and status of the response that botocore would have got."""
    target = request.headers["X-Amz-Target"]
    status, body = kms.call(target if isinstance(target, str) else target.decode(), request.body)
    headers = {
        "x-amzn-RequestId": str(uuid.uuid4()),
        "Content-Type": "application/x-amz-json-1.1",
        "Content-Length": str(len(body)),
    }
    return headers, body, status


class Raw(BytesIO):
    """The body, as urllib3 gives it to botocore."""

    def stream(self, **_: object) -> list[bytes]:
        return [self.read()]
