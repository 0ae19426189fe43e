"""Files: whole, or not there."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from pocketkms import (
    EncryptionClient,
    InvalidMessageException,
    Keyring,
    RawAesKeyring,
    RewrappedSidecar,
    UnableToDecryptDataKeyException,
    ValidationException,
)

SIZE = 9_000_000


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "plain"
    path.write_bytes(os.urandom(SIZE))
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_the_system_refuses(client: EncryptionClient, keyring: Keyring, tmp_path: Path, plain: Path) -> None:
    missing, elsewhere = tmp_path / "missing", tmp_path / "no folder" / "message"
    with pytest.raises(FileNotFoundError) as raised:
        client.encrypt_file(keyring, missing, tmp_path / "message")
    assert (raised.value.errno, raised.value.filename) == (errno.ENOENT, str(missing))
    with pytest.raises(FileNotFoundError) as raised:
        client.encrypt_file(keyring, plain, elsewhere)
    assert (raised.value.errno, raised.value.filename) == (errno.ENOENT, str(elsewhere))
    with pytest.raises(OSError) as folder:
        client.encrypt_file(keyring, tmp_path, tmp_path / "message")
    assert folder.value.filename == str(tmp_path)
    with pytest.raises(ValidationException, match="same file"):
        client.encrypt_file(keyring, plain, plain)
    untyped: Any = client
    for wrong in (None, 7, b"plain"):
        with pytest.raises(TypeError):
            untyped.encrypt_file(keyring, wrong, tmp_path / "message")
    with pytest.raises(TypeError, match="^'progress' must be callable, not int$"):
        untyped.encrypt_file(keyring, plain, tmp_path / "message", progress=7)
    assert names(tmp_path) == {"plain"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_what_is_no_regular_file(client: EncryptionClient, keyring: Keyring, tmp_path: Path, plain: Path) -> None:
    """Each is refused with what it is, stays as it is, and blocks no one."""
    message, pipe, link = tmp_path / "message", tmp_path / "pipe", tmp_path / "link"
    client.encrypt_file(keyring, plain, message)
    os.mkfifo(pipe)
    link.symlink_to(plain)
    for path, words in ((pipe, "a named pipe"), (Path(os.devnull), "a character device"), (tmp_path, "a directory")):
        for work in (client.encrypt_file, client.decrypt_file):
            with pytest.raises(OSError, match=f"not a regular file: {words}") as raised:
                work(keyring, path, tmp_path / "copy")
            assert raised.value.filename == str(path)
            with pytest.raises(OSError, match=f"not a regular file: {words}"):
                work(keyring, message, path)
    with pytest.raises(OSError, match="not a regular file: a symbolic link"):
        client.encrypt_file(keyring, message, link)
    with pytest.raises(IsADirectoryError):
        client.encrypt_file(keyring, tmp_path, tmp_path / "copy")
    os.mkfifo(tmp_path / "message.pocketkms-sidecar")
    with pytest.raises(OSError, match="not a regular file: a named pipe"):
        client.decrypt_file(keyring, message, tmp_path / "copy")
    with pytest.raises(OSError, match="not a regular file: a named pipe"):
        client.encrypt_file(keyring, plain, message)
    assert pipe.is_fifo() and link.is_symlink()
    assert names(tmp_path) == {"plain", "message", "message.pocketkms-sidecar", "pipe", "link"}


def test_names_and_permissions(client: EncryptionClient, keyring: Keyring, tmp_path: Path, plain: Path) -> None:
    for name in ("m" * 238, "letter.pocketkms-sidecar", ".pocketkms-0123456789abcdef.tmp"):
        with pytest.raises(ValidationException):
            client.encrypt_file(keyring, plain, tmp_path / name)
    assert names(tmp_path) == {"plain"}
    longest, message = tmp_path / ("m" * 237), tmp_path / "message"
    client.encrypt_file(keyring, plain, longest)
    client.decrypt_file(keyring, longest, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == plain.read_bytes()
    if sys.platform != "win32":
        message.write_bytes(b"older")
        message.chmod(0o600)
        client.encrypt_file(keyring, plain, message)
        assert message.stat().st_mode & 0o777 == 0o600


def test_what_fails_leaves_nothing(client: EncryptionClient, keyring: Keyring, tmp_path: Path, plain: Path) -> None:
    message, copy = tmp_path / "message", tmp_path / "copy"
    client.encrypt_file(keyring, plain, message)
    other = RawAesKeyring(namespace="tests", name="other", wrapping_key=bytes(32))
    with pytest.raises(UnableToDecryptDataKeyException):
        client.decrypt_file(other, message, copy)
    whole = message.read_bytes()
    for altered in (whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1]), whole[: SIZE // 2], b""):
        message.write_bytes(altered)
        with pytest.raises(InvalidMessageException):
            client.decrypt_file(keyring, message, copy)
    assert names(tmp_path) == {"plain", "message"}


@pytest.mark.parametrize("exception", [ZeroDivisionError, KeyboardInterrupt, InvalidMessageException])
def test_what_progress_raises_ends_the_work(
    client: EncryptionClient, keyring: Keyring, tmp_path: Path, plain: Path, exception: type[BaseException]
) -> None:
    calls: list[int] = []

    def progress(done: int, total: int) -> None:
        calls.append(done)
        raise exception("enough")

    message = tmp_path / "message"
    message.write_bytes(b"what was there")
    with pytest.raises(exception, match="enough"):
        client.encrypt_file(keyring, plain, message, progress=progress)
    assert len(calls) == 1 and message.read_bytes() == b"what was there"
    client.encrypt_file(keyring, plain, message)
    with pytest.raises(exception, match="enough"):
        client.decrypt_file(keyring, message, tmp_path / "copy", progress=progress)
    assert len(calls) == 2 and names(tmp_path) == {"plain", "message"}


def test_there_and_back(client: EncryptionClient, keyring: Keyring, tmp_path: Path, plain: Path) -> None:
    steps: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        steps.append((done, total))

    message, copy = tmp_path / "message", tmp_path / "copy"
    copy.write_bytes(b"replaced")
    header = client.encrypt_file(
        keyring, str(plain), message, encryption_context={"order": "4711"}, frame_length=1000, progress=progress
    )
    assert header == client.inspect(message.read_bytes()).header and header.frame_length == 1000
    assert len(steps) > 1 and steps == sorted(steps) and steps[-1] == (SIZE, SIZE)
    steps.clear()
    decrypted = client.decrypt_file(keyring, message, str(copy), progress=progress)
    assert decrypted.header == header and decrypted.encryption_context["order"] == "4711"
    length = message.stat().st_size
    assert steps[-1] == (length, length)
    assert copy.read_bytes() == plain.read_bytes() == client.decrypt(keyring, message.read_bytes()).plaintext
    assert names(tmp_path) == {"plain", "message", "copy"}


def test_the_sidecar_beside_a_message(client: EncryptionClient, keyring: Keyring, tmp_path: Path) -> None:
    plain, message, copy = tmp_path / "plain", tmp_path / "message", tmp_path / "copy"
    plain.write_bytes(b"")
    client.encrypt_file(keyring, plain, message)
    other = RawAesKeyring(namespace="tests", name="other", wrapping_key=bytes(32))
    with message.open("rb") as source:
        rewrapped = client.rewrap(keyring, other, source)
    assert isinstance(rewrapped, RewrappedSidecar)
    with pytest.raises(UnableToDecryptDataKeyException):
        client.decrypt_file(other, message, copy)
    client.decrypt_file(other, message, copy, sidecar=rewrapped.sidecar)
    beside = tmp_path / "message.pocketkms-sidecar"
    beside.write_bytes(rewrapped.sidecar)
    assert client.decrypt_file(other, message, copy).header == client.inspect(message.read_bytes()).header
    assert copy.read_bytes() == b""
    with pytest.raises(UnableToDecryptDataKeyException):
        client.decrypt_file(keyring, message, copy)
