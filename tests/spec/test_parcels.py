"""The decryptor opens parcels (tests/vectors/README.md)."""

import base64
import json

import pytest
from conftest import TESTS
from decryptor import Blob, ParcelKey, Rejected, Snapshot, fingerprint

FOLDER = TESTS / "vectors/parcels"
PARCELS = json.loads((FOLDER / "parcel.json").read_text(encoding="utf-8"))
DAY = 24 * 60 * 60 * 1000


@pytest.fixture(scope="module")
def waiting():
    return Snapshot((FOLDER / "replica.snapshot").read_bytes(), bytes.fromhex(PARCELS["replica_root"]))


@pytest.fixture(scope="module")
def primary():
    return Snapshot((FOLDER / "primary.snapshot").read_bytes(), bytes.fromhex(PARCELS["primary_root"]))


@pytest.fixture(params=PARCELS["cases"], ids=lambda case: case["key_spec"] + "-" + case["origin"])
def case(request):
    return request.param


def parcel_key(case):
    return ParcelKey.parse(bytes.fromhex(case["parcel_key"]))


def private_key(waiting, case):
    place = f"{PARCELS['account']}/{PARCELS['replica_region']}/{parcel_key(case).id.hex()}"
    record = json.loads(waiting.records[f"parcel-key/{place}"])
    assert record == {"created": PARCELS["at"], "parcel_key": base64.b64encode(bytes.fromhex(case["parcel_key"])).decode()}
    return waiting.records[f"parcel-key-secret/{place}"]


def test_a_parcel_key_says_what_it_is_for(case):
    key = parcel_key(case)
    assert key.valid_to == PARCELS["at"] + DAY
    assert (key.account, key.region) == (PARCELS["account"], PARCELS["replica_region"])
    assert "mrk-" + key.key_id.hex() == case["key_id"]
    assert fingerprint(key.data) == case["parcel_key_fingerprint"]


def test_a_parcel_holds_the_key_and_its_materials(waiting, primary, case):
    parcel = bytes.fromhex(case["parcel"])
    assert fingerprint(parcel) == case["parcel_fingerprint"]
    key_id = parcel_key(case).key_id
    said, materials = parcel_key(case).open(private_key(waiting, case), parcel)
    own = json.loads(primary.records[f"key/{PARCELS['primary_region']}/{key_id.hex()}"])
    shared = json.loads(primary.records[f"multi-region/{key_id.hex()}"])
    expected = {name: own[name] for name in ("account", "spec", "usage", "origin")}
    expected |= {"key": case["key_id"], "primary": PARCELS["primary_region"]}
    expected["on_demand_rotations"] = shared["on_demand_rotations"]
    place = primary.place(PARCELS["primary_region"], key_id)
    rotations = [rotation for name, rotation in sorted(primary.json(f"rotation/{place}/{key_id.hex()}/").items())]
    expected["materials"] = [{"id": each["material"], "origin": each["origin"], "date": each["date"]} for each in rotations]
    assert said == expected
    if case["origin"] == "EXTERNAL":
        assert materials == [] and len(said["materials"]) == 1
        return
    assert [material.id(key_id) for material in materials] == [each["material"] for each in rotations]
    if "blob" in case:
        blob = Blob.parse(bytes.fromhex(case["blob"]))
        assert blob.decrypt(materials[-1], None, None).hex() == case["plaintext"]


def test_a_parcel_opens_as_it_is_and_with_its_own_key(waiting, case):
    parcel = bytes.fromhex(case["parcel"])
    key, secret = parcel_key(case), private_key(waiting, case)
    for at in range(0, len(parcel), 13):
        altered = bytearray(parcel)
        altered[at] ^= 1 << at % 8
        with pytest.raises(Rejected):
            key.open(secret, bytes(altered))
    other = next(other for other in PARCELS["cases"] if other["key_id"] != case["key_id"])
    with pytest.raises(Rejected):
        key.open(private_key(waiting, other), parcel)
    # All that the parcel key says is bound.
    for at in (20, 30, 40, 1272):
        altered = bytearray(key.data)
        altered[at] ^= 1
        with pytest.raises(Rejected):
            ParcelKey.parse(bytes(altered)).open(secret, parcel)
