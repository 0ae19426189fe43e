"""Keys on secp256k1 and of Ed25519, exchanged both ways with `cryptography`."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

from pocketkms import Kms

MESSAGE = b"a message of some length"
DER, SPKI = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
PKCS8, PLAIN = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()


def test_ed25519_signatures_verify_elsewhere(kms: Kms) -> None:
    key_id = kms.create_key(key_spec="ECC_NIST_EDWARDS25519", key_usage="SIGN_VERIFY").key_metadata.key_id
    public = serialization.load_der_public_key(kms.get_public_key(key_id=key_id).public_key)
    assert isinstance(public, ed25519.Ed25519PublicKey)
    made = kms.sign(key_id=key_id, message=MESSAGE, signing_algorithm="ED25519_SHA_512").signature
    public.verify(made, MESSAGE)


def test_a_data_key_pair_of_ed25519_works_elsewhere(kms: Kms) -> None:
    key_id = kms.create_key().key_metadata.key_id
    made = kms.generate_data_key_pair(key_id=key_id, key_pair_spec="ECC_NIST_EDWARDS25519")
    private = serialization.load_der_private_key(made.private_key_plaintext, None)
    assert isinstance(private, ed25519.Ed25519PrivateKey)
    assert private.private_bytes(DER, PKCS8, PLAIN) == made.private_key_plaintext
    assert private.public_key().public_bytes(DER, SPKI) == made.public_key


def test_secp256k1_signatures_verify_elsewhere(kms: Kms) -> None:
    key_id = kms.create_key(key_spec="ECC_SECG_P256K1", key_usage="SIGN_VERIFY").key_metadata.key_id
    public = serialization.load_der_public_key(kms.get_public_key(key_id=key_id).public_key)
    assert isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256K1)
    made = kms.sign(key_id=key_id, message=MESSAGE, signing_algorithm="ECDSA_SHA_256").signature
    public.verify(made, MESSAGE, ec.ECDSA(hashes.SHA256()))
    digest = hashlib.sha256(MESSAGE).digest()
    made = kms.sign(key_id=key_id, message=digest, message_type="DIGEST", signing_algorithm="ECDSA_SHA_256").signature
    public.verify(made, digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))


def test_a_data_key_pair_on_secp256k1_works_elsewhere(kms: Kms) -> None:
    key_id = kms.create_key().key_metadata.key_id
    made = kms.generate_data_key_pair(key_id=key_id, key_pair_spec="ECC_SECG_P256K1")
    private = serialization.load_der_private_key(made.private_key_plaintext, None)
    assert isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256K1)
    assert private.private_bytes(DER, PKCS8, PLAIN) == made.private_key_plaintext
    assert private.public_key().public_bytes(DER, SPKI) == made.public_key
