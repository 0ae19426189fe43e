"""Imported key material of each kind of key, wrapped by the package cryptography."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)
from importing import wrap

import pocketkms
from pocketkms import Kms, ManualClock, RootKey, Vault

OAEP_1, OAEP_256 = "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"
AES_1, AES_256 = "RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"


def bring(kms: Kms, key: str, algorithm: Any, material: bytes, **more: Any) -> str | None:
    given = kms.get_parameters_for_import(key_id=key, wrapping_algorithm=algorithm, wrapping_key_spec="RSA_2048")
    if not more:
        more = {"expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    imported = kms.import_key_material(
        key_id=key,
        import_token=given.import_token,
        encrypted_key_material=wrap(given.public_key, algorithm, material),
        **more,
    )
    return imported.key_material_id


def waiting(kms: Kms, spec: Any = "SYMMETRIC_DEFAULT", usage: Any = "ENCRYPT_DECRYPT") -> str:
    made = kms.create_key(key_spec=spec, key_usage=usage, origin="EXTERNAL").key_metadata
    assert made.key_state == "PendingImport"
    return made.key_id


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 1, tzinfo=timezone.utc))


@pytest.fixture
def kms(clock: ManualClock) -> Any:
    with Vault.in_memory(RootKey.from_bytes(bytes(32)), clock=clock) as vault:
        yield vault.client()


@pytest.mark.parametrize("algorithm", [OAEP_1, OAEP_256])
def test_a_symmetric_key_expires_and_comes_back(kms: Kms, clock: ManualClock, algorithm: str) -> None:
    key = waiting(kms)
    until = datetime(2026, 1, 31, tzinfo=timezone.utc)
    material = bring(kms, key, algorithm, bytes(32), valid_to=until)
    described = kms.describe_key(key_id=key).key_metadata
    assert (described.current_key_material_id, described.valid_to) == (material, until)
    blob = kms.encrypt(key_id=key, plaintext=b"secret").ciphertext_blob
    clock.advance(timedelta(days=30))
    with pytest.raises(pocketkms.KMSInvalidStateException, match="is pending import"):
        kms.decrypt(ciphertext_blob=blob)
    with pytest.raises(pocketkms.IncorrectKeyMaterialException):
        bring(kms, key, algorithm, bytes([1]) * 32)
    assert bring(kms, key, algorithm, bytes(32)) == material
    assert kms.decrypt(ciphertext_blob=blob).plaintext == b"secret"


@pytest.mark.parametrize(("spec", "length"), [("HMAC_224", 28), ("HMAC_256", 32), ("HMAC_384", 48), ("HMAC_512", 64)])
def test_hmac(kms: Kms, spec: str, length: int) -> None:
    import hashlib
    import hmac

    key = waiting(kms, spec, "GENERATE_VERIFY_MAC")
    material = bytes(range(length))
    assert bring(kms, key, OAEP_256, material) is None
    algorithm: Any = spec.replace("HMAC_", "HMAC_SHA_")
    expected = hmac.new(material, b"message", getattr(hashlib, spec.replace("HMAC_", "sha"))).digest()
    assert kms.generate_mac(key_id=key, message=b"message", mac_algorithm=algorithm).mac == expected


PAIRS: dict[str, tuple[Any, list[str]]] = {
    "ECC_NIST_P256": (lambda: ec.generate_private_key(ec.SECP256R1()), [OAEP_1, OAEP_256, AES_1, AES_256]),
    "ECC_NIST_P384": (lambda: ec.generate_private_key(ec.SECP384R1()), [OAEP_256]),
    "ECC_NIST_P521": (lambda: ec.generate_private_key(ec.SECP521R1()), [AES_1, AES_256]),
    "ECC_SECG_P256K1": (lambda: ec.generate_private_key(ec.SECP256K1()), [OAEP_256]),
    "ECC_NIST_EDWARDS25519": (ed25519.Ed25519PrivateKey.generate, [OAEP_256, AES_256]),
    "RSA_2048": (lambda: rsa.generate_private_key(65537, 2048), [AES_1, AES_256]),
    "RSA_3072": (lambda: rsa.generate_private_key(65537, 3072), [AES_256]),
}


@pytest.mark.parametrize(("spec", "algorithm"), [(spec, algorithm) for spec, (_, found) in PAIRS.items() for algorithm in found])
def test_key_pairs(kms: Kms, spec: str, algorithm: str) -> None:
    private_key = PAIRS[spec][0]()
    key = waiting(kms, spec, "SIGN_VERIFY")
    bring(kms, key, algorithm, private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    spki = private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert kms.get_public_key(key_id=key).public_key == spki


def test_the_parameters(kms: Kms, clock: ManualClock) -> None:
    key = waiting(kms)
    given = kms.get_parameters_for_import(key_id=key, wrapping_algorithm="RSAES_OAEP_SHA_256", wrapping_key_spec="RSA_4096")
    assert given.parameters_valid_to == datetime(2026, 1, 2, tzinfo=timezone.utc)
    wrapping_key = load_der_public_key(given.public_key)
    assert isinstance(wrapping_key, rsa.RSAPublicKey) and wrapping_key.key_size == 4096
    clock.advance(timedelta(days=1))
    with pytest.raises(pocketkms.ExpiredImportTokenException):
        kms.import_key_material(
            key_id=key,
            import_token=given.import_token,
            encrypted_key_material=wrap(given.public_key, OAEP_256, bytes(32)),
            expiration_model="KEY_MATERIAL_DOES_NOT_EXPIRE",
        )
    with pytest.raises(pocketkms.InvalidImportTokenException):
        kms.import_key_material(
            key_id=waiting(kms),
            import_token=given.import_token,
            encrypted_key_material=wrap(given.public_key, OAEP_256, bytes(32)),
            expiration_model="KEY_MATERIAL_DOES_NOT_EXPIRE",
        )
    with pytest.raises(pocketkms.UnsupportedOperationException):
        kms.get_parameters_for_import(key_id=key, wrapping_algorithm="RSAES_PKCS1_V1_5", wrapping_key_spec="RSA_2048")
