"""The decryptor opens import tokens, and unwraps what was wrapped for them (tests/vectors/README.md)."""

import json
from uuid import UUID

import pytest
from conftest import TESTS
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key
from decryptor import SYMMETRIC, ImportToken, Material, Rejected, Snapshot

FOLDER = TESTS / "vectors/imports"
TOKENS = json.loads((FOLDER / "token.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def vault_key():
    return Snapshot((FOLDER / "token.snapshot").read_bytes(), bytes.fromhex(TOKENS["root"])).vault_key


def opened(vault_key, case, token=None):
    token = token or bytes.fromhex(case["import_token"])
    return ImportToken.open(vault_key, UUID(case["key_id"]).bytes, TOKENS["region"], token)


def public(key):
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).hex()


def test_there_is_one_for_each_wrapping_algorithm(vault_key):
    assert sorted(opened(vault_key, case).number for case in TOKENS["cases"]) == [0, 1, 2, 3]


@pytest.mark.parametrize("case", TOKENS["cases"], ids=lambda case: case["wrapping_algorithm"])
def test_a_token_holds_its_wrapping_key(vault_key, case):
    token = opened(vault_key, case)
    assert token.algorithm == case["wrapping_algorithm"]
    assert token.valid_to == case["valid_to"] == TOKENS["at"] + 24 * 60 * 60 * 1000
    assert public(token.private_key.public_key()) == case["public_key"]
    material = token.unwrap(bytes.fromhex(case["encrypted_key_material"]))
    assert material.hex() == case["material"]
    if "key_material_id" in case:
        assert Material(SYMMETRIC, material).id(UUID(case["key_id"]).bytes) == case["key_material_id"]
    else:
        assert public(load_der_private_key(material, None).public_key()) == case["imported_public_key"]


def test_a_token_is_of_one_key_and_one_region(vault_key):
    case = TOKENS["cases"][0]
    token = bytes.fromhex(case["import_token"])
    other = next(other["key_id"] for other in TOKENS["cases"] if other["key_id"] != case["key_id"])
    for key_id, region in [(other, TOKENS["region"]), (case["key_id"], "us-east-1")]:
        with pytest.raises(Rejected):
            ImportToken.open(vault_key, UUID(key_id).bytes, region, token)
    for at in range(0, len(token), 7):
        altered = bytearray(token)
        altered[at] ^= 1 << at % 8
        with pytest.raises(Rejected):
            opened(vault_key, case, bytes(altered))
