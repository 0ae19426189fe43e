"""PyPI `PyNaCl`: libsodium's SecretBox (XSalsa20-Poly1305), and its AEAD (XChaCha20-Poly1305)."""

from __future__ import annotations

from nacl.secret import Aead, SecretBox

from runner import Contender, Parts

KEY = bytes(range(32))


class Box(Contender):
    packages = ("PyNaCl",)

    def __init__(self, box: SecretBox | Aead) -> None:
        self.box = box

    def encrypt(self, plaintext: bytes) -> Parts:
        return (self.box.encrypt(plaintext),)

    def decrypt(self, message: bytes) -> bytes:
        return self.box.decrypt(message)


def contender(construction: str) -> Contender:
    return Box({"secretbox": SecretBox, "xchacha20poly1305": Aead}[construction](KEY))
