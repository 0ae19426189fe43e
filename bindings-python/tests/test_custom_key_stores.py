"""An AWS CloudHSM cluster that a Python class is, behind a custom key store."""

from __future__ import annotations

import os
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import pocketkms
from pocketkms import ClusterError, Kms, RootKey, Vault

CLUSTER = "cluster-abcdefg2345"
PASSWORD = "kmsPswd"


class Cluster:
    """Keys in this process."""

    def __init__(self) -> None:
        self.keys: dict[str, AESGCM] = {}
        self.fails: Exception | None = None

    def _begin(self, password: str) -> None:
        if self.fails is not None:
            raise self.fails
        if password != PASSWORD:
            raise ClusterError("INVALID_CREDENTIALS", "that is not the password")

    def describe(self) -> str | None:
        return None

    def connect(self, password: str, /) -> None:
        self._begin(password)

    def disconnect(self) -> None:
        pass

    def create_key(self, password: str, label: str, /) -> str:
        self._begin(password)
        self.keys[label] = AESGCM(os.urandom(32))
        return label

    def delete_key(self, password: str, key: str, /) -> None:
        self._begin(password)
        del self.keys[key]

    def encrypt(self, password: str, key: str, plaintext: bytes, aad: bytes, /) -> bytes:
        self._begin(password)
        iv = os.urandom(12)
        return iv + self.keys[key].encrypt(iv, plaintext, aad)

    def decrypt(self, password: str, key: str, ciphertext: bytes, aad: bytes, /) -> bytes:
        self._begin(password)
        try:
            return self.keys[key].decrypt(ciphertext[:12], ciphertext[12:], aad)
        except InvalidTag:
            raise ClusterError("INVALID_CIPHERTEXT") from None

    def random(self, password: str, length: int, /) -> bytes:
        self._begin(password)
        return b"\x5a" * length


def opened(cluster: Any) -> Vault:
    return Vault.in_memory(RootKey.from_bytes(bytes(32)), cloud_hsm_clusters={CLUSTER: cluster})


def connected(kms: Kms, password: str = PASSWORD) -> str:
    store = kms.create_custom_key_store(
        custom_key_store_name="hsm",
        cloud_hsm_cluster_id=CLUSTER,
        trust_anchor_certificate="MII",
        key_store_password=password,
    ).custom_key_store_id
    kms.connect_custom_key_store(custom_key_store_id=store)
    return store


def test_keys_are_made_and_used_in_the_cluster() -> None:
    cluster = Cluster()
    with opened(cluster) as vault:
        kms = vault.client()
        store = connected(kms)
        key = kms.create_key(origin="AWS_CLOUDHSM", custom_key_store_id=store).key_metadata
        assert list(cluster.keys) == [key.key_id] and key.cloud_hsm_cluster_id == CLUSTER
        blob = kms.encrypt(key_id=key.key_id, plaintext=b"hello", encryption_context={"a": "b"}).ciphertext_blob
        assert kms.decrypt(ciphertext_blob=blob, encryption_context={"a": "b"}).plaintext == b"hello"
        with pytest.raises(pocketkms.InvalidCiphertextException):
            kms.decrypt(ciphertext_blob=blob, encryption_context={"a": "c"})
        assert kms.generate_random(number_of_bytes=4, custom_key_store_id=store).plaintext == b"\x5a" * 4


@pytest.mark.parametrize(
    ("accounts", "own", "other"),
    [(None, True, False), ({CLUSTER: ["111122223333"]}, False, True), ({CLUSTER: ["*"]}, True, True), ({CLUSTER: []}, False, False)],
)
def test_a_cluster_is_of_the_accounts_that_the_host_names(accounts: Any, own: bool, other: bool) -> None:
    for account, may in ((None, own), ("111122223333", other)):
        clusters, root = {CLUSTER: Cluster()}, RootKey.from_bytes(bytes(32))
        with Vault.in_memory(root, cloud_hsm_clusters=clusters, cloud_hsm_cluster_accounts=accounts) as vault:
            kms = vault.client() if account is None else vault.client(account_id=account)
            if may:
                connected(kms)
            else:
                with pytest.raises(pocketkms.CloudHsmClusterNotFoundException):
                    connected(kms)


def test_what_a_cluster_raises() -> None:
    cluster = Cluster()
    with opened(cluster) as vault:
        kms = vault.client()
        store = connected(kms)
        key = kms.create_key(origin="AWS_CLOUDHSM", custom_key_store_id=store).key_metadata.key_id
        cluster.fails = ClusterError("UNREACHABLE", "the cable is out")
        with pytest.raises(pocketkms.KeyUnavailableException) as raised:
            kms.encrypt(key_id=key, plaintext=b"x")
        assert "the cable is out" not in str(raised.value)
        cluster.fails = LookupError("mine")
        with pytest.raises(LookupError) as mine:
            kms.encrypt(key_id=key, plaintext=b"x")
        assert mine.value is cluster.fails
        cluster.fails = None
        kms.encrypt(key_id=key, plaintext=b"x")


def test_a_wrong_password_fails_the_connection() -> None:
    with opened(Cluster()) as vault:
        kms = vault.client()
        connected(kms, "another")
        (entry,) = kms.describe_custom_key_stores().custom_key_stores
        assert (entry.connection_state, entry.connection_error_code) == ("FAILED", "INVALID_CREDENTIALS")
        assert "another" not in repr(entry)


def test_only_an_object_with_all_methods_is_a_cluster() -> None:
    for wrong in (None, object(), {"describe": len}):
        with pytest.raises(TypeError, match="cloud_hsm_clusters"):
            opened(wrong)
