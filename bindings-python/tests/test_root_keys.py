"""Root keys from where a machine keeps them, and keys elsewhere that functions of the app ask."""

from __future__ import annotations

import base64
import gc
import os
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pocketkms import (
    Argon2Cost,
    DisabledException,
    KeyUnavailableException,
    Kms,
    LastRootKeyException,
    LimitExceededException,
    NotFoundException,
    RootKey,
    ValidationException,
    Vault,
    WrongRootKeyException,
)

KEY = bytes(range(32))


class RemoteKey:
    """A key elsewhere that wraps in a way that only a test may, and fails on request."""

    def __init__(self) -> None:
        self.failure: BaseException | None = None
        self.asked: list[bytes] = []

    def flip(self, data: bytes) -> bytes:
        self.asked.append(data)
        if self.failure is not None:
            raise self.failure
        return bytes(byte ^ 0x5A for byte in data)

    def root(self, name: str = "arn:aws:kms:eu-central-1:111122223333:key/elsewhere") -> RootKey:
        return RootKey.from_callback(name, wrap=self.flip, unwrap=self.flip)


def test_a_key_elsewhere_opens_a_vault(vault: Vault) -> None:
    elsewhere = RemoteKey()
    id = vault.add_root_key(elsewhere.root(), "elsewhere")
    assert [len(data) for data in elsewhere.asked] == [32, 32, 32]  # wrapped, tried, and tried as it stands in the store
    info = next(info for info in vault.root_keys() if info.id == id)
    assert (info.kind, info.opened, info.name) == ("CALLBACK", True, "arn:aws:kms:eu-central-1:111122223333:key/elsewhere")
    snapshot = vault.snapshot()
    Vault.open_snapshot(snapshot, elsewhere.root()).close()
    with pytest.raises(WrongRootKeyException, match="another name"):
        Vault.open_snapshot(snapshot, elsewhere.root("another"))
    # No person can keep it.
    first = next(info.id for info in vault.root_keys() if info.id != id)
    with pytest.raises(LastRootKeyException):
        vault.remove_root_key(first)


def test_what_a_callback_raises_is_the_same_object(vault: Vault) -> None:
    elsewhere = RemoteKey()
    root = elsewhere.root()
    vault.add_root_key(root)
    snapshot = vault.snapshot()
    for failure in [
        RuntimeError("no network"),
        DisabledException("the key is disabled"),
        KeyboardInterrupt(),
        SystemExit(3),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no text"),
    ]:
        elsewhere.failure = failure
        before = vault.snapshot()
        calls: list[Callable[[], object]] = [
            lambda: vault.add_root_key(root),
            lambda: Vault.open_snapshot(snapshot, root),
            lambda: Vault.in_memory(root),
        ]
        for call in calls:
            with pytest.raises(type(failure)) as raised:
                call()
            assert raised.value is failure
        elsewhere.failure = None
        assert [info.id for info in Vault.open_snapshot(before, root).root_keys()] == [info.id for info in vault.root_keys()]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (None, TypeError),
        ("text", TypeError),
        (7, TypeError),
        (b"too short", WrongRootKeyException),
        (bytes(33), WrongRootKeyException),
        (bytes(32), WrongRootKeyException),
    ],
)
def test_a_callback_that_answers_something_else(vault: Vault, answer: Any, error: type[Exception]) -> None:
    infos = vault.root_keys()
    root = RootKey.from_callback("wrong", wrap=lambda key: b"wrapped", unwrap=lambda wrapped: answer)
    with pytest.raises(error) as raised:
        vault.add_root_key(root)
    if error is TypeError:
        assert "'unwrap' must return bytes" in str(raised.value)
        with pytest.raises(TypeError, match="'wrap' must return bytes"):
            vault.add_root_key(RootKey.from_callback("wrong", wrap=lambda key: answer, unwrap=lambda wrapped: wrapped))
    assert vault.root_keys() == infos


def test_a_callback_has_bounds(vault: Vault) -> None:
    with pytest.raises(LimitExceededException, match="4096"):
        vault.add_root_key(RootKey.from_callback("long", wrap=lambda key: bytes(4097), unwrap=lambda wrapped: wrapped))
    for name in ["", "x" * 257]:
        with pytest.raises(ValidationException, match="1 to 256 bytes"):
            RemoteKey().root(name)
    for wrap, unwrap in [(None, bytes), (bytes, b"no function")]:
        with pytest.raises(TypeError, match="callable"):
            RootKey.from_callback("x", wrap=wrap, unwrap=unwrap)  # type: ignore[arg-type]


def test_another_vault_is_the_key_elsewhere(vault: Vault, kms: Kms) -> None:
    """One KMS key of a vault opens another: the callback encrypts and decrypts with the package itself."""
    key = kms.create_key().key_metadata
    context = {"purpose": "root key"}
    root = RootKey.from_callback(
        key.arn or "",
        wrap=lambda data: kms.encrypt(key_id=key.key_id, plaintext=data, encryption_context=context).ciphertext_blob,
        unwrap=lambda data: kms.decrypt(ciphertext_blob=data, encryption_context=context).plaintext,
    )
    with Vault.in_memory(root) as inner:
        snapshot = inner.snapshot()
    Vault.open_snapshot(snapshot, root).close()
    kms.disable_key(key_id=key.key_id)
    with pytest.raises(DisabledException):
        Vault.open_snapshot(snapshot, root)
    kms.enable_key(key_id=key.key_id)
    vault.close()
    with pytest.raises(Exception, match="closed"):
        Vault.open_snapshot(snapshot, root)


def test_a_root_key_in_a_circle_is_collected() -> None:
    class Holder(RemoteKey):
        def __init__(self) -> None:
            super().__init__()
            self.kept = self.root()

    holder = Holder()
    gone = weakref.ref(holder)
    Vault.in_memory(holder.kept).close()
    del holder
    gc.collect()
    assert gone() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows does not fork")
def test_a_child_asks_the_callback_by_itself() -> None:
    root = RemoteKey().root()
    snapshot = Vault.in_memory(root).snapshot()
    child = os.fork()
    if child == 0:
        try:
            Vault.open_snapshot(snapshot, root).close()
        except BaseException:
            os._exit(1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    Vault.open_snapshot(snapshot, root).close()


def test_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in [KEY.hex(), KEY.hex().upper(), base64.b64encode(KEY).decode(), base64.urlsafe_b64encode(KEY).decode() + "\n"]:
        monkeypatch.setenv("POCKETKMS_TEST_ROOT_KEY", text)
        assert RootKey.from_env("POCKETKMS_TEST_ROOT_KEY").to_bytes() == KEY
    for text in ["correct horse battery staple 123", KEY.hex()[1:], "x"]:
        monkeypatch.setenv("POCKETKMS_TEST_ROOT_KEY", text)
        with pytest.raises(ValidationException) as raised:
            RootKey.from_env("POCKETKMS_TEST_ROOT_KEY")
        assert len(text) == 1 or text not in str(raised.value) + str(raised.value.explanation)
    for text in ["", "  "]:
        monkeypatch.setenv("POCKETKMS_TEST_ROOT_KEY", text)
        with pytest.raises(NotFoundException, match="not set, or is empty"):
            RootKey.from_env("POCKETKMS_TEST_ROOT_KEY")
    monkeypatch.delenv("POCKETKMS_TEST_ROOT_KEY")
    with pytest.raises(NotFoundException, match="POCKETKMS_TEST_ROOT_KEY"):
        RootKey.from_env("POCKETKMS_TEST_ROOT_KEY")


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_files(tmp_path: Path) -> None:
    path = tmp_path / "root key"
    path.touch(mode=0o600)
    for content in [KEY, KEY.hex().encode(), base64.b64encode(KEY) + b"\r\n"]:
        path.write_bytes(content)
        assert RootKey.from_file(path).to_bytes() == RootKey.from_file(str(path)).to_bytes() == KEY
    link = tmp_path / "link"
    link.symlink_to(path.name)
    assert RootKey.from_file(link).to_bytes() == KEY
    for mode in [0o644, 0o640, 0o602]:
        path.chmod(mode)
        for name in [path, link]:
            with pytest.raises(ValidationException, match=f"{mode:04o}"):
                RootKey.from_file(name)
    with pytest.raises(NotFoundException):
        RootKey.from_file(tmp_path / "none")
    with pytest.raises(ValidationException, match="regular file"):
        RootKey.from_file(tmp_path)


def test_a_passphrase_for_a_time() -> None:
    root = RootKey.from_passphrase("correct horse", seconds=0.001)
    with Vault.in_memory(root) as vault:
        (info,) = vault.root_keys()
        assert info.cost == Argon2Cost(memory_kib=19 * 1024, passes=2, lanes=1)
        Vault.open_snapshot(vault.snapshot(), RootKey.from_passphrase("correct horse")).close()
    with pytest.raises(ValidationException, match="either a cost or a time"):
        RootKey.from_passphrase("x", cost=Argon2Cost(), seconds=1)
    for seconds in [-1.0, float("nan"), float("inf")]:
        with pytest.raises(ValueError, match="'seconds'"):
            RootKey.from_passphrase("x", seconds=seconds)
    limit = Argon2Cost(memory_kib=1024, passes=4, lanes=1)
    with pytest.raises(ValidationException, match="19 MiB"):
        Vault.in_memory(RootKey.from_passphrase("x", max_cost=limit, seconds=0.1))


def test_an_unreachable_key_is_an_error_of_its_own(vault: Vault) -> None:
    elsewhere = RemoteKey()
    vault.add_root_key(elsewhere.root())
    elsewhere.failure = KeyUnavailableException("no network")
    with pytest.raises(KeyUnavailableException, match="no network"):
        Vault.open_snapshot(vault.snapshot(), elsewhere.root())


def test_text_without_utf_8_is_refused_without_showing_it() -> None:
    for make in (RootKey.from_passphrase, RootKey.from_recovery_key):
        with pytest.raises(ValueError, match="lone surrogates") as raised:
            make("topsecret\udcff")
        assert "topsecret" not in repr(raised.value)
        assert type(raised.value) is ValueError and raised.value.__context__ is None
