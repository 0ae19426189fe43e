"""What is different in aiobotocore, which awaits the bodies of responses."""

from __future__ import annotations

import asyncio
import importlib
from io import BytesIO
from typing import Any

from pocketkms.boto3._answer import ANSWERED_BY, Answering, answer

_RESPONSE: Any = importlib.import_module("aiobotocore.awsrequest").AioAWSResponse


class AsyncAnswering(Answering):
    """In front of aiobotocore's endpoints, which inherit the rest from botocore's."""

    async def _send(self, request: Any) -> Any:
        kms = getattr(request, ANSWERED_BY, None)
        if kms is None:
            return await super()._send(request)
        # A vault in memory answers in microseconds. One in a file reads the disk, and waits for other processes that write to it.
        headers, body, status = await asyncio.to_thread(answer, kms, request) if kms._stored else answer(kms, request)
        return _RESPONSE(request.url, status, headers, AsyncRaw(headers, body))


class AsyncRaw:
    """The response, as aiohttp gives it to aiobotocore."""

    def __init__(self, headers: dict[str, str], body: bytes) -> None:
        self.raw_headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        self.body = BytesIO(body)

    async def read(self, amount: int = -1) -> bytes:
        return self.body.read(amount)
