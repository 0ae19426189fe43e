"""Messages that are re-encrypted: at once, as streams, in files."""

from __future__ import annotations

import gc
import io
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pocketkms import (
    AlgorithmSuite,
    CallbackKeyring,
    CommitmentPolicyException,
    EncryptedDataKey,
    EncryptionClient,
    InvalidMessageException,
    RawAesKeyring,
    Reencryptor,
    ReencryptReader,
    ReencryptWriter,
    RewrappedSidecar,
    StreamStateException,
    UnableToDecryptDataKeyException,
    ValidationException,
    WrappedDataKey,
    remove_abandoned,
)

PLAINTEXT = bytes(index % 251 for index in range(2_500_000))
CONTEXT = {"order": "4711", "tenant": "one"}
SIGNED: AlgorithmSuite = "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384"
OLD = RawAesKeyring(namespace="tests", name="old", wrapping_key=bytes(range(32)))
NEW = RawAesKeyring(namespace="tests", name="new", wrapping_key=bytes(32))
DEAD = "^StreamStateException: the stream has ended or failed: start a new one$"


class Broken(Exception):
    """What a callback, a source or a sink of a test raises."""


@pytest.fixture(scope="module")
def message() -> bytes:
    """One that does not store one of its pairs."""
    return EncryptionClient().encrypt(
        OLD, PLAINTEXT, encryption_context=CONTEXT, required_encryption_context_keys=["tenant"]
    ).message


def pieces(data: bytes, length: int) -> Iterator[bytes]:
    return (data[start : start + length] for start in range(0, len(data), length))


def one_shot(client: EncryptionClient, message: bytes, **options: Any) -> bytes:
    encrypted = client.reencrypt(OLD, NEW, message, **options)
    assert encrypted.header == client.inspect(encrypted.message).header
    return encrypted.message


def by_pieces(client: EncryptionClient, message: bytes, **options: Any) -> bytes:
    reencryptor = client.reencryptor(OLD, NEW, **options)
    assert reencryptor.header is None
    made = b"".join(reencryptor.update(piece) for piece in pieces(message, 4099)) + reencryptor.finish()
    assert reencryptor.header == client.inspect(made).header
    return made


def from_a_file(client: EncryptionClient, message: bytes, **options: Any) -> bytes:
    with client.reencrypt_stream(OLD, NEW, io.BytesIO(message), **options) as reader:
        made = reader.read()
        assert reader.header == client.inspect(made).header and reader.read(1) == b""
    return made


def from_an_iterable(client: EncryptionClient, message: bytes, **options: Any) -> bytes:
    return b"".join(client.reencrypt_stream(OLD, NEW, pieces(message, 70_001), **options))


def to_a_file(client: EncryptionClient, message: bytes, **options: Any) -> bytes:
    sink = io.BytesIO()
    with client.reencrypt_writer(OLD, NEW, sink, **options) as writer:
        for piece in pieces(message, 100_003):
            assert writer.write(piece) == len(piece)
    return sink.getvalue()


Way = Callable[..., bytes]
WAYS = pytest.mark.parametrize("way", [one_shot, by_pieces, from_a_file, from_an_iterable, to_a_file])


# --- what is refused


@WAYS
def test_what_is_not_reencrypted(client: EncryptionClient, message: bytes, way: Way) -> None:
    given: dict[str, Any] = {"encryption_context": {"tenant": "one"}}
    with pytest.raises(UnableToDecryptDataKeyException):
        way(client, message)
    with pytest.raises(ValidationException, match="'tenant' must be given again"):
        way(client, message, required_encryption_context_keys=["tenant"])
    with pytest.raises(CommitmentPolicyException):
        way(client, message, algorithm_suite="ALG_AES_256_GCM_IV12_TAG16_HKDF_SHA256", **given)
    with pytest.raises(ValidationException):
        way(client, message, frame_length=0, **given)
    half = len(message) // 2
    altered = message[:half] + bytes([message[half] ^ 1]) + message[half + 1 :]
    for wrong in (b"", message[:20], message[:half], message[:-1], altered, message + b"x"):
        with pytest.raises(InvalidMessageException):
            way(client, wrong, **given)


@WAYS
def test_a_wrong_signature(client: EncryptionClient, way: Way) -> None:
    signed = client.encrypt(OLD, b"x", algorithm_suite=SIGNED).message
    with pytest.raises(InvalidMessageException, match="signature"):
        way(client, signed[:-1] + bytes([signed[-1] ^ 1]))
    made = way(client, signed, algorithm_suite=SIGNED)
    assert client.decrypt(NEW, made).plaintext == b"x"
    # A key pair of its own.
    old, new = (client.inspect(one).header.encryption_context["aws-crypto-public-key"] for one in (signed, made))
    assert old != new


def test_wrong_arguments(client: EncryptionClient, message: bytes) -> None:
    untyped: Any = client
    with pytest.raises(TypeError, match="^'source' must be Keyring or CachingMaterialsManager, not bytes$"):
        untyped.reencrypt(b"key", NEW, message)
    with pytest.raises(TypeError, match="^'destination' must be Keyring or CachingMaterialsManager, not NoneType$"):
        untyped.reencryptor(OLD, None)
    with pytest.raises(TypeError, match="^'message' must be bytes, bytearray or memoryview, not str$"):
        untyped.reencrypt(OLD, NEW, "text")
    with pytest.raises(TypeError, match="^'message' must be a binary file or an iterable of bytes, not bytes$"):
        untyped.reencrypt_stream(OLD, NEW, message)
    with pytest.raises(TypeError, match="^a piece of 'message' must be bytes, bytearray or memoryview, not str$"):
        untyped.reencrypt_stream(OLD, NEW, ["text"]).read()
    with pytest.raises(TypeError, match="^'sink' must be a binary file, not bytes$"):
        untyped.reencrypt_writer(OLD, NEW, b"")
    with pytest.raises(TypeError, match="^'frame_length' must be int, not str$"):
        untyped.reencrypt(OLD, NEW, message, frame_length="1")
    reencryptor: Any = client.reencryptor(OLD, NEW)
    with pytest.raises(TypeError, match="^'message' must be bytes, bytearray or memoryview, not NoneType$"):
        reencryptor.update(None)
    with pytest.raises(TypeError):
        Reencryptor()


def test_after_an_error_a_stream_is_dead(client: EncryptionClient, message: bytes) -> None:
    reencryptor = client.reencryptor(OLD, NEW)
    with pytest.raises(UnableToDecryptDataKeyException):
        reencryptor.update(message)
    with pytest.raises(StreamStateException, match=DEAD):
        reencryptor.update(b"")
    with pytest.raises(StreamStateException, match=DEAD):
        reencryptor.finish()
    reader = client.reencrypt_stream(OLD, NEW, io.BytesIO(message[:-1]), encryption_context={"tenant": "one"})
    with pytest.raises(InvalidMessageException):
        reader.read()
    with pytest.raises(StreamStateException, match=DEAD):
        reader.read()
    sink = io.BytesIO()
    with pytest.raises(Broken), client.reencrypt_writer(OLD, NEW, sink, encryption_context={"tenant": "one"}) as writer:
        writer.write(message)
        raise Broken
    with pytest.raises(InvalidMessageException):
        client.decrypt(NEW, sink.getvalue(), encryption_context={"tenant": "one"})


def test_what_keyrings_raise(client: EncryptionClient) -> None:
    def wrap(*_: object) -> WrappedDataKey:
        raise Broken("to encrypt")

    def unwrap(key: EncryptedDataKey, *_: object) -> bytes:
        raise Broken("to decrypt")

    def give(data_key: bytes, *_: object) -> WrappedDataKey:
        return WrappedDataKey(provider_info=b"key", ciphertext=data_key)

    broken = CallbackKeyring("elsewhere", wrap=wrap, unwrap=unwrap)
    message = client.encrypt(OLD, b"x").message
    with pytest.raises(Broken, match="to encrypt"):
        client.reencrypt(OLD, broken, message)
    elsewhere = client.encrypt(CallbackKeyring("elsewhere", wrap=give, unwrap=unwrap), b"x").message
    for call in (
        lambda: client.reencrypt(broken, NEW, elsewhere),
        lambda: client.reencryptor(broken, NEW).update(elsewhere),
    ):
        with pytest.raises(UnableToDecryptDataKeyException) as raised:
            call()
        assert isinstance(raised.value.__cause__, Broken)


# --- what it makes


@WAYS
@pytest.mark.parametrize("length", [0, 1, 65_536, 2_500_000])
def test_there_and_back(client: EncryptionClient, way: Way, length: int) -> None:
    old = client.encrypt(
        OLD, PLAINTEXT[:length], encryption_context=CONTEXT, required_encryption_context_keys=["tenant"]
    )
    again = {"tenant": "one"}
    made = way(client, old.message, encryption_context=again, algorithm_suite=SIGNED, frame_length=50_000)
    with pytest.raises(UnableToDecryptDataKeyException):
        client.decrypt(OLD, made, encryption_context=again)
    with pytest.raises(UnableToDecryptDataKeyException):
        client.decrypt(NEW, made)
    decrypted = client.decrypt(NEW, made, encryption_context=again)
    assert decrypted.plaintext == PLAINTEXT[:length]
    context = {name: value for name, value in decrypted.encryption_context.items() if not name.startswith("aws-crypto")}
    assert context == CONTEXT and "tenant" not in decrypted.header.encryption_context
    header = decrypted.header
    assert (header.algorithm_suite, header.frame_length) == (SIGNED, 50_000)
    assert header.message_id != old.header.message_id and header.commitment != old.header.commitment


@WAYS
def test_a_message_with_a_sidecar(client: EncryptionClient, way: Way) -> None:
    first = RawAesKeyring(namespace="tests", name="first", wrapping_key=bytes(16))
    message = client.encrypt(first, b"x").message
    rewrapped = client.rewrap(first, OLD, message)
    assert isinstance(rewrapped, RewrappedSidecar)
    with pytest.raises(UnableToDecryptDataKeyException):
        way(client, message)
    assert client.decrypt(NEW, way(client, message, sidecar=rewrapped.sidecar)).plaintext == b"x"


def test_file_objects(client: EncryptionClient) -> None:
    message = client.encrypt(OLD, b"x").message
    reader = client.reencrypt_stream(OLD, NEW, [message])
    assert isinstance(reader, ReencryptReader) and reader.readable() and not reader.seekable() and reader.header is None
    writer = client.reencrypt_writer(OLD, NEW, io.BytesIO())
    assert isinstance(writer, ReencryptWriter) and writer.writable() and writer.header is None
    writer.write(message)
    assert writer.header is not None and writer.header.message_id != client.inspect(message).header.message_id
    writer.finish()


def test_a_stream_keeps_its_keyrings(client: EncryptionClient) -> None:
    class Wrapper:
        def wrap(self, data_key: bytes, *_: object) -> WrappedDataKey:
            return WrappedDataKey(provider_info=b"key", ciphertext=data_key)

        def unwrap(self, key: EncryptedDataKey, *_: object) -> bytes:
            return key.ciphertext

    def start(wrapper: Wrapper) -> tuple[bytes, Reencryptor]:
        keyring = CallbackKeyring("elsewhere", wrap=wrapper.wrap, unwrap=wrapper.unwrap)
        return client.encrypt(keyring, b"x").message, client.reencryptor(keyring, keyring)

    wrapper = Wrapper()
    gone = weakref.ref(wrapper)
    message, reencryptor = start(wrapper)
    del wrapper
    gc.collect()
    reencryptor.update(message)
    assert reencryptor.finish() and gone() is not None
    del reencryptor
    gc.collect()
    assert gone() is None


# --- files


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_file(client: EncryptionClient, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    first = RawAesKeyring(namespace="tests", name="first", wrapping_key=bytes(16))
    old.write_bytes(client.encrypt(first, PLAINTEXT, encryption_context=CONTEXT).message)
    rewrapped = client.rewrap(first, OLD, old.read_bytes())
    assert isinstance(rewrapped, RewrappedSidecar)
    with pytest.raises(UnableToDecryptDataKeyException):
        client.reencrypt_file(OLD, NEW, old, new)
    beside = tmp_path / "old.pocketkms-sidecar"
    beside.write_bytes(rewrapped.sidecar)
    steps: list[tuple[int, int]] = []
    header = client.reencrypt_file(OLD, NEW, str(old), new, progress=lambda done, total: steps.append((done, total)))
    assert header == client.inspect(new.read_bytes()).header
    assert steps[-1] == (old.stat().st_size, old.stat().st_size)
    decrypted = client.decrypt(NEW, new.read_bytes())
    assert decrypted.plaintext == PLAINTEXT and decrypted.encryption_context == CONTEXT
    assert names(tmp_path) == {"old", "old.pocketkms-sidecar", "new"}


def test_what_fails_leaves_nothing(client: EncryptionClient, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    whole = client.encrypt(OLD, PLAINTEXT).message
    for wrong in (whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1]), b""):
        old.write_bytes(wrong)
        with pytest.raises(InvalidMessageException):
            client.reencrypt_file(OLD, NEW, old, new)
    old.write_bytes(whole)
    with pytest.raises(ValidationException, match="same file"):
        client.reencrypt_file(OLD, NEW, old, old)
    with pytest.raises(FileNotFoundError):
        client.reencrypt_file(OLD, NEW, tmp_path / "missing", new)

    def progress(done: int, total: int) -> None:
        raise Broken("enough")

    with pytest.raises(Broken, match="enough"):
        client.reencrypt_file(OLD, NEW, old, new, progress=progress)
    untyped: Any = client
    with pytest.raises(TypeError, match="^'new' must be Keyring or CachingMaterialsManager, not bytes$"):
        untyped.reencrypt_file(OLD, b"key", old, new)
    assert names(tmp_path) == {"old"} and old.read_bytes() == whole


def test_what_a_killed_process_left(tmp_path: Path) -> None:
    left = tmp_path / ".pocketkms-AbCdEfGh01234567.tmp"
    others = [tmp_path / name for name in ("mine.tmp", ".pocketkms-short.tmp", "message")]
    for path in (left, *others):
        path.write_bytes(b"x")
    assert remove_abandoned(str(tmp_path)) == 1
    assert names(tmp_path) == {path.name for path in others}
    assert remove_abandoned(tmp_path) == 0
    with pytest.raises(FileNotFoundError) as raised:
        remove_abandoned(tmp_path / "missing")
    assert raised.value.filename == str(tmp_path / "missing")
    untyped: Any = remove_abandoned
    with pytest.raises(TypeError):
        untyped(7)
