"""The cache of data keys: what it saves, and what it must not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from pocketkms import (
    CachingMaterialsManager,
    CallbackKeyring,
    DisabledException,
    EncryptedDataKey,
    EncryptionClient,
    HierarchicalKeyring,
    KeyMetadata,
    Keyring,
    Kms,
    KmsKeyring,
    ManualClock,
    MaterialsManager,
    RawAesKeyring,
    UnableToDecryptDataKeyException,
    ValidationException,
    VaultClosedException,
    WrappedDataKey,
    Vault,
)


class Counting:
    """A keyring that counts how often it is asked."""

    def __init__(self, fingerprint: bytes | None = b"one") -> None:
        self.wrapped = self.unwrapped = 0
        self.fingerprint = fingerprint
        self.keyring = CallbackKeyring(
            "counting", wrap=self.wrap, unwrap=self.unwrap, fingerprint=lambda keys, context: self.fingerprint
        )

    def wrap(self, data_key: bytes, *_: object) -> WrappedDataKey:
        self.wrapped += 1
        return WrappedDataKey(provider_info=b"", ciphertext=data_key)

    def unwrap(self, key: EncryptedDataKey, *_: object) -> bytes:
        self.unwrapped += 1
        return key.ciphertext


def test_what_is_no_cache(keyring: RawAesKeyring) -> None:
    untyped: Any = CachingMaterialsManager
    for limits in ({"max_entries": 0}, {"max_age": 0}, {"max_age": -1}, {"max_age": float("nan")}, {"max_messages": 0}):
        with pytest.raises(ValidationException, match="a cache of data keys needs"):
            untyped(keyring, **limits)
    for limits in ({"max_entries": -1}, {"max_messages": 2**32 + 1}, {"max_messages": 2**64}, {"max_bytes": -1}):
        with pytest.raises(ValidationException):
            untyped(keyring, **limits)
    for wrong in ({"max_entries": 1.0}, {"max_age": "1"}, {"max_bytes": True}, {"clock": 0}, {"size": 1}):
        with pytest.raises(TypeError):
            untyped(keyring, **wrong)
    for keyring_ in (None, "keyring", untyped(keyring)):
        with pytest.raises(TypeError):
            untyped(keyring_)


def test_a_data_key_for_several_messages(client: EncryptionClient) -> None:
    counting = Counting()
    cache = CachingMaterialsManager(counting.keyring)
    assert isinstance(cache, MaterialsManager) and not isinstance(cache, Keyring)
    messages = [client.encrypt(cache, b"x", encryption_context={"a": "b"}).message for _ in range(10)]
    assert counting.wrapped == 1
    for message in messages:
        assert client.decrypt(cache, message).plaintext == b"x"
    assert counting.unwrapped == 1
    # Another context, another data key.
    client.encrypt(cache, b"x", encryption_context={"a": "c"})
    assert counting.wrapped == 2
    cache.clear()
    client.encrypt(cache, b"x", encryption_context={"a": "b"})
    assert counting.wrapped == 3


def test_streams(client: EncryptionClient) -> None:
    counting = Counting()
    cache = CachingMaterialsManager(counting.keyring)
    for _ in range(3):
        with client.encrypt_stream(cache, [b"xyz"], plaintext_length=3) as reader:
            reader.read()
    assert counting.wrapped == 1
    # What no one can count has a data key of its own.
    messages = [client.encrypt_stream(cache, [b"xyz"]).read() for _ in range(3)]
    assert counting.wrapped == 4
    for _ in range(3):
        assert client.decrypt_stream(cache, messages[:1]).read() == b"xyz"
    assert counting.unwrapped == 1


def test_bounds(client: EncryptionClient, clock: ManualClock) -> None:
    counting = Counting()
    cache = CachingMaterialsManager(counting.keyring, max_messages=3)
    for _ in range(9):
        client.encrypt(cache, b"x")
    assert counting.wrapped == 3

    counting = Counting()
    cache = CachingMaterialsManager(counting.keyring, max_bytes=100)
    for length in (50, 50, 1, 99, 101):
        client.encrypt(cache, bytes(length))
    assert counting.wrapped == 3

    counting = Counting()
    cache = CachingMaterialsManager(counting.keyring, max_age=1.5, clock=clock)
    for milliseconds in (0, 1499, 1, 1499):
        clock.advance(timedelta(milliseconds=milliseconds))
        client.encrypt(cache, b"x")
    assert counting.wrapped == 2

    counting = Counting()
    cache = CachingMaterialsManager(counting.keyring, max_entries=2)
    for name in "abab" "cbca":
        client.encrypt(cache, b"x", encryption_context={"name": name})
    assert counting.wrapped == 4


def test_without_a_fingerprint_nothing_is_cached(client: EncryptionClient) -> None:
    counting = Counting(None)
    without = CallbackKeyring("counting", wrap=counting.wrap, unwrap=counting.unwrap)
    for keyring in (counting.keyring, without):
        cache = CachingMaterialsManager(keyring)
        before = counting.wrapped
        for _ in range(3):
            client.decrypt(cache, client.encrypt(cache, b"x").message)
        assert counting.wrapped == counting.unwrapped == before + 3


def test_another_fingerprint_is_seen_immediately(client: EncryptionClient) -> None:
    counting = Counting()
    cache = CachingMaterialsManager(counting.keyring)
    client.encrypt(cache, b"x")
    counting.fingerprint = b"two"
    client.encrypt(cache, b"x")
    assert counting.wrapped == 2


def test_what_a_fingerprint_raises(client: EncryptionClient) -> None:
    class Broken(Exception):
        pass

    def fingerprint(keys: tuple[EncryptedDataKey, ...] | None, context: Mapping[str, str]) -> bytes:
        raise Broken

    counting = Counting()
    keyring = CallbackKeyring("counting", wrap=counting.wrap, unwrap=counting.unwrap, fingerprint=fingerprint)
    with pytest.raises(Broken):
        client.encrypt(CachingMaterialsManager(keyring), b"x")
    text: Any = "text"
    counting.fingerprint = text
    with pytest.raises(TypeError, match="^'fingerprint' must return bytes or None, not str$"):
        client.encrypt(CachingMaterialsManager(counting.keyring), b"x")


def test_the_supplier_of_branch_keys_is_asked_for_each_message(
    client: EncryptionClient, kms: Kms, key: KeyMetadata
) -> None:
    class HasLeft(Exception):
        pass

    tenants = {"a": kms.create_branch_key(kms_key_id=key.key_id).branch_key_identifier}

    def choose(context: Mapping[str, str]) -> str:
        try:
            return tenants[context["tenant"]]
        except KeyError:
            raise HasLeft from None

    cache = CachingMaterialsManager(HierarchicalKeyring(kms, choose, ttl=60))
    first, second = (client.encrypt(cache, b"x", encryption_context={"tenant": "a"}) for _ in range(2))
    assert first.header.encrypted_data_keys == second.header.encrypted_data_keys
    assert client.decrypt(cache, first.message).plaintext == b"x"
    branch_key = tenants.pop("a")
    with pytest.raises(UnableToDecryptDataKeyException) as raised:
        client.decrypt(cache, first.message)
    assert isinstance(raised.value.__cause__, HasLeft)
    with pytest.raises(HasLeft):
        client.encrypt(cache, b"x", encryption_context={"tenant": "a"})
    tenants["a"] = branch_key
    assert client.decrypt(cache, first.message).plaintext == b"x"


def test_a_fingerprint_is_given_the_context(client: EncryptionClient) -> None:
    seen: list[tuple[int | None, dict[str, str]]] = []

    def fingerprint(keys: tuple[EncryptedDataKey, ...] | None, context: Mapping[str, str]) -> bytes:
        seen.append((None if keys is None else len(keys), dict(context)))
        return b""

    counting = Counting()
    keyring = CallbackKeyring("counting", wrap=counting.wrap, unwrap=counting.unwrap, fingerprint=fingerprint)
    cache = CachingMaterialsManager(keyring)
    client.decrypt(cache, client.encrypt(cache, b"x", encryption_context={"tenant": "a"}).message)
    assert seen == [(None, {"tenant": "a"}), (1, {"tenant": "a"})]


def test_rotation_and_disabling_are_seen_immediately(client: EncryptionClient, vault: Vault, kms: Kms, key: KeyMetadata) -> None:
    cache = CachingMaterialsManager(KmsKeyring(kms, key.key_id))

    def material() -> str | None:
        return client.inspect(client.encrypt(cache, b"x").message).wrapping_keys[0].key_material

    first = material()
    assert material() == first
    kms.rotate_key_on_demand(key_id=key.key_id)
    assert material() != first
    message = client.encrypt(cache, b"x").message
    assert client.decrypt(cache, message).plaintext == b"x"
    kms.disable_key(key_id=key.key_id)
    with pytest.raises(DisabledException):
        client.encrypt(cache, b"x")
    with pytest.raises(UnableToDecryptDataKeyException, match="DisabledException"):
        client.decrypt(cache, message)
    vault.close()
    with pytest.raises(VaultClosedException, match="the vault is closed$"):
        client.encrypt(cache, b"x")
    with pytest.raises(VaultClosedException, match="the vault is closed$"):
        client.decrypt(cache, message)
