"""Where a vault lives: in memory and in snapshots, of which there may be several, older and newer ones."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from pocketkms import (
    Argon2Cost,
    CachingMaterialsManager,
    Caller,
    EncryptionClient,
    HierarchicalKeyring,
    InvalidCiphertextException,
    KeyMetadata,
    Kms,
    KmsError,
    KmsKeyring,
    LimitExceededException,
    ManualClock,
    MultiKeyring,
    NotFoundException,
    RootKey,
    ValidationException,
    Vault,
    VaultClosedException,
)

UTC = timezone.utc
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
ORDERS = Caller("111122223333", "eu-central-1", "arn:aws:iam::111122223333:root")


def opened(snapshot: bytes, root: RootKey, days: int) -> Vault:
    return Vault.open_snapshot(snapshot, root, clock=ManualClock(BEGIN + timedelta(days=days)))


def test_what_a_rotated_key_encrypts_every_copy_decrypts(root: RootKey, vault: Vault, kms: Kms, key: KeyMetadata) -> None:
    """An app that encrypts and saves nothing, for it changed nothing; and two devices with one snapshot."""
    kms.enable_key_rotation(key_id=key.key_id, rotation_period_in_days=90)
    snapshot = vault.snapshot()
    with opened(snapshot, root, 120) as one_vault, opened(snapshot, root, 400) as two_vault:
        one, two = one_vault.client(), two_vault.client()
        assert not one_vault.needs_saving
        encrypted = one.encrypt(key_id=key.key_id, plaintext=b"x")
        assert not one_vault.needs_saving
        much_later = two.encrypt(key_id=key.key_id, plaintext=b"y")
        assert one.list_key_rotations(key_id=key.key_id).rotations != ()
    for days in (121, 500):
        with opened(snapshot, root, days) as later:
            assert later.client().decrypt(ciphertext_blob=encrypted.ciphertext_blob).plaintext == b"x"
    with opened(snapshot, root, 401) as later:
        assert later.client().decrypt(ciphertext_blob=much_later.ciphertext_blob).plaintext == b"y"
        rotations = later.client().list_key_rotations(key_id=key.key_id, include_key_material="ALL_KEY_MATERIAL").rotations
    with opened(snapshot, root, 401) as other:
        again = other.client().list_key_rotations(key_id=key.key_id, include_key_material="ALL_KEY_MATERIAL").rotations
    assert rotations == again and len({rotation.key_material_id for rotation in rotations}) == len(rotations) > 4


def test_a_ciphertext_that_is_newer_than_the_snapshot(root: RootKey, vault: Vault, kms: Kms, key: KeyMetadata) -> None:
    snapshot = vault.snapshot()
    kms.rotate_key_on_demand(key_id=key.key_id)
    blob = kms.encrypt(key_id=key.key_id, plaintext=b"x").ciphertext_blob
    with opened(snapshot, root, 1) as older, pytest.raises(KmsError) as raised:
        older.client().decrypt(ciphertext_blob=blob)
    assert raised.value.explanation is not None and "older than the ciphertext" in raised.value.explanation
    assert isinstance(raised.value, InvalidCiphertextException) and raised.value.message == ""


def test_what_needs_saving(root: RootKey, vault: Vault, kms: Kms, key: KeyMetadata) -> None:
    assert vault.needs_saving
    snapshot = vault.snapshot()
    assert vault.needs_saving
    vault.mark_saved(memoryview(snapshot))
    assert not vault.needs_saving
    changes: list[Callable[[], object]] = [
        kms.create_key,
        lambda: kms.update_key_description(key_id=key.key_id, description="other"),
        lambda: kms.rotate_key_on_demand(key_id=key.key_id),
        lambda: kms.create_alias(alias_name="alias/one", target_key_id=key.key_id),
        lambda: kms.schedule_key_deletion(key_id=key.key_id),
    ]
    calls: list[Callable[[], object]] = [
        kms.list_keys,
        lambda: kms.encrypt(key_id=key.key_id, plaintext=b"x"),
        lambda: kms.describe_key(key_id=key.key_id),
        lambda: kms.generate_random(number_of_bytes=1),
    ]
    for call in calls:
        call()
        assert not vault.needs_saving
    for change in changes:
        before = vault.revision
        change()
        assert vault.needs_saving and vault.revision > before
        saved = vault.snapshot()
        assert vault.needs_saving
        vault.mark_saved(saved)
        vault.mark_saved(snapshot)  # Two writes that end in the other order.
        assert not vault.needs_saving
    with pytest.raises(NotFoundException):
        kms.update_key_description(key_id="alias/missing", description="")
    assert not vault.needs_saving
    with Vault.open_snapshot(snapshot, root) as copy:
        assert not copy.needs_saving
        with pytest.raises(ValidationException, match="none of the latest snapshots"):
            copy.mark_saved(snapshot)
    untyped: Any = vault.mark_saved
    with pytest.raises(TypeError, match="^'snapshot' must be bytes, bytearray or memoryview, not int$"):
        untyped(vault.revision)


def test_the_newer_of_two_snapshots(root: RootKey, vault: Vault, kms: Kms) -> None:
    older, at = vault.snapshot(), vault.revision
    kms.create_key()
    newer = vault.snapshot()
    assert vault.revision > at
    with Vault.open_snapshot(older, root) as one, Vault.open_snapshot(newer, root) as two:
        assert one.revision == at and two.revision == vault.revision > one.revision


def test_the_vault_remembers_whom_it_was_made_for(root: RootKey) -> None:
    with Vault.in_memory(root, account_id="111122223333", region="eu-central-1") as vault:
        kms = vault.client()
        arn = kms.create_key().key_metadata.arn
        assert kms.caller == vault.caller == ORDERS
        snapshot = vault.snapshot()
    with Vault.open_snapshot(snapshot, root) as again:
        assert again.caller == ORDERS
        assert [entry.key_arn for entry in again.client().list_keys().keys] == [arn]
        other = again.client(account_id="444455556666", region="us-east-1")
        assert other.caller == Caller("444455556666", "us-east-1", "arn:aws:iam::444455556666:root")
        assert other.list_keys().keys == ()
    with Vault.open_snapshot(snapshot, root, region="us-east-1") as elsewhere:
        assert elsewhere.caller == replace(ORDERS, region="us-east-1")
        assert elsewhere.client().list_keys().keys == ()
    with Vault.in_memory(root) as unnamed:
        assert unnamed.caller == Caller("000000000000", "us-east-1", "arn:aws:iam::000000000000:root")


def test_principals(root: RootKey) -> None:
    alice, session = "arn:aws:iam::111122223333:user/alice", "arn:aws:sts::444455556666:assumed-role/app/s1"
    with Vault.in_memory(root, principal=alice) as vault:
        assert vault.caller == Caller("111122223333", "us-east-1", alice) == vault.client().caller
        assert vault.client(principal=session).caller == Caller("444455556666", "us-east-1", session)
        assert vault.client(account_id="111122223333", principal=alice).caller == vault.caller
        wrong: list[dict[str, Any]] = [{"principal": "alice"}, {"account_id": "444455556666", "principal": alice}]
        for names in wrong:
            with pytest.raises(ValidationException):
                vault.client(**names)
            with pytest.raises(ValidationException):
                Vault.in_memory(root, **names)
        snapshot = vault.snapshot()
    with Vault.open_snapshot(snapshot, root) as again:
        assert again.caller.principal == alice


def test_closing_closes_all_that_stands_on_it(root: RootKey, client: EncryptionClient) -> None:
    vault = Vault.in_memory(root)
    kms = vault.client()
    key_id = kms.create_key().key_metadata.key_id
    kms.create_branch_key(kms_key_id=key_id, branch_key_identifier="branch", encryption_context={"a": "b"})
    under_kms, hierarchical = KmsKeyring(kms, key_id), HierarchicalKeyring(kms, "branch", ttl=600)
    keyrings: list[Any] = [
        under_kms,
        hierarchical,
        MultiKeyring(under_kms, [hierarchical]),
        CachingMaterialsManager(under_kms, max_age=600),
        CachingMaterialsManager(hierarchical, max_age=600),
    ]
    messages = [client.encrypt(keyring, b"x").message for keyring in keyrings]
    assert [client.decrypt(keyring, message).plaintext for keyring, message in zip(keyrings, messages)] == [b"x"] * 5
    other = vault.client(account_id="999988887777", region="us-west-2")
    assert not kms.closed and not other.closed
    vault.close()
    vault.close()
    assert kms.closed and other.closed and vault.closed and not vault.needs_saving
    calls: list[Callable[[], object]] = [
        kms.list_keys,
        other.create_key,
        vault.snapshot,
        lambda: vault.add_root_key(root),
        lambda: vault.revision,
        vault.confirm_time,
        lambda: vault.time_in_doubt,
        vault.damaged,
        vault.verify,
        kms.list_branch_keys,
    ]
    for keyring, message in zip(keyrings, messages):
        calls += [
            lambda keyring=keyring: client.encrypt(keyring, b"x"),
            lambda keyring=keyring, message=message: client.decrypt(keyring, message),
        ]
    for call in calls:
        with pytest.raises(VaultClosedException) as raised:
            call()
        assert str(raised.value) == "VaultClosedException: the vault is closed"
    # As an argument, too.
    for make in (lambda: KmsKeyring(kms, key_id), lambda: HierarchicalKeyring(kms, "branch", ttl=1)):
        with pytest.raises(VaultClosedException):
            client.encrypt(make(), b"x")
    assert kms.caller == vault.caller


def test_closing_while_threads_encrypt(root: RootKey, client: EncryptionClient) -> None:
    for _ in range(10):
        vault = Vault.in_memory(root)
        kms = vault.client()
        keyring = KmsKeyring(kms, kms.create_key().key_metadata.key_id)
        ended: list[str] = []

        def work(keyring: KmsKeyring = keyring, ended: list[str] = ended) -> None:
            try:
                while True:
                    client.encrypt(keyring, bytes(20_000))
            except KmsError as error:
                ended.append(error.name)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        vault.close()
        for thread in threads:
            thread.join()
        assert ended == ["VaultClosedException"] * 4


def test_a_clock_that_may_be_wrong(root: RootKey) -> None:
    clock = ManualClock(BEGIN)
    with Vault.in_memory(root, clock=clock, clock_trust="SYSTEM") as vault:
        kms = vault.client()
        key_id = kms.create_key().key_metadata.key_id
        blob = kms.encrypt(key_id=key_id, plaintext=b"x").ciphertext_blob
        kms.schedule_key_deletion(key_id=key_id, pending_window_in_days=7)
        assert not vault.time_in_doubt
        clock.advance_days(36_500)
        kms.list_keys()
        assert vault.time_in_doubt
        assert kms.describe_key(key_id=key_id).key_metadata.key_state == "PendingDeletion"
        clock.set(BEGIN + timedelta(days=1))
        assert not vault.time_in_doubt
        kms.cancel_key_deletion(key_id=key_id)
        kms.enable_key(key_id=key_id)
        assert kms.decrypt(ciphertext_blob=blob).plaintext == b"x"
        kms.schedule_key_deletion(key_id=key_id, pending_window_in_days=7)
        clock.advance_days(36_500)
        vault.confirm_time()
        with pytest.raises(NotFoundException):
            kms.describe_key(key_id=key_id)
    with Vault.in_memory(root, clock=clock) as vault:
        trusted = vault.client()
        key_id = trusted.create_key().key_metadata.key_id
        trusted.schedule_key_deletion(key_id=key_id, pending_window_in_days=7)
        clock.advance_days(8)
        with pytest.raises(NotFoundException):
            trusted.describe_key(key_id=key_id)


def test_wrong_trust(root: RootKey) -> None:
    untyped: Any = Vault
    for wrong in ("trusted", ""):
        with pytest.raises(ValidationException, match="'clockTrust' .*enum value set: \\[TRUSTED, SYSTEM\\]"):
            untyped.in_memory(root, clock_trust=wrong)
    for other in (1, b"SYSTEM"):
        with pytest.raises(TypeError, match="^'clock_trust' must be str, not "):
            untyped.in_memory(root, clock_trust=other)


def test_wrong_attestation_roots(root: RootKey) -> None:
    untyped: Any = Vault
    for wrong in (b"", b"root", b"-----BEGIN CERTIFICATE-----"):
        with pytest.raises(ValidationException, match="An attestation root is not valid"):
            untyped.in_memory(root, attestation_roots=[wrong])
    for other in (b"root", "root", ["root"], [1]):
        with pytest.raises(TypeError, match="^'attestation_roots"):
            untyped.in_memory(root, attestation_roots=other)
    Vault.in_memory(root, attestation_roots=[]).close()


def test_a_whole_vault_is_not_damaged(vault: Vault, key: KeyMetadata) -> None:
    assert vault.verify() == () == vault.damaged()


@pytest.mark.parametrize("days", [0, 1, 6, 7, 30, 400])
def test_a_date_that_python_does_not_have(root: RootKey, days: int) -> None:
    """Near the end of the year 9999 nothing is carried out whose answer could not be given."""
    clock = ManualClock(datetime(9999, 12, 31, tzinfo=UTC) - timedelta(days=days))
    with Vault.in_memory(root, clock=clock) as vault:
        kms = vault.client()
        key = kms.create_key().key_metadata
        calls: list[Callable[[], Any]] = [
            lambda: kms.schedule_key_deletion(key_id=key.key_id, pending_window_in_days=7),
            lambda: kms.enable_key_rotation(key_id=key.key_id, rotation_period_in_days=90),
            lambda: kms.get_key_rotation_status(key_id=key.key_id),
            lambda: kms.rotate_key_on_demand(key_id=key.key_id),
        ]
        for call in calls:
            before = kms.describe_key(key_id=key.key_id).key_metadata
            try:
                call()
            except KmsError:
                assert kms.describe_key(key_id=key.key_id).key_metadata == before
            if kms.describe_key(key_id=key.key_id).key_metadata.key_state == "PendingDeletion":
                kms.cancel_key_deletion(key_id=key.key_id)
                kms.enable_key(key_id=key.key_id)


def test_what_a_passphrase_may_cost() -> None:
    cheap = Argon2Cost(memory_kib=8 * 1024, passes=1, lanes=1)
    with Vault.in_memory(RootKey.from_passphrase("secret", cost=cheap)) as vault:
        snapshot = vault.snapshot()
    # The default of a new vault is no limit of an old one, and the other way round.
    Vault.open_snapshot(snapshot, RootKey.from_passphrase("secret")).close()
    less = Argon2Cost(memory_kib=8 * 1024 - 1, passes=1, lanes=1)
    with pytest.raises(LimitExceededException):
        Vault.open_snapshot(snapshot, RootKey.from_passphrase("secret", max_cost=less))
    untyped: Any = RootKey
    for wrong in (1, "64 MiB", (65_536, 3, 4)):
        for name in ("cost", "max_cost"):
            with pytest.raises(TypeError, match=f"^'{name}' must be Argon2Cost, not "):
                untyped.from_passphrase("secret", **{name: wrong})
