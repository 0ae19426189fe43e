"""Exceptions: those of AWS by name, under one base class."""

from __future__ import annotations

import pickle
import traceback

import pytest

import pocketkms
from pocketkms import ERRORS, InvalidCiphertextException, KeyMetadata, Kms, KmsError, NotFoundException


def test_every_exception_stands_under_one_base() -> None:
    assert len(ERRORS) >= 30
    for code, exception in ERRORS.items():
        assert issubclass(exception, KmsError) and exception.__bases__ == (KmsError,)
        assert exception.code == code and exception.http_status in (400, 409, 500, 503)
        assert exception.name == exception.__name__
        assert getattr(pocketkms, exception.name) is exception
        assert exception.name in pocketkms.__all__
        assert exception.__doc__


def test_what_aws_would_answer(kms: Kms) -> None:
    missing = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(NotFoundException) as raised:
        kms.describe_key(key_id=missing)
    error = raised.value
    assert (error.name, error.http_status) == ("NotFoundException", 400)
    assert missing in error.message and "does not exist" in error.message
    assert error.cause is None and error.__cause__ is None
    assert traceback.format_exception_only(error)[0].startswith("pocketkms.NotFoundException: ")


def test_what_only_the_developer_may_know(kms: Kms, key: KeyMetadata) -> None:
    blob = kms.encrypt(key_id=key.key_id, plaintext=b"x", encryption_context={"order": "4711"}).ciphertext_blob
    with pytest.raises(InvalidCiphertextException) as raised:
        kms.decrypt(ciphertext_blob=blob, encryption_context={"order": "4712"})
    # Nothing that could help who probes with altered ciphertexts; the explanation is for the log of this process.
    assert raised.value.message == ""
    assert raised.value.explanation is not None and "context" in raised.value.explanation
    assert str(raised.value) == raised.value.explanation


def test_an_exception_with_a_cause_shows_both() -> None:
    cause = pocketkms.StoreException("the disk is full", "errno 28")
    error = pocketkms.KMSInternalException("try again", None, cause)
    assert (error.cause, error.__cause__) == (cause, cause)
    assert (str(error), str(cause)) == ("try again", "the disk is full (errno 28)")
    shown = "".join(traceback.format_exception(error))
    assert "StoreException: the disk is full (errno 28)" in shown and "direct cause" in shown


def test_an_exception_crosses_to_another_process(kms: Kms) -> None:
    with pytest.raises(NotFoundException) as raised:
        kms.describe_key(key_id="alias/missing")
    copied = pickle.loads(pickle.dumps(raised.value))
    assert type(copied) is NotFoundException
    assert (copied.message, copied.explanation) == (raised.value.message, raised.value.explanation)


def test_a_refused_request_changes_nothing(kms: Kms, key: KeyMetadata) -> None:
    before = kms.list_aliases()
    with pytest.raises(pocketkms.InvalidAliasNameException):
        kms.create_alias(alias_name="alias/aws/reserved", target_key_id=key.key_id)
    with pytest.raises(NotFoundException):
        kms.create_alias(alias_name="alias/orders", target_key_id="00000000-0000-4000-8000-000000000000")
    assert kms.list_aliases() == before
