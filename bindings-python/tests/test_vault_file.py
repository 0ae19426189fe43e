"""A vault in a file: another process has it, a fork, a copy, and Python's own SQLite beside it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pocketkms import (
    AlreadyExistsException,
    KmsError,
    NotFoundException,
    RootKey,
    StoreDamagedException,
    StoreException,
    UnsupportedOperationException,
    Vault,
    VaultClosedException,
    WrongRootKeyException,
)

ROOT = RootKey.from_bytes(bytes(32))

ANOTHER = """
import sys
from pocketkms import RootKey, Vault

with Vault.open(sys.argv[1], RootKey.from_bytes(bytes(32))) as vault:
    kms = vault.client()
    print(kms.decrypt(ciphertext_blob=bytes.fromhex(sys.argv[2])).plaintext.decode())
    kms.create_alias(alias_name="alias/another", target_key_id=kms.list_keys().keys[0].key_id)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.vault"


def test_another_process_has_it_and_is_seen_immediately(path: Path) -> None:
    with Vault.create(path, ROOT) as vault:
        kms = vault.client()
        key = kms.create_key().key_metadata
        blob = kms.encrypt(key_id=key.key_id, plaintext=b"kept").ciphertext_blob
        assert not vault.needs_saving
        run = [sys.executable, "-c", ANOTHER, str(path), blob.hex()]
        assert subprocess.run(run, check=True, capture_output=True, text=True).stdout == "kept\n"
        assert kms.describe_key(key_id="alias/another").key_metadata == key
    assert os.listdir(path.parent) == ["keys.vault"]


def test_what_is_not_as_the_call_needs_it(path: Path) -> None:
    with pytest.raises(NotFoundException):
        Vault.open(path, ROOT)
    Vault.create(str(path), ROOT).close()
    with pytest.raises(AlreadyExistsException):
        Vault.create(path, ROOT)
    with pytest.raises(WrongRootKeyException):
        Vault.open_or_create(path, RootKey.from_bytes(bytes([1] * 32)))
    with Vault.open_or_create(path, ROOT, region="eu-west-1") as vault:
        assert vault.caller.region == "eu-west-1"
    with pytest.raises(StoreException, match="regular file") as refused:
        Vault.open(path.parent, ROOT)
    assert "a directory" in (refused.value.explanation or "")
    path.write_bytes(b"this is a text of some length, and no database at all, however long one looks at it." * 2)
    with pytest.raises(StoreDamagedException):
        Vault.open(path, ROOT)
    with pytest.raises(TypeError):
        Vault.open(7, ROOT)  # type: ignore[arg-type]


def test_a_copy_while_it_is_in_use(path: Path) -> None:
    copy = path.parent / "copy.vault"
    with Vault.create(path, ROOT) as vault:
        key = vault.client().create_key().key_metadata
        assert vault.backup(copy) == ()
        with pytest.raises(AlreadyExistsException):
            vault.backup(copy)
        vault.client().create_key()
    with Vault.open(copy, ROOT) as copied:
        assert [listed.key_id for listed in copied.client().list_keys().keys] == [key.key_id]
    with Vault.in_memory(ROOT) as vault, pytest.raises(UnsupportedOperationException):
        vault.backup(path.parent / "other.vault")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")
def test_a_child_opens_it_by_itself_while_threads_of_the_parent_write(path: Path) -> None:
    def child(vault: Vault) -> bool:
        try:
            vault.client().create_key()
            return False
        except VaultClosedException as refused:
            if "forked" not in str(refused):
                return False
        with Vault.open(path, ROOT) as own:
            own.client().create_key()
            return own.verify() == ()

    with Vault.create(path, ROOT) as vault:
        is_over = threading.Event()
        failures: list[KmsError] = []

        def write() -> None:
            try:
                while not is_over.is_set():
                    vault.client().create_key()
            except KmsError as error:
                failures.append(error)

        threads = [threading.Thread(target=write) for _ in range(3)]
        for thread in threads:
            thread.start()
        statuses: list[int] = []
        for _ in range(10):
            pid = os.fork()
            if pid == 0:
                done = False
                try:
                    done = child(vault)
                finally:
                    os._exit(0 if done else 1)
            statuses.append(os.waitpid(pid, 0)[1])
        is_over.set()
        for thread in threads:
            thread.join()
        assert (statuses, failures, vault.verify()) == ([0] * 10, [], ())


def test_pythons_own_sqlite_is_another_one(path: Path) -> None:
    """Two copies of SQLite in one process: neither takes the other's functions."""
    other = sqlite3.connect(path.parent / "app.db")
    with Vault.create(path, ROOT) as vault:
        assert other.execute("SELECT sqlite_version()").fetchone() == (sqlite3.sqlite_version,)
        other.execute("CREATE TABLE orders (id INTEGER)")
        vault.client().create_key()
        other.execute("INSERT INTO orders VALUES (1)")
        other.commit()
        assert vault.verify() == ()
        assert other.execute("SELECT * FROM orders").fetchall() == [(1,)]
    other.close()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into an ELF file")
def test_no_function_of_sqlites_is_exported() -> None:
    import pocketkms._native as native

    assert native.__file__ is not None
    exported = subprocess.run(["nm", "-D", "--defined-only", native.__file__], check=True, capture_output=True, text=True)
    assert "PyInit__native" in exported.stdout
    assert "sqlite3" not in exported.stdout
