"""PyPI `cryptography`: the bare AES-GCM, and Fernet."""

from __future__ import annotations

import base64
import os

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from runner import Contender, Parts

KEY = bytes(range(32))


class AesGcm(Contender):
    packages = ("cryptography",)

    def __init__(self) -> None:
        self.cipher = AESGCM(KEY)

    def encrypt(self, plaintext: bytes) -> Parts:
        nonce = os.urandom(12)
        return nonce, self.cipher.encrypt(nonce, plaintext, None)

    def decrypt(self, message: bytes) -> bytes:
        return self.cipher.decrypt(message[:12], memoryview(message)[12:], None)


class FernetTokens(Contender):
    packages = ("cryptography",)

    def __init__(self) -> None:
        self.fernet = Fernet(base64.urlsafe_b64encode(KEY))

    def encrypt(self, plaintext: bytes) -> Parts:
        return (self.fernet.encrypt(plaintext),)

    def decrypt(self, message: bytes) -> bytes:
        return self.fernet.decrypt(message)


def contender(construction: str) -> Contender:
    return {"aesgcm": AesGcm, "fernet": FernetTokens}[construction]()
