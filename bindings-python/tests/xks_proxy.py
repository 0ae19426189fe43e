"""An external key store proxy of the tests' own, by AWS's XKS proxy API, version 1."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pocketkms import XksRequest

ENDPOINT, PATH = "https://xks.example.com", "/kms/xks/v1"
ACCESS_KEY, SECRET_KEY = "HGIE2BUAFNDMBCMSQVWLGCEXAMPLE", "VU6W2byoiBrhDqNGbx703oL0syCAmhlQgwNUT123456"

Answer = tuple[int, bytes]


class Proxy:
    """An external key store proxy, whose requests must be signed, and the external keys behind it."""

    def __init__(self, keys: Mapping[str, bytes] | None = None, path: str = PATH) -> None:
        self.keys = {name: AESGCM(key) for name, key in (keys or {"one": bytes(range(32))}).items()}
        self.path = path
        self.seen: list[str] = []
        self.refuses: str | None = None
        """The error with which it answers everything."""

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        headers = {name.lower(): value for name, value in headers.items()}
        status, answer = self.accept(path, headers, body)
        return status, json.dumps(answer).encode()

    def accept(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        if self.refuses is not None:
            return 400, {"errorName": self.refuses}
        if not path.startswith(f"{self.path}/"):
            return 404, {"errorName": "InvalidUriPathException"}
        if not hmac.compare_digest(signature(path, headers, body), headers["authorization"].rpartition("=")[2]):
            return 401, {"errorName": "AuthenticationFailedException"}
        resource = path.removeprefix(self.path)
        self.seen.append(resource)
        request = json.loads(body)
        if resource == "/health":
            manager = {"id": "1", "model": "one", "healthStatus": "ACTIVE"}
            names = {"xksProxyVendor": "a", "xksProxyModel": "b", "ekmVendor": "c"}
            return 200, {"xksProxyFleetSize": 1, **names, "ekmFleetDetails": [manager]}
        key = self.keys.get(resource.split("/")[2])
        if key is None:
            return 404, {"errorName": "KeyNotFoundException"}
        if path.endswith("/metadata"):
            return 200, {"keySpec": "AES_256", "keyUsage": ["ENCRYPT", "DECRYPT"], "keyStatus": "ENABLED"}
        given = {name: base64.b64decode(value) for name, value in request.items() if name in BYTES}
        aad = given["additionalAuthenticatedData"]
        full = len(aad).to_bytes(2, "big") + aad + b"\0"
        if path.endswith("/encrypt"):
            vector = os.urandom(12)
            sealed = key.encrypt(vector, given["plaintext"], full)
            ciphertext, tag = sealed[:-16], sealed[-16:]
            value = hashlib.sha256(aad + vector + ciphertext + tag).digest()
            made = {"ciphertext": ciphertext, "initializationVector": vector, "authenticationTag": tag, "ciphertextDataIntegrityValue": value}
            return 200, {name: base64.b64encode(part).decode() for name, part in made.items()}
        try:
            opened = key.decrypt(given["initializationVector"], given["ciphertext"] + given["authenticationTag"], full)
        except InvalidTag:
            return 400, {"errorName": "InvalidCiphertextException"}
        return 200, {"plaintext": base64.b64encode(opened).decode()}


BYTES = {"additionalAuthenticatedData", "plaintext", "ciphertext", "initializationVector", "authenticationTag"}


def signature(path: str, headers: dict[str, str], body: bytes) -> str:
    """The signature that a request should have (AWS Signature Version 4)."""
    scope = headers["authorization"].partition("Credential=")[2].partition(",")[0].partition("/")[2]
    date = headers["x-amz-date"]
    canonical = f"POST\n{path}\n\nhost:{headers['host']}\nx-amz-date:{date}\n\nhost;x-amz-date\n{hashlib.sha256(body).hexdigest()}"
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{SECRET_KEY}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


def in_process(proxy: Proxy) -> Callable[[XksRequest], Answer]:
    def carry(request: XksRequest) -> Answer:
        assert request.url == request.endpoint + request.path
        if request.endpoint != ENDPOINT:
            raise OSError("no proxy is there")
        return proxy.answer(request.path, {**request.headers, "Host": "xks.example.com"}, request.body)

    return carry
