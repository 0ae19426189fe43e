"""Branch keys that Python code keeps."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from pocketkms import (
    BranchKeyMaterials,
    BranchKeySource,
    CachingMaterialsManager,
    DisabledException,
    EncryptionClient,
    HierarchicalKeyring,
    Kms,
    ManualClock,
    RawAesKeyring,
    UnableToDecryptDataKeyException,
    ValidationException,
)

VERSIONS = ("0a4a2c86-93f7-4f3b-8b8c-54a0d1b8a001", "0c9d8e7f-1111-4222-8333-444455556666")


def materials(index: int, branch_key_id: str = "branch") -> BranchKeyMaterials:
    key = branch_key_id.encode()[:31].ljust(31) + bytes([index])
    return BranchKeyMaterials(branch_key_version=VERSIONS[index], branch_key=key)


class Store(BranchKeySource):
    """A store with two versions of any branch key, which writes down what it is asked."""

    def __init__(self) -> None:
        self.active = 0
        self.asked: list[tuple[str, str | None]] = []

    def active_branch_key(self, branch_key_id: str, /) -> BranchKeyMaterials:
        self.asked.append((branch_key_id, None))
        return materials(self.active, branch_key_id)

    def branch_key_version(self, branch_key_id: str, branch_key_version: str, /) -> BranchKeyMaterials:
        self.asked.append((branch_key_id, branch_key_version))
        return materials(VERSIONS.index(branch_key_version), branch_key_id)


class Broken(Exception):
    """What a store of a test raises."""


def test_what_is_no_source(kms: Kms, clock: ManualClock) -> None:
    untyped: Any = HierarchicalKeyring

    class Alike:
        """It has all methods, but who forgets to inherit may as well have forgotten one."""

        active_branch_key = branch_key_version = branch_key_state = None

    for wrong in (None, "kms", Alike()):
        with pytest.raises(TypeError, match="^'source' must be Kms or BranchKeySource, not "):
            untyped(wrong, "branch", ttl=60)
    with pytest.raises(TypeError, match="abstract"):
        BranchKeySource()  # type: ignore[abstract]
    with pytest.raises(ValueError, match="^a vault has a clock of its own$"):
        HierarchicalKeyring(kms, "branch", ttl=60, clock=clock)
    with pytest.raises(TypeError):
        untyped(Store(), "branch", ttl=60, clock="now")
    for ttl, entries in ((0, None), (60, 0)):
        with pytest.raises(ValidationException):
            HierarchicalKeyring(Store(), "branch", ttl=ttl, max_entries=entries)


@pytest.mark.parametrize(
    ("answer", "exception", "message"),
    [
        (None, TypeError, "^'active_branch_key' must return BranchKeyMaterials, not NoneType$"),
        (b"k" * 32, TypeError, "^'active_branch_key' must return BranchKeyMaterials, not bytes$"),
        (BranchKeyMaterials(branch_key_version=VERSIONS[0], branch_key=b"k" * 31), ValidationException, "32 bytes, not 31"),
        (BranchKeyMaterials(branch_key_version="one", branch_key=b"k" * 32), ValidationException, "'one' is not the version"),
        (BranchKeyMaterials(branch_key_version=VERSIONS[0].upper(), branch_key=b"k" * 32), ValidationException, "version"),
    ],
)
def test_a_wrong_answer(
    client: EncryptionClient, answer: Any, exception: type[Exception], message: str
) -> None:
    class Wrong(Store):
        def active_branch_key(self, branch_key_id: str, /) -> Any:
            return answer

    with pytest.raises(exception, match=message) as raised:
        client.encrypt(HierarchicalKeyring(Wrong(), "branch", ttl=60), b"x")
    assert "kkkk" not in str(raised.value)


def test_wrong_types_in_an_answer(client: EncryptionClient) -> None:
    untyped: Any = BranchKeyMaterials

    class Wrong(Store):
        def __init__(self, **members: Any) -> None:
            super().__init__()
            self.members = {"branch_key_version": VERSIONS[0], "branch_key": b"k" * 32, **members}

        def active_branch_key(self, branch_key_id: str, /) -> Any:
            return untyped(**self.members)

    class Stateless(Store):
        def branch_key_state(self, branch_key_id: str, branch_key_version: str | None, /) -> Any:
            return None

    for store, message in (
        (Wrong(branch_key_version=7), "'branch_key_version' must be str, not int"),
        (Wrong(branch_key="k" * 32), "'branch_key' must be bytes, bytearray or memoryview, not str"),
        (Stateless(), "'branch_key_state' must return str, not NoneType"),
    ):
        with pytest.raises(TypeError, match=f"^{message}$"):
            client.encrypt(HierarchicalKeyring(store, "branch", ttl=60), b"x")


def test_another_version_than_was_asked_for(client: EncryptionClient) -> None:
    class Newest(Store):
        def branch_key_version(self, branch_key_id: str, branch_key_version: str, /) -> BranchKeyMaterials:
            return materials(1)

    keyring = HierarchicalKeyring(Newest(), "branch", ttl=60)
    with pytest.raises(UnableToDecryptDataKeyException) as raised:
        client.decrypt(keyring, client.encrypt(keyring, b"x").message)
    assert raised.value.explanation is not None and VERSIONS[1] in raised.value.explanation


@pytest.mark.parametrize("exception", [Broken("far away"), DisabledException("disabled"), KeyboardInterrupt()])
def test_what_a_source_raises(client: EncryptionClient, exception: BaseException) -> None:
    message = client.encrypt(HierarchicalKeyring(Store(), "branch", ttl=60), b"x").message
    kind = type(exception)

    class NoKey(Store):
        def active_branch_key(self, branch_key_id: str, /) -> BranchKeyMaterials:
            raise exception

        def branch_key_version(self, branch_key_id: str, branch_key_version: str, /) -> BranchKeyMaterials:
            raise exception

    class NoState(Store):
        def branch_key_state(self, branch_key_id: str, branch_key_version: str | None, /) -> str:
            raise exception

    for store in (NoKey(), NoState()):
        keyring = HierarchicalKeyring(store, "branch", ttl=60)
        with pytest.raises(kind) as encrypting:
            client.encrypt(keyring, b"x")
        assert encrypting.value is exception
        if not isinstance(exception, Exception):
            with pytest.raises(kind):
                client.decrypt(keyring, message)
            continue
        with pytest.raises(UnableToDecryptDataKeyException) as raised:
            client.decrypt(keyring, message)
        assert raised.value.__cause__ is exception


def test_there_and_back(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    store = Store()
    hierarchy = HierarchicalKeyring(store, "branch", ttl=3600)
    message = client.encrypt(hierarchy, b"x", encryption_context={"order": "4711"}).message
    (wrapping,) = client.inspect(message).wrapping_keys
    assert (wrapping.provider_id, wrapping.key_name) == ("aws-kms-hierarchy", "branch")
    assert wrapping.key_material == VERSIONS[0]
    for _ in range(3):
        assert client.decrypt(hierarchy, message).plaintext == b"x"
        client.encrypt(hierarchy, b"y")
    # Asked once for each, and kept.
    assert store.asked == [("branch", None), ("branch", VERSIONS[0])]
    elsewhere = HierarchicalKeyring(Store(), "other", ttl=3600)
    for other in (elsewhere, keyring):
        with pytest.raises(UnableToDecryptDataKeyException):
            client.decrypt(other, message)


def test_another_store_with_the_same_name(client: EncryptionClient, kms: Kms) -> None:
    """What stands in a message does not show whose branch key it was."""
    branch = kms.create_branch_key(kms_key_id=kms.create_key().key_metadata.key_id).branch_key_identifier
    message = client.encrypt(HierarchicalKeyring(kms, branch, ttl=1), b"x").message
    own = client.encrypt(HierarchicalKeyring(Store(), branch, ttl=1), b"x").message
    (one,), (other,) = client.inspect(message).header.encrypted_data_keys, client.inspect(own).header.encrypted_data_keys
    assert (one.provider_id, one.provider_info) == (other.provider_id, other.provider_info)
    assert len(one.ciphertext) == len(other.ciphertext)
    with pytest.raises(UnableToDecryptDataKeyException):
        client.decrypt(HierarchicalKeyring(kms, branch, ttl=1), own)


def test_a_rotation_is_seen_when_the_keyring_forgets(client: EncryptionClient, clock: ManualClock) -> None:
    store = Store()
    keyring = HierarchicalKeyring(store, "branch", ttl=60, clock=clock)

    def version() -> str | None:
        return client.inspect(client.encrypt(keyring, b"x").message).wrapping_keys[0].key_material

    assert version() == VERSIONS[0]
    store.active = 1
    clock.advance(timedelta(seconds=59))
    assert version() == VERSIONS[0]
    clock.advance(timedelta(seconds=1))
    assert version() == VERSIONS[1]


def test_a_rotation_is_seen_immediately_by_the_state(client: EncryptionClient) -> None:
    class Stating(Store):
        def branch_key_state(self, branch_key_id: str, branch_key_version: str | None, /) -> str:
            return VERSIONS[self.active] if branch_key_version is None else ""

    store = Stating()
    hierarchy = HierarchicalKeyring(store, "branch", ttl=3600)
    for keyring in (hierarchy, CachingMaterialsManager(hierarchy)):
        for active in (0, 1):
            store.active = active
            message = client.encrypt(keyring, b"x").message
            assert client.inspect(message).wrapping_keys[0].key_material == VERSIONS[active]
            assert client.decrypt(keyring, message).plaintext == b"x"


def test_a_source_and_a_supplier(client: EncryptionClient) -> None:
    def choose(context: Mapping[str, str]) -> str:
        return context["tenant"]

    store = Store()
    keyring = HierarchicalKeyring(store, choose, ttl=3600, max_entries=10)
    for tenant in ("one", "two"):
        message = client.encrypt(keyring, b"x", encryption_context={"tenant": tenant}).message
        assert client.inspect(message).wrapping_keys[0].key_name == tenant
        assert client.decrypt(keyring, message).plaintext == b"x"
    assert [name for name, _ in store.asked] == ["one", "one", "two", "two"]


def test_a_secret_that_does_not_show() -> None:
    secret = BranchKeyMaterials(branch_key_version=VERSIONS[0], branch_key=b"k" * 32)
    assert "kkk" not in repr(secret) and VERSIONS[0] in repr(secret)
    assert secret != BranchKeyMaterials(branch_key_version=VERSIONS[0], branch_key=b"k" * 32)


def test_a_source_that_knows_its_keyring_is_collected() -> None:
    class Knowing(Store):
        keyring: HierarchicalKeyring

    store = Knowing()
    store.keyring = HierarchicalKeyring(store, "branch", ttl=60)
    gone = weakref.ref(store)
    del store
    gc.collect()
    assert gone() is None


def test_a_source_may_wait_for_another_thread(client: EncryptionClient) -> None:
    class Far(Store):
        def active_branch_key(self, branch_key_id: str, /) -> BranchKeyMaterials:
            answered = threading.Event()
            threading.Thread(target=answered.set).start()
            assert answered.wait(60)
            return super().active_branch_key(branch_key_id)

    def encrypt(number: int) -> bytes:
        return client.encrypt(HierarchicalKeyring(store, f"branch {number}", ttl=60), b"x").message

    store = Far()
    with ThreadPoolExecutor(4) as threads:
        messages = list(threads.map(encrypt, range(20)))
    for number, message in enumerate(messages):
        assert client.decrypt(HierarchicalKeyring(store, f"branch {number}", ttl=60), message).plaintext == b"x"
