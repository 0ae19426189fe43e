"""A vault: made, closed, kept as a snapshot, opened again."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from calls import CALLS, OPERATIONS, world
from conftest import ACCOUNT, REGION

from pocketkms import (
    KeyMetadata,
    Kms,
    KmsError,
    ManualClock,
    NotFoundException,
    RootKey,
    SnapshotCorruptedException,
    SnapshotTruncatedException,
    ValidationException,
    VaultClosedException,
    WrongRootKeyException,
)

CLOSED = "^VaultClosedException: the vault is closed$"


def test_a_with_statement_closes_it(root: RootKey) -> None:
    with Kms.create(root) as kms:
        given = world(kms)
        calls = {operation: members(given) for operation, members, _ in CALLS}
    assert calls.keys() == OPERATIONS.keys()
    for operation, members in calls.items():
        with pytest.raises(VaultClosedException, match=CLOSED):
            getattr(kms, operation)(**members)
    with pytest.raises(VaultClosedException, match=CLOSED):
        kms.snapshot()
    with pytest.raises(VaultClosedException, match=CLOSED):
        kms.change_root_key(root)
    kms.close()


def test_a_with_statement_lets_exceptions_through(root: RootKey) -> None:
    with pytest.raises(ZeroDivisionError), Kms.create(root) as kms:
        kms.create_key(description=str(1 // 0))
    with pytest.raises(VaultClosedException, match=CLOSED):
        kms.list_keys()


def test_closing_one_closes_it_for_all_callers(root: RootKey) -> None:
    kms = Kms.create(root)
    other = kms.as_caller("999988887777", "us-west-2")
    other.close()
    for closed in (kms, other, other.as_caller(ACCOUNT, REGION)):
        with pytest.raises(VaultClosedException, match=CLOSED):
            closed.list_keys()


def test_snapshot(kms: Kms, clock: ManualClock, key: KeyMetadata) -> None:
    context = {"order": "4711"}
    blob = kms.encrypt(key_id=key.key_id, plaintext=b"secret", encryption_context=context).ciphertext_blob
    kms.rotate_key_on_demand(key_id=key.key_id)
    snapshot = kms.snapshot()
    assert type(snapshot) is bytes
    # The vault goes on, and what comes after is not in the snapshot.
    later = kms.create_key().key_metadata.key_id
    for form in (snapshot, bytearray(snapshot), memoryview(snapshot)):
        with Kms.open_snapshot(
            form, RootKey.from_bytes(bytes(range(32))), clock=clock, account=ACCOUNT, region=REGION
        ) as opened:
            assert opened.decrypt(ciphertext_blob=blob, encryption_context=context).plaintext == b"secret"
            assert opened.describe_key(key_id=key.key_id) == kms.describe_key(key_id=key.key_id)
            assert opened.list_key_rotations(key_id=key.key_id) == kms.list_key_rotations(key_id=key.key_id)
            with pytest.raises(NotFoundException):
                opened.describe_key(key_id=later)


def test_snapshots_that_do_not_open(kms: Kms, root: RootKey) -> None:
    snapshot = kms.snapshot()
    altered = bytearray(snapshot)
    altered[-1] ^= 1
    with pytest.raises(WrongRootKeyException):
        Kms.open_snapshot(snapshot, RootKey.from_bytes(bytes(32)))
    with pytest.raises(SnapshotTruncatedException):
        Kms.open_snapshot(snapshot[: len(snapshot) // 2], root)
    with pytest.raises(SnapshotCorruptedException):
        Kms.open_snapshot(altered, root)
    with pytest.raises(KmsError):
        Kms.open_snapshot(b"", root)
    untyped: Any = Kms.open_snapshot
    with pytest.raises(TypeError, match="^'snapshot' must be bytes, bytearray or memoryview, not str$"):
        untyped("snapshot", root)


def test_another_root_key(kms: Kms, root: RootKey) -> None:
    before = kms.snapshot()
    new = RootKey.from_bytes(b"\xff" * 32)
    kms.change_root_key(new)
    after = kms.snapshot()
    for snapshot, right, wrong in ((before, root, new), (after, new, root)):
        Kms.open_snapshot(snapshot, right).close()
        with pytest.raises(WrongRootKeyException):
            Kms.open_snapshot(snapshot, wrong)


@pytest.mark.parametrize(
    "again", ["grüne Äpfel", "grüne Äpfel".encode(), bytearray("grüne Äpfel".encode())], ids=["str", "bytes", "bytearray"]
)
def test_passphrase(again: str | bytes | bytearray) -> None:
    with Kms.create(RootKey.from_passphrase("grüne Äpfel")) as kms:
        snapshot = kms.snapshot()
    Kms.open_snapshot(snapshot, RootKey.from_passphrase(again)).close()
    with pytest.raises(WrongRootKeyException):
        Kms.open_snapshot(snapshot, RootKey.from_passphrase("grüne Apfel"))


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
    with Kms.create(root) as kms, pytest.raises(TypeError):
        pickle.dumps(kms)


def test_callers_see_their_own_keys(kms: Kms, key: KeyMetadata) -> None:
    other = kms.as_caller("999988887777", "us-west-2")
    assert other.list_keys().keys == ()
    with pytest.raises(NotFoundException):
        other.describe_key(key_id=key.key_id)
    theirs = other.create_key().key_metadata
    assert theirs.arn == f"arn:aws:kms:us-west-2:999988887777:key/{theirs.key_id}"
    # The same vault: one snapshot holds both, and the first caller is back at any time.
    assert [entry.key_id for entry in other.as_caller(ACCOUNT, REGION).list_keys().keys] == [key.key_id]


def test_callers_that_do_not_exist(kms: Kms, root: RootKey) -> None:
    for account, region in (("1234", REGION), (ACCOUNT, "Frankfurt"), ("", ""), (ACCOUNT + "4", REGION)):
        with pytest.raises(ValidationException):
            kms.as_caller(account, region)
        with pytest.raises(ValidationException):
            Kms.create(root, account=account, region=region)


def test_what_is_no_vault(root: RootKey) -> None:
    untyped: Any = Kms
    for arguments, names in (
        ((b"x" * 32,), {}),
        ((root,), {"clock": 0}),
        ((root,), {"account": 111122223333}),
        ((root,), {"acount": "111122223333"}),
        ((root, "111122223333"), {}),
    ):
        with pytest.raises(TypeError):
            untyped.create(*arguments, **names)
