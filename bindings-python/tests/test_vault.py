"""A vault: made, closed, kept as a snapshot, opened again."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from calls import CALLS, OPERATIONS, world
from conftest import ACCOUNT, REGION

from pocketkms import (
    AlreadyExistsException,
    Argon2Cost,
    KeyMetadata,
    Kms,
    KmsError,
    LastRootKeyException,
    ManualClock,
    NotFoundException,
    RootKey,
    SnapshotCorruptedException,
    SnapshotTruncatedException,
    ValidationException,
    VaultClosedException,
    WrongRootKeyException,
    Vault,
)

CLOSED = "^VaultClosedException: the vault is closed$"


def test_a_with_statement_closes_it(root: RootKey) -> None:
    with Vault.in_memory(root) as vault:
        kms = vault.client()
        given = world(kms)
        calls = {operation: members(given) for operation, members, _ in CALLS}
    assert calls.keys() == OPERATIONS.keys()
    for operation, members in calls.items():
        with pytest.raises(VaultClosedException, match=CLOSED):
            getattr(kms, operation)(**members)
    with pytest.raises(VaultClosedException, match=CLOSED):
        vault.snapshot()
    with pytest.raises(VaultClosedException, match=CLOSED):
        vault.add_root_key(root)
    vault.close()


def test_a_with_statement_lets_exceptions_through(root: RootKey) -> None:
    vault = Vault.in_memory(root)
    kms = vault.client()
    with pytest.raises(ZeroDivisionError), vault:
        kms.create_key(description=str(1 // 0))
    with pytest.raises(VaultClosedException, match=CLOSED):
        kms.list_keys()


def test_closing_one_closes_it_for_all_callers(root: RootKey) -> None:
    vault = Vault.in_memory(root)
    kms = vault.client()
    other = vault.client(account_id="999988887777", region="us-west-2")
    vault.close()
    with pytest.raises(VaultClosedException, match=CLOSED):
        vault.client(account_id=ACCOUNT, region=REGION)
    for closed in (kms, other):
        with pytest.raises(VaultClosedException, match=CLOSED):
            closed.list_keys()


def test_snapshot(vault: Vault, kms: Kms, clock: ManualClock, key: KeyMetadata) -> None:
    context = {"order": "4711"}
    blob = kms.encrypt(key_id=key.key_id, plaintext=b"secret", encryption_context=context).ciphertext_blob
    kms.rotate_key_on_demand(key_id=key.key_id)
    snapshot = vault.snapshot()
    assert type(snapshot) is bytes
    # The vault goes on, and what comes after is not in the snapshot.
    later = kms.create_key().key_metadata.key_id
    for form in (snapshot, bytearray(snapshot), memoryview(snapshot)):
        with Vault.open_snapshot(
            form, RootKey.from_bytes(bytes(range(32))), clock=clock, account_id=ACCOUNT, region=REGION
        ) as again:
            opened = again.client()
            assert opened.decrypt(ciphertext_blob=blob, encryption_context=context).plaintext == b"secret"
            assert opened.describe_key(key_id=key.key_id) == kms.describe_key(key_id=key.key_id)
            assert opened.list_key_rotations(key_id=key.key_id) == kms.list_key_rotations(key_id=key.key_id)
            with pytest.raises(NotFoundException):
                opened.describe_key(key_id=later)


def test_snapshots_that_do_not_open(vault: Vault, root: RootKey) -> None:
    snapshot = vault.snapshot()
    altered = bytearray(snapshot)
    altered[-1] ^= 1
    with pytest.raises(WrongRootKeyException):
        Vault.open_snapshot(snapshot, RootKey.from_bytes(bytes(32)))
    with pytest.raises(SnapshotTruncatedException):
        Vault.open_snapshot(snapshot[: len(snapshot) // 2], root)
    with pytest.raises(SnapshotCorruptedException):
        Vault.open_snapshot(altered, root)
    with pytest.raises(KmsError):
        Vault.open_snapshot(b"", root)
    untyped: Any = Vault.open_snapshot
    with pytest.raises(TypeError, match="^'snapshot' must be bytes, bytearray or memoryview, not str$"):
        untyped("snapshot", root)


def test_several_root_keys_open_one_vault(vault: Vault, root: RootKey) -> None:
    second = RootKey.generate()
    id = vault.add_root_key(second, "second")
    recovery = vault.add_recovery_key("paper")
    assert recovery.text not in repr(recovery)
    infos = vault.root_keys()
    assert [(info.kind, info.label, info.opened, info.in_use) for info in infos] == [
        ("BYTES", "", True, True),
        ("BYTES", "second", True, False),
        ("RECOVERY", "paper", True, False),
    ]
    assert [info.id for info in infos[1:]] == [id, recovery.id]
    typed = RootKey.from_recovery_key(recovery.text.lower().replace("-", " "))
    for key in (root, RootKey.from_bytes(second.to_bytes()), typed):
        Vault.open_snapshot(vault.snapshot(), key).close()
    third = RootKey.from_passphrase("third", cost=Argon2Cost(memory_kib=64, passes=1, lanes=1))
    vault.replace_root_key(id, third)
    vault.remove_root_key(infos[0].id)
    vault.rotate_vault_key([typed, third])
    assert vault.finish_rotation() is False
    Vault.open_snapshot(vault.snapshot(), third).close()
    with pytest.raises(WrongRootKeyException):
        Vault.open_snapshot(vault.snapshot(), second)
    vault.remove_root_key(recovery.id)
    (last,) = vault.root_keys()
    assert last.cost == Argon2Cost(memory_kib=64, passes=1, lanes=1)
    with pytest.raises(LastRootKeyException):
        vault.remove_root_key(last.id)
    with pytest.raises(ValidationException, match="32 raw bytes"):
        third.to_bytes()
    with pytest.raises(ValidationException, match="recovery key"):
        RootKey.from_recovery_key("correct horse")


def test_another_root_key(vault: Vault, root: RootKey) -> None:
    before = vault.snapshot()
    new = RootKey.from_bytes(b"\xff" * 32)
    vault.shred(new)
    after = vault.snapshot()
    for snapshot, right, wrong in ((before, root, new), (after, new, root)):
        Vault.open_snapshot(snapshot, right).close()
        with pytest.raises(WrongRootKeyException):
            Vault.open_snapshot(snapshot, wrong)


@pytest.mark.parametrize(
    "again", ["grüne Äpfel", "grüne Äpfel".encode(), bytearray("grüne Äpfel".encode())], ids=["str", "bytes", "bytearray"]
)
def test_passphrase(again: str | bytes | bytearray) -> None:
    with Vault.in_memory(RootKey.from_passphrase("grüne Äpfel")) as vault:
        snapshot = vault.snapshot()
    Vault.open_snapshot(snapshot, RootKey.from_passphrase(again)).close()
    with pytest.raises(WrongRootKeyException):
        Vault.open_snapshot(snapshot, RootKey.from_passphrase("grüne Apfel"))


def test_what_is_no_root_key() -> None:
    for length in (0, 16, 31, 33, 64):
        with pytest.raises(ValidationException, match="32 bytes"):
            RootKey.from_bytes(bytes(length))
    with pytest.raises(ValidationException, match="empty"):
        RootKey.from_passphrase("")
    untyped: Any = RootKey
    with pytest.raises(TypeError, match="^'key' must be bytes, bytearray or memoryview, not str$"):
        untyped.from_bytes("0" * 32)
    with pytest.raises(TypeError, match="^'passphrase' must be str, bytes, bytearray or memoryview, not int$"):
        untyped.from_passphrase(1234)
    with pytest.raises(TypeError):
        untyped()


def test_a_root_key_does_not_leave_the_process() -> None:
    root = RootKey.from_bytes(b"A" * 32)
    assert "AAAA" not in repr(root)
    with pytest.raises(TypeError):
        pickle.dumps(root)
    with pytest.raises(TypeError):
        copy.deepcopy(root)
    with Vault.in_memory(root) as vault:
        for handle in (vault, vault.client()):
            with pytest.raises(TypeError):
                pickle.dumps(handle)


def test_callers_see_their_own_keys(vault: Vault, key: KeyMetadata) -> None:
    other = vault.client(account_id="999988887777", region="us-west-2")
    assert other.list_keys().keys == ()
    with pytest.raises(NotFoundException):
        other.describe_key(key_id=key.key_id)
    theirs = other.create_key().key_metadata
    assert theirs.arn == f"arn:aws:kms:us-west-2:999988887777:key/{theirs.key_id}"
    # The same vault: one snapshot holds both, and the first caller is back at any time.
    assert [entry.key_id for entry in vault.client(account_id=ACCOUNT, region=REGION).list_keys().keys] == [key.key_id]


def test_keys_of_ones_own_choice(root: RootKey) -> None:
    key_id, material = "1234abcd-12ab-34cd-56ef-1234567890ab", bytes(range(32))
    with Vault.in_memory(root) as one, Vault.in_memory(root) as two:
        for vault in (one, two):
            made = vault.create_fixed_key(key_id=key_id, key_material=material, description="orders")
            assert (made.key_id, made.description) == (key_id, "orders")
        blob = one.client().encrypt(key_id=key_id, plaintext=b"x").ciphertext_blob
        assert two.client().decrypt(ciphertext_blob=blob).plaintext == b"x"
        with pytest.raises(AlreadyExistsException):
            one.create_fixed_key(key_id=key_id)
        assert one.create_fixed_key(key_id=key_id, region=REGION).arn.startswith(f"arn:aws:kms:{REGION}:")
        assert one.create_fixed_key().key_id != one.create_fixed_key().key_id
        with pytest.raises(NotFoundException, match="Invalid keyId 'orders'"):
            one.create_fixed_key(key_id="orders")
        for wrong in (b"", bytes(31), bytes(33)):
            with pytest.raises(ValueError, match="^'key_material' must be 32 bytes$"):
                one.create_fixed_key(key_material=wrong)


def test_callers_that_do_not_exist(vault: Vault, root: RootKey) -> None:
    for account, region in (("1234", REGION), (ACCOUNT, "Frankfurt"), ("", ""), (ACCOUNT + "4", REGION)):
        with pytest.raises(ValidationException):
            vault.client(account_id=account, region=region)
        with pytest.raises(ValidationException):
            Vault.in_memory(root, account_id=account, region=region)


def test_what_is_no_vault(root: RootKey) -> None:
    untyped: Any = Vault
    for arguments, names in (
        ((b"x" * 32,), {}),
        ((root,), {"clock": 0}),
        ((root,), {"account_id": 111122223333}),
        ((root,), {"acount_id": "111122223333"}),
        ((root, "111122223333"), {}),
    ):
        with pytest.raises(TypeError):
            untyped.in_memory(*arguments, **names)
