"""A process that forks again and again while other threads are in all that the package has: `forking.py FORKS HOW`.

Each child does what a worker of a server does, and says which random values it saw. Prints how many children hung or failed.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

# As `logging` does it: registered before the package is imported, and so run after the package's own hook.
LOG = threading.RLock()
os.register_at_fork(before=LOG.acquire, after_in_parent=LOG.release, after_in_child=LOG.release)

from pocketkms import (  # noqa: E402
    AlgorithmSuite,
    CachingMaterialsManager,
    CallbackKeyring,
    EncryptedDataKey,
    EncryptionClient,
    HierarchicalKeyring,
    KmsKeyring,
    RawAesKeyring,
    RootKey,
    Vault,
    WrappedDataKey,
)

CLIENT = EncryptionClient()
SIGNED: AlgorithmSuite = "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384"
# Longer than this a child that does not hang takes on no machine.
PATIENCE = 60.0

vault = Vault.in_memory(RootKey.from_bytes(bytes(32)))
kms = vault.client()
key_id = kms.create_key().key_metadata.key_id
kms.create_branch_key(kms_key_id=key_id, branch_key_identifier="branch", encryption_context={"a": "b"})
under_kms = KmsKeyring(kms, key_id)
raw = RawAesKeyring(namespace="tests", name="one", wrapping_key=bytes(range(32)))
cache = CachingMaterialsManager(under_kms, max_entries=10, max_age=0.01)
hierarchical = HierarchicalKeyring(kms, "branch", ttl=0.01)
small, large = bytes(2_000), bytes(3_000_000)
blob = kms.encrypt(key_id=key_id, plaintext=b"x").ciphertext_blob


def wrap(data_key: bytes, context: Any, suite: str) -> WrappedDataKey:
    time.sleep(0.001)
    return WrappedDataKey(provider_info=b"", ciphertext=data_key)


def unwrap(key: EncryptedDataKey, context: Any, suite: str) -> bytes:
    return key.ciphertext


callbacks = CallbackKeyring("tests", wrap=wrap, unwrap=unwrap)


def operations() -> None:
    kms.decrypt(ciphertext_blob=kms.encrypt(key_id=key_id, plaintext=small).ciphertext_blob)
    kms.update_key_description(key_id=key_id, description=str(time.monotonic()))


def snapshots() -> None:
    Vault.open_snapshot(vault.snapshot(), RootKey.from_bytes(bytes(32))).close()


def messages() -> None:
    CLIENT.decrypt(raw, CLIENT.encrypt(raw, large).message)


def signed_messages() -> None:
    CLIENT.encrypt(raw, small, algorithm_suite=SIGNED)


def caches() -> None:
    for keyring in (cache, hierarchical):
        CLIENT.decrypt(keyring, CLIENT.encrypt(keyring, bytes(20_000)).message)


def streams() -> None:
    with CLIENT.encrypt_writer(under_kms, io.BytesIO()) as writer:
        writer.write(large[:500_000])


def called_back() -> None:
    CLIENT.decrypt(callbacks, CLIENT.encrypt(callbacks, bytes(20_000)).message)


def logged() -> None:
    with LOG:
        kms.encrypt(key_id=key_id, plaintext=small)
        called_back()
    time.sleep(0.0005)


WORK: list[Callable[[], None]] = [operations, snapshots, messages, signed_messages, caches, streams, called_back]


def child() -> bytes:
    """What a worker does first."""
    for work in WORK:
        work()
    assert kms.decrypt(ciphertext_blob=blob).plaintext == b"x"
    made = kms.create_key().key_metadata.key_id.encode()
    return made + CLIENT.encrypt(raw, b"x").header.message_id + kms.generate_random(number_of_bytes=16).plaintext


def fork() -> bytes | None:
    """Forks, and gives what the child saw; nothing if it hung."""
    receive, send = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(receive)
            os.write(send, child())
            os._exit(0)
        finally:
            os._exit(1)
    os.close(send)
    return ended(pid, receive)


def ended(pid: int, receive: int) -> bytes | None:
    deadline = time.monotonic() + PATIENCE
    while os.waitpid(pid, os.WNOHANG)[0] == 0:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(receive)
            return None
        time.sleep(0.002)
    seen = os.read(receive, 1000)
    os.close(receive)
    return seen


def in_a_callback() -> bytes | None:
    """Forks from inside of a keyring, by a thread that is in the middle of a message."""
    seen: list[bytes | None] = []

    def forking(data_key: bytes, context: Any, suite: str) -> WrappedDataKey:
        seen.append(fork())
        return WrappedDataKey(provider_info=b"", ciphertext=data_key)

    CLIENT.encrypt(CallbackKeyring("tests", wrap=forking, unwrap=unwrap), large)
    return seen[0]


def worker(send: Any) -> None:
    send.send_bytes(child())


def by_multiprocessing() -> bytes | None:
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=worker, args=(send,))
    process.start()
    send.close()
    try:
        seen = receive.recv_bytes() if receive.poll(PATIENCE) else None
    except EOFError:
        seen = b""
    if seen is None:
        process.kill()
    process.join()
    return seen


def by_subprocess() -> bytes | None:
    """With code of Python between fork and exec, which takes the long way."""
    subprocess.run(["true"], preexec_fn=operations, check=True, timeout=PATIENCE)
    return os.urandom(80)


def nested() -> bytes | None:
    """A worker that forks again, as a server's master does that was started by another."""
    receive, send = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            start_threads(2)
            os.write(send, fork() or b"")
            os._exit(0)
        finally:
            os._exit(1)
    os.close(send)
    return ended(pid, receive)


HOW = {
    "fork": fork,
    "logging": fork,
    "callback": in_a_callback,
    "multiprocessing": by_multiprocessing,
    "subprocess": by_subprocess,
    "nested": nested,
}


def start_threads(each: int) -> None:
    def repeat(work: Callable[[], None]) -> None:
        while True:
            work()

    for work in WORK * each:
        threading.Thread(target=repeat, args=(work,), daemon=True).start()


def main() -> None:
    forks, how = int(sys.argv[1]), HOW[sys.argv[2]]
    if sys.argv[2] == "logging":
        WORK[:] = [operations, logged]
    start_threads(1)
    hung = failed = 0
    seen: set[bytes] = set()
    for _ in range(forks):
        random = how()
        if random is None:
            hung += 1
        elif not random:
            failed += 1
        else:
            seen.add(random)
        if hung or failed:
            break
    repeated = forks - hung - failed - len(seen) if not hung and not failed else 0
    print(f"hung {hung}, failed {failed}, repeated {repeated}", flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
