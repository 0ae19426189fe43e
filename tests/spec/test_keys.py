"""The decryptor reads keys of every kind, and comes to what they answered (tests/vectors/README.md, `keys/keys`)."""

import base64
import json
from uuid import UUID

import pytest
from conftest import TESTS
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key
from decryptor import CURVE, EDWARDS, HMAC, RSA, Material, Snapshot

FOLDER = TESTS / "vectors/keys"
FROZEN = json.loads((FOLDER / "keys.json").read_text(encoding="utf-8"))
CURVES = {"ECC_NIST_P256": ec.SECP256R1, "ECC_NIST_P384": ec.SECP384R1, "ECC_NIST_P521": ec.SECP521R1, "ECC_SECG_P256K1": ec.SECP256K1}
EXTERNAL_KEYS = dict.fromkeys(FROZEN["external_keys"], bytes([7] * 32))


@pytest.fixture(scope="module")
def snapshot():
    return Snapshot((FOLDER / "keys.snapshot").read_bytes(), bytes.fromhex(FROZEN["root"]))


def calls(operation):
    found = [(call.get("region", FROZEN["region"]), call["request"], call["answer"]) for call in FROZEN["calls"] if call["operation"] == operation]
    assert found
    return found


def only_material(snapshot, region, key_id):
    """That of a key that can have one alone."""
    place = snapshot.place(region, UUID(key_id.removeprefix("mrk-")).bytes)
    prefix = f"material/{place}/{UUID(key_id).hex}/"
    (record,) = [value for name, value in snapshot.records.items() if name.startswith(prefix)]
    return Material.read(record)


def test_there_is_a_material_of_every_kind(snapshot):
    kinds = {Material.read(value).kind for name, value in snapshot.records.items() if name.startswith("material/")}
    assert kinds == set(range(1, 9))


def test_a_pair_has_its_public_key(snapshot):
    seen = set()
    for region, request, answer in calls("GetPublicKey"):
        material = only_material(snapshot, region, request["KeyId"])
        if material.kind == RSA:
            private = load_der_private_key(material.secret, None)
        elif material.kind == CURVE:
            private = ec.derive_private_key(int.from_bytes(material.secret, "big"), CURVES[answer["KeySpec"]]())
        elif material.kind == EDWARDS:
            private = Ed25519PrivateKey.from_private_bytes(material.secret)
        else:
            continue
        public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert base64.b64encode(public).decode() == answer["PublicKey"]
        seen.add(answer["KeySpec"])
    assert seen >= {*CURVES, "RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_EDWARDS25519"}


def test_a_mac_is_the_same(snapshot):
    for region, request, answer in calls("GenerateMac"):
        material = only_material(snapshot, region, request["KeyId"])
        assert material.kind == HMAC
        assert base64.b64encode(material.mac(base64.b64decode(request["Message"]))).decode() == answer["Mac"]


def test_ciphertexts_decrypt(snapshot):
    decrypted = 0
    for region, request, answer in calls("Decrypt"):
        blob = base64.b64decode(request["CiphertextBlob"])
        # In the cluster, and asymmetric ones.
        if answer["EncryptionAlgorithm"] != "SYMMETRIC_DEFAULT" or blob[1] == 2:
            continue
        plaintext, material = snapshot.decrypt(region, blob, request.get("EncryptionContext"), EXTERNAL_KEYS)
        assert base64.b64encode(plaintext).decode() == answer["Plaintext"]
        assert material == answer["KeyMaterialId"]
        decrypted += 1
    assert decrypted == 4
