"""The decryptor opens the frozen vectors (tests/vectors/README.md)."""

import base64
import json

import pytest
from conftest import TESTS
from decryptor import Snapshot, due_material, material_id, open_record, rotation_secrets

VECTORS = sorted((TESTS / "vectors").glob("*.json"))


def test_there_are_vectors_of_both_kinds():
    assert {path.stem for path in VECTORS} >= {"raw", "passphrase"}


@pytest.fixture(params=VECTORS, ids=lambda path: path.stem)
def vector(request):
    content = json.loads(request.param.read_text(encoding="utf-8"))
    root = content["root"]
    content["root_key"] = bytes.fromhex(root["raw"]) if "raw" in root else root["passphrase"]
    content["file"] = request.param.with_suffix(".snapshot").read_bytes()
    return content


def test_the_snapshot_holds_the_records(vector):
    snapshot = Snapshot(vector["file"], vector["root_key"])
    assert snapshot.vault_key.hex() == vector["vault_key"]
    assert list(snapshot.sealed) and set(snapshot.sealed) == {record["name"] for record in vector["records"]}
    for record in vector["records"]:
        name = record["name"]
        assert snapshot.sealed[name].hex() == record["sealed"]
        assert snapshot.revisions[name] == record["revision"]
        if name != "vault":
            assert snapshot.records[name] == plaintext(record)


def test_a_record_opens_alone(vector):
    vault_key = bytes.fromhex(vector["vault_key"])
    sealed = [record for record in vector["records"] if record["name"] != "vault"]
    assert len(sealed) >= 4
    for record in sealed:
        opened = open_record(vault_key, record["name"].encode(), record["revision"], bytes.fromhex(record["sealed"]))
        assert opened == plaintext(record)


def test_the_ciphertexts_decrypt(vector):
    snapshot = Snapshot(vector["file"], vector["root_key"])
    materials = set()
    for step in vector["steps"]:
        request, response = step["request"], step.get("response", {})
        if "CiphertextBlob" not in response:
            continue
        blob = base64.b64decode(response["CiphertextBlob"])
        decrypted, material = snapshot.decrypt(vector["region"], blob, request.get("EncryptionContext"))
        assert decrypted == base64.b64decode(request.get("Plaintext") or response["Plaintext"])
        assert material == response.get("KeyMaterialId", material)
        materials.add(material)
    assert len(materials) >= 2, "ciphertexts under several materials"


def test_a_material_that_fell_due_follows_from_the_rotation_secret(vector):
    snapshot = Snapshot(vector["file"], vector["root_key"])
    rotations = [(name, record) for name, record in snapshot.json("rotation/").items() if record["origin"] == "AUTOMATIC"]
    assert len(rotations) == sum(name.startswith("rotation-secret/") for name in snapshot.records)
    for name, rotation in rotations:
        place = name.removeprefix("rotation/").rpartition("/")[0]
        key_id = bytes.fromhex(place.rpartition("/")[2])
        secrets = rotation_secrets(snapshot.records[f"rotation-secret/{place}"])
        material = due_material(secrets[0][0], key_id, rotation["date"])
        assert material_id(material, key_id) == rotation["material"]
        assert snapshot.records[f"material/{place}/{rotation['material'][:32]}"] == material


def test_the_generation_counts_the_commits(vector):
    snapshot = Snapshot(vector["file"], vector["root_key"])
    (generation,) = snapshot.json("generation").values()
    assert len(set(generation["commits"])) == min(32, snapshot.revisions["generation"])
    assert generation["time"] <= vector["snapshot"]["at"]
    (caller,) = snapshot.json("caller").values()
    assert (caller["account"], caller["region"]) == (vector["account"], vector["region"])


def plaintext(record):
    binary = record.get("material") or record.get("secrets")
    return bytes.fromhex(binary) if binary else record["plaintext"].encode()
