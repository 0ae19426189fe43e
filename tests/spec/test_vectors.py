"""The decryptor opens the frozen vectors (tests/vectors/README.md)."""

import base64
import json
from uuid import UUID

import pytest
from conftest import TESTS
from decryptor import SYMMETRIC, Blob, Material, Rejected, Snapshot, due_material, open_record, rotation_secrets
from trail import verify

VECTORS = sorted((TESTS / "vectors").glob("*.json"))


def test_there_are_vectors_of_both_kinds():
    assert {path.stem for path in VECTORS} >= {"raw", "passphrase", "multi-region", "external", "audited"}


@pytest.fixture(params=VECTORS, ids=lambda path: path.stem)
def vector(request):
    content = json.loads(request.param.read_text(encoding="utf-8"))
    root = content["root"]
    content["name"] = request.param.stem
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


def test_the_trail_is_whole(vector):
    (generation,) = Snapshot(vector["file"], vector["root_key"]).json("generation").values()
    assert ("audit" in generation) == vector.get("audit", False)
    if not vector.get("audit"):
        return
    snapshot = Snapshot(vector["file"], vector["root_key"])
    trail = verify(snapshot)
    assert trail.problems == []
    # In another order than they were asked for: what changes something is stored before what waits.
    assert [event["name"] for event in trail.events] == vector["events"]
    assert trail.entries[0] > 1 and any(b'"carried"' in content for name, content in snapshot.records.items() if name.startswith("audit/"))
    head = generation["audit"]
    number = "".join(value.to_bytes(8, "big").hex() for value in (snapshot.revisions["generation"], head["entry"]))
    assert vector["head"] == f"pkms1-{snapshot.header.vault_id.hex()}{number}{head['digest']}"


def test_a_record_opens_alone(vector):
    vault_key = bytes.fromhex(vector["vault_key"])
    sealed = [record for record in vector["records"] if record["name"] != "vault"]
    assert len(sealed) >= 4
    for record in sealed:
        opened = open_record({1: vault_key}, record["name"].encode(), record["revision"], bytes.fromhex(record["sealed"]))
        assert opened == plaintext(record)


def test_the_ciphertexts_decrypt(vector):
    snapshot = Snapshot(vector["file"], vector["root_key"])
    external_keys = {name: bytes.fromhex(key["material"]) for name, key in vector.get("external_keys", {}).items()}
    materials = set()
    for step in vector["steps"]:
        request, response = step["request"], step.get("response", {})
        if "CiphertextBlob" not in response:
            continue
        blob = base64.b64decode(response["CiphertextBlob"])
        # In every Region that has the key.
        key = blob[2:18].hex()
        regions = [name.split("/")[1] for name in snapshot.records if name.startswith("key/") and name.endswith(f"/{key}")]
        assert regions
        for region in regions:
            decrypted, material = snapshot.decrypt(region, blob, request.get("EncryptionContext"), external_keys)
            assert decrypted == base64.b64decode(request.get("Plaintext") or response["Plaintext"])
            assert material == response.get("KeyMaterialId", material)
        materials.add(material)
    assert len(materials) >= 2, "ciphertexts under several materials"


def test_neither_of_two_encryptions_opens_alone(vector):
    snapshot = Snapshot(vector["file"], vector["root_key"])
    external_keys = {name: bytes.fromhex(key["material"]) for name, key in vector.get("external_keys", {}).items()}
    blobs = [base64.b64decode(step["response"]["CiphertextBlob"]) for step in vector["steps"] if "CiphertextBlob" in step.get("response", {})]
    assert {blob[1] for blob in blobs} == ({3} if external_keys else {1})
    if not external_keys:
        return
    with pytest.raises(Rejected):
        snapshot.decrypt(vector["region"], blobs[0], None, {name: bytes(32) for name in external_keys})
    material = Material(SYMMETRIC, bytes(32))
    key = json.loads(snapshot.records[f"key/{vector['region']}/{blobs[0][2:18].hex()}"])
    with pytest.raises(Rejected):
        Blob.parse(blobs[0]).decrypt(material, None, external_keys[key["external_key"]])


def test_the_keys_of_several_regions_share_what_stands_once(vector):
    snapshot = Snapshot(vector["file"], vector["root_key"])
    shared = snapshot.json("multi-region/")
    assert shared or vector["name"] != "multi-region"
    for name, regions in shared.items():
        key = name.removeprefix("multi-region/")
        assert set(regions) <= {"primary", "replicas", "current_material", "materials", "on_demand_rotations", "rotation"}
        for region in [regions["primary"], *regions.get("replicas", [])]:
            own = json.loads(snapshot.records[f"key/{region}/{key}"])
            assert own["materials"] == 0 and "current_material" not in own and "rotation" not in own
        assert regions["materials"] == sum(record.startswith(f"rotation/multi-Region/{key}/") for record in snapshot.records)
        snapshot.material("multi-Region", bytes.fromhex(key), bytes.fromhex(regions["current_material"][:32]))


def test_every_material_has_the_id_that_it_is_found_by(vector):
    snapshot = Snapshot(vector["file"], vector["root_key"])
    for name, rotation in snapshot.json("rotation/").items():
        _, place, key, _ = name.split("/")
        key_id, material = bytes.fromhex(key), rotation["material"]
        assert snapshot.material(place, key_id, bytes.fromhex(material[:32])).id(key_id) == material


def test_the_macs_are_those_of_the_materials(vector):
    snapshot = Snapshot(vector["file"], vector["root_key"])
    macs = [step for step in vector["steps"] if step["operation"] == "GenerateMac"]
    assert macs or vector["name"] != "raw"
    for step in macs:
        key_id = UUID(step["request"]["KeyId"])
        key = json.loads(snapshot.records[f"key/{vector['region']}/{key_id.hex}"])
        material = snapshot.material(vector["region"], key_id.bytes, bytes.fromhex(key["current_material"][:32]))
        assert material.mac(base64.b64decode(step["request"]["Message"])) == base64.b64decode(step["response"]["Mac"])


def test_a_material_that_fell_due_follows_from_the_rotation_secret(vector):
    snapshot = Snapshot(vector["file"], vector["root_key"])
    rotations = [(name, record) for name, record in snapshot.json("rotation/").items() if record["origin"] == "AUTOMATIC"]
    assert len(rotations) == sum(name.startswith("rotation-secret/") for name in snapshot.records)
    for name, rotation in rotations:
        place = name.removeprefix("rotation/").rpartition("/")[0]
        key_id = bytes.fromhex(place.rpartition("/")[2])
        secrets = rotation_secrets(snapshot.records[f"rotation-secret/{place}"])
        material = Material(SYMMETRIC, due_material(secrets[0][0], key_id, rotation["date"]))
        assert material.id(key_id) == rotation["material"]
        assert snapshot.material(place.partition("/")[0], key_id, bytes.fromhex(rotation["material"][:32])) == material


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
