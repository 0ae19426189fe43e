"""What happens where there is no memory for an input's copy, or for what is made of it.

    python memory_limit.py KIND

Does a kind of work with inputs that are there, in a process that may have no more than `LEFT` bytes beyond them. Prints the name of the
exception, after looking whether everything else still works.
"""

from __future__ import annotations

import resource
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

from pocketkms import (
    CallbackKeyring,
    EncryptionClient,
    RawAesKeyring,
    ReadableBuffer,
    RootKey,
    Vault,
    WrappedDataKey,
)

MIB = 1 << 20
SIZE, LEFT = 160 * MIB, 96 * MIB

KINDS = (
    "operation_bytes",
    "operation_bytearray",
    "operation_memoryview",
    "operation_text",
    "operation_context",
    "operation_list",
    "wire",
    "encrypt",
    "encrypt_bytearray",
    "encrypt_memoryview",
    "encrypt_signed",
    "encrypt_context",
    "decrypt",
    "reencrypt",
    "reencrypt_short_frames",
    "encryptor",
    "encryptor_held",
    "decryptor",
    "decryptor_held",
    "reencryptor",
    "range_reader",
    "callback_wraps",
    "callback_unwraps",
    "snapshot",
    "passphrase",
    "key",
)


def callbacks(wrapped: bytes, unwrapped: ReadableBuffer) -> CallbackKeyring:
    """One whose functions return these."""

    def wrap(*_: object) -> WrappedDataKey:
        return WrappedDataKey(provider_info=b"", ciphertext=wrapped)

    def unwrap(*_: object) -> ReadableBuffer:
        return unwrapped

    return CallbackKeyring("tests", wrap=wrap, unwrap=unwrap)


def works() -> dict[str, Callable[[], object]]:
    """Each kind of work."""
    big = bytes(SIZE)
    mutable = bytearray(SIZE)
    text = "a" * SIZE
    client = EncryptionClient()
    keyring = RawAesKeyring(namespace="tests", name="one", wrapping_key=secrets.token_bytes(32))
    message = client.encrypt(keyring, big).message
    # Two frames, of which a stream holds one.
    long_frames = client.encrypt(keyring, bytes(128 * MIB), frame_length=64 * MIB).message
    vault = Vault.in_memory(RootKey.from_bytes(secrets.token_bytes(32)))
    kms = vault.client()
    key_id = kms.create_key().key_metadata.key_id
    kept = callbacks(big, mutable)
    wrapped = client.encrypt(callbacks(b"x", b""), b"x").message

    def trickle() -> None:
        decryptor = client.decryptor(keyring)
        for start in range(0, len(long_frames), 1 * MIB):
            decryptor.update(memoryview(long_frames)[start : start + MIB])

    def hold() -> None:
        encryptor = client.encryptor(keyring, frame_length=64 * MIB)
        for _ in range(65):
            encryptor.update(big[:MIB])

    return {
        # By their length, before anything is copied.
        "operation_bytes": lambda: kms.encrypt(key_id=key_id, plaintext=big),
        "operation_bytearray": lambda: kms.encrypt(key_id=key_id, plaintext=mutable),
        "operation_memoryview": lambda: kms.decrypt(ciphertext_blob=memoryview(mutable)),
        "operation_text": lambda: kms.describe_key(key_id=text),
        "operation_context": lambda: kms.encrypt(key_id=key_id, plaintext=b"x", encryption_context={"a": text}),
        "operation_list": lambda: kms.encrypt(key_id=key_id, plaintext=b"x", grant_tokens=[text]),
        "wire": lambda: kms.call("TrentService.ListKeys", mutable),
        "encrypt": lambda: client.encrypt(keyring, big),
        "encrypt_bytearray": lambda: client.encrypt(keyring, mutable),
        "encrypt_memoryview": lambda: client.encrypt(keyring, memoryview(mutable)),
        "encrypt_signed": lambda: client.encrypt(keyring, big, algorithm_suite="ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384"),
        "encrypt_context": lambda: client.encrypt(keyring, b"x", encryption_context={"a": text}),
        "decrypt": lambda: client.decrypt(keyring, message),
        "reencrypt": lambda: client.reencrypt(keyring, keyring, message),
        "reencrypt_short_frames": lambda: client.reencrypt(keyring, keyring, message, frame_length=1),
        "encryptor": lambda: client.encryptor(keyring).update(big),
        "encryptor_held": hold,
        "decryptor": lambda: client.decryptor(keyring).update(message),
        "decryptor_held": trickle,
        "reencryptor": lambda: client.reencryptor(keyring, keyring).update(message),
        "range_reader": lambda: client.range_reader(keyring, message).read(),
        "callback_wraps": lambda: client.encrypt(kept, b"x"),
        "callback_unwraps": lambda: client.decrypt(kept, wrapped),
        "snapshot": lambda: Vault.open_snapshot(mutable, RootKey.from_bytes(bytes(32))),
        "passphrase": lambda: RootKey.from_passphrase(text),
        "key": lambda: RawAesKeyring(namespace="tests", name="one", wrapping_key=mutable),
    }


def used() -> int:
    """The address space of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def main() -> None:
    given = works()
    assert tuple(given) == KINDS
    work = given[sys.argv[1]]
    limit = used() + LEFT
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        work()
    except Exception as error:
        # What a callback's answer takes is a reason why a data key was not decrypted.
        print(type(error.__cause__ or error).__name__)
    else:
        print("nothing")
    client = EncryptionClient()
    keyring = RawAesKeyring(namespace="tests", name="one", wrapping_key=bytes(32))
    small = client.encrypt(keyring, b"small").message
    assert client.decrypt(keyring, small).plaintext == b"small"
    with Vault.in_memory(RootKey.from_bytes(bytes(32))) as vault:
        assert vault.client().create_key().key_metadata.enabled


if __name__ == "__main__":
    main()
