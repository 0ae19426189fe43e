"""Keys of ML-DSA and ML-KEM, exchanged both ways with `cryptography`."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import mldsa, mlkem

from pocketkms import DataKeyPairSpec, KeySpec, Kms

MESSAGE = b"a message of some length"
DER, SPKI = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
Verifier = mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey
SIGNERS: list[tuple[KeySpec, type[Verifier], int]] = [
    ("ML_DSA_44", mldsa.MLDSA44PublicKey, 2420),
    ("ML_DSA_65", mldsa.MLDSA65PublicKey, 3309),
    ("ML_DSA_87", mldsa.MLDSA87PublicKey, 4627),
]
PAIRS: list[tuple[DataKeyPairSpec, KeySpec]] = [("ML_KEM_768", "ML_KEM_768"), ("ML_KEM_1024", "ML_KEM_1024")]


def mu(public_key: bytes, message: bytes) -> bytes:
    """FIPS 204, algorithm 7, lines 6 and 7, of a message with an empty context (algorithm 2)."""
    tr = hashlib.shake_256(public_key).digest(64)
    return hashlib.shake_256(tr + bytes(2) + message).digest(64)


@pytest.mark.parametrize(("spec", "kind", "length"), SIGNERS)
def test_signatures_verify_elsewhere(kms: Kms, spec: KeySpec, kind: type[Verifier], length: int) -> None:
    key_id = kms.create_key(key_spec=spec, key_usage="SIGN_VERIFY").key_metadata.key_id
    public = serialization.load_der_public_key(kms.get_public_key(key_id=key_id).public_key)
    assert isinstance(public, kind)
    raw = kms.sign(key_id=key_id, message=MESSAGE, signing_algorithm="ML_DSA_SHAKE_256").signature
    assert len(raw) == length
    public.verify(raw, MESSAGE)
    representative = mu(public.public_bytes_raw(), MESSAGE)
    external = kms.sign(
        key_id=key_id, message=representative, message_type="EXTERNAL_MU", signing_algorithm="ML_DSA_SHAKE_256"
    )
    public.verify(external.signature, MESSAGE)


@pytest.mark.parametrize(("pair", "spec"), PAIRS)
def test_secrets_are_encapsulated_both_ways(kms: Kms, pair: DataKeyPairSpec, spec: KeySpec) -> None:
    key_id = kms.create_key(key_spec=spec, key_usage="ENCAPSULATE_DECAPSULATE").key_metadata.key_id
    public = serialization.load_der_public_key(kms.get_public_key(key_id=key_id).public_key)
    assert isinstance(public, mlkem.MLKEM768PublicKey | mlkem.MLKEM1024PublicKey)
    secret, blob = public.encapsulate()
    opened = kms.decapsulate(key_id=key_id, encapsulation_algorithm="ML_KEM", shared_secret_ciphertext_blob=blob)
    assert opened.shared_secret == secret
    # The other way, by the private key of a data key pair, in seed format.
    symmetric = kms.create_key().key_metadata.key_id
    made = kms.generate_data_key_pair(key_id=symmetric, key_pair_spec=pair)
    private = serialization.load_der_private_key(made.private_key_plaintext, None)
    assert isinstance(private, mlkem.MLKEM768PrivateKey | mlkem.MLKEM1024PrivateKey)
    assert private.public_key().public_bytes(DER, SPKI) == made.public_key
    secret, blob = private.public_key().encapsulate()
    assert private.decapsulate(blob) == secret
    assert len(made.private_key_plaintext) == 86
