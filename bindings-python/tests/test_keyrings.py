"""Keyrings: which data keys they take for their own, and what they report where none is."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, get_args

import pytest
from conftest import ACCOUNT, REGION
from vectors import own_keys

from pocketkms import (
    DisabledException,
    DiscoveryFilter,
    EncryptionClient,
    InvalidGrantTokenException,
    KeyMetadata,
    Keyring,
    Kms,
    KmsKeyring,
    KmsOperations,
    MaterialsManager,
    MultiKeyring,
    NotFoundException,
    PaddingScheme,
    RawAesKeyring,
    RawRsaKeyring,
    RootKey,
    UnableToDecryptDataKeyException,
    ValidationException,
    Vault,
    VaultClosedException,
)

CLOSED = "^VaultClosedException: the vault is closed$"


def aes(name: str, length: int = 32) -> RawAesKeyring:
    return RawAesKeyring(namespace="tests", name=name, wrapping_key=name.encode().ljust(length, b"*"))


# --- raw AES


def test_what_is_no_aes_key() -> None:
    for length in (0, 15, 17, 31, 33, 64):
        with pytest.raises(ValidationException, match=f"16, 24 or 32 bytes; this one has {length}"):
            RawAesKeyring(namespace="tests", name="one", wrapping_key=bytes(length))
    with pytest.raises(ValidationException, match="aws-kms"):
        RawAesKeyring(namespace="aws-kms", name="one", wrapping_key=bytes(32))
    untyped: Any = RawAesKeyring
    with pytest.raises(TypeError, match="^'wrapping_key' must be bytes, bytearray or memoryview, not str$"):
        untyped(namespace="tests", name="one", wrapping_key="0" * 32)
    for names in ({}, {"namespace": "tests"}, {"namespace": 1, "name": "one", "wrapping_key": bytes(32)}):
        with pytest.raises(TypeError):
            untyped(**names)


@pytest.mark.parametrize("length", [16, 24, 32])
def test_raw_aes(client: EncryptionClient, length: int) -> None:
    key = bytes(range(length))
    message = client.encrypt(RawAesKeyring(namespace="tests", name="one", wrapping_key=key), b"x").message
    for form in (bytearray(key), memoryview(key)):
        again = RawAesKeyring(namespace="tests", name="one", wrapping_key=form)
        assert isinstance(again, Keyring) and isinstance(again, MaterialsManager)
        assert client.decrypt(again, message).plaintext == b"x"
        assert bytes(form) == key


def test_no_keyring_can_be_made_of_nothing() -> None:
    for class_ in (MaterialsManager, Keyring):
        with pytest.raises(TypeError):
            class_()


# --- raw RSA

KEYS = {name: key for name, key in own_keys().items() if key["type"] == "rsa"}
SCHEMES: tuple[PaddingScheme, ...] = get_args(PaddingScheme)


@pytest.fixture(scope="module")
def pair() -> dict[str, Any]:
    return next(key for key in KEYS.values() if key["bits"] == 2048)


def test_what_is_no_rsa_keyring(pair: dict[str, Any]) -> None:
    untyped: Any = RawRsaKeyring
    names: dict[str, Any] = {"namespace": "tests", "name": "rsa"}
    oaep: PaddingScheme = "OAEP_SHA256_MGF1"
    with pytest.raises(ValidationException, match="a public key, a private key or both"):
        RawRsaKeyring(**names, padding_scheme=oaep)
    with pytest.raises(ValidationException, match="pkcs1_despite_padding_oracles"):
        RawRsaKeyring(**names, padding_scheme="PKCS1", private_key=pair["private_pem"])
    with pytest.raises(ValidationException, match="Value 'OAEP' at 'paddingScheme' failed"):
        untyped(**names, padding_scheme="OAEP", public_key=pair["public_pem"])
    with pytest.raises(ValidationException, match="aws-kms"):
        untyped(namespace="aws-kms", name="rsa", padding_scheme=oaep, public_key=pair["public_pem"])
    other = next(key for key in KEYS.values() if key["public_pem"] != pair["public_pem"] and key["bits"] >= 2048)
    with pytest.raises(ValidationException, match="not of the same pair"):
        RawRsaKeyring(**names, padding_scheme=oaep, public_key=other["public_pem"], private_key=pair["private_pem"])
    for wrong in ("", "text", b"", pair["private_pem"]):
        with pytest.raises(ValidationException):
            RawRsaKeyring(**names, padding_scheme=oaep, public_key=wrong)
    for name in ("public_key", "private_key"):
        with pytest.raises(TypeError, match=f"^'{name}' must be str, bytes, bytearray or memoryview, not int$"):
            untyped(**names, padding_scheme=oaep, **{name: 7})
    for scheme in (None, 1):
        with pytest.raises(TypeError, match="^'padding_scheme' must be str, not "):
            untyped(**names, padding_scheme=scheme, public_key=pair["public_pem"])


@pytest.mark.parametrize("scheme", [scheme for scheme in SCHEMES if scheme != "PKCS1"])
def test_raw_rsa(client: EncryptionClient, pair: dict[str, Any], scheme: PaddingScheme) -> None:
    def rsa(**keys: str | bytes) -> RawRsaKeyring:
        return RawRsaKeyring(namespace="tests", name="rsa", padding_scheme=scheme, **keys)

    public, private = rsa(public_key=pair["public_pem"]), rsa(private_key=pair["private_pem"].encode())
    message = client.encrypt(public, b"x").message
    assert client.decrypt(private, message).plaintext == b"x"
    with pytest.raises(UnableToDecryptDataKeyException, match="no private key"):
        client.decrypt(public, message)
    with pytest.raises(ValidationException, match="no public key"):
        client.encrypt(private, b"x")
    both = rsa(public_key=pair["public_pem"], private_key=pair["private_pem"])
    assert client.decrypt(both, client.encrypt(both, b"x").message).plaintext == b"x"
    another: PaddingScheme = "OAEP_SHA1_MGF1" if scheme != "OAEP_SHA1_MGF1" else "OAEP_SHA256_MGF1"
    wrong = RawRsaKeyring(
        namespace="tests", name="rsa", padding_scheme=another, private_key=pair["private_pem"]
    )
    with pytest.raises(UnableToDecryptDataKeyException, match="padding scheme"):
        client.decrypt(wrong, message)


def test_pkcs1_only_decrypts(client: EncryptionClient, pair: dict[str, Any]) -> None:
    old = RawRsaKeyring.pkcs1_despite_padding_oracles(namespace="tests", name="rsa", private_key=pair["private_pem"])
    with pytest.raises(ValidationException, match="only decrypts"):
        client.encrypt(old, b"x")


# --- KMS


def test_a_key_that_may_not_be_used(client: EncryptionClient, kms: Kms, key: KeyMetadata) -> None:
    keyring = KmsKeyring(kms, key.key_id)
    message = client.encrypt(keyring, b"x").message
    kms.disable_key(key_id=key.key_id)
    with pytest.raises(DisabledException):
        client.encrypt(keyring, b"x")
    with pytest.raises(UnableToDecryptDataKeyException) as raised:
        client.decrypt(keyring, message)
    assert raised.value.explanation is not None
    assert key.arn is not None and key.arn in raised.value.explanation
    assert "DisabledException" in raised.value.explanation
    kms.enable_key(key_id=key.key_id)
    assert client.decrypt(keyring, message).plaintext == b"x"
    with pytest.raises(NotFoundException):
        client.encrypt(KmsKeyring(kms, "alias/missing"), b"x")
    with pytest.raises(InvalidGrantTokenException):
        client.encrypt(KmsKeyring(kms, key.key_id, grant_tokens=["token"]), b"x")


def test_a_closed_vault(client: EncryptionClient, root: RootKey, keyring: RawAesKeyring) -> None:
    vault = Vault.in_memory(root)
    kms = vault.client()
    key_id = kms.create_key().key_metadata.key_id
    named, discovery = KmsKeyring(kms, key_id), KmsKeyring.discovery(kms)
    both = MultiKeyring(named, [keyring])
    message = client.encrypt(both, b"x").message
    decryptor = client.decryptor(named)
    vault.close()
    for closed in (named, discovery, MultiKeyring(None, [named])):
        with pytest.raises(VaultClosedException, match=CLOSED):
            client.decrypt(closed, message)
    with pytest.raises(VaultClosedException, match=CLOSED):
        client.encrypt(named, b"x")
    with pytest.raises(VaultClosedException, match=CLOSED):
        client.encryptor(both)
    with pytest.raises(VaultClosedException, match=CLOSED):
        decryptor.update(message)
    # Another keyring may still find the data key.
    assert client.decrypt(both, message).plaintext == b"x"
    assert client.decrypt(MultiKeyring(None, [named, keyring]), message).plaintext == b"x"


def test_what_is_no_kms(kms: Kms, key: KeyMetadata) -> None:
    untyped: Any = KmsKeyring
    for wrong in (None, "kms", key):
        with pytest.raises(TypeError, match="^'kms' must be Kms"):
            untyped(wrong, key.key_id)
        with pytest.raises(TypeError, match="^'kms' must be Kms"):
            untyped.discovery(wrong)
    for arguments in ((kms,), (kms, 1), (kms, "1", "alias/one"), (kms, "1", [1]), (kms, None)):
        with pytest.raises(TypeError):
            untyped(*arguments)
    with pytest.raises(TypeError, match="^'filter' must be DiscoveryFilter, not str$"):
        untyped.discovery(kms, ACCOUNT)


def test_several_kms_keys(client: EncryptionClient, kms: Kms, key: KeyMetadata) -> None:
    other = kms.create_key().key_metadata
    kms.create_alias(alias_name="alias/orders", target_key_id=key.key_id)
    encrypted = client.encrypt(KmsKeyring(kms, "alias/orders", [other.key_id]), b"x", encryption_context={"a": "b"})
    keys = [(found.provider_id, found.provider_info.decode()) for found in encrypted.header.encrypted_data_keys]
    assert keys == [("aws-kms", key.arn), ("aws-kms", other.arn)]
    kms.disable_key(key_id=key.key_id)
    for name in (other.key_id, other.arn):
        assert name is not None
        assert client.decrypt(KmsKeyring(kms, name), encrypted.message).plaintext == b"x"
    stranger = kms.create_key().key_metadata.key_id
    with pytest.raises(UnableToDecryptDataKeyException) as raised:
        client.decrypt(KmsKeyring(kms, stranger), encrypted.message)
    assert str(raised.value.explanation).count("no keyring is for this provider and key") == 2


def test_rotation_and_snapshots(client: EncryptionClient, vault: Vault, kms: Kms, key: KeyMetadata, root: RootKey) -> None:
    keyring = KmsKeyring(kms, key.key_id)
    message = client.encrypt(keyring, b"before").message
    kms.rotate_key_on_demand(key_id=key.key_id)
    assert client.decrypt(keyring, message).plaintext == b"before"
    with Vault.open_snapshot(vault.snapshot(), root, account_id=ACCOUNT, region=REGION) as elsewhere:
        assert client.decrypt(KmsKeyring.discovery(elsewhere.client()), message).plaintext == b"before"


def test_discovery(client: EncryptionClient, kms: Kms, key: KeyMetadata) -> None:
    message = client.encrypt(KmsKeyring(kms, key.key_id), b"x").message
    with pytest.raises(ValidationException, match="only decrypts"):
        client.encrypt(KmsKeyring.discovery(kms), b"x")
    for others in (DiscoveryFilter(account_ids=["999988887777"]), DiscoveryFilter(account_ids=[ACCOUNT], partition="aws-cn")):
        with pytest.raises(UnableToDecryptDataKeyException):
            client.decrypt(KmsKeyring.discovery(kms, others), message)
    for ours in (None, DiscoveryFilter(account_ids=("999988887777", ACCOUNT))):
        assert client.decrypt(KmsKeyring.discovery(kms, ours), message).plaintext == b"x"


def test_discovery_in_one_region(client: EncryptionClient, vault: Vault, kms: Kms, key: KeyMetadata) -> None:
    message = client.encrypt(KmsKeyring(kms, key.key_id), b"x").message
    for here in (KmsKeyring.discovery(kms, multi_region_aware=True), KmsKeyring.discovery(kms, region=REGION)):
        assert client.decrypt(here, message).plaintext == b"x"
    west = vault.client(region="us-west-2")
    for there in (KmsKeyring.discovery(west, multi_region_aware=True), KmsKeyring.discovery(kms, region="us-west-2")):
        with pytest.raises(UnableToDecryptDataKeyException) as caught:
            client.decrypt(there, message)
        # A key of one Region is not asked for in another, so that nothing was tried.
        assert [attempt.error for attempt in caught.value.attempts] == [None]

    class RemoteKms(KmsOperations):
        pass

    with pytest.raises(ValidationException, match="the Region of its client"):
        KmsKeyring.discovery(RemoteKms(), multi_region_aware=True)
    KmsKeyring.discovery(RemoteKms(), multi_region_aware=True, region="us-west-2")


def test_callers_use_their_own_keys(client: EncryptionClient, vault: Vault, kms: Kms, key: KeyMetadata) -> None:
    other = vault.client(account_id="999988887777", region="us-west-2")
    theirs = other.create_key().key_metadata
    message = client.encrypt(KmsKeyring(other, theirs.key_id), b"x").message
    with pytest.raises(NotFoundException):
        client.encrypt(KmsKeyring(kms, theirs.key_id), b"x")
    assert client.decrypt(KmsKeyring(other, theirs.key_id), message).plaintext == b"x"


# --- several


def test_several_keyrings(client: EncryptionClient, kms: Kms, key: KeyMetadata) -> None:
    one, two, vault = aes("one"), aes("two"), KmsKeyring(kms, key.key_id)
    encrypted = client.encrypt(MultiKeyring(vault, [one, two]), b"x")
    names = [found.provider_id for found in encrypted.header.encrypted_data_keys]
    assert names == ["aws-kms", "tests", "tests"]
    for keyring in (one, two, vault, MultiKeyring(None, [aes("three"), two]), MultiKeyring(MultiKeyring(one))):
        assert client.decrypt(keyring, encrypted.message).plaintext == b"x"
    with pytest.raises(UnableToDecryptDataKeyException) as raised:
        client.decrypt(MultiKeyring(None, [aes("three"), aes("one", 16)]), encrypted.message)
    assert raised.value.explanation is not None
    lines = raised.value.explanation.splitlines()
    assert lines[0] == "none of the 3 encrypted data keys could be decrypted:" and len(lines) == 4
    assert "another wrapping key" in lines[2]


def test_what_is_no_multi_keyring(client: EncryptionClient) -> None:
    with pytest.raises(ValidationException, match="needs a generator or a child"):
        MultiKeyring(None)
    with pytest.raises(ValidationException, match="no generator"):
        client.encrypt(MultiKeyring(None, [aes("one")]), b"x")
    untyped: Any = MultiKeyring
    for arguments in ((), ("one",), (aes("one"), aes("two")), (aes("one"), ["two"])):
        with pytest.raises(TypeError):
            untyped(*arguments)


# --- threads and processes


def test_one_keyring_for_many_threads(client: EncryptionClient, kms: Kms, key: KeyMetadata) -> None:
    keyring = MultiKeyring(KmsKeyring(kms, key.key_id), [aes("one")])
    together = threading.Barrier(4)

    def work(number: int) -> None:
        together.wait()
        for index in range(30):
            plaintext = f"{number} {index}".encode() * (1 if index % 10 else 50_000)
            message = client.encrypt(keyring, plaintext).message
            if index % 10 == 5:
                kms.rotate_key_on_demand(key_id=kms.create_key().key_metadata.key_id)
            assert client.decrypt(keyring, message).plaintext == plaintext

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_never_repeats_its_parent(client: EncryptionClient) -> None:
    keyring = aes("one")
    before = client.encrypt(keyring, b"x")
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(send, client.encrypt(keyring, b"x").message)
        finally:
            os._exit(0)
    os.close(send)
    with open(receive, "rb") as theirs:
        message = theirs.read()
    assert os.waitpid(child, 0)[1] == 0
    decrypted = client.decrypt(keyring, message)
    assert decrypted.plaintext == b"x"
    ids = {header.message_id for header in (before.header, decrypted.header, client.encrypt(keyring, b"x").header)}
    assert len(ids) == 3
