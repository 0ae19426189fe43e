"""Branch keys of a vault, and the hierarchical keyring above them."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Mapping
from typing import Any, get_type_hints

import pytest
from conftest import ACCOUNT, REGION
from runtime_types import check

from pocketkms import (
    CachingMaterialsManager,
    DisabledException,
    EncryptionClient,
    HierarchicalKeyring,
    KeyMetadata,
    Kms,
    KmsError,
    NotFoundException,
    RawAesKeyring,
    RootKey,
    UnableToDecryptDataKeyException,
    ValidationException,
    Vault,
    VaultClosedException,
)


def test_what_is_refused(vault: Vault, kms: Kms, key: KeyMetadata) -> None:
    untyped: Any = kms
    with pytest.raises(TypeError, match="^'kms_key_id' must be str, not int$"):
        untyped.create_branch_key(kms_key_id=7)
    with pytest.raises(TypeError, match="^'branch_key_identifiers' must be a sequence, not str$"):
        untyped.rewrap_branch_keys(branch_key_identifiers="one")
    with pytest.raises(ValidationException):
        kms.create_branch_key(kms_key_id=key.key_id, branch_key_identifier="tenant")
    with pytest.raises(NotFoundException):
        kms.create_branch_key(kms_key_id="00000000-0000-0000-0000-000000000000")
    for missing in (kms.rotate_branch_key, kms.describe_branch_key):
        with pytest.raises(KmsError, match="none"):
            missing(branch_key_identifier="none")
    with pytest.raises(ValidationException):
        kms.list_branch_keys(limit=0)
    vault.close()
    with pytest.raises(VaultClosedException, match="the vault is closed$"):
        kms.list_branch_keys()


def test_a_branch_key_and_its_life(vault: Vault, kms: Kms, key: KeyMetadata) -> None:
    made = kms.create_branch_key(
        kms_key_id=key.key_id, branch_key_identifier="tenant", encryption_context={"tenant": "one"}
    )
    check(made, get_type_hints(Kms.create_branch_key)["return"])
    assert (made.branch_key_identifier, made.versions, made.kms_key_arn) == ("tenant", 1, key.arn)
    assert made.encryption_context == {"tenant": "one"}
    rotated = kms.rotate_branch_key(branch_key_identifier="tenant")
    assert rotated.versions == 2 and rotated.active_version != made.active_version
    assert kms.describe_branch_key(branch_key_identifier="tenant") == rotated
    other = kms.create_branch_key(kms_key_id=key.key_id)
    page = kms.list_branch_keys(limit=1)
    check(page, get_type_hints(Kms.list_branch_keys)["return"])
    assert page.truncated
    rest = kms.list_branch_keys(marker=page.next_marker)
    assert not rest.truncated
    found = {found.branch_key_identifier for found in page.branch_keys + rest.branch_keys}
    assert found == {"tenant", other.branch_key_identifier}
    new = kms.create_key().key_metadata
    moved = kms.rewrap_branch_keys(
        branch_key_identifiers=["tenant"], source_kms_key_id=key.key_id, destination_kms_key_id=new.key_id
    )
    assert (moved.branch_keys, moved.versions) == (1, 2)
    assert kms.describe_branch_key(branch_key_identifier="tenant").kms_key_arn == new.arn
    assert vault.client(account_id="444455556666", region="us-east-1").list_branch_keys().branch_keys == ()


def test_what_is_no_hierarchical_keyring(kms: Kms) -> None:
    untyped: Any = HierarchicalKeyring
    for wrong in (None, "kms", object()):
        with pytest.raises(TypeError, match="^'source' must be Kms or BranchKeySource, not "):
            untyped(wrong, "branch", ttl=60)
    with pytest.raises(TypeError, match="^'branch_key_id' must be str or callable, not int$"):
        untyped(kms, 7, ttl=60)
    with pytest.raises(TypeError):
        untyped(kms, "branch")
    for ttl, entries in ((0, None), (-1, None), (float("nan"), None), (60, 0)):
        with pytest.raises(ValidationException):
            HierarchicalKeyring(kms, "branch", ttl=ttl, max_entries=entries)
    with pytest.raises(ValidationException):
        HierarchicalKeyring(kms, "", ttl=60)


def test_a_hierarchical_keyring(client: EncryptionClient, vault: Vault, kms: Kms, key: KeyMetadata, root: RootKey) -> None:
    branch = kms.create_branch_key(kms_key_id=key.key_id).branch_key_identifier
    keyring = HierarchicalKeyring(kms, branch, ttl=600)
    message = client.encrypt(keyring, b"x", encryption_context={"order": "4711"}).message
    (wrapping,) = client.inspect(message).wrapping_keys
    assert (wrapping.provider_id, wrapping.key_name) == ("aws-kms-hierarchy", branch)
    assert wrapping.key_material == kms.describe_branch_key(branch_key_identifier=branch).active_version
    active = kms.rotate_branch_key(branch_key_identifier=branch).active_version
    newer = client.encrypt(keyring, b"y").message
    assert client.inspect(newer).wrapping_keys[0].key_material == active
    assert client.decrypt(keyring, message).plaintext == b"x"
    with Vault.open_snapshot(vault.snapshot(), root, account_id=ACCOUNT, region=REGION) as again:
        assert client.decrypt(HierarchicalKeyring(again.client(), branch, ttl=1), newer).plaintext == b"y"
    kms.disable_key(key_id=key.key_id)
    with pytest.raises(DisabledException):
        client.encrypt(keyring, b"x")
    with pytest.raises(UnableToDecryptDataKeyException):
        client.decrypt(keyring, message)
    vault.close()
    for call in (lambda: client.encrypt(keyring, b"x"), lambda: client.decrypt(keyring, message)):
        with pytest.raises(VaultClosedException, match="the vault is closed$"):
            call()


def test_a_branch_key_per_tenant(client: EncryptionClient, kms: Kms, key: KeyMetadata) -> None:
    branches = {
        name: kms.create_branch_key(kms_key_id=key.key_id).branch_key_identifier for name in ("one", "two")
    }

    def choose(context: Mapping[str, str]) -> str:
        return branches[context["tenant"]]

    keyring = HierarchicalKeyring(kms, choose, ttl=600, max_entries=1)
    for caching in (keyring, CachingMaterialsManager(keyring)):
        for name, branch in branches.items():
            message = client.encrypt(caching, b"x", encryption_context={"tenant": name}).message
            assert client.inspect(message).wrapping_keys[0].key_name == branch
            assert client.decrypt(caching, message).plaintext == b"x"
    with pytest.raises(KeyError, match="tenant"):
        client.encrypt(keyring, b"x")
    unnamed = client.encrypt(HierarchicalKeyring(kms, branches["one"], ttl=1), b"x").message
    with pytest.raises(UnableToDecryptDataKeyException) as raised:
        client.decrypt(keyring, unnamed)
    assert isinstance(raised.value.__cause__, KeyError)
    untyped: Any = HierarchicalKeyring

    def nothing(context: Mapping[str, str]) -> None:
        assert context

    with pytest.raises(TypeError, match="^'branch_key_id' must return str, not NoneType$"):
        client.encrypt(untyped(kms, nothing, ttl=1), b"x", encryption_context={"tenant": "one"})


def test_a_keyring_that_its_function_knows_is_collected(kms: Kms) -> None:
    class Chooser:
        keyring: HierarchicalKeyring

        def __call__(self, context: Mapping[str, str]) -> str:
            return "branch"

    chooser = Chooser()
    chooser.keyring = HierarchicalKeyring(kms, chooser, ttl=1)
    gone = weakref.ref(chooser)
    del chooser
    gc.collect()
    assert gone() is None


def test_messages_stay_as_they_are_when_branch_keys_move(
    client: EncryptionClient, kms: Kms, key: KeyMetadata, keyring: RawAesKeyring
) -> None:
    branch = kms.create_branch_key(kms_key_id=key.key_id).branch_key_identifier
    hierarchy = HierarchicalKeyring(kms, branch, ttl=600)
    message = client.encrypt(hierarchy, b"x").message
    kms.rotate_key_on_demand(key_id=key.key_id)
    assert kms.rewrap_branch_keys().versions == 1
    assert kms.rewrap_branch_keys().versions == 0
    assert client.decrypt(hierarchy, message).plaintext == b"x"
    with pytest.raises(UnableToDecryptDataKeyException):
        client.decrypt(keyring, message)
