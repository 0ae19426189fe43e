"""Many files that move to other keys, in batches that may be stopped, or killed."""

from __future__ import annotations

import gc
import os
import random
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rewrapping
from rewrapping import CLIENT, COMMITTING, NEW, OLD

from pocketkms import (
    CachingMaterialsManager,
    CallbackKeyring,
    ConflictException,
    EncryptedDataKey,
    InvalidMessageException,
    Keyring,
    MultiKeyring,
    RawAesKeyring,
    RewrapBatch,
    RewrapFailure,
    RewrappedFile,
    RewrapReport,
    RootKey,
    UnableToDecryptDataKeyException,
    WrappedDataKey,
    Vault,
)

# Opens what was moved, and what was not.
EITHER = MultiKeyring(None, [OLD, NEW])


class Broken(Exception):
    """What a callback of a test raises."""


def store(folder: Path, count: int) -> dict[Path, bytes]:
    """Messages of both versions in a folder and one below it."""
    (folder / "below").mkdir()
    stored: dict[Path, bytes] = {}
    for number in range(count):
        client = (CLIENT, COMMITTING)[number % 2]
        path = folder / ("below" if number % 3 == 0 else "") / f"{number:03}.message"
        stored[path] = random.Random(number).randbytes(number * 1000)
        path.write_bytes(client.encrypt(OLD, stored[path]).message)
    return stored


def opens(keyring: Keyring, path: Path) -> bytes:
    """The plaintext of a message in a file, which may have a sidecar."""
    copy = path.with_suffix(".plain")
    try:
        CLIENT.decrypt_file(keyring, path, copy)
        return copy.read_bytes()
    finally:
        copy.unlink(missing_ok=True)


def is_moved(path: Path) -> bool:
    try:
        opens(NEW, path)
    except UnableToDecryptDataKeyException:
        return False
    return True


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


# --- what is refused


def test_wrong_arguments(tmp_path: Path) -> None:
    untyped: Any = RewrapBatch
    with pytest.raises(TypeError, match="^'client' must be EncryptionClient, not str$"):
        untyped("client", OLD, NEW)
    with pytest.raises(TypeError, match="^'source' must be Keyring or CachingMaterialsManager, not bytes$"):
        untyped(CLIENT, b"key", NEW)
    with pytest.raises(TypeError, match="^'destination' must be Keyring, not CachingMaterialsManager$"):
        untyped(CLIENT, OLD, CachingMaterialsManager(NEW))
    with pytest.raises(TypeError, match="^'verify_with' must be Keyring or CachingMaterialsManager, not bool$"):
        untyped(CLIENT, OLD, NEW, verify_with=True)
    for name in ("sidecar_only", "every"):
        with pytest.raises(TypeError, match=f"^'{name}' must be bool, not int$"):
            untyped(CLIENT, OLD, NEW, **{name: 1})
    with pytest.raises(TypeError, match="^'encryption_context' must be a mapping, not str$"):
        untyped(CLIENT, OLD, NEW, encryption_context="x")
    batch = untyped(CLIENT, OLD, NEW)
    for one in ("path", b"path", tmp_path, 7, None):
        with pytest.raises(TypeError, match="^'paths' must be an iterable of paths, not "):
            batch.files(one)
    for wrong in (7, None, b"path"):
        with pytest.raises(TypeError):
            batch.directory(wrong)
        with pytest.raises(TypeError):
            batch.files([wrong])
    with pytest.raises(TypeError, match="^'progress' must be callable, not int$"):
        batch.directory(tmp_path, progress=7)


def test_what_cannot_be_moved_is_reported(tmp_path: Path) -> None:
    stored = store(tmp_path, 4)
    other = tmp_path / "other.message"
    elsewhere = RawAesKeyring(namespace="tests", name="elsewhere", wrapping_key=bytes(16))
    other.write_bytes(CLIENT.encrypt(elsewhere, b"x").message)
    (tmp_path / "text.message").write_text("this is no message")
    cut = tmp_path / "cut.message"
    cut.write_bytes(next(iter(stored)).read_bytes()[:30])
    missing = tmp_path / "missing.message"
    before = {path: path.read_bytes() for path in (other, cut)}
    reported: list[RewrappedFile] = []
    paths = [other, tmp_path / "text.message", cut, missing, *stored]
    report = RewrapBatch(CLIENT, OLD, NEW).files(paths, progress=reported.append)
    assert (report.rewrapped, report.already_done, report.failed, report.cancelled) == (4, 0, 4, False)
    errors = (UnableToDecryptDataKeyException, InvalidMessageException, InvalidMessageException, FileNotFoundError)
    assert [(failure.path, type(failure.error)) for failure in report.failures] == list(zip(paths, errors))
    assert all(type(failure) is RewrapFailure for failure in report.failures)
    not_found = report.failures[3].error
    assert isinstance(not_found, FileNotFoundError) and not_found.filename == str(missing)
    assert [(file.path, file.outcome, file.done) for file in reported] == [
        (path, "FAILED" if index < 4 else "REWRAPPED", index + 1) for index, path in enumerate(paths)
    ]
    assert [file.error for file in reported] == [*(failure.error for failure in report.failures), None, None, None, None]
    assert {path: path.read_bytes() for path in before} == before

    nowhere = RewrapBatch(CLIENT, OLD, NEW).directory(tmp_path / "nowhere")
    assert (nowhere.failed, type(nowhere.failures[0].error)) == (1, FileNotFoundError)


def test_what_is_no_message_is_skipped(tmp_path: Path) -> None:
    stored = store(tmp_path, 4)
    with Vault.in_memory(RootKey.from_bytes(bytes(range(32)))) as vault:
        (tmp_path / "vault").write_bytes(vault.snapshot())
    expected = [(tmp_path / "vault", "not a message")]
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "link").symlink_to(next(iter(stored)))
        expected += [(tmp_path / "pipe", "a named pipe (FIFO)"), (tmp_path / "link", "a symbolic link")]
    reported: list[RewrappedFile] = []
    report = RewrapBatch(CLIENT, OLD, NEW).directory(tmp_path, progress=reported.append)
    assert (report.rewrapped, report.skipped, report.failed, report.failures) == (4, len(expected), 0, ())
    skipped = [(file.path, file.reason) for file in reported if file.outcome == "SKIPPED"]
    assert sorted(skipped) == sorted(expected)
    assert all(file.reason is None for file in reported if file.outcome != "SKIPPED")
    assert {path: opens(NEW, path) for path in stored} == stored


def test_a_message_that_is_saved_meanwhile_stays(tmp_path: Path) -> None:
    for client in (CLIENT, COMMITTING):
        path = tmp_path / "message"
        plain = tmp_path / "plain"
        path.write_bytes(client.encrypt(OLD, b"old text").message)
        plain.write_bytes(b"new text")

        def wrap(data_key: bytes, *_: object) -> WrappedDataKey:
            client.encrypt_file(OLD, plain, path)
            return WrappedDataKey(provider_info=b"key", ciphertext=data_key)

        def unwrap(key: EncryptedDataKey, *_: object) -> bytes:
            return key.ciphertext

        saving = CallbackKeyring("elsewhere", wrap=wrap, unwrap=unwrap)
        report = RewrapBatch(client, OLD, saving).files([path])
        assert (report.rewrapped, report.failed) == (0, 1)
        error = report.failures[0].error
        assert isinstance(error, ConflictException) and "changed meanwhile" in error.message
        assert str(path) not in error.message
        assert opens(OLD, path) == b"new text"
        assert files(tmp_path) == {"message", "plain"}


def test_a_stale_sidecar_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "message"
    path.write_bytes(COMMITTING.encrypt(OLD, b"old text").message)
    batch = RewrapBatch(CLIENT, OLD, NEW)
    assert batch.files([path]).rewrapped == 1
    # Saved by something that knows nothing of sidecars.
    path.write_bytes(COMMITTING.encrypt(OLD, b"new text").message)
    assert opens(OLD, path) == b"new text"
    assert batch.files([path]).rewrapped == 1
    assert opens(NEW, path) == b"new text"


def test_no_more_failures_than_memory_should_hold(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    report = RewrapBatch(CLIENT, OLD, NEW).files(missing for _ in range(10_001))
    assert report.failed == 10_001 and len(report.failures) == 10_000


# --- what it does


def test_a_batch(tmp_path: Path) -> None:
    stored = store(tmp_path, 9)
    reported: list[RewrappedFile] = []
    batch = RewrapBatch(CLIENT, OLD, NEW, verify_with=NEW)
    report = batch.directory(str(tmp_path), progress=reported.append)
    assert report == RewrapReport(
        rewrapped=9, already_done=0, skipped=0, failed=0, failures=(), cancelled=False
    )
    assert {file.path for file in reported} == set(stored) and {file.outcome for file in reported} == {"REWRAPPED"}
    assert [file.done for file in reported] == list(range(1, 10))
    for number, (path, plaintext) in enumerate(stored.items()):
        assert opens(NEW, path) == plaintext
        # A new header where the version allows it, else a sidecar.
        assert path.with_name(f"{path.name}.pocketkms-sidecar").exists() == (number % 2 == 1)
    again = batch.directory(tmp_path)
    assert (again.rewrapped, again.already_done) == (0, 9)
    every = RewrapBatch(CLIENT, NEW, NEW, every=True).files(map(str, stored))
    assert (every.rewrapped, every.already_done, every.failed) == (9, 0, 0)
    assert {path: opens(NEW, path) for path in stored} == stored


def test_sidecars_only(tmp_path: Path) -> None:
    stored = store(tmp_path, 4)
    before = {path: path.read_bytes() for path in stored}
    report = RewrapBatch(CLIENT, OLD, NEW, sidecar_only=True).directory(tmp_path)
    assert report.rewrapped == 4
    assert {path: path.read_bytes() for path in stored} == before
    assert {path: opens(NEW, path) for path in stored} == stored


def test_pairs_that_the_messages_do_not_store(tmp_path: Path) -> None:
    path = tmp_path / "message"
    context = {"tenant": "one"}
    path.write_bytes(
        CLIENT.encrypt(OLD, b"x", encryption_context=context, required_encryption_context_keys=["tenant"]).message
    )
    assert RewrapBatch(CLIENT, OLD, NEW).files([path]).failed == 1
    names = ["tenant"]
    batch = RewrapBatch(CLIENT, OLD, NEW, encryption_context=context, required_encryption_context_keys=names)
    assert batch.files([path]).rewrapped == 1
    assert CLIENT.decrypt(NEW, path.read_bytes(), encryption_context=context).plaintext == b"x"


def test_a_destination_that_wraps_wrongly_is_found_out(tmp_path: Path) -> None:
    stored = store(tmp_path, 4)
    before = {path: path.read_bytes() for path in stored}

    def wrap(data_key: bytes, *_: object) -> WrappedDataKey:
        return WrappedDataKey(provider_info=b"key", ciphertext=data_key[::-1])

    def unwrap(key: EncryptedDataKey, *_: object) -> bytes:
        return key.ciphertext

    broken = CallbackKeyring("elsewhere", wrap=wrap, unwrap=unwrap)
    report = RewrapBatch(CLIENT, OLD, broken, verify_with=broken).directory(tmp_path)
    assert (report.rewrapped, report.failed) == (0, 4)
    assert {path: path.read_bytes() for path in stored} == before
    assert files(tmp_path) == {path.name for path in stored}


# --- what ends it


def test_a_progress_callback_that_stops(tmp_path: Path) -> None:
    stored = store(tmp_path, 6)
    reported: list[RewrappedFile] = []

    def stop(file: RewrappedFile) -> bool:
        reported.append(file)
        return file.done < 2

    batch = RewrapBatch(CLIENT, OLD, NEW)
    for report in (batch.files(stored, progress=stop), batch.directory(tmp_path, progress=stop)):
        assert report.cancelled and report.rewrapped + report.already_done == 2
    assert len(reported) == 4
    assert batch.directory(tmp_path).failed == 0
    assert {path: opens(NEW, path) for path in stored} == stored


@pytest.mark.parametrize("exception", [Broken("enough"), KeyboardInterrupt("enough"), InvalidMessageException("enough")])
def test_what_progress_raises_ends_the_batch(tmp_path: Path, exception: BaseException) -> None:
    stored = store(tmp_path, 6)
    reported: list[RewrappedFile] = []

    def progress(file: RewrappedFile) -> None:
        reported.append(file)
        raise exception

    with pytest.raises(type(exception), match="enough") as raised:
        RewrapBatch(CLIENT, OLD, NEW).directory(tmp_path, progress=progress)
    assert raised.value is exception and len(reported) == 1
    # What was reported to it is done, and nothing else was touched.
    assert [path for path in stored if is_moved(path)] == [reported[0].path]
    assert RewrapBatch(CLIENT, OLD, NEW).directory(tmp_path).already_done == 1
    assert {path: opens(NEW, path) for path in stored} == stored


def test_what_the_paths_raise_ends_the_batch(tmp_path: Path) -> None:
    stored = store(tmp_path, 3)

    def paths() -> Iterator[Path]:
        yield from stored
        raise Broken("no more")

    with pytest.raises(Broken, match="no more"):
        RewrapBatch(CLIENT, OLD, NEW).files(paths())
    assert {path: opens(NEW, path) for path in stored} == stored


def test_paths_are_taken_one_by_one(tmp_path: Path) -> None:
    stored = store(tmp_path, 4)
    taken: list[Path] = []

    def paths() -> Iterator[Path]:
        for path in stored:
            taken.append(path)
            yield path

    def progress(file: RewrappedFile) -> bool:
        assert taken[-1] == file.path and len(taken) == file.done
        return file.done < 3

    assert RewrapBatch(CLIENT, OLD, NEW).files(paths(), progress=progress).cancelled
    assert len(taken) == 3


def failing(exception: BaseException) -> CallbackKeyring:
    def wrap(*_: object) -> WrappedDataKey:
        raise exception

    def unwrap(key: EncryptedDataKey, *_: object) -> bytes:
        raise exception

    return CallbackKeyring("elsewhere", wrap=wrap, unwrap=unwrap)


def test_what_a_keyring_raises_is_the_reason_of_its_file(tmp_path: Path) -> None:
    stored = store(tmp_path, 4)
    calls: list[int] = []

    def wrap(data_key: bytes, *_: object) -> WrappedDataKey:
        calls.append(1)
        if len(calls) in (1, 3):
            raise Broken(f"call {len(calls)}")
        return WrappedDataKey(provider_info=b"key", ciphertext=data_key)

    def unwrap(key: EncryptedDataKey, *_: object) -> bytes:
        raise AssertionError("nothing of this provider is decrypted")

    sometimes = CallbackKeyring("elsewhere", wrap=wrap, unwrap=unwrap)
    report = RewrapBatch(CLIENT, OLD, sometimes).files(stored)
    assert (report.rewrapped, report.failed) == (2, 2)
    assert [(type(failure.error), str(failure.error)) for failure in report.failures] == [
        (Broken, "call 1"),
        (Broken, "call 3"),
    ]
    # To decrypt, it is a reason among others.
    path = tmp_path / "another"
    path.write_bytes(CLIENT.encrypt(MultiKeyring(sometimes, []), b"x").message)
    (failure,) = RewrapBatch(CLIENT, failing(Broken("far away")), NEW).files([path]).failures
    assert isinstance(failure.error, UnableToDecryptDataKeyException) and isinstance(failure.error.__cause__, Broken)


def test_an_interruption_inside_of_a_keyring_ends_the_batch(tmp_path: Path) -> None:
    stored = store(tmp_path, 4)
    with pytest.raises(KeyboardInterrupt):
        RewrapBatch(CLIENT, OLD, failing(KeyboardInterrupt())).directory(tmp_path)
    # And is not left over for the next one.
    assert RewrapBatch(CLIENT, OLD, NEW).directory(tmp_path).rewrapped == 4
    assert {path: opens(NEW, path) for path in stored} == stored


def test_progress_may_itself_use_the_client(tmp_path: Path) -> None:
    stored = store(tmp_path, 4)

    def check(file: RewrappedFile) -> None:
        assert opens(NEW, file.path) == stored[file.path]
        inner = RewrapBatch(CLIENT, OLD, NEW).files([file.path])
        assert inner.already_done == 1

    assert RewrapBatch(CLIENT, OLD, NEW).directory(tmp_path, progress=check).rewrapped == 4


def test_a_batch_that_its_keyring_knows_is_collected() -> None:
    class Wrapper:
        batch: RewrapBatch

        def wrap(self, *_: object) -> WrappedDataKey:
            return WrappedDataKey(provider_info=b"key", ciphertext=b"")

        def unwrap(self, key: EncryptedDataKey, *_: object) -> bytes:
            return b""

    wrapper = Wrapper()
    wrapper.batch = RewrapBatch(
        CLIENT, OLD, CallbackKeyring("elsewhere", wrap=wrapper.wrap, unwrap=wrapper.unwrap), verify_with=OLD
    )
    gone = weakref.ref(wrapper)
    del wrapper
    gc.collect()
    assert gone() is None


# --- killed half-way

FILES = 24


def kill(folder: Path, chance: random.Random) -> int:
    """Starts a batch in a process of its own, and kills it at some moment. Answers how many files it had reported."""
    program = Path(rewrapping.__file__)
    command = [sys.executable, str(program), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = chance.randrange(FILES)
        reported = sum(1 for _ in zip(range(lines), process.stdout))
        time.sleep(chance.random() / 500)
        process.kill()
        process.stdout.read()
    return reported


def test_a_batch_that_is_killed_loses_no_file(tmp_path: Path) -> None:
    chance = random.Random(os.urandom(8))
    half_way = 0
    for number in range(6):
        folder = tmp_path / str(number)
        folder.mkdir()
        stored = store(folder, FILES)
        for _ in range(2):
            kill(folder, chance)
            # Every message is there and opens, with the old key or the new one.
            assert {path: opens(EITHER, path) for path in stored} == stored
            half_way += 0 < sum(map(is_moved, stored)) < FILES
        # Started again, it completes, and leaves nothing behind.
        report = RewrapBatch(CLIENT, OLD, NEW).directory(folder)
        assert report.failed == 0 and report.rewrapped + report.already_done == FILES
        assert {path: opens(NEW, path) for path in stored} == stored
        sidecars = {f"{path.name}.pocketkms-sidecar" for path in stored}
        assert files(folder) <= {path.name for path in stored} | sidecars
    assert half_way > 0, "no batch was killed half-way"


