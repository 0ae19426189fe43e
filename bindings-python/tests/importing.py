"""Wrapping key material for its import, as any app does it."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import load_der_public_key


def wrap(public_key: bytes, algorithm: str, material: bytes) -> bytes:
    """The material, encrypted for `ImportKeyMaterial`."""
    wrapping_key = load_der_public_key(public_key)
    assert isinstance(wrapping_key, RSAPublicKey)
    hash_: HashAlgorithm = SHA256() if algorithm.endswith("SHA_256") else SHA1()
    padding = OAEP(MGF1(hash_), hash_, None)
    if algorithm.startswith("RSAES_OAEP"):
        return wrapping_key.encrypt(material, padding)
    aes_key = bytes(range(32))
    return wrapping_key.encrypt(aes_key, padding) + aes_key_wrap_with_padding(aes_key, material)
