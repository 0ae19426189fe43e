"""The decryptor reads what the product has just written."""

from hashlib import sha256
from uuid import UUID

import pytest
from decryptor import Refused, Snapshot, material_id

DAY = 24 * 60 * 60 * 1000

# The members of the metadata, as docs/formats.md lists them: (always there, optional).
MEMBERS = {
    "key/": (
        {"id", "account", "region", "created", "description", "spec", "usage", "origin", "manager", "state", "materials"},
        {"policy", "tags", "current_material", "aliases", "on_demand_rotations", "rotation", "deletion", "multi_region"}
        | {"custom_key_store", "cloud_hsm_cluster", "external_key"},
    ),
    "rotation/": ({"material", "origin", "date"}, {"description", "import_state", "expiration", "valid_to"}),
    "alias/": ({"target", "created", "updated"}, set()),
    "generation": ({"commits", "time"}, set()),
    "caller": ({"account", "region", "principal"}, set()),
}
OF_BRANCH_KEYS = {
    "branch-key/": ({"id", "created", "active", "versions", "kms_key"}, {"encryption_context"}),
    "branch-key-version/": ({"version", "created", "kms_key", "material", "ciphertext"}, set()),
}


@pytest.fixture(scope="module")
def roots(plan):
    return {"raw": bytes.fromhex(plan["root_key"]), "passphrase": plan["passphrase"]}


@pytest.fixture(scope="module")
def vaults(fresh, roots):
    return {name: Snapshot((fresh / f"{name}.snapshot").read_bytes(), root) for name, root in roots.items()}


def test_every_blob_decrypts(vaults, plan, manifest):
    assert len(manifest["cases"]) == 150
    for case in manifest["cases"]:
        decrypted = vaults[case["vault"]].decrypt(plan["region"], case["blob"], plan["contexts"][case["context"]])
        assert decrypted == (case["plaintext"], case["material"])
        assert len(case["blob"]) == len(case["plaintext"]) + 114


def test_a_blob_is_refused_with_another_context_or_a_flipped_bit(vaults, plan, manifest):
    name, value = plan["wrong_pair"]
    for case in manifest["cases"][:10]:
        context = plan["contexts"][case["context"]]
        with pytest.raises(Refused):
            vaults["raw"].decrypt(plan["region"], case["blob"], {**(context or {}), name: value})
        for at in range(len(case["blob"])):
            altered = bytearray(case["blob"])
            altered[at] ^= 1 << at % 8
            with pytest.raises(Refused):
                vaults["raw"].decrypt(plan["region"], bytes(altered), context)


def test_pairs_cannot_be_shifted_into_one_another(vaults, plan, manifest):
    case = next(case for case in manifest["cases"] if case["context"] == "several")
    shifted = plan["contexts"]["several"] | {"a": "b", "ab": "cc"}
    with pytest.raises(Refused):
        vaults["raw"].decrypt(plan["region"], case["blob"], shifted)


@pytest.mark.parametrize(("vault", "rotations"), [("raw", 3), ("passphrase", 0)])
def test_the_records_are_those_of_the_page(vaults, plan, manifest, vault, rotations):
    records, region, account = vaults[vault].records, plan["region"], plan["account"]
    key_id = UUID(manifest["key_ids"][vault])
    at = f"{region}/{key_id.hex}"
    order = [case["material"] for case in manifest["cases"] if case["vault"] == vault]
    materials = list(dict.fromkeys(order))
    branch_key = f"{account}/{region}/{sha256(plan['messages']['branch_key'].encode()).hexdigest()}"
    of_branch_keys = {name for name in records if name.startswith("branch-key")}
    if vault == "raw":
        (version,) = (record["active"] for record in vaults[vault].json(f"branch-key/{branch_key}").values())
        assert of_branch_keys == {f"branch-key/{branch_key}", f"branch-key-version/{branch_key}/{UUID(version).hex}"}
    else:
        assert not of_branch_keys
    assert set(records) - of_branch_keys == {
        "generation",
        "caller",
        f"key/{at}",
        f"alias/{account}/{region}/{plan['alias']}",
        *(f"rotation/{at}/{number:08x}" for number in range(rotations + 1)),
        *(f"material/{at}/{material[:32]}" for material in materials),
    }
    for number, material in enumerate(materials):
        assert material_id(records[f"material/{at}/{material[:32]}"], key_id.bytes) == material
        (rotation,) = vaults[vault].json(f"rotation/{at}/{number:08x}").values()
        assert rotation["material"] == material
        assert rotation["origin"] == ("ON_DEMAND" if number else "INITIAL")
        assert rotation["date"] == plan["clock_millis"] + number * DAY


@pytest.mark.parametrize(("vault", "rotations"), [("raw", 3), ("passphrase", 0)])
def test_the_metadata_is_that_of_the_page(vaults, plan, manifest, vault, rotations):
    for prefix, (required, optional) in (MEMBERS | (OF_BRANCH_KEYS if vault == "raw" else {})).items():
        found = vaults[vault].json(prefix)
        assert found
        for value in found.values():
            assert required <= set(value) <= required | optional
    (key,) = vaults[vault].json("key/").values()
    wanted = {
        "id": manifest["key_ids"][vault],
        "account": plan["account"],
        "region": plan["region"],
        "created": plan["clock_millis"],
        "description": "made by rust",
        "spec": "SYMMETRIC_DEFAULT",
        "usage": "ENCRYPT_DECRYPT",
        "origin": "AWS_KMS",
        "manager": "CUSTOMER",
        "state": "Enabled",
        "materials": rotations + 1,
        "aliases": [plan["alias"]],
        "current_material": [case["material"] for case in manifest["cases"] if case["vault"] == vault][-1],
    }
    assert {"on_demand_rotations": 0, **key} == wanted | {"on_demand_rotations": rotations}
    assert vaults[vault].key_of_alias(plan["account"], plan["region"], plan["alias"]) == key["id"]


def test_revisions_count_changes(vaults):
    revisions = vaults["raw"].revisions
    assert all(revision >= 1 for revision in revisions.values())
    (key,) = (revision for name, revision in revisions.items() if name.startswith("key/"))
    assert key == 1 + 1 + 3, "created, one alias, three rotations"


@pytest.mark.parametrize("vault", ["raw", "passphrase"])
def test_a_new_vault_has_the_cost_of_the_page(vaults, vault):
    header = vaults[vault].header
    cost = (header.memory_kib, header.passes, header.lanes)
    assert cost == ((65_536, 3, 4) if vault == "passphrase" else (0, 0, 0))
    assert header.is_passphrase == (vault == "passphrase")


def test_a_wrong_root_key_is_refused(fresh, plan):
    with pytest.raises(Refused, match="commitment"):
        Snapshot((fresh / "raw.snapshot").read_bytes(), bytes.fromhex(plan["wrong_root_key"]))
    with pytest.raises(Refused, match="commitment"):
        Snapshot((fresh / "passphrase.snapshot").read_bytes(), plan["wrong_passphrase"])


def test_a_snapshot_is_refused_with_a_flipped_bit_at_any_byte(fresh, roots):
    snapshot = (fresh / "raw.snapshot").read_bytes()
    for at in range(len(snapshot)):
        altered = bytearray(snapshot)
        altered[at] ^= 1 << at % 8
        with pytest.raises(Refused):
            Snapshot(bytes(altered), roots["raw"])


def test_a_truncated_or_longer_snapshot_is_refused(fresh, roots):
    snapshot = (fresh / "raw.snapshot").read_bytes()
    for other in [snapshot[:-1], snapshot[:100], b"", snapshot + b"\0"]:
        with pytest.raises(Refused):
            Snapshot(other, roots["raw"])
