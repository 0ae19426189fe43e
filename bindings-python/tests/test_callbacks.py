"""Keyrings that stand on Python code: callbacks, and a KMS that is an object in Python."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pocketkms import (
    AlgorithmSuite,
    CallbackKeyring,
    DecryptResponse,
    DescribeKeyResponse,
    DisabledException,
    EncryptResponse,
    EncryptedDataKey,
    EncryptionClient,
    GenerateDataKeyResponse,
    InvalidArnException,
    InvalidMessageException,
    KeyMetadata,
    Kms,
    KmsClient,
    KmsKeyring,
    KmsOperations,
    MultiKeyring,
    RawAesKeyring,
    UnableToDecryptDataKeyException,
    ValidationException,
    WrappedDataKey,
)


class Broken(Exception):
    """What a callback of a test raises."""


class Xor:
    """Wraps in a way that only a test may, and writes down what it is asked."""

    def __init__(self, mask: int = 0x55) -> None:
        self.mask = mask
        self.asked: list[tuple[object, Mapping[str, str], AlgorithmSuite]] = []

    def flip(self, data: bytes) -> bytes:
        return bytes(byte ^ self.mask for byte in data)

    def wrap(self, data_key: bytes, context: Mapping[str, str], suite: AlgorithmSuite) -> WrappedDataKey:
        self.asked.append((data_key, context, suite))
        return WrappedDataKey(provider_info=b"mask", ciphertext=self.flip(data_key))

    def unwrap(self, key: EncryptedDataKey, context: Mapping[str, str], suite: AlgorithmSuite) -> bytes:
        self.asked.append((key, context, suite))
        return self.flip(key.ciphertext)

    def keyring(self, **instead: Callable[..., Any]) -> CallbackKeyring:
        callbacks: dict[str, Any] = {"wrap": self.wrap, "unwrap": self.unwrap, **instead}
        return CallbackKeyring("xor", **callbacks)


def raising(exception: BaseException) -> Callable[..., Any]:
    def callback(*_: object, **__: object) -> Any:
        raise exception

    return callback


def returning(answer: object) -> Callable[..., Any]:
    return lambda *_: answer


def test_what_wrap_raises_comes_through(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    for exception in (Broken("no"), DisabledException("the key is disabled"), KeyboardInterrupt()):
        failing = Xor().keyring(wrap=raising(exception))
        for either in (failing, MultiKeyring(keyring, [failing])):
            with pytest.raises(type(exception)) as raised:
                client.encrypt(either, b"x")
            assert raised.value is exception
            with pytest.raises(type(exception)):
                client.encryptor(either)


def test_what_unwrap_raises_is_a_reason(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    xor = Xor()
    message = client.encrypt(MultiKeyring(xor.keyring(), [keyring]), b"x").message
    for exception, expected in (
        (Broken("no such key"), "Broken: no such key"),
        (DisabledException("the key is disabled", "since today"), "DisabledException: the key is disabled (since today)"),
    ):
        failing = xor.keyring(unwrap=raising(exception))
        with pytest.raises(UnableToDecryptDataKeyException) as raised:
            client.decrypt(failing, message)
        assert raised.value.__cause__ is exception
        assert raised.value.explanation is not None
        assert "1. provider 'xor', key 'mask': " in raised.value.explanation and expected in raised.value.explanation
        # Another keyring may do.
        assert client.decrypt(MultiKeyring(None, [failing, keyring]), message).plaintext == b"x"
        # And what goes wrong after that has nothing to do with it.
        with pytest.raises(InvalidMessageException) as truncated:
            client.decrypt(MultiKeyring(None, [failing, keyring]), message[:-1])
        assert truncated.value.__cause__ is None


def test_what_ends_the_work_is_no_reason(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    xor = Xor()
    message = client.encrypt(MultiKeyring(xor.keyring(), [keyring]), b"x").message
    for exception in (KeyboardInterrupt(), SystemExit(3), asyncio.CancelledError()):
        stopped = xor.keyring(unwrap=raising(exception))
        # The next keyring could open it, and is not asked.
        for either in (stopped, MultiKeyring(None, [stopped, keyring])):
            with pytest.raises(type(exception)) as raised:
                client.decrypt(either, message)
            assert raised.value is exception


def test_each_attempt_has_the_very_exception(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    xor, other = Xor(), Xor(0x33)
    message = client.encrypt(MultiKeyring(xor.keyring(), [other.keyring()]), b"x").message
    # Distinguished by nothing but their identity.
    raised = [Broken("no"), Broken("no"), DisabledException("no"), Broken("no")]
    exceptions = iter(raised)

    def unwrap(*_: object) -> bytes:
        raise next(exceptions)

    failing = [xor.keyring(unwrap=unwrap), xor.keyring(unwrap=unwrap)]
    with pytest.raises(UnableToDecryptDataKeyException) as failed:
        client.decrypt(MultiKeyring(None, failing), message)
    error = failed.value
    assert [attempt.index for attempt in error.attempts] == [0, 0, 1, 1]
    # By encrypted data key, and for each of them by keyring.
    expected = [raised[0], raised[2], raised[1], raised[3]]
    assert all(attempt.error is each for attempt, each in zip(error.attempts, expected, strict=True))
    assert all(cause is each for cause, each in zip(error.causes, expected, strict=True))
    assert error.__cause__ is raised[0]
    # What a callback called may itself have failed like that.
    outer = xor.keyring(unwrap=raising(error))
    with pytest.raises(UnableToDecryptDataKeyException) as nested:
        client.decrypt(outer, message)
    assert nested.value is not error and all(attempt.error is error for attempt in nested.value.attempts)
    assert nested.value.describe().count("Broken: no") == 6


def test_threads_have_the_exceptions_of_their_own_calls(client: EncryptionClient) -> None:
    xor = Xor()
    message = client.encrypt(xor.keyring(), b"x").message
    together = threading.Barrier(2, timeout=60)

    def work(wrapping: bool) -> None:
        own = Broken("no")

        def fail(*_: object) -> Any:
            together.wait()
            raise own

        keyring = xor.keyring(wrap=fail, unwrap=fail)
        if wrapping:
            with pytest.raises(Broken) as raised:
                client.encrypt(keyring, b"x")
            assert raised.value is own
        else:
            with pytest.raises(UnableToDecryptDataKeyException) as failed:
                client.decrypt(keyring, message)
            assert failed.value.attempts[0].error is own

    with ThreadPoolExecutor(2) as pool:
        for both in ((True, True), (False, False), (True, False)):
            list(pool.map(work, both))


def test_an_error_of_the_core_is_not_taken_for_one_that_was_raised(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    xor = Xor()
    message = client.encrypt(MultiKeyring(xor.keyring(), [keyring]), b"x").message
    with pytest.raises(InvalidMessageException) as core:
        client.decrypt(keyring, message[:-1])
    # The same kind, message and explanation, of another occurrence.
    own = InvalidMessageException(core.value.message, core.value.explanation)
    with pytest.raises(InvalidMessageException) as raised:
        client.decrypt(MultiKeyring(None, [xor.keyring(unwrap=raising(own)), keyring]), message[:-1])
    assert raised.value is not own


def test_an_interruption_is_no_ones_answer(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    xor = Xor()
    message = client.encrypt(MultiKeyring(xor.keyring(), [xor.keyring(), keyring]), b"x").message
    exceptions = iter([KeyboardInterrupt("first"), Broken("second")])

    def unwrap(*_: object) -> bytes:
        raise next(exceptions)

    # Although the next keyring finds the data key.
    with pytest.raises(KeyboardInterrupt, match="first"):
        client.decrypt(MultiKeyring(None, [xor.keyring(unwrap=unwrap), keyring]), message)


@pytest.mark.parametrize("answer", [None, b"bytes", ("info", "ciphertext"), {"provider_info": b""}], ids=repr)
def test_what_wrap_must_return(client: EncryptionClient, answer: object) -> None:
    with pytest.raises(TypeError, match=f"^'wrap' must return WrappedDataKey, not {type(answer).__name__}$"):
        client.encrypt(Xor().keyring(wrap=returning(answer)), b"x")
    text: Any = "text"
    for wrong in (
        WrappedDataKey(provider_info=text, ciphertext=b""),
        WrappedDataKey(provider_info=b"", ciphertext=text),
    ):
        with pytest.raises(TypeError, match="must be bytes, bytearray or memoryview, not str"):
            client.encrypt(Xor().keyring(wrap=returning(wrong)), b"x")


def test_what_unwrap_must_return(client: EncryptionClient) -> None:
    xor = Xor()
    message = client.encrypt(xor.keyring(), b"x").message
    with pytest.raises(UnableToDecryptDataKeyException) as raised:
        client.decrypt(xor.keyring(unwrap=returning("text")), message)
    assert isinstance(raised.value.__cause__, TypeError)
    assert str(raised.value.__cause__) == "'unwrap' must return bytes, not str"
    with pytest.raises(UnableToDecryptDataKeyException, match="has 5 bytes"):
        client.decrypt(xor.keyring(unwrap=returning(bytes(5))), message)
    # A data key of the right length that is not that of the message.
    with pytest.raises(InvalidMessageException):
        client.decrypt(xor.keyring(unwrap=returning(bytes(32))), message)


def test_what_is_no_callback_keyring() -> None:
    untyped: Any = CallbackKeyring
    with pytest.raises(ValidationException, match="provider id"):
        untyped("", wrap=print, unwrap=print)
    for name in ("wrap", "unwrap", "fingerprint"):
        with pytest.raises(TypeError, match=f"^'{name}' must be callable, not str$"):
            untyped("xor", **{"wrap": print, "unwrap": print, name: "text"})
    with pytest.raises(TypeError):
        untyped("xor", wrap=print)


def test_what_callbacks_are_given(client: EncryptionClient) -> None:
    xor = Xor()
    context = {"order": "4711", "schlüssel": "🔑"}
    encrypted = client.encrypt(
        xor.keyring(), b"x", encryption_context=context, required_encryption_context_keys=["order"]
    )
    decrypted = client.decrypt(xor.keyring(), encrypted.message, encryption_context={"order": "4711"})
    assert decrypted.plaintext == b"x"
    (data_key, *first), (key, *second) = xor.asked
    assert first == second == [context, "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY"]
    assert key == encrypted.header.encrypted_data_keys[0] == EncryptedDataKey(
        provider_id="xor", provider_info=b"mask", ciphertext=xor.flip(data_key if isinstance(data_key, bytes) else b"")
    )
    # Whatever holds bytes will do.
    for form in (bytearray, memoryview):
        again = xor.keyring(unwrap=returning(form(data_key if isinstance(data_key, bytes) else b"")))
        assert client.decrypt(again, encrypted.message, encryption_context={"order": "4711"}).plaintext == b"x"


def test_callbacks_may_encrypt_and_decrypt_themselves(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    def wrap(data_key: bytes, *_: object) -> WrappedDataKey:
        with pytest.raises(Broken):
            client.encrypt(Xor().keyring(wrap=raising(Broken())), b"x")
        return WrappedDataKey(provider_info=b"", ciphertext=client.encrypt(keyring, data_key).message)

    def unwrap(key: EncryptedDataKey, *_: object) -> bytes:
        with pytest.raises(InvalidMessageException):
            client.decrypt(keyring, b"")
        return client.decrypt(keyring, key.ciphertext).plaintext

    nested = CallbackKeyring("nested", wrap=wrap, unwrap=unwrap)
    assert client.decrypt(nested, client.encrypt(nested, b"x").message).plaintext == b"x"


def test_a_stream_that_asks_itself_is_busy(client: EncryptionClient) -> None:
    xor = Xor()
    message = client.encrypt(xor.keyring(), b"x").message
    refused: list[str] = []

    def unwrap(key: EncryptedDataKey, *_: object) -> bytes:
        with pytest.raises(RuntimeError) as raised:
            decryptor.update(b"")
        refused.append(str(raised.value))
        return xor.flip(key.ciphertext)

    decryptor = client.decryptor(xor.keyring(unwrap=unwrap))
    assert decryptor.update(message) + decryptor.finish() == b"x"
    assert refused == ["another thread is using this stream"]


def test_callbacks_of_many_threads(client: EncryptionClient) -> None:
    together = threading.Barrier(4, timeout=60)

    def wrap(data_key: bytes, *_: object) -> WrappedDataKey:
        # No one gets on before all are here: so all of them are inside at the same time.
        together.wait()
        return WrappedDataKey(provider_info=b"", ciphertext=data_key)

    def unwrap(key: EncryptedDataKey, *_: object) -> bytes:
        return key.ciphertext

    keyring = CallbackKeyring("plain", wrap=wrap, unwrap=unwrap)

    def work(number: int) -> bytes:
        return client.decrypt(keyring, client.encrypt(keyring, bytes([number])).message).plaintext

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [b"\0", b"\1", b"\2", b"\3"]


def test_a_keyring_does_not_keep_its_owner_alive(client: EncryptionClient) -> None:
    class Owner(Xor):
        def __init__(self) -> None:
            super().__init__()
            self.inner = MultiKeyring(None, [MultiKeyring(self.keyring())])
            self.outer = MultiKeyring(self.keyring(), [self.inner])
            self.decryptor = client.decryptor(self.outer)

    owner = Owner()
    gc.collect()
    message = client.encrypt(owner.outer, b"x").message
    assert client.decrypt(owner.inner, message).plaintext == b"x"
    alive = weakref.ref(owner)
    inner = owner.inner
    del owner
    gc.collect()
    # Still known to a keyring that somebody keeps.
    assert alive() is not None and client.decrypt(inner, message).plaintext == b"x"
    del inner
    gc.collect()
    assert alive() is None


# --- a KMS that is an object in Python


class Passing(KmsOperations):
    """Passes everything on, as one that asks AWS would."""

    def __init__(self, kms: Kms) -> None:
        self.kms = kms
        self.calls: list[str] = []

    def _call(self, operation: str, members: tuple[object, ...]) -> Any:
        self.calls.append(operation)
        return self.kms._call(operation, members)


def test_a_kms_in_python(client: EncryptionClient, kms: Kms, key: KeyMetadata) -> None:
    passing = Passing(kms)
    kms.create_alias(alias_name="alias/orders", target_key_id=key.key_id)
    other = kms.create_key().key_metadata.key_id
    keyring = KmsKeyring(passing, "alias/orders", [other])
    message = client.encrypt(keyring, b"x", encryption_context={"a": "b"}).message
    assert passing.calls == ["GenerateDataKey", "Encrypt"]
    assert client.decrypt(keyring, message).plaintext == b"x"
    assert passing.calls[2:] == ["DescribeKey", "Decrypt"]
    assert client.decrypt(KmsKeyring.discovery(passing), message).plaintext == b"x"
    assert client.decrypt(KmsKeyring(kms, key.key_id), message).plaintext == b"x"
    assert key.arn is not None
    passing.calls.clear()
    # A key ARN needs no look-up.
    assert client.decrypt(KmsKeyring(passing, key.arn), message).plaintext == b"x"
    assert passing.calls == ["Decrypt"]


class Client(KmsClient):
    """Has what a keyring asks, and nothing else."""

    def __init__(self, kms: Kms) -> None:
        self.kms = kms

    def generate_data_key(self, **request: Any) -> GenerateDataKeyResponse:
        return self.kms.generate_data_key(**request)

    def encrypt(self, **request: Any) -> EncryptResponse:
        return self.kms.encrypt(**request)

    def decrypt(self, **request: Any) -> DecryptResponse:
        return self.kms.decrypt(**request)


def test_a_client_of_the_three_operations_that_a_keyring_asks(client: EncryptionClient, kms: Kms, key: KeyMetadata) -> None:
    kms.create_alias(alias_name="alias/orders", target_key_id=key.key_id)
    assert key.arn is not None
    alias_arn = key.arn.replace(f"key/{key.key_id}", "alias/orders")
    other = kms.create_key().key_metadata.arn
    assert other is not None
    for name in (key.arn, alias_arn):
        keyring = KmsKeyring(Client(kms), name, [other])
        message = client.encrypt(keyring, b"x", encryption_context={"a": "b"}).message
        for opening in (keyring, KmsKeyring.discovery(Client(kms)), KmsKeyring(kms, key.key_id), KmsKeyring(kms, other)):
            assert client.decrypt(opening, message).plaintext == b"x"
    # It cannot say where a mere alias name belongs: that opens what the key encrypted that it names now.
    by_name = KmsKeyring(Client(kms), "alias/orders")
    assert client.decrypt(by_name, client.encrypt(by_name, b"x").message).plaintext == b"x"
    untyped: Any = KmsClient
    with pytest.raises(TypeError, match="abstract"):
        untyped()


def test_a_kms_in_python_and_keys_named_by_alias(client: EncryptionClient, kms: Kms, key: KeyMetadata) -> None:
    kms.create_alias(alias_name="alias/orders", target_key_id=key.key_id)
    assert key.arn is not None
    alias_arn = key.arn.replace(f"key/{key.key_id}", "alias/orders")
    passing = Passing(kms)
    keyrings = [KmsKeyring(passing, alias_arn), KmsKeyring(passing, "alias/orders"), KmsKeyring(kms, alias_arn)]
    old = [client.encrypt(keyring, b"old").message for keyring in keyrings]
    kms.update_alias(alias_name="alias/orders", target_key_id=kms.create_key().key_metadata.key_id)
    new = [client.encrypt(keyring, b"new").message for keyring in keyrings]
    for keyring in keyrings:
        assert [client.decrypt(keyring, message).plaintext for message in (*old, *new)] == [b"old"] * 3 + [b"new"] * 3
    passing.calls.clear()
    client.decrypt(keyrings[0], old[0])
    assert passing.calls == ["Decrypt"], "an alias ARN says where its keys are"
    kms.disable_key(key_id=key.key_id)
    for keyring in keyrings:
        with pytest.raises(UnableToDecryptDataKeyException) as raised:
            client.decrypt(keyring, old[0])
        assert "names another key now" in str(raised.value.explanation)


def test_what_a_kms_in_python_raises(client: EncryptionClient, kms: Kms, key: KeyMetadata) -> None:
    message = client.encrypt(KmsKeyring(kms, key.key_id), b"x").message

    class Away(KmsOperations):
        generate_data_key = encrypt = decrypt = raising(Broken("no network"))

    away = Away()
    assert key.arn is not None
    with pytest.raises(Broken, match="no network"):
        client.encrypt(KmsKeyring(away, key.arn), b"x")
    with pytest.raises(UnableToDecryptDataKeyException, match="no network") as raised:
        client.decrypt(KmsKeyring(away, key.arn), message)
    assert isinstance(raised.value.__cause__, Broken)


def test_a_kms_in_python_that_answers_nonsense(client: EncryptionClient, kms: Kms, key: KeyMetadata) -> None:
    response = kms.generate_data_key(key_id=key.key_id, key_spec="AES_256")
    described = kms.describe_key(key_id=key.key_id)

    class Nonsense(KmsOperations):
        answer: object = None

        def generate_data_key(self, **_: object) -> Any:
            return self.answer

        def describe_key(self, **_: object) -> DescribeKeyResponse:
            return described

    class Answer:
        def __init__(self, **members: object) -> None:
            for name in ("ciphertext_blob", "plaintext", "key_id"):
                setattr(self, name, members.get(name, getattr(response, name)))

    nonsense = Nonsense()
    for answer, exception in (
        (None, AttributeError),
        (Answer(ciphertext_blob="text"), TypeError),
        (Answer(plaintext=None), TypeError),
        (Answer(key_id=4711), TypeError),
        (Answer(key_id="alias/orders"), InvalidArnException),
        (Answer(plaintext=bytes(16)), ValidationException),
    ):
        nonsense.answer = answer
        with pytest.raises(exception):
            client.encrypt(KmsKeyring(nonsense, key.key_id), b"x")
    nonsense.answer = Answer()
    message = client.encrypt(KmsKeyring(nonsense, key.key_id), b"x").message
    assert client.decrypt(KmsKeyring(kms, key.key_id), message).plaintext == b"x"
