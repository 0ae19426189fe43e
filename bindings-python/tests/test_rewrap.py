"""Messages that move to other keys without their bodies."""

from __future__ import annotations

import io
from typing import Any

import pytest

from pocketkms import (
    AlgorithmSuite,
    CachingMaterialsManager,
    CallbackKeyring,
    EncryptedDataKey,
    EncryptionClient,
    InvalidMessageException,
    KeyMetadata,
    Keyring,
    Kms,
    KmsKeyring,
    RawAesKeyring,
    RewrappedHeader,
    RewrappedSidecar,
    UnableToDecryptDataKeyException,
    WrappedDataKey,
)

VERSION_1: AlgorithmSuite = "ALG_AES_256_GCM_IV12_TAG16_HKDF_SHA256"


@pytest.fixture
def either() -> EncryptionClient:
    """One that writes version 1, too."""
    return EncryptionClient(commitment_policy="FORBID_ENCRYPT_ALLOW_DECRYPT")


@pytest.fixture
def other() -> RawAesKeyring:
    return RawAesKeyring(namespace="tests", name="other", wrapping_key=bytes(32))


def test_what_is_not_rewrapped(client: EncryptionClient, keyring: Keyring, other: Keyring) -> None:
    message = client.encrypt(keyring, b"x").message
    with pytest.raises(UnableToDecryptDataKeyException):
        client.rewrap(other, keyring, message)
    for front in (b"", message[:20], io.BytesIO(message[:20])):
        with pytest.raises(InvalidMessageException):
            client.rewrap(keyring, other, front)
        with pytest.raises(InvalidMessageException):
            client.needs_rewrap(other, front)
    altered = bytearray(message)
    altered[client.inspect(message).header_length - 1] ^= 1
    with pytest.raises(InvalidMessageException):
        client.rewrap(keyring, other, altered)
    untyped: Any = client
    with pytest.raises(TypeError, match="^'destination' must be Keyring, not CachingMaterialsManager$"):
        untyped.rewrap(keyring, CachingMaterialsManager(other), message)
    with pytest.raises(TypeError, match="^'source' must be Keyring or CachingMaterialsManager, not bytes$"):
        untyped.rewrap(b"key", other, message)
    with pytest.raises(TypeError, match="^'sidecar' must be bytes, bytearray or memoryview, not str$"):
        untyped.rewrap(keyring, other, message, sidecar="text")
    with pytest.raises(TypeError, match="^'message' must be bytes, bytearray, memoryview or a binary file, not str$"):
        untyped.needs_rewrap(other, "text")


def test_what_a_keyring_raises_comes_through(client: EncryptionClient, keyring: Keyring) -> None:
    def wrap(*_: object) -> WrappedDataKey:
        raise ConnectionError("far away")

    def unwrap(key: EncryptedDataKey, *_: object) -> bytes:
        raise AssertionError("nothing is decrypted here")

    broken = CallbackKeyring("elsewhere", wrap=wrap, unwrap=unwrap)
    message = client.encrypt(keyring, b"x").message
    assert client.needs_rewrap(broken, message)
    with pytest.raises(ConnectionError, match="^far away$"):
        client.rewrap(keyring, broken, message)


def test_a_new_header(either: EncryptionClient, keyring: Keyring, other: Keyring) -> None:
    message = either.encrypt(keyring, b"x" * 100_000, algorithm_suite=VERSION_1).message
    assert either.needs_rewrap(other, message) and not either.needs_rewrap(keyring, io.BytesIO(message))
    rewrapped = either.rewrap(keyring, other, io.BytesIO(message))
    assert isinstance(rewrapped, RewrappedHeader)
    assert rewrapped.replaces == either.inspect(message).header_length
    moved = rewrapped.header + message[rewrapped.replaces :]
    assert either.decrypt(other, moved).plaintext == b"x" * 100_000
    assert not either.needs_rewrap(other, moved)
    with pytest.raises(UnableToDecryptDataKeyException):
        either.decrypt(keyring, moved)
    assert isinstance(either.rewrap(keyring, other, message, sidecar_only=True), RewrappedSidecar)


def test_a_sidecar(client: EncryptionClient, keyring: Keyring, other: Keyring) -> None:
    encrypted = client.encrypt(keyring, b"x" * 100_000, encryption_context={"order": "4711"})
    message = encrypted.message
    rewrapped = client.rewrap(keyring, other, message[: client.inspect(message).header_length])
    assert isinstance(rewrapped, RewrappedSidecar)
    sidecar = rewrapped.sidecar
    altered = bytearray(sidecar)
    altered[-1] ^= 1
    another = client.encrypt(keyring, b"another").message
    for wrong, of in ((altered, message), (sidecar[:-1], message), (sidecar, another), (b"", message)):
        with pytest.raises(InvalidMessageException):
            client.decrypt(other, of, sidecar=wrong)
        with pytest.raises(InvalidMessageException):
            client.decrypt_stream(other, io.BytesIO(of), sidecar=wrong).read()
    with pytest.raises(UnableToDecryptDataKeyException):
        client.decrypt(other, message)
    with pytest.raises(UnableToDecryptDataKeyException):
        client.decrypt(keyring, message, sidecar=sidecar)
    assert client.decrypt(other, message, sidecar=memoryview(sidecar)).plaintext == b"x" * 100_000
    assert client.decrypt_stream(other, io.BytesIO(message), sidecar=sidecar).read() == b"x" * 100_000
    sink = io.BytesIO()
    with client.decrypt_writer(other, sink, sidecar=sidecar) as writer:
        writer.write(message)
    assert sink.getvalue() == b"x" * 100_000
    assert client.needs_rewrap(other, message) and not client.needs_rewrap(other, message, sidecar=sidecar)
    back = client.rewrap(other, keyring, message, sidecar=sidecar)
    assert isinstance(back, RewrappedSidecar)
    assert client.decrypt(keyring, message, sidecar=back.sidecar).plaintext == b"x" * 100_000


def test_looking_at_a_sidecar(client: EncryptionClient, keyring: Keyring, other: Keyring) -> None:
    encrypted = client.encrypt(keyring, b"x")
    rewrapped = client.rewrap(keyring, other, encrypted.message)
    assert isinstance(rewrapped, RewrappedSidecar)
    for wrong in (b"", b"text", rewrapped.sidecar[:-1], rewrapped.sidecar + b"x", encrypted.message):
        with pytest.raises(InvalidMessageException):
            client.inspect_sidecar(wrong)
    info = client.inspect_sidecar(rewrapped.sidecar)
    assert (info.algorithm_suite, info.message_id) == (encrypted.header.algorithm_suite, encrypted.header.message_id)
    assert [key.key_name for key in info.wrapping_keys] == ["other"]
    assert len(info.encrypted_data_keys) == 1


def test_to_the_newest_material(client: EncryptionClient, kms: Kms, key: KeyMetadata) -> None:
    keyring = KmsKeyring(kms, key.key_id)
    message = client.encrypt(keyring, b"x").message
    assert not client.needs_rewrap(keyring, message)
    kms.rotate_key_on_demand(key_id=key.key_id)
    assert client.needs_rewrap(keyring, message)
    rewrapped = client.rewrap(keyring, keyring, message)
    assert isinstance(rewrapped, RewrappedSidecar)
    assert not client.needs_rewrap(keyring, message, sidecar=rewrapped.sidecar)
    old, new = client.inspect(message).wrapping_keys[0], client.inspect_sidecar(rewrapped.sidecar).wrapping_keys[0]
    assert (old.key_id, old.key_arn) == (new.key_id, new.key_arn) and old.key_material != new.key_material


def test_pairs_that_the_message_does_not_store(client: EncryptionClient, keyring: Keyring, other: Keyring) -> None:
    context = {"tenant": "one"}
    message = client.encrypt(
        keyring, b"x", encryption_context=context, required_encryption_context_keys=["tenant"]
    ).message
    with pytest.raises(UnableToDecryptDataKeyException):
        client.rewrap(keyring, other, message)
    rewrapped = client.rewrap(
        keyring, other, message, encryption_context=context, required_encryption_context_keys=["tenant"]
    )
    assert isinstance(rewrapped, RewrappedSidecar)
    found = client.decrypt(other, message, encryption_context=context, sidecar=rewrapped.sidecar)
    assert found.plaintext == b"x"
