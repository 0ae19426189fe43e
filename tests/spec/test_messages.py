"""From the vault to a message: its data key by the KMS key, by the branch key, and as it was rewrapped."""

import base64
from uuid import UUID

import pytest
from decryptor import Rejected, Snapshot, kdf
from sidecar import SUITES, Message, context_bytes, decrypt, open_gcm, unwrap

HIERARCHY = b"aws-kms-hierarchy"


@pytest.fixture(scope="module")
def vault(fresh, plan):
    return Snapshot((fresh / "raw.snapshot").read_bytes(), bytes.fromhex(plan["root_key"]))


@pytest.fixture(scope="module")
def messages(manifest):
    found = [(case, Message(case["message"])) for case in manifest["messages"] if known(case["message"])]
    assert len(found) == len(SUITES) * 4
    return found


def known(message):
    """The reader beside this has the suites that derive their key."""
    return int.from_bytes(message[1:3] if message[0] == 2 else message[2:4], "big") in SUITES


def open_branch_key(vault, region, record, version):
    """A version of a branch key, of the context that the page names."""
    context = {
        "branch-key-id": record["id"],
        "type": f"branch:version:{version['version']}",
        "create-time": str(version["created"]),
        "kms-arn": version["kms_key"],
        "hierarchy-version": "1",
    }
    context |= {f"aws-crypto-ec:{name}": value for name, value in record["encryption_context"].items()}
    branch_key, material = vault.decrypt(region, base64.b64decode(version["ciphertext"]), context)
    assert material == version["material"]
    return branch_key


def by_branch_key(branch_key, message):
    """AWS Encryption SDK specification, "AWS KMS hierarchical keyring"."""
    ((information, ciphertext),) = (key[1:] for key in message.data_keys if key[0] == HIERARCHY)
    salt, nonce, version, sealed = ciphertext[:16], ciphertext[16:28], ciphertext[28:44], ciphertext[44:]
    associated_data = HIERARCHY + information + version + context_bytes(message.context)
    return open_gcm(kdf(branch_key, HIERARCHY, salt, 32), nonce, sealed, associated_data), information, UUID(bytes=version)


def test_the_data_key_by_each_of_its_keys(vault, plan, messages):
    region, of = plan["region"], plan["messages"]
    (record,), (version,) = vault.json("branch-key/").values(), vault.json("branch-key-version/").values()
    branch_key = open_branch_key(vault, region, record, version)
    raw = bytes.fromhex(of["wrapping_keys"]["raw"])
    for case, message in messages:
        context = plan["contexts"][of["context"]]
        assert {name: value for name, value in message.context.items() if name != "aws-crypto-public-key"} == context
        data_key = unwrap(message.data_keys, raw, of["namespace"], "raw", message.context)
        assert message.decrypt(data_key) == case["plaintext"]
        ((arn, blob),) = (key[1:] for key in message.data_keys if key[0] == b"aws-kms")
        assert arn.decode() == record["kms_key"] == version["kms_key"]
        assert vault.decrypt(region, blob, message.context)[0] == data_key
        found, information, used = by_branch_key(branch_key, message)
        assert (found, information.decode(), str(used)) == (data_key, of["branch_key"], version["version"])
        assert str(used) == record["active"]


def test_a_branch_key_is_bound_to_its_record(vault, plan):
    (record,), (version,) = vault.json("branch-key/").values(), vault.json("branch-key-version/").values()
    for name, value in ("id", "another"), ("encryption_context", {"purpose": "another"}), ("encryption_context", {}):
        with pytest.raises(Rejected):
            open_branch_key(vault, plan["region"], record | {name: value}, version)
    for name, value in ("created", version["created"] + 1), ("kms_key", "another"), ("version", str(UUID(int=0))):
        with pytest.raises(Rejected):
            open_branch_key(vault, plan["region"], record, version | {name: value})


def test_what_was_rewrapped(plan, messages):
    of = plan["messages"]
    other = bytes.fromhex(of["wrapping_keys"]["other"])
    seen = set()
    for case, message in messages:
        moved = case["rewrapped"]
        seen.add("sidecar" in moved)
        if "sidecar" in moved:
            sidecar = base64.b64decode(moved["sidecar"])
            plaintext, _ = decrypt(case["message"], sidecar, other, of["namespace"], "other")
        else:
            moved = Message(base64.b64decode(moved["header"]) + case["message"][moved["replaces"] :])
            assert moved.id == message.id and moved.header != message.header
            plaintext = moved.decrypt(unwrap(moved.data_keys, other, of["namespace"], "other", moved.context))
        assert plaintext == case["plaintext"]
    assert seen == {True, False}
