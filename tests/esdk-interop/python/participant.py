"""PyPI `aws-encryption-sdk` as a participant: answers requests, a JSON object a line. See ../README.md."""

from __future__ import annotations

import base64
import json
import logging
import sys
from functools import cache
from typing import Any

import aws_encryption_sdk
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import (
    AesWrappingAlg,
    CreateDefaultCryptographicMaterialsManagerInput,
    CreateMultiKeyringInput,
    CreateRawAesKeyringInput,
    CreateRawEcdhKeyringInput,
    CreateRawRsaKeyringInput,
    CreateRequiredEncryptionContextCMMInput,
    EphemeralPrivateKeyToStaticPublicKeyInput,
    PaddingScheme,
    PublicKeyDiscoveryInput,
    RawEcdhStaticConfigurationsEphemeralPrivateKeyToStaticPublicKey,
    RawEcdhStaticConfigurationsPublicKeyDiscovery,
    RawEcdhStaticConfigurationsRawPrivateKeyToStaticPublicKey,
    RawPrivateKeyToStaticPublicKeyInput,
)
from aws_encryption_sdk.identifiers import Algorithm, CommitmentPolicy
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

PROVIDERS = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())
WRAPPING = {
    16: AesWrappingAlg.ALG_AES128_GCM_IV12_TAG16,
    24: AesWrappingAlg.ALG_AES192_GCM_IV12_TAG16,
    32: AesWrappingAlg.ALG_AES256_GCM_IV12_TAG16,
}


def single_keyring(key: dict[str, Any]) -> Any:
    if key["type"] == "aes":
        wrapping_key = base64.b64decode(key["key"])
        return PROVIDERS.create_raw_aes_keyring(
            CreateRawAesKeyringInput(
                key_namespace=key["namespace"],
                key_name=key["name"],
                wrapping_key=wrapping_key,
                wrapping_alg=WRAPPING[len(wrapping_key)],
            )
        )
    if key["type"] == "ecdh":
        scheme = agreement(key["schema"], key["private"].encode(), key["public"].encode())
        return PROVIDERS.create_raw_ecdh_keyring(
            CreateRawEcdhKeyringInput(key_agreement_scheme=scheme, curve_spec=key["curve"])
        )
    return PROVIDERS.create_raw_rsa_keyring(
        CreateRawRsaKeyringInput(
            key_namespace=key["namespace"],
            key_name=key["name"],
            padding_scheme=getattr(PaddingScheme, key["padding"]),
            public_key=key["public"].encode(),
            private_key=key["private"].encode(),
        )
    )


def agreement(schema: str, private: bytes, public: bytes) -> Any:
    """It takes private keys as PEM, and public keys as DER."""
    if public:
        public = load_pem_public_key(public).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    match schema:
        case "static":
            return RawEcdhStaticConfigurationsRawPrivateKeyToStaticPublicKey(
                RawPrivateKeyToStaticPublicKeyInput(sender_static_private_key=private, recipient_public_key=public)
            )
        case "ephemeral":
            return RawEcdhStaticConfigurationsEphemeralPrivateKeyToStaticPublicKey(
                EphemeralPrivateKeyToStaticPublicKeyInput(recipient_public_key=public)
            )
        case _:
            return RawEcdhStaticConfigurationsPublicKeyDiscovery(
                PublicKeyDiscoveryInput(recipient_static_private_key=private)
            )


@cache
def keyring(keys: str) -> Any:
    """Kept: the same few keyrings come thousands of times."""
    generator, *children = map(single_keyring, json.loads(keys))
    if not children:
        return generator
    return PROVIDERS.create_multi_keyring(CreateMultiKeyringInput(generator=generator, child_keyrings=children))


def materials(request: dict[str, Any]) -> dict[str, Any]:
    found = keyring(json.dumps(request["keys"]))
    required = request["required_context_keys"]
    if not required:
        return {"keyring": found}
    manager = PROVIDERS.create_default_cryptographic_materials_manager(
        CreateDefaultCryptographicMaterialsManagerInput(keyring=found)
    )
    manager = PROVIDERS.create_required_encryption_context_cmm(
        CreateRequiredEncryptionContextCMMInput(required_encryption_context_keys=required, underlying_cmm=manager)
    )
    return {"materials_manager": manager}


@cache
def client(policy: str, max_encrypted_data_keys: int | None) -> aws_encryption_sdk.EncryptionSDKClient:
    return aws_encryption_sdk.EncryptionSDKClient(
        commitment_policy=getattr(CommitmentPolicy, policy), max_encrypted_data_keys=max_encrypted_data_keys
    )


def answer(request: dict[str, Any]) -> dict[str, Any]:
    sdk = client(request["policy"], request["max_encrypted_data_keys"])
    if request["op"] == "encrypt":
        message, _ = sdk.encrypt(
            source=base64.b64decode(request["plaintext"]),
            algorithm=Algorithm.get_by_id(request["suite"]),
            encryption_context=request["context"],
            frame_length=request["frame_length"],
            **materials(request),
        )
        return {"message": base64.b64encode(message).decode()}
    given = {"encryption_context": request["context"]} if request["context"] else {}
    plaintext, header = sdk.decrypt(source=base64.b64decode(request["message"]), **given, **materials(request))
    # The header has the stored pairs; those given again were authenticated with them.
    context = dict(header.encryption_context) | request["context"]
    return {"plaintext": base64.b64encode(plaintext).decode(), "context": context}


def main() -> None:
    logging.disable()  # it writes a trace of each refusal, and there are thousands
    for line in sys.stdin:
        try:
            result = answer(json.loads(line))
        except Exception as error:  # whether it should have failed is for the judge to say
            result = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
