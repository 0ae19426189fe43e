"""PocketKMS, from the wheel that its users get."""

from __future__ import annotations

from typing import BinaryIO

from pocketkms import EncryptionClient, RawAesKeyring

from runner import Contender, Parts, Sink

KEY = bytes(range(32))


class PocketKms(Contender):
    packages = ("pocketkms",)
    streams = True

    def __init__(self) -> None:
        self.client = EncryptionClient()
        self.keyring = RawAesKeyring(namespace="peers", name="key", wrapping_key=KEY)

    def encrypt(self, plaintext: bytes) -> Parts:
        return (self.client.encrypt(self.keyring, plaintext).message,)

    def decrypt(self, message: bytes) -> bytes:
        return self.client.decrypt(self.keyring, message).plaintext

    def encrypt_stream(self, source: BinaryIO, sink: Sink) -> None:
        for chunk in self.client.encrypt_stream(self.keyring, source):
            sink.write(chunk)

    def decrypt_stream(self, source: BinaryIO, sink: Sink) -> None:
        for chunk in self.client.decrypt_stream(self.keyring, source):
            sink.write(chunk)


contender = PocketKms
