"""What a message says of itself, without decrypting it."""

from __future__ import annotations

import io
from typing import Any

import pytest

from pocketkms import (
    EncryptionClient,
    InvalidMessageException,
    KeyMetadata,
    Kms,
    KmsKeyring,
    LimitExceededException,
    MultiKeyring,
    RawAesKeyring,
)


def test_what_is_no_message(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    message = client.encrypt(keyring, b"x").message
    length = client.inspect(message).header_length
    for front in (message[:0], message[:1], message[: length - 1]):
        for source in (front, bytearray(front), io.BytesIO(front)):
            with pytest.raises(InvalidMessageException, match=f"truncated: its header does not end by byte {len(front)}"):
                client.inspect(source)
    with pytest.raises(InvalidMessageException):
        client.inspect(b"no message")
    with pytest.raises(LimitExceededException):
        EncryptionClient(max_encrypted_data_keys=1).inspect(client.encrypt(MultiKeyring(keyring, [keyring]), b"").message)
    untyped: Any = client
    for wrong in ("text", 7, None, [message]):
        with pytest.raises(TypeError, match="^'message' must be bytes, bytearray, memoryview or a binary file, not "):
            untyped.inspect(wrong)
    with pytest.raises(TypeError):
        untyped.inspect(io.StringIO("text"))


def test_which_key_and_material(client: EncryptionClient, kms: Kms, key: KeyMetadata, keyring: RawAesKeyring) -> None:
    both = MultiKeyring(KmsKeyring(kms, key.key_id), [keyring])
    before, after = (client.encrypt(both, b"x").message, None)
    kms.rotate_key_on_demand(key_id=key.key_id)
    after = client.encrypt(both, b"x").message
    rotations = kms.list_key_rotations(key_id=key.key_id, include_key_material="ALL_KEY_MATERIAL").rotations
    materials = {rotation.key_material_id[:32] for rotation in rotations if rotation.key_material_id}
    found: set[str | None] = set()
    for message in (before, after):
        info = client.inspect(message)
        vault, aes = info.wrapping_keys
        assert (vault.provider_id, vault.key_name) == ("aws-kms", key.arn)
        assert (vault.key_arn, vault.key_id) == (key.arn, key.key_id)
        assert (aes.provider_id, aes.key_name) == ("tests", "one")
        assert aes.key_arn is aes.key_id is aes.key_material is None
        assert client.decrypt(both, message).header == info.header
        found.add(vault.key_material)
    assert found == materials and len(found) == 2


def test_the_front_of_a_file_is_enough(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    for context in ({}, {"long": "x" * 5000}):
        encrypted = client.encrypt(keyring, bytes(100_000), encryption_context=context)
        source = io.BytesIO(encrypted.message)
        info = client.inspect(source)
        assert info.header == encrypted.header
        assert source.tell() in (1024, info.header_length)
        assert client.inspect(memoryview(encrypted.message)[: info.header_length]) == info
