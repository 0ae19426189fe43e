"""PyPI `aws-encryption-sdk`, with the suite that PocketKMS writes by default (0x0478: committing, unsigned)."""

from __future__ import annotations

from typing import Any, BinaryIO

import aws_encryption_sdk
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import AesWrappingAlg, CreateRawAesKeyringInput
from aws_encryption_sdk.identifiers import Algorithm, CommitmentPolicy, EncryptionKeyType, WrappingAlgorithm
from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
from aws_encryption_sdk.key_providers.raw import RawMasterKeyProvider

from runner import Contender, Parts, Sink

KEY = bytes(range(32))
# Of the sizes tried, the one at which its streams are fastest.
CHUNK = 64 * 1024


class RawMasterKeys(RawMasterKeyProvider):
    """The interface for raw keys from before there were keyrings; AWS has deprecated it, applications still use it."""

    provider_id = "peers"

    def _get_raw_key(self, key_id: str) -> WrappingKey:
        return WrappingKey(WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING, KEY, EncryptionKeyType.SYMMETRIC)


def keyring() -> dict[str, Any]:
    providers = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())
    wrapping = AesWrappingAlg.ALG_AES256_GCM_IV12_TAG16
    request = CreateRawAesKeyringInput(
        key_namespace="peers", key_name="key", wrapping_key=KEY, wrapping_alg=wrapping
    )
    return {"keyring": providers.create_raw_aes_keyring(request)}


def master_key() -> dict[str, Any]:
    provider = RawMasterKeys()
    provider.add_master_key("key")
    return {"key_provider": provider}


class AwsEncryptionSdk(Contender):
    packages = ("aws-encryption-sdk", "aws-cryptographic-material-providers", "cryptography")
    streams = True

    def __init__(self, keys: str, frame_length: int) -> None:
        policy = CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
        self.client = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=policy)
        self.keys = keyring() if keys == "keyring" else master_key()
        suite = Algorithm.AES_256_GCM_HKDF_SHA512_COMMIT_KEY
        self.writing = self.keys | {"algorithm": suite, "frame_length": frame_length}

    def encrypt(self, plaintext: bytes) -> Parts:
        message, _ = self.client.encrypt(source=plaintext, **self.writing)
        return (message,)

    def decrypt(self, message: bytes) -> bytes:
        plaintext, _ = self.client.decrypt(source=message, **self.keys)
        return plaintext

    def encrypt_stream(self, source: BinaryIO, sink: Sink) -> None:
        with self.client.stream(mode="e", source=source, **self.writing) as stream:
            while chunk := stream.read(CHUNK):
                sink.write(chunk)

    def decrypt_stream(self, source: BinaryIO, sink: Sink) -> None:
        with self.client.stream(mode="d", source=source, **self.keys) as stream:
            while chunk := stream.read(CHUNK):
                sink.write(chunk)


contender = AwsEncryptionSdk
