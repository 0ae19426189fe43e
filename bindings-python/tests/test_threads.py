"""Threads: the interpreter is released around work, and a vault can be shared."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pocketkms import KeyMetadata, Kms, RootKey, Vault, VaultClosedException


@pytest.fixture
def no_switching() -> Iterator[None]:
    """From here on a thread runs until it gives the interpreter away of its own accord."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e6)
    yield
    sys.setswitchinterval(interval)


def runs_beside(work: Callable[[], object], attempts: int) -> bool:
    """Whether another thread gets to run Python while this one does nothing but `work`.

    With `no_switching`, the other can only run if `work` releases the interpreter. One call may be over before the other
    thread has awoken, so it is given many.
    """
    ran = False
    begin = threading.Event()

    def other() -> None:
        nonlocal ran
        begin.wait()
        ran = True

    thread = threading.Thread(target=other)
    thread.start()
    begin.set()  # The other thread is awake from here on, and wants the interpreter.
    for _ in range(attempts):
        work()
        if ran:
            break
    result = ran
    thread.join()
    return result


def test_python_alone_does_not_let_the_other_thread_run(no_switching: None) -> None:
    """The other tests here could fail."""
    assert not runs_beside(lambda: sum(range(100)), attempts=20_000)


def test_a_vault_is_made_and_opened_beside_other_threads(no_switching: None) -> None:
    root = RootKey.from_passphrase("Argon2id takes a while")
    assert runs_beside(lambda: Vault.in_memory(root), attempts=10)
    with Vault.in_memory(root) as vault:
        snapshot = vault.snapshot()
        assert runs_beside(lambda: Vault.open_snapshot(snapshot, root), attempts=10)
        assert runs_beside(lambda: vault.add_root_key(root), attempts=10)


def test_operations_run_beside_other_threads(no_switching: None, vault: Vault, kms: Kms, key: KeyMetadata) -> None:
    plaintext = bytes(4096)
    blob = kms.encrypt(key_id=key.key_id, plaintext=plaintext).ciphertext_blob
    caller = vault.client(account_id="111122223333", region="eu-central-1")
    for work in (
        lambda: kms.encrypt(key_id=key.key_id, plaintext=plaintext),
        lambda: kms.decrypt(ciphertext_blob=blob),
        lambda: caller.encrypt(key_id=key.key_id, plaintext=plaintext),
        vault.snapshot,
    ):
        assert runs_beside(work, attempts=200_000)


def test_one_vault_for_many_threads(kms: Kms, key: KeyMetadata) -> None:
    together = threading.Barrier(8)

    def work(number: int) -> set[str]:
        together.wait()
        mine = kms.create_key(description=str(number)).key_metadata.key_id
        kms.create_alias(alias_name=f"alias/{number}", target_key_id=mine)
        for index in range(50):
            plaintext = f"{number} {index}".encode()
            blobs = [kms.encrypt(key_id=name, plaintext=plaintext) for name in (f"alias/{number}", key.key_id)]
            if index % 10 == 0:
                kms.rotate_key_on_demand(key_id=mine)
            assert [kms.decrypt(ciphertext_blob=blob.ciphertext_blob).plaintext for blob in blobs] == [plaintext] * 2
        return {mine}

    with ThreadPoolExecutor(8) as pool:
        made = set[str]().union(*pool.map(work, range(8)))
    assert {entry.key_id for entry in kms.list_keys().keys} == made | {key.key_id}
    assert len(made) == 8


def test_closing_waits_for_calls_and_refuses_the_next(root: RootKey) -> None:
    for _ in range(20):
        vault = Vault.in_memory(root)
        kms = vault.client()
        key_id = kms.create_key().key_metadata.key_id
        together = threading.Barrier(5)

        def work(kms: Kms = kms, key_id: str = key_id, together: threading.Barrier = together) -> str:
            together.wait()
            while True:
                try:
                    kms.encrypt(key_id=key_id, plaintext=bytes(4096))
                except VaultClosedException as error:
                    return error.message

        with ThreadPoolExecutor(4) as pool:
            working = [pool.submit(work) for _ in range(4)]
            together.wait()
            vault.close()
            assert {future.result() for future in working} == {"the vault is closed"}
