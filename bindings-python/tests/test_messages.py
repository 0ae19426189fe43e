"""Whole messages: encrypted and decrypted at once."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any, get_args

import pytest

import pocketkms
from pocketkms import (
    AlgorithmSuite,
    CommitmentPolicyException,
    EncryptionClient,
    InvalidMessageException,
    LimitExceededException,
    RawAesKeyring,
    UnableToDecryptDataKeyException,
    ValidationException,
)

PLAINTEXT = b"card 4242"
CONTEXT = {"order": "4711", "schlüssel": "🔑", "": ""}
SUITES: tuple[AlgorithmSuite, ...] = get_args(AlgorithmSuite)


def test_a_message_that_is_altered_anywhere(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    message = client.encrypt(keyring, PLAINTEXT, encryption_context={"order": "4711"}).message
    for index in range(len(message)):
        altered = bytearray(message)
        altered[index] ^= 1
        # Which of them depends on what the byte means; all are the package's own.
        with pytest.raises(pocketkms.KmsError) as raised:
            client.decrypt(keyring, altered)
        assert PLAINTEXT.decode() not in str(raised.value)


def test_a_message_that_is_cut_off_or_goes_on(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    message = client.encrypt(keyring, PLAINTEXT).message
    for length in range(len(message)):
        with pytest.raises(InvalidMessageException, match="truncated"):
            client.decrypt(keyring, message[:length])
    with pytest.raises(InvalidMessageException, match="bytes follow the end"):
        client.decrypt(keyring, message + b"\0")


def test_what_was_refused_tells_nothing_to_send_on(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    message = bytearray(client.encrypt(keyring, PLAINTEXT).message)
    message[-1] ^= 1
    with pytest.raises(InvalidMessageException) as raised:
        client.decrypt(keyring, message)
    assert raised.value.message == "" and raised.value.explanation
    assert raised.value.causes == () and raised.value.__cause__ is None


def test_another_context(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    message = client.encrypt(keyring, PLAINTEXT, encryption_context=CONTEXT).message
    with pytest.raises(ValidationException, match="differs from the message's in the value of 'order'"):
        client.decrypt(keyring, message, encryption_context={"order": "4712"})
    with pytest.raises(UnableToDecryptDataKeyException):
        client.decrypt(keyring, message, encryption_context={"more": "than there was"})


def test_required_context(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    with pytest.raises(ValidationException, match="the required encryption context key 'tenant' is missing"):
        client.encrypt(keyring, PLAINTEXT, encryption_context=CONTEXT, required_encryption_context_keys=["tenant"])
    names = ["order"]
    encrypted = client.encrypt(
        keyring, PLAINTEXT, encryption_context=CONTEXT, required_encryption_context_keys=names
    )
    assert "order" not in encrypted.header.encryption_context and b"4711" not in encrypted.message
    for context in ({}, {"order": "4712"}):
        with pytest.raises(UnableToDecryptDataKeyException):
            client.decrypt(keyring, encrypted.message, encryption_context=context)
    with pytest.raises(ValidationException, match="'order' must be given again"):
        client.decrypt(keyring, encrypted.message, required_encryption_context_keys=names)
    decrypted = client.decrypt(
        keyring, encrypted.message, encryption_context={"order": "4711"}, required_encryption_context_keys=names
    )
    assert decrypted.plaintext == PLAINTEXT
    assert decrypted.encryption_context == CONTEXT
    assert decrypted.header == encrypted.header


def test_a_name_of_the_format_itself(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    with pytest.raises(ValidationException, match="reserved"):
        client.encrypt(keyring, PLAINTEXT, encryption_context={"aws-crypto-public-key": "mine"})


def test_another_key(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    message = client.encrypt(keyring, PLAINTEXT).message
    same_name = RawAesKeyring(namespace="tests", name="one", wrapping_key=bytes(32))
    other_name = RawAesKeyring(namespace="tests", name="two", wrapping_key=bytes(range(32)))
    for other, reason in ((same_name, "another wrapping key"), (other_name, "no keyring is for this provider and key")):
        with pytest.raises(UnableToDecryptDataKeyException) as raised:
            client.decrypt(other, message)
        assert raised.value.message == ""
        assert raised.value.explanation is not None
        assert "1. provider 'tests', key 'one'" in raised.value.explanation and reason in raised.value.explanation


def test_the_commitment_policy(keyring: RawAesKeyring) -> None:
    committing: AlgorithmSuite = "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY"
    plain: AlgorithmSuite = "ALG_AES_256_GCM_IV12_TAG16_HKDF_SHA256"
    strict = EncryptionClient()
    reading = EncryptionClient(commitment_policy="REQUIRE_ENCRYPT_ALLOW_DECRYPT")
    old = EncryptionClient(commitment_policy="FORBID_ENCRYPT_ALLOW_DECRYPT")
    refusals: list[tuple[EncryptionClient, AlgorithmSuite]] = [(strict, plain), (reading, plain), (old, committing)]
    for client, refused in refusals:
        with pytest.raises(CommitmentPolicyException, match=refused):
            client.encrypt(keyring, PLAINTEXT, algorithm_suite=refused)
    message = old.encrypt(keyring, PLAINTEXT)
    assert (message.header.algorithm_suite, message.header.version) == (plain, 1)
    with pytest.raises(CommitmentPolicyException, match="REQUIRE_ENCRYPT_REQUIRE_DECRYPT"):
        strict.decrypt(keyring, message.message)
    for client in (reading, old):
        assert client.decrypt(keyring, message.message).plaintext == PLAINTEXT
        assert client.decrypt(keyring, strict.encrypt(keyring, PLAINTEXT).message).plaintext == PLAINTEXT


def test_limits(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    message = client.encrypt(keyring, bytes(200), frame_length=100).message
    with pytest.raises(LimitExceededException, match="frame length is 100; this client allows 99"):
        EncryptionClient(max_frame_length=99).decrypt(keyring, message)
    short = EncryptionClient(max_frame_length=100)
    assert short.decrypt(keyring, message).plaintext == bytes(200)
    # What a client would not read again it does not write.
    with pytest.raises(LimitExceededException, match="frames of 101 bytes are longer than this client decrypts"):
        short.encrypt(keyring, bytes(200), frame_length=101)
    own = short.encrypt(keyring, bytes(200))
    assert own.header.frame_length == 100
    assert short.decrypt(keyring, own.message).plaintext == bytes(200)
    both = pocketkms.MultiKeyring(keyring, [keyring])
    message = client.encrypt(both, PLAINTEXT).message
    with pytest.raises(LimitExceededException, match="this client"):
        EncryptionClient(max_encrypted_data_keys=1).decrypt(keyring, message)
    with pytest.raises(LimitExceededException, match="this client's limit of 1"):
        EncryptionClient(max_encrypted_data_keys=1).encrypt(both, PLAINTEXT)


@pytest.mark.parametrize("suite", SUITES)
def test_every_suite(suite: AlgorithmSuite, keyring: RawAesKeyring) -> None:
    committing = "COMMIT" in suite
    client = EncryptionClient(
        commitment_policy="REQUIRE_ENCRYPT_REQUIRE_DECRYPT" if committing else "FORBID_ENCRYPT_ALLOW_DECRYPT"
    )
    encrypted = client.encrypt(
        keyring, PLAINTEXT, algorithm_suite=suite, frame_length=4, encryption_context=CONTEXT
    )
    header = encrypted.header
    assert (header.algorithm_suite, header.version) == (suite, 2 if committing else 1)
    assert (header.content_type, header.frame_length) == ("FRAMED", 4)
    assert len(header.message_id) == (32 if committing else 16)
    assert (header.commitment is not None) == committing
    assert ("aws-crypto-public-key" in header.encryption_context) == ("ECDSA" in suite)
    assert header.encryption_context.items() >= CONTEXT.items()
    (key,) = header.encrypted_data_keys
    assert key.provider_id == "tests" and key.provider_info.startswith(b"one") and key.ciphertext
    decrypted = client.decrypt(keyring, encrypted.message)
    assert decrypted.plaintext == PLAINTEXT
    assert decrypted.header == header
    assert decrypted.encryption_context == header.encryption_context


@pytest.mark.parametrize("frame_length", [1, 100, None])
@pytest.mark.parametrize("length", [0, 1, 99, 100, 101, 300])
def test_lengths(client: EncryptionClient, keyring: RawAesKeyring, length: int, frame_length: int | None) -> None:
    plaintext = bytes(index % 251 for index in range(length))
    encrypted = client.encrypt(keyring, plaintext, frame_length=frame_length)
    assert encrypted.header.frame_length == (frame_length or 64 * 1024)
    assert client.decrypt(keyring, encrypted.message).plaintext == plaintext


def test_much(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    plaintext = bytes(range(256)) * 4096
    assert client.decrypt(keyring, client.encrypt(keyring, plaintext).message).plaintext == plaintext


@pytest.mark.parametrize("length", [1, 100_000])
def test_bytes(client: EncryptionClient, keyring: RawAesKeyring, length: int) -> None:
    plaintext = bytes(index % 251 for index in range(length))
    for given in (
        bytearray(plaintext),
        memoryview(plaintext),
        memoryview(bytearray(plaintext)),
        memoryview(plaintext[::-1])[::-1],
    ):
        message = client.encrypt(keyring, given).message
        for form in (bytearray(message), memoryview(message)):
            decrypted = client.decrypt(keyring, form).plaintext
            assert type(message) is bytes and type(decrypted) is bytes
            assert decrypted == plaintext
        # Given back as it was.
        assert bytes(given) == plaintext


def test_wrong_arguments(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    untyped: Any = client
    for arguments, message in (
        (("key", b""), "^'keyring' must be Keyring or CachingMaterialsManager, not str$"),
        ((keyring, "text"), "^'plaintext' must be bytes, bytearray or memoryview, not str$"),
        ((keyring, 5), "^'plaintext' must be bytes, bytearray or memoryview, not int$"),
    ):
        with pytest.raises(TypeError, match=message):
            untyped.encrypt(*arguments)
    for name, value, message in (
        ("encryption_context", ["order"], "^'encryption_context' must be a mapping, not list$"),
        ("encryption_context", {"order": 4711}, "^'encryption_context: a value' must be str, not int$"),
        ("required_encryption_context_keys", "order", "^'required_encryption_context_keys' must be a sequence, not str$"),
        ("required_encryption_context_keys", [1], r"^'required_encryption_context_keys\[0\]' must be str, not int$"),
        ("algorithm_suite", 0x0478, "^'algorithm_suite' must be str, not int$"),
        ("frame_length", "4096", "^'frame_length' must be int, not str$"),
        ("frame_length", True, "^'frame_length' must be int, not bool$"),
    ):
        with pytest.raises(TypeError, match=message):
            untyped.encrypt(keyring, PLAINTEXT, **{name: value})
    with pytest.raises(TypeError, match="^'message' must be bytes, bytearray or memoryview, not str$"):
        untyped.decrypt(keyring, "text")
    with pytest.raises(TypeError, match="frame_lenght"):
        untyped.encrypt(keyring, PLAINTEXT, frame_lenght=1)


def test_values_beyond_their_bounds(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    untyped: Any = client
    with pytest.raises(ValidationException, match="Value 'AES' at 'algorithmSuite' failed .* ALG_AES_128_GCM"):
        untyped.encrypt(keyring, PLAINTEXT, algorithm_suite="AES")
    for frame_length in (-1, 2**32, 10**40):
        with pytest.raises(ValidationException, match="^ValidationException: 'frame_length' must be a number from 0 to 4,294,967,295$"):
            client.encrypt(keyring, PLAINTEXT, frame_length=frame_length)
    with pytest.raises(ValidationException, match="at least one byte"):
        client.encrypt(keyring, PLAINTEXT, frame_length=0)
    settings: Any = EncryptionClient
    with pytest.raises(ValidationException, match="Value 'STRICT' at 'commitmentPolicy' failed"):
        settings(commitment_policy="STRICT")
    with pytest.raises(ValidationException, match="'max_encrypted_data_keys' must be a number from 0 to 65,535$"):
        settings(max_encrypted_data_keys=65536)
    with pytest.raises(ValidationException, match="'max_unframed_length' must be a number from 0 to 18,446,744,073,709,551,615$"):
        settings(max_unframed_length=-1)
    with pytest.raises(TypeError, match="^'max_frame_length' must be int, not float$"):
        settings(max_frame_length=1e6)
    with pytest.raises(TypeError):
        settings("REQUIRE_ENCRYPT_REQUIRE_DECRYPT")


def test_no_secret_shows(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    decrypted = client.decrypt(keyring, client.encrypt(keyring, PLAINTEXT).message)
    for shown in (repr(decrypted), str(decrypted)):
        assert "4242" not in shown and "plaintext" not in shown and "header" in shown
    # Comparing would show in its time how much of a guess is right.
    assert decrypted != copy.copy(decrypted)


def test_results_are_ordinary_dataclasses_that_do_not_change(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    encrypted = client.encrypt(keyring, PLAINTEXT, encryption_context=CONTEXT)
    for copied in (copy.deepcopy(encrypted), pickle.loads(pickle.dumps(encrypted))):
        assert copied == encrypted
    assert dataclasses.replace(encrypted.header, version=3) != encrypted.header
    for value in (encrypted, encrypted.header, encrypted.header.encrypted_data_keys[0]):
        assert not hasattr(value, "__dict__")
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, dataclasses.fields(value)[0].name, None)
