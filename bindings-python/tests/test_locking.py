"""A vault that is locked, and one that is saved by itself."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from pocketkms import (
    CachingMaterialsManager,
    EncryptionClient,
    KeyMetadata,
    Kms,
    KmsKeyring,
    RootKey,
    StreamStateException,
    Vault,
    VaultClosedException,
    VaultLockedException,
    WrongRootKeyException,
)

LOCKED = "^VaultLockedException: the vault is locked: unlock it with a root key$"


def test_everything_comes_back(vault: Vault, kms: Kms, key: KeyMetadata, root: RootKey) -> None:
    blob = kms.encrypt(key_id=key.key_id, plaintext=b"x").ciphertext_blob
    client, keyring = EncryptionClient(), KmsKeyring(kms, key.key_id)
    managers = (keyring, CachingMaterialsManager(keyring))
    messages = [client.encrypt(manager, b"x").message for manager in managers]
    for _ in range(2):
        stream = client.encryptor(keyring)
        stream.update(b"x")
        vault.lock()
        vault.lock()
        assert vault.locked and not vault.closed
        with pytest.raises(VaultLockedException, match=LOCKED) as raised:
            kms.decrypt(ciphertext_blob=blob)
        assert raised.value.category == "AUTHENTICATE"
        with pytest.raises(VaultLockedException, match=LOCKED):
            vault.snapshot()
        with pytest.raises(VaultLockedException):
            stream.finish()
        for manager, message in zip(managers, messages):
            with pytest.raises(VaultLockedException):
                client.decrypt(manager, message)
        with pytest.raises(WrongRootKeyException):
            vault.unlock(RootKey.from_bytes(bytes(32)))
        assert vault.locked
        vault.unlock(root)
        assert not vault.locked
        assert kms.decrypt(ciphertext_blob=blob).plaintext == b"x"
        for manager, message in zip(managers, messages):
            assert client.decrypt(manager, message).plaintext == b"x"
        with pytest.raises(StreamStateException):
            stream.finish()
    vault.lock()
    vault.close()
    assert vault.closed and not vault.locked
    with pytest.raises(VaultClosedException):
        vault.unlock(root)


def test_a_snapshot_in_a_file(vault: Vault, key: KeyMetadata, root: RootKey, tmp_path: Path) -> None:
    path = tmp_path / "vault"
    assert vault.needs_saving
    vault.save_to(path)
    assert not vault.needs_saving
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["vault"]
    with Vault.open_snapshot(path.read_bytes(), root) as opened:
        assert opened.client().describe_key(key_id=key.arn).key_metadata.arn == key.arn
    with pytest.raises(OSError, match="not a regular file"):
        vault.save_to(tmp_path)
    with pytest.raises(FileNotFoundError):
        vault.save_to(str(tmp_path / "missing" / "vault"))
    saved = path.read_bytes()
    vault.lock()
    with pytest.raises(VaultLockedException, match=LOCKED):
        vault.save_to(path)
    assert path.read_bytes() == saved
