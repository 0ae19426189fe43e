"""The decryptor reads what the product has just written."""

import json
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from decryptor import BYTES, PASSPHRASE, Material, Rejected, Snapshot

DAY = 24 * 60 * 60 * 1000

# The members of the metadata, as docs/formats.md lists them: (always there, optional).
MEMBERS = {
    "key/": (
        {"id", "account", "region", "created", "description", "spec", "usage", "origin", "manager", "state", "materials"},
        {"has_policy", "grants", "tags", "current_material", "aliases", "on_demand_rotations", "rotation", "deletion", "imported"}
        | {"custom_key_store", "cloud_hsm_cluster", "external_key"},
    ),
    "rotation/": ({"material", "origin", "date"}, {"description", "import_state", "expiration", "valid_to"}),
    "alias/": ({"target", "created", "updated"}, set()),
    "generation": ({"commits", "time", "header", "audit"}, set()),
    "caller": ({"account", "region", "principal"}, set()),
}
OF_SHARING = {
    "policy/": ({"document"}, set()),
    "iam/": ({"arn"}, {"policies", "boundary", "trust", "groups", "tags", "levels"}),
    "grant/": (
        {"id", "created", "grantee", "issuer", "operations"},
        {"name", "effective", "retiring", "equals", "subset", "source"},
    ),
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
        with pytest.raises(Rejected):
            vaults["raw"].decrypt(plan["region"], case["blob"], {**(context or {}), name: value})
        for at in range(len(case["blob"])):
            altered = bytearray(case["blob"])
            altered[at] ^= 1 << at % 8
            with pytest.raises(Rejected):
                vaults["raw"].decrypt(plan["region"], bytes(altered), context)


def test_pairs_cannot_be_shifted_into_one_another(vaults, plan, manifest):
    case = next(case for case in manifest["cases"] if case["context"] == "several")
    shifted = plan["contexts"]["several"] | {"a": "b", "ab": "cc"}
    with pytest.raises(Rejected):
        vaults["raw"].decrypt(plan["region"], case["blob"], shifted)


def place(terms: dict[str, Any], operation: str) -> str:
    """Where the index of a key's grants has the entry of one, for that operation."""

    def digits(*texts: Any) -> str:
        text = json.dumps(texts, separators=(",", ":"), ensure_ascii=False)
        return sha256(text.encode()).hexdigest()[:32]

    constraint = None
    if operation not in {"CreateGrant", "DescribeKey", "GetPublicKey", "RetireGrant"}:
        if "equals" in terms:
            constraint = {"equals": sorted({(name.lower(), value) for name, value in terms["equals"].items()})}
        elif terms.get("subset"):
            constraint = {"subset": min((name.lower(), value) for name, value in terms["subset"].items())}
    source = None if operation == "RetireGrant" else terms.get("source")
    return f"{digits(terms['grantee'], operation)}/{digits(source, constraint)}"


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
    of_sharing = {name for name in records if name.startswith(("policy/", "grant/", "grantee/", "retirable/", "iam/"))}
    if vault == "raw":
        (grant,) = (name.rsplit("/", 1)[1] for name in of_sharing if name.startswith("grant/"))
        ((_, terms),) = vaults[vault].json("grant/").items()
        keeper = sha256(f"arn:aws:iam::{account}:user/keeper".encode()).hexdigest()[:32]
        assert of_sharing == {
            f"policy/{at}",
            f"grant/{at}/{grant}",
            *(f"grantee/{at}/{place(terms, operation)}/{grant}" for operation in terms["operations"]),
            f"retirable/{region}/{keeper}/{key_id.hex}/{grant}",
            "iam/444455556666/root",
            "iam/444455556666/group/auditors",
            "iam/444455556666/user/carol",
        }
    else:
        assert not of_sharing
    of_the_trail = {name for name in records if name.startswith("audit/")}
    assert of_the_trail
    assert set(records) - of_branch_keys - of_sharing - of_the_trail == {
        "generation",
        "caller",
        f"key/{at}",
        f"account-key/{account}/{at}",
        f"alias/{account}/{region}/{plan['alias']}",
        *(f"rotation/{at}/{number:08x}" for number in range(rotations + 1)),
        *(f"material/{at}/{material[:32]}" for material in materials),
    }
    assert records[f"account-key/{account}/{at}"] == b"null"
    for number, material in enumerate(materials):
        assert Material.read(records[f"material/{at}/{material[:32]}"]).id(key_id.bytes) == material
        (rotation,) = vaults[vault].json(f"rotation/{at}/{number:08x}").values()
        assert rotation["material"] == material
        assert rotation["origin"] == ("ON_DEMAND" if number else "INITIAL")
        assert rotation["date"] == plan["clock_millis"] + number * DAY


@pytest.mark.parametrize(("vault", "rotations"), [("raw", 3), ("passphrase", 0)])
def test_the_metadata_is_that_of_the_page(vaults, plan, manifest, vault, rotations):
    for prefix, (required, optional) in (MEMBERS | (OF_BRANCH_KEYS | OF_SHARING if vault == "raw" else {})).items():
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
    if vault == "raw":
        wanted |= {"has_policy": True, "grants": 1}
    assert {"on_demand_rotations": 0, **key} == wanted | {"on_demand_rotations": rotations}
    assert vaults[vault].key_of_alias(plan["account"], plan["region"], plan["alias"]) == key["id"]


def test_revisions_count_changes(vaults):
    revisions = vaults["raw"].revisions
    assert all(revision >= 1 for revision in revisions.values())
    (key,) = (revision for name, revision in revisions.items() if name.startswith("key/"))
    assert key == 1 + 1 + 3 + 1 + 1, "created, one alias, three rotations, a key policy, a grant"


def test_the_id_of_a_grant_with_a_name_is_made_of_what_it_says(vaults, manifest):
    ((name, grant),) = vaults["raw"].json("grant/").items()
    key = UUID(manifest["key_ids"]["raw"]).bytes
    record = json.dumps(grant | {"id": "", "created": 0}, separators=(",", ":")).encode()
    assert name.endswith(grant["id"])
    assert grant["id"] == sha256(b"PocketKMS grant 1" + key + record).hexdigest()


def test_the_registry_is_that_of_the_page(vaults):
    entities = vaults["raw"].json("iam/")
    policy = {"name": "decrypt", "document": '{"Statement":{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}}'}
    arn = "arn:aws:iam::444455556666"
    assert entities == {
        "iam/444455556666/root": {"arn": f"{arn}:root", "levels": [{"service": [policy]}]},
        "iam/444455556666/group/auditors": {"arn": f"{arn}:group/Auditors", "policies": [policy]},
        "iam/444455556666/user/carol": {
            "arn": f"{arn}:user/team/Carol",
            "boundary": policy["document"],
            "groups": ["Auditors"],
            "tags": {"team": "x"},
        },
    }


@pytest.mark.parametrize("vault", ["raw", "passphrase"])
def test_a_new_vault_has_the_cost_of_the_page(vaults, vault):
    (wrap,) = vaults[vault].header.wraps
    assert (wrap.kind, wrap.opened) == (PASSPHRASE if vault == "passphrase" else BYTES, True)
    assert vault != "passphrase" or wrap.cost == (65_536, 3, 4)


def test_a_wrong_root_key_is_refused(fresh, plan):
    with pytest.raises(Rejected, match="commitment"):
        Snapshot((fresh / "raw.snapshot").read_bytes(), bytes.fromhex(plan["wrong_root_key"]))
    with pytest.raises(Rejected, match="commitment"):
        Snapshot((fresh / "passphrase.snapshot").read_bytes(), plan["wrong_passphrase"])


def test_a_snapshot_is_refused_with_a_flipped_bit_at_any_byte(fresh, roots):
    snapshot = (fresh / "raw.snapshot").read_bytes()
    for at in range(len(snapshot)):
        altered = bytearray(snapshot)
        altered[at] ^= 1 << at % 8
        with pytest.raises(Rejected):
            Snapshot(bytes(altered), roots["raw"])


def test_a_truncated_or_longer_snapshot_is_refused(fresh, roots):
    snapshot = (fresh / "raw.snapshot").read_bytes()
    for other in [snapshot[:-1], snapshot[:100], b"", snapshot + b"\0"]:
        with pytest.raises(Rejected):
            Snapshot(other, roots["raw"])
