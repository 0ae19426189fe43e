"""Forks: a child finds no lock that a thread of its parent holds, and repeats nothing of it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pocketkms import EncryptionClient, RawAesKeyring, StreamStateException

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def forks(count: int, how: str) -> None:
    script = Path(__file__).with_name("forking.py")
    result = subprocess.run(
        [sys.executable, str(script), str(count), how], capture_output=True, text=True, timeout=60 + 3 * count, check=True
    )
    assert result.stdout == "hung 0, failed 0, repeated 0\n", result.stdout + result.stderr[-3000:]


@pytest.mark.parametrize(
    ("how", "count"), [("fork", 100), ("logging", 20), ("multiprocessing", 20), ("callback", 20), ("subprocess", 20), ("nested", 5)]
)
def test_a_child_neither_hangs_nor_repeats(how: str, count: int) -> None:
    forks(count, how)


@pytest.mark.nightly
@pytest.mark.parametrize("how", ["fork", "multiprocessing", "callback"])
def test_many_children_neither_hang_nor_repeat(how: str) -> None:
    forks(2_000, how)


def in_child(work: Callable[[], object]) -> str:
    """What a child process answers, or which exception it got."""
    receive, send = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            try:
                answer = repr(work())
            except BaseException as error:
                answer = f"{type(error).__name__}: {error}"
            os.write(send, answer.encode())
        finally:
            os._exit(0)
    os.close(send)
    with open(receive, encoding="utf-8") as answers:
        answer = answers.read()
    os.waitpid(pid, 0)
    return answer


def test_a_stream_that_encrypts_belongs_to_one_process(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    """Two processes that went on with it would encrypt two plaintexts under one key and nonce."""
    encryptor = client.encryptor(keyring, frame_length=10)
    message = encryptor.update(b"one of the ")
    refused = "StreamStateException: StreamStateException: the stream belongs to the process that started it"
    assert in_child(lambda: encryptor.update(b"child's and more")).startswith(refused)
    assert in_child(encryptor.finish).startswith(refused)
    message += encryptor.update(b"parent's") + encryptor.finish()
    assert client.decrypt(keyring, message).plaintext == b"one of the parent's"

    old = client.encrypt(keyring, bytes(1000)).message
    reencryptor = client.reencryptor(keyring, keyring)
    message = reencryptor.update(old[:700])
    assert in_child(lambda: reencryptor.update(old[700:])).startswith(refused)
    assert in_child(reencryptor.finish).startswith(refused)
    message += reencryptor.update(old[700:]) + reencryptor.finish()
    assert client.decrypt(keyring, message).plaintext == bytes(1000)


def test_a_child_writes_nothing_into_the_parents_message(
    client: EncryptionClient, keyring: RawAesKeyring, tmp_path: Path
) -> None:
    """What a wrapper still held is flushed in the child, too, when that ends."""
    with open(tmp_path / "message", "wb", buffering=0) as sink, client.encrypt_writer(keyring, sink, frame_length=10) as writer:
        wrapper = io.TextIOWrapper(writer, encoding="utf-8")
        wrapper.write("x" * 100)
        assert in_child(wrapper.flush).startswith("StreamStateException: ")
        assert in_child(wrapper.close).startswith("StreamStateException: ")
        wrapper.flush()
    assert client.decrypt(keyring, (tmp_path / "message").read_bytes()).plaintext == b"x" * 100


def test_a_stream_that_decrypts_goes_on_in_both(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    message = client.encrypt(keyring, bytes(1000)).message
    decryptor = client.decryptor(keyring)
    decryptor.update(message[:600])
    assert in_child(lambda: decryptor.update(message[600:])) == repr(bytes(1000))
    assert decryptor.update(message[600:]) == bytes(1000)
    with pytest.raises(StreamStateException):
        decryptor.finish()
        decryptor.update(b"x")
