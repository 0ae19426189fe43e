"""Public keys, signatures and shared secrets, exchanged both ways with `cryptography`."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from pocketkms import DataKeyPairSpec, KeySpec, Kms, SigningAlgorithmSpec

MESSAGE = b"a message of some length"
CURVES: list[tuple[KeySpec, SigningAlgorithmSpec, hashes.HashAlgorithm, ec.EllipticCurve]] = [
    ("ECC_NIST_P256", "ECDSA_SHA_256", hashes.SHA256(), ec.SECP256R1()),
    ("ECC_NIST_P384", "ECDSA_SHA_384", hashes.SHA384(), ec.SECP384R1()),
    ("ECC_NIST_P521", "ECDSA_SHA_512", hashes.SHA512(), ec.SECP521R1()),
]

PAIRS: list[tuple[DataKeyPairSpec, ec.EllipticCurve]] = [
    ("ECC_NIST_P256", ec.SECP256R1()),
    ("ECC_NIST_P384", ec.SECP384R1()),
    ("ECC_NIST_P521", ec.SECP521R1()),
]


def public_key(kms: Kms, key_id: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePublicKey:
    loaded = serialization.load_der_public_key(kms.get_public_key(key_id=key_id).public_key)
    assert isinstance(loaded, ec.EllipticCurvePublicKey)
    assert loaded.curve.name == curve.name
    return loaded


@pytest.mark.parametrize(("spec", "algorithm", "hash_", "curve"), CURVES)
def test_signatures_verify_elsewhere(
    kms: Kms, spec: KeySpec, algorithm: SigningAlgorithmSpec, hash_: hashes.HashAlgorithm, curve: ec.EllipticCurve
) -> None:
    key_id = kms.create_key(key_spec=spec, key_usage="SIGN_VERIFY").key_metadata.key_id
    public = public_key(kms, key_id, curve)
    raw = kms.sign(key_id=key_id, message=MESSAGE, signing_algorithm=algorithm).signature
    public.verify(raw, MESSAGE, ec.ECDSA(hash_))
    digest = hashlib.new(hash_.name, MESSAGE).digest()
    of_digest = kms.sign(key_id=key_id, message=digest, message_type="DIGEST", signing_algorithm=algorithm).signature
    public.verify(of_digest, digest, ec.ECDSA(utils.Prehashed(hash_)))


@pytest.mark.parametrize(("spec", "algorithm", "hash_", "curve"), CURVES)
def test_both_sides_come_to_the_same_secret(
    kms: Kms, spec: KeySpec, algorithm: SigningAlgorithmSpec, hash_: hashes.HashAlgorithm, curve: ec.EllipticCurve
) -> None:
    key_id = kms.create_key(key_spec=spec, key_usage="KEY_AGREEMENT").key_metadata.key_id
    other = ec.generate_private_key(curve)
    spki = other.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    derived = kms.derive_shared_secret(key_id=key_id, key_agreement_algorithm="ECDH", public_key=spki)
    assert derived.shared_secret == other.exchange(ec.ECDH(), public_key(kms, key_id, curve))
    assert derived.key_origin == "AWS_KMS"


@pytest.mark.parametrize(("spec", "curve"), PAIRS)
def test_a_data_key_pair_works_elsewhere(kms: Kms, spec: DataKeyPairSpec, curve: ec.EllipticCurve) -> None:
    key_id = kms.create_key().key_metadata.key_id
    made = kms.generate_data_key_pair(key_id=key_id, key_pair_spec=spec, encryption_context={"file": "1"})
    private = serialization.load_der_private_key(made.private_key_plaintext, None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    assert private.curve.name == curve.name
    # The same encoding to the byte, and the same public key.
    assert made.private_key_plaintext == private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert made.public_key == private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    opened = kms.decrypt(ciphertext_blob=made.private_key_ciphertext_blob, encryption_context={"file": "1"})
    assert opened.plaintext == made.private_key_plaintext
