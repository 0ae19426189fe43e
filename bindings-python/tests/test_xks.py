"""External key stores: a function that carries the requests, and HTTP to a proxy on this machine."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from xks_proxy import ACCESS_KEY, ENDPOINT, PATH, SECRET_KEY, Answer, Proxy, in_process

from pocketkms import (
    KmsError,
    KMSInvalidStateException,
    Kms,
    ManualClock,
    RootKey,
    ValidationException,
    Vault,
    XksHttpsTransport,
    XksKeyNotFoundException,
    XksProxyAuthenticationCredentialType,
    XksProxyIncorrectAuthenticationCredentialException,
    XksProxyInvalidResponseException,
    XksProxyUriUnreachableException,
    XksRequest,
)

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)

@pytest.fixture
def proxy() -> Proxy:
    return Proxy()


@pytest.fixture
def place(proxy: Proxy) -> Iterator[str]:
    """Where the proxy listens."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, answer = proxy.answer(self.path, dict(self.headers.items()), body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def create_store(kms: Kms, secret_key: str = SECRET_KEY) -> str:
    credential = XksProxyAuthenticationCredentialType(access_key_id=ACCESS_KEY, raw_secret_access_key=secret_key)
    return kms.create_custom_key_store(
        custom_key_store_name="outside",
        custom_key_store_type="EXTERNAL_KEY_STORE",
        xks_proxy_connectivity="PUBLIC_ENDPOINT",
        xks_proxy_uri_endpoint=ENDPOINT,
        xks_proxy_uri_path=PATH,
        xks_proxy_authentication_credential=credential,
    ).custom_key_store_id


def use(kms: Kms, proxy: Proxy) -> None:
    """A key is made and used, and its requests are those of the specification."""
    store = create_store(kms)
    kms.connect_custom_key_store(custom_key_store_id=store)
    with pytest.raises(XksKeyNotFoundException):
        kms.create_key(origin="EXTERNAL_KEY_STORE", custom_key_store_id=store, xks_key_id="two")
    key = kms.create_key(origin="EXTERNAL_KEY_STORE", custom_key_store_id=store, xks_key_id="one").key_metadata.key_id
    blob = kms.encrypt(key_id=key, plaintext=b"card 4242", encryption_context={"order": "7"}).ciphertext_blob
    assert kms.decrypt(ciphertext_blob=blob, encryption_context={"order": "7"}).plaintext == b"card 4242"
    with pytest.raises(KMSInvalidStateException, match="encryption context is corrupted"):
        kms.decrypt(ciphertext_blob=blob)
    assert proxy.seen[0] == "/health"
    assert proxy.seen[3:] == ["/keys/one/metadata", "/keys/one/encrypt", "/keys/one/decrypt", "/keys/one/decrypt"]


def test_a_function_carries_the_requests(root: RootKey, proxy: Proxy) -> None:
    use(Vault.in_memory(root, clock=ManualClock(NOW), xks_transport=in_process(proxy)).client(), proxy)


def test_requests_go_over_http(root: RootKey, proxy: Proxy, place: str) -> None:
    transport = XksHttpsTransport(routes={ENDPOINT: place}, timeout=timedelta(seconds=20))
    use(Vault.in_memory(root, clock=ManualClock(NOW), xks_transport=transport).client(), proxy)


def test_only_hosts_that_are_named_are_called(root: RootKey, proxy: Proxy, place: str) -> None:
    routes, timeout = {ENDPOINT: place}, timedelta(seconds=20)
    for hosts in (["*.example.org"], []):
        transport = XksHttpsTransport(routes=routes, timeout=timeout, hosts=hosts)
        kms = Vault.in_memory(root, clock=ManualClock(NOW), xks_transport=transport).client()
        with pytest.raises(XksProxyUriUnreachableException) as error:
            create_store(kms)
        assert "allows no external key store proxy at" in str(error.value.explanation)
    assert proxy.seen == []
    transport = XksHttpsTransport(routes=routes, timeout=timeout, hosts=["*.example.com"])
    create_store(Vault.in_memory(root, clock=ManualClock(NOW), xks_transport=transport).client())


def test_a_wrong_secret_key_is_refused(root: RootKey, proxy: Proxy) -> None:
    kms = Vault.in_memory(root, xks_transport=in_process(proxy)).client()
    with pytest.raises(XksProxyIncorrectAuthenticationCredentialException):
        create_store(kms, "0" * 43)


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (TimeoutError("late"), "did not respond in time"),
        (ssl.SSLCertVerificationError("expired"), "cannot establish a TLS connection"),
        (OSError("no route"), "cannot communicate with the external key store proxy"),
    ],
)
def test_what_the_function_raises_is_a_cause(root: RootKey, raised: Exception, words: str) -> None:
    def carry(_: XksRequest) -> Answer:
        raise raised

    kms = Vault.in_memory(root, xks_transport=carry).client()
    with pytest.raises(XksProxyUriUnreachableException, match=words) as error:
        create_store(kms)
    assert error.value.causes[0] is raised


@pytest.mark.parametrize("answer", [None, b"", (200,), ("200", b""), (200, "text"), (-1, b""), (200, b"", b"")])
def test_what_is_no_answer_is_none(root: RootKey, answer: Any) -> None:
    kms = Vault.in_memory(root, xks_transport=lambda _: answer).client()
    with pytest.raises(XksProxyUriUnreachableException) as error:
        create_store(kms)
    assert isinstance(error.value.causes[0], TypeError)


def test_an_answer_is_bounded(root: RootKey) -> None:
    kms = Vault.in_memory(root, xks_transport=lambda _: (200, bytes(1 << 20))).client()
    with pytest.raises(XksProxyInvalidResponseException):
        create_store(kms)


def test_without_a_transport_there_is_no_proxy(kms: Kms) -> None:
    with pytest.raises(XksProxyUriUnreachableException):
        create_store(kms)


def test_arguments_are_checked(root: RootKey) -> None:
    with pytest.raises(TypeError, match="xks_transport"):
        Vault.in_memory(root, xks_transport=7)  # type: ignore[arg-type]
    for place in ("xks.example.com", "http://xks.example.com", "https://xks.example.com/path"):
        with pytest.raises(ValidationException):
            XksHttpsTransport(routes={ENDPOINT: place})
    for roots in (b"", b"no PEM"):
        with pytest.raises(ValidationException):
            XksHttpsTransport(roots=roots)
    with pytest.raises(KmsError):
        XksHttpsTransport(roots=b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n")
