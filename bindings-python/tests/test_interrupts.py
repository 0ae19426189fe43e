"""Ctrl-C, and whatever else a signal handler raises, ends every long call; what was interrupted left nothing behind."""

from __future__ import annotations

import io
import os
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from pocketkms import (
    EncryptionClient,
    RawAesKeyring,
    RewrapBatch,
    RootKey,
    StreamStateException,
    WrongRootKeyException,
    Vault,
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are sent as on Unix")

# Some tenths of a second in memory, and on a disk.
LARGE = 1_200_000_000
LARGE_FILE = 300_000_000


class Alarm(Exception):
    """What a handler raises that limits the time of a call."""


@contextmanager
def interrupted(exception: type[BaseException]) -> Generator[None]:
    """Sends signals while the block works, until it has ended, and expects that one of them ends it."""
    ended = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal ended
        if not ended:
            ended = True
            raise exception

    # From the system: a thread of ours could send none while a long call holds the interpreter.
    before = signal.signal(signal.SIGALRM, handle)
    try:
        with pytest.raises(exception):
            # Not before the work is under way, as far as that can be seen.
            signal.setitimer(signal.ITIMER_REAL, 0.02, 0.01)
            yield
    finally:
        ended = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


both = pytest.mark.parametrize("exception", [KeyboardInterrupt, Alarm])


@both
def test_passphrases(exception: type[BaseException]) -> None:
    root = RootKey.from_passphrase("long ago")
    with Vault.in_memory(root) as vault:
        kms = vault.client()
        kms.create_key()
        snapshot = vault.snapshot()
        with interrupted(exception):
            while True:
                Vault.in_memory(root)
        with interrupted(exception):
            while True:
                Vault.open_snapshot(snapshot, root)
        other = RootKey.from_passphrase("another")
        before = vault.snapshot()
        with interrupted(exception):
            while True:
                vault.shred(other)
                raise AssertionError("it ended before it was interrupted")
        # Nothing has changed.
        after = vault.snapshot()
        Vault.open_snapshot(after, root).close()
        with pytest.raises(WrongRootKeyException):
            Vault.open_snapshot(after, other)
        assert len(after) == len(before)


def native_calls(client: EncryptionClient, keyring: RawAesKeyring) -> dict[str, Callable[[Any], object]]:
    """Each is native from its beginning to its end, without an instruction of Python at which a handler could run."""
    untyped: Any = client
    nothing: dict[str, object] = {}
    return {
        "encrypt": partial(untyped._client.encrypt, keyring, options=nothing),
        "encryptor": client.encryptor(keyring).update,
        "decrypt": partial(untyped._client.decrypt, keyring, options=nothing),
        "reencrypt": partial(untyped._client.reencrypt, keyring, keyring, options=nothing),
        "decryptor": client.decryptor(keyring).update,
        "reencryptor": client.reencryptor(keyring, keyring).update,
    }


def test_large_messages(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    plaintext = bytes(LARGE)
    message = client.encrypt(keyring, plaintext).message
    for name in native_calls(client, keyring):
        # A call may be over before the first signal comes, on a busy machine; one that never ends for a signal always is.
        for _ in range(20):
            results: list[object] = []
            call = native_calls(client, keyring)[name]
            with interrupted(KeyboardInterrupt):
                results.extend(map(call, [plaintext if name.startswith("encrypt") else message]))
            if not results:
                break
        else:
            raise AssertionError(f"{name} ends before it is interrupted")
    readers: list[io.BufferedIOBase] = [
        client.encrypt_stream(keyring, io.BytesIO(plaintext)),
        client.decrypt_stream(keyring, io.BytesIO(message)),
        client.range_reader(keyring, message),
    ]
    for reader in readers:
        with interrupted(KeyboardInterrupt):
            reader.read()


def test_an_interrupted_stream_is_dead(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    plaintext = bytes(LARGE)
    encryptor = client.encryptor(keyring)
    with interrupted(Alarm):
        encryptor.update(plaintext)
    with pytest.raises(StreamStateException):
        encryptor.update(b"")
    with pytest.raises(StreamStateException):
        encryptor.finish()
    decryptor = client.decryptor(keyring)
    message = client.encrypt(keyring, plaintext).message
    with interrupted(Alarm):
        decryptor.update(message)
    with pytest.raises(StreamStateException):
        decryptor.update(b"")
    with pytest.raises(StreamStateException):
        decryptor.finish()
    sink = io.BytesIO()
    with interrupted(KeyboardInterrupt), client.encrypt_writer(keyring, sink) as writer:
        while True:
            writer.write(bytes(1_000_000))
    assert writer.closed
    with pytest.raises(StreamStateException):
        writer.finish()


@both
def test_files(client: EncryptionClient, keyring: RawAesKeyring, tmp_path: Path, exception: type[BaseException]) -> None:
    source, message = tmp_path / "source", tmp_path / "message"
    with open(source, "wb") as file:
        file.truncate(LARGE_FILE)
    with interrupted(exception):
        client.encrypt_file(keyring, source, message)
    assert {path.name for path in tmp_path.iterdir()} == {"source"}
    client.encrypt_file(keyring, source, message)
    for call in (
        lambda: client.decrypt_file(keyring, message, tmp_path / "plaintext"),
        lambda: client.reencrypt_file(keyring, keyring, message, tmp_path / "again"),
    ):
        with interrupted(exception):
            call()
        assert {path.name for path in tmp_path.iterdir()} == {"source", "message"}


def test_batches(client: EncryptionClient, keyring: RawAesKeyring, tmp_path: Path) -> None:
    message = client.encrypt(keyring, b"x").message
    for number in range(2_000):
        (tmp_path / f"{number}.message").write_bytes(message)
    other = RawAesKeyring(namespace="tests", name="two", wrapping_key=bytes(32))
    with interrupted(KeyboardInterrupt):
        RewrapBatch(client, keyring, other).directory(tmp_path)
        raise AssertionError("it ended before it was interrupted")
    left = RewrapBatch(client, keyring, other).directory(tmp_path)
    assert left.failed == 0 and left.rewrapped + left.already_done == 2_000


def test_another_thread_is_not_interrupted(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    """Python runs handlers in the main thread only."""
    made: list[Any] = []
    done = threading.Event()

    def work() -> None:
        made.append(client.encryptor(keyring).update(bytes(LARGE)))
        done.set()

    threading.Thread(target=work).start()
    with interrupted(KeyboardInterrupt):
        while True:
            done.wait(1)
    # Not `join`, which an interruption ends for good.
    done.wait()
    assert len(made[0]) > LARGE - 100_000
