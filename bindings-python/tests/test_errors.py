"""Exceptions: those of AWS by name, under one base class."""

from __future__ import annotations

import copy
import pickle
import sys
import traceback
from collections.abc import Iterator
from typing import Any, get_args

import pytest

import pocketkms
from pocketkms import (
    ERRORS,
    AccessDeniedException,
    CallbackKeyring,
    DisabledException,
    EncryptionClient,
    ErrorCategory,
    InvalidCiphertextException,
    KeyMetadata,
    Kms,
    KmsError,
    KmsKeyring,
    MultiKeyring,
    NotFoundException,
    RawAesKeyring,
    UnableToDecryptDataKeyException,
    WrappedDataKey,
)


def test_every_exception_stands_under_one_base() -> None:
    assert len(ERRORS) >= 30
    for code, exception in ERRORS.items():
        assert issubclass(exception, KmsError) and exception.__bases__ == (KmsError,)
        assert exception.code == code and exception.http_status in (400, 409, 500, 503)
        assert exception.category in get_args(ErrorCategory)
        assert exception.name == exception.__name__
        assert getattr(pocketkms, exception.name) is exception
        assert exception.name in pocketkms.__all__
        assert exception.__doc__


def test_what_aws_would_answer(kms: Kms) -> None:
    missing = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(NotFoundException) as raised:
        kms.describe_key(key_id=missing)
    error = raised.value
    assert (error.name, error.http_status, error.category) == ("NotFoundException", 400, "OTHER")
    assert missing in error.message and "does not exist" in error.message
    assert error.causes == () and error.__cause__ is None
    assert traceback.format_exception_only(error)[0].startswith("pocketkms.NotFoundException: ")


def test_what_only_the_developer_may_know(kms: Kms, key: KeyMetadata) -> None:
    blob = kms.encrypt(key_id=key.key_id, plaintext=b"x", encryption_context={"order": "4711"}).ciphertext_blob
    with pytest.raises(InvalidCiphertextException) as raised:
        kms.decrypt(ciphertext_blob=blob, encryption_context={"order": "4712"})
    error = raised.value
    # Nothing that could help who probes with altered ciphertexts; the explanation is for the log of this process.
    assert error.message == ""
    assert error.explanation is not None and "context" in error.explanation
    assert str(error) == "InvalidCiphertextException" == f"{error}"
    assert repr(error) == "InvalidCiphertextException('')" and error.args == ("",)
    # Where a traceback goes, it may go, too.
    if sys.version_info >= (3, 11):
        assert error.__notes__ == [error.explanation]
        assert error.explanation in "".join(traceback.format_exception(error))


def altered(message: bytes) -> Iterator[bytes]:
    for index in range(0, len(message), max(len(message) // 40, 1)):
        yield message[:index] + bytes([message[index] ^ 1]) + message[index + 1 :]
    for end in (0, 1, len(message) // 2, len(message) - 1):
        yield message[:end]


def shown(error: KmsError) -> tuple[str, str, str, str]:
    return str(error), repr(error), "".join(traceback.format_exception_only(type(error), error)[:1]), f"{error!s:>3}"


def test_all_failures_to_decrypt_look_the_same(kms: Kms, key: KeyMetadata) -> None:
    """`return str(error)` in a handler answers no one's questions about what was altered."""
    blob = kms.encrypt(key_id=key.key_id, plaintext=b"x", encryption_context={"order": "4711"}).ciphertext_blob
    other = kms.create_key().key_metadata.key_id
    seen: set[tuple[str, str, str, str]] = set()
    explanations: set[str | None] = set()
    attempts: list[tuple[bytes, dict[str, str]]] = [(bytes(each), {"order": "4711"}) for each in altered(blob) if each]
    for ciphertext, context in [*attempts, (blob, {}), (blob, {"order": "4712"}), (blob, {"order": "4711", "a": "b"})]:
        with pytest.raises(KmsError) as raised:
            kms.decrypt(ciphertext_blob=ciphertext, encryption_context=context)
        if isinstance(raised.value, InvalidCiphertextException):
            seen.add(shown(raised.value))
            explanations.add(raised.value.explanation)
        else:
            # An altered key id names a key that is not there, or not for this caller: it does not say which.
            assert isinstance(raised.value, AccessDeniedException)
    assert len(seen) == 1 and len(explanations) > 1
    assert other not in str(seen)


def test_all_failures_to_open_a_message_look_the_same(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    message = client.encrypt(keyring, bytes(1000), encryption_context={"tenant": "secret name"}, frame_length=100).message
    seen: dict[type[KmsError], set[tuple[str, str, str, str]]] = {}
    explanations: set[str | None] = set()
    for attempt in altered(message):
        for open_ in (
            lambda: client.decrypt(keyring, attempt),
            lambda: client.decrypt_stream(keyring, [attempt]).read(),
            lambda: client.range_reader(keyring, attempt).read(),
        ):
            with pytest.raises(KmsError) as raised:
                open_()
            seen.setdefault(type(raised.value), set()).add(shown(raised.value))
            explanations.add(raised.value.explanation)
    assert {kind: len(texts) for kind, texts in seen.items()} == dict.fromkeys(seen, 1), seen
    assert len(explanations) > 3
    assert "secret" not in str(seen) and "tests" not in str(seen)


def test_what_a_callback_raised_is_in_no_text() -> None:
    def fail(*arguments: object) -> Any:
        raise ConnectionError("https://user:password@host")

    keyring = CallbackKeyring("tests", wrap=lambda key, context, suite: WrappedDataKey(provider_info=b"", ciphertext=b"x"), unwrap=fail)
    client = EncryptionClient()
    message = client.encrypt(keyring, b"x").message
    with pytest.raises(KmsError) as raised:
        client.decrypt(MultiKeyring(None, [keyring, keyring]), message)
    assert "password" not in "".join(shown(raised.value))
    assert isinstance(raised.value.__cause__, ConnectionError)


def test_an_exception_with_a_cause_shows_both() -> None:
    cause = pocketkms.StoreException("the disk is full", "errno 28")
    error = pocketkms.KMSInternalException("try again", None, [cause])
    assert (error.causes, error.__cause__) == ((cause,), cause)
    assert (str(error), str(cause)) == ("KMSInternalException: try again", "StoreException: the disk is full")
    shown = "".join(traceback.format_exception(error))
    assert "StoreException: the disk is full" in shown and "direct cause" in shown


def test_an_exception_crosses_to_another_process() -> None:
    cause = pocketkms.StoreException("the disk is full", "errno 28")
    error = pocketkms.KMSInternalException("try again", "why", [cause])
    for copied in (
        *(pickle.loads(pickle.dumps(error, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)),
        copy.copy(error),
        copy.deepcopy(error),
    ):
        assert type(copied) is type(error) and copied is not error
        assert (copied.code, copied.message, copied.explanation) == (error.code, "try again", "why")
        assert (str(copied), repr(copied), copied.args) == (str(error), repr(error), error.args)
        (same,) = copied.causes
        assert isinstance(same, pocketkms.StoreException)
        assert same is copied.__cause__ and (same.message, same.explanation) == ("the disk is full", "errno 28")
        assert getattr(copied, "__notes__", None) == getattr(error, "__notes__", None)


def test_a_refused_request_changes_nothing(kms: Kms, key: KeyMetadata) -> None:
    before = kms.list_aliases()
    with pytest.raises(pocketkms.InvalidAliasNameException):
        kms.create_alias(alias_name="alias/aws/reserved", target_key_id=key.key_id)
    with pytest.raises(NotFoundException):
        kms.create_alias(alias_name="alias/orders", target_key_id="00000000-0000-4000-8000-000000000000")
    assert kms.list_aliases() == before


def test_what_became_of_each_encrypted_data_key(kms: Kms, key: KeyMetadata) -> None:
    client = EncryptionClient()
    raw = RawAesKeyring(namespace="tests", name="one", wrapping_key=bytes(32))
    message = client.encrypt(MultiKeyring(KmsKeyring(kms, key.key_id), [raw]), b"x").message
    kms.disable_key(key_id=key.key_id)
    with pytest.raises(UnableToDecryptDataKeyException) as raised:
        client.decrypt(KmsKeyring(kms, key.key_id), message)
    error = raised.value
    first, second = error.attempts
    assert (first.index, first.provider_id, first.key_name, first.key_arn) == (0, "aws-kms", key.arn, key.arn)
    assert isinstance(first.error, DisabledException) and first.error is error.causes[0]
    assert (second.provider_id, second.key_name, second.key_arn, second.error) == ("tests", "one", None, None)
    described = error.describe()
    assert described.startswith("UnableToDecryptDataKeyException") and key.arn in described
    again = pickle.loads(pickle.dumps(error))
    assert [attempt.provider_id for attempt in again.attempts] == ["aws-kms", "tests"]
    assert again.describe() == described


class Unportable(Exception):
    """Cannot be made of its `args` alone, as Python's pickle would."""

    def __init__(self, service: str, reason: str) -> None:
        super().__init__(f"{service}: {reason}")


def test_what_a_callback_raised_crosses_to_another_process() -> None:
    def error_of(raised: Exception) -> UnableToDecryptDataKeyException:
        def fail(*arguments: object) -> Any:
            raise raised

        keyring = CallbackKeyring(
            "tests", wrap=lambda key, context, suite: WrappedDataKey(provider_info=b"", ciphertext=b"x"), unwrap=fail
        )
        client = EncryptionClient()
        with pytest.raises(UnableToDecryptDataKeyException) as failed:
            client.decrypt(keyring, client.encrypt(keyring, b"x").message)
        return failed.value

    error = error_of(ConnectionError("no network"))
    again: UnableToDecryptDataKeyException = pickle.loads(pickle.dumps(error))
    (attempt,) = again.attempts
    assert isinstance(attempt.error, ConnectionError) and str(attempt.error) == "no network"
    assert again.causes == (attempt.error,) and again.__cause__ is attempt.error
    assert (again.code, again.explanation) == (error.code, error.explanation)
    # What pickle cannot carry leaves its text.
    unportable = Unportable("hsm", "out of order")
    error = error_of(unportable)
    assert error.causes == (unportable,)
    again = pickle.loads(pickle.dumps(error))
    (attempt,) = again.attempts
    assert isinstance(attempt.error, pocketkms.KeyUnavailableException) and again.causes == (attempt.error,)
    assert attempt.error.explanation == "Unportable: hsm: out of order"
    assert again.explanation == error.explanation and again.attempts[0].provider_id == "tests"
