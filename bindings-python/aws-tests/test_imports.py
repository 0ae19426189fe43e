"""Imported key material through boto3."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from importing import wrap

import pocketkms.boto3
from pocketkms import ManualClock, Vault


@pytest.fixture
def kms(vault: Vault) -> Any:
    return pocketkms.boto3.client(vault.client())


def bring(kms: Any, key: str, algorithm: str, material: bytes, **more: Any) -> dict[str, Any]:
    given = kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048")
    wrapped = wrap(given["PublicKey"], algorithm, material)
    answered: dict[str, Any] = kms.import_key_material(
        KeyId=key, ImportToken=given["ImportToken"], EncryptedKeyMaterial=wrapped, **more
    )
    return answered


def test_a_symmetric_key(kms: Any, clock: ManualClock) -> None:
    key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]
    assert key["KeyState"] == "PendingImport" and "ExpirationModel" not in key
    until = key["CreationDate"] + timedelta(days=30)
    imported = bring(kms, key["KeyId"], "RSAES_OAEP_SHA_256", bytes(32), ValidTo=until)
    assert imported["KeyId"] == key["Arn"]
    described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert described["ExpirationModel"] == "KEY_MATERIAL_EXPIRES" and described["ValidTo"] == until
    assert described["CurrentKeyMaterialId"] == imported["KeyMaterialId"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"secret")["CiphertextBlob"]

    clock.advance(timedelta(days=30))
    with pytest.raises(kms.exceptions.KMSInvalidStateException, match="is pending import"):
        kms.decrypt(CiphertextBlob=blob)
    with pytest.raises(kms.exceptions.IncorrectKeyMaterialException):
        bring(kms, key["KeyId"], "RSAES_OAEP_SHA_1", bytes([1]) * 32, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")
    bring(kms, key["KeyId"], "RSAES_OAEP_SHA_1", bytes(32), ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"


def test_a_rotation_to_imported_material(kms: Any) -> None:
    key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    for_good = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE", "ImportType": "NEW_KEY_MATERIAL"}
    bring(kms, key, "RSAES_OAEP_SHA_256", bytes(32), **for_good)
    blob = kms.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"]
    pending = bring(kms, key, "RSAES_OAEP_SHA_256", bytes([1]) * 32, **for_good)["KeyMaterialId"]
    listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert [entry["KeyMaterialState"] for entry in listed] == ["CURRENT", "PENDING_ROTATION"]
    kms.rotate_key_on_demand(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"] == pending
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"old"


def test_an_rsa_key(kms: Any) -> None:
    private_key = rsa.generate_private_key(65537, 2048)
    key = kms.create_key(Origin="EXTERNAL", KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"]
    pkcs8 = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    bring(kms, key, "RSA_AES_KEY_WRAP_SHA_256", pkcs8, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")
    spki = private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert kms.get_public_key(KeyId=key)["PublicKey"] == spki
