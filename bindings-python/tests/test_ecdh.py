"""The raw ECDH keyring: who can read what was written for whom."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from vectors import own_keys

from pocketkms import (
    EcdhCurveSpec,
    EncryptionClient,
    RawEcdhKeyring,
    UnableToDecryptDataKeyException,
    ValidationException,
)

KEYS = {name: key for name, key in own_keys().items() if key["type"] == "ecc"}
P256: EcdhCurveSpec = "ECC_NIST_P256"
static = RawEcdhKeyring.raw_private_key_to_static_public_key
ephemeral = RawEcdhKeyring.ephemeral_private_key_to_static_public_key
discovery = RawEcdhKeyring.public_key_discovery


def test_what_is_no_ecdh_keyring() -> None:
    sender, recipient = KEYS["gen-ecc-p256-sender"], KEYS["gen-ecc-p256-recipient"]
    untyped: Any = RawEcdhKeyring
    with pytest.raises(TypeError):
        untyped()
    for wrong in ("", "text", b"", recipient["private_pem"], KEYS["gen-ecc-p384-recipient"]["public_pem"]):
        with pytest.raises(ValidationException):
            ephemeral(recipient_public_key=wrong, curve_spec=P256)
    for wrong in ("", b"text", sender["public_pem"], KEYS["gen-ecc-p384-sender"]["private_pem"]):
        with pytest.raises(ValidationException):
            discovery(recipient_private_key=wrong, curve_spec=P256)
        with pytest.raises(ValidationException):
            static(sender_private_key=wrong, recipient_public_key=recipient["public_pem"], curve_spec=P256)
    with pytest.raises(ValidationException, match="Value 'P256' at 'curveSpec' failed"):
        untyped.public_key_discovery(recipient_private_key=sender["private_pem"], curve_spec="P256")
    with pytest.raises(TypeError, match="^'curve_spec' must be str, not int$"):
        untyped.public_key_discovery(recipient_private_key=sender["private_pem"], curve_spec=256)
    with pytest.raises(TypeError, match="^'recipient_public_key' must be str, bytes, bytearray or memoryview, not int$"):
        untyped.ephemeral_private_key_to_static_public_key(recipient_public_key=7, curve_spec=P256)


@pytest.mark.parametrize("curve", get_args(EcdhCurveSpec))
def test_who_can_read(client: EncryptionClient, curve: EcdhCurveSpec) -> None:
    name = curve.removeprefix("ECC_NIST_").lower()
    sender, recipient = KEYS[f"gen-ecc-{name}-sender"], KEYS[f"gen-ecc-{name}-recipient"]
    to_recipient = ephemeral(recipient_public_key=recipient["public_pem"], curve_spec=curve)
    reader = discovery(recipient_private_key=recipient["private_pem"].encode(), curve_spec=curve)
    stranger = discovery(recipient_private_key=sender["private_pem"], curve_spec=curve)
    between = static(
        sender_private_key=sender["private_pem"], recipient_public_key=recipient["public_pem"], curve_spec=curve
    )
    back = static(
        sender_private_key=recipient["private_pem"], recipient_public_key=sender["public_pem"], curve_spec=curve
    )
    with pytest.raises(ValidationException, match="only decrypts"):
        client.encrypt(reader, b"x")
    sealed = client.encrypt(to_recipient, b"x").message
    for other in (to_recipient, stranger, between):
        with pytest.raises(UnableToDecryptDataKeyException):
            client.decrypt(other, sealed)
    assert client.decrypt(reader, sealed).plaintext == b"x"
    for writer, readers in ((between, (between, back, reader)), (back, (between, back, stranger))):
        message = client.encrypt(writer, b"y").message
        for one in readers:
            assert client.decrypt(one, message).plaintext == b"y"
    with pytest.raises(UnableToDecryptDataKeyException):
        client.decrypt(stranger, client.encrypt(between, b"y").message)
