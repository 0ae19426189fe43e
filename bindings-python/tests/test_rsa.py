"""RSA keys, ciphertexts and signatures, exchanged both ways with `cryptography`."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

from pocketkms import DataKeyPairSpec, EncryptionAlgorithmSpec, KeySpec, Kms, SigningAlgorithmSpec

MESSAGE = b"a message of some length"
SPECS: list[tuple[KeySpec, int]] = [("RSA_2048", 2048), ("RSA_3072", 3072), ("RSA_4096", 4096)]
PAIRS: list[tuple[DataKeyPairSpec, int]] = [("RSA_2048", 2048), ("RSA_3072", 3072), ("RSA_4096", 4096)]
OAEP: list[tuple[EncryptionAlgorithmSpec, hashes.HashAlgorithm]] = [
    ("RSAES_OAEP_SHA_1", hashes.SHA1()),
    ("RSAES_OAEP_SHA_256", hashes.SHA256()),
]
SIGNATURES: list[tuple[SigningAlgorithmSpec, hashes.HashAlgorithm, bool]] = [
    ("RSASSA_PSS_SHA_256", hashes.SHA256(), True),
    ("RSASSA_PSS_SHA_384", hashes.SHA384(), True),
    ("RSASSA_PSS_SHA_512", hashes.SHA512(), True),
    ("RSASSA_PKCS1_V1_5_SHA_256", hashes.SHA256(), False),
    ("RSASSA_PKCS1_V1_5_SHA_384", hashes.SHA384(), False),
    ("RSASSA_PKCS1_V1_5_SHA_512", hashes.SHA512(), False),
]


def public_key(kms: Kms, key_id: str, bits: int) -> rsa.RSAPublicKey:
    loaded = serialization.load_der_public_key(kms.get_public_key(key_id=key_id).public_key)
    assert isinstance(loaded, rsa.RSAPublicKey)
    assert loaded.key_size == bits
    assert loaded.public_numbers().e == 65537
    return loaded


def oaep(hash_: hashes.HashAlgorithm) -> padding.OAEP:
    return padding.OAEP(padding.MGF1(hash_), hash_, None)


@pytest.mark.parametrize(("spec", "bits"), SPECS)
def test_what_others_encrypt_decrypts(kms: Kms, spec: KeySpec, bits: int) -> None:
    key_id = kms.create_key(key_spec=spec, key_usage="ENCRYPT_DECRYPT").key_metadata.key_id
    public = public_key(kms, key_id, bits)
    for algorithm, hash_ in OAEP:
        blob = public.encrypt(MESSAGE, oaep(hash_))
        decrypted = kms.decrypt(key_id=key_id, ciphertext_blob=blob, encryption_algorithm=algorithm)
        assert decrypted.plaintext == MESSAGE


@pytest.mark.parametrize(("spec", "bits"), SPECS)
def test_signatures_verify_elsewhere(kms: Kms, spec: KeySpec, bits: int) -> None:
    key_id = kms.create_key(key_spec=spec, key_usage="SIGN_VERIFY").key_metadata.key_id
    public = public_key(kms, key_id, bits)
    for algorithm, hash_, is_pss in SIGNATURES:
        # "salt as long as the hash"
        scheme = padding.PSS(padding.MGF1(hash_), hash_.digest_size) if is_pss else padding.PKCS1v15()
        raw = kms.sign(key_id=key_id, message=MESSAGE, signing_algorithm=algorithm).signature
        public.verify(raw, MESSAGE, scheme, hash_)
        digest = hashlib.new(hash_.name, MESSAGE).digest()
        prehashed = kms.sign(key_id=key_id, message=digest, message_type="DIGEST", signing_algorithm=algorithm)
        public.verify(prehashed.signature, digest, scheme, utils.Prehashed(hash_))


@pytest.mark.parametrize(("spec", "bits"), PAIRS)
def test_a_data_key_pair_works_elsewhere(kms: Kms, spec: DataKeyPairSpec, bits: int) -> None:
    key_id = kms.create_key().key_metadata.key_id
    made = kms.generate_data_key_pair(key_id=key_id, key_pair_spec=spec)
    private = serialization.load_der_private_key(made.private_key_plaintext, None)
    assert isinstance(private, rsa.RSAPrivateKey)
    assert private.key_size == bits
    spki = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert spki == made.public_key
    for algorithm, hash_ in OAEP:
        assert private.decrypt(private.public_key().encrypt(MESSAGE, oaep(hash_)), oaep(hash_)) == MESSAGE, algorithm
    sealed = kms.generate_data_key_pair_without_plaintext(key_id=key_id, key_pair_spec=spec)
    opened = kms.decrypt(ciphertext_blob=sealed.private_key_ciphertext_blob).plaintext
    other = serialization.load_der_private_key(opened, None)
    assert isinstance(other, rsa.RSAPrivateKey)
    assert other.public_key().public_numbers() != private.public_key().public_numbers()
