"""The vectors of the AWS Encryption SDK's message format: where they are, and the keyrings that they name.

The cases that were made for this project are in `tests/vectors/aws-esdk`. The others, which AWS's SDKs wrote, are read from
`../shared/vectors/aws-esdk` beside the repository. Where that is missing, one line says so, and with `CI=true` it is a
failure.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pocketkms import (
    BranchKeyMaterials,
    BranchKeySource,
    CallbackKeyring,
    DecryptResponse,
    DiscoveryFilter,
    EncryptedDataKey,
    EncryptionClient,
    HierarchicalKeyring,
    InvalidCiphertextException,
    InvalidMessageException,
    Keyring,
    KmsKeyring,
    KmsOperations,
    LimitExceededException,
    MultiKeyring,
    NotFoundException,
    RawAesKeyring,
    RawEcdhKeyring,
    RawRsaKeyring,
    WrappedDataKey,
)

REPOSITORY = Path(__file__).resolve().parent.parent.parent
OWN = REPOSITORY / "tests" / "vectors" / "aws-esdk"
SHARED = REPOSITORY.parent / "shared" / "vectors" / "aws-esdk"

# What the sources begin with whose cases are copied.
COPIED = "generated-"


@dataclass(frozen=True)
class Vector:
    """A case of the manifest."""

    folder: Path
    case: dict[str, Any]
    keys: dict[str, Any]

    @property
    def message(self) -> bytes:
        path: str = self.case["message"]
        return (self.folder / path).read_bytes()

    def client(self) -> EncryptionClient:
        """The client that the case's options ask for."""
        options = self.case["options"]
        policy = options.get("commitment_policy", "require-encrypt-allow-decrypt").upper().replace("-", "_")
        return EncryptionClient(
            commitment_policy=policy, max_encrypted_data_keys=options.get("max_encrypted_data_keys")
        )

    def context(self) -> dict[str, Any]:
        """What the caller gives again."""
        names = ("reproduced_encryption_context", "required_encryption_context_keys")
        context, required = (self.case["options"].get(name) for name in names)
        return {"encryption_context": context, "required_encryption_context_keys": required}

    @property
    def unsigned_only(self) -> bool:
        mode: str | None = self.case["options"].get("mode")
        assert mode in (None, "decrypt-unsigned")
        return mode is not None

    def keyring(self) -> Keyring:
        """All keyrings of the case in one: any of them may open the message."""
        keyrings = [one(entry, self) for entry in self.case["keyring"]]
        return keyrings[0] if len(keyrings) == 1 else MultiKeyring(None, keyrings)


def one(entry: dict[str, Any], vector: Vector) -> Keyring:
    """The keyring of an entry."""
    keys = vector.keys
    match entry:
        case {"type": "raw-aes", "key": key, "provider_id": namespace, "key_name": name}:
            return RawAesKeyring(namespace=namespace, name=name, wrapping_key=bytes.fromhex(keys[key]["material_hex"]))
        case {"type": "raw-rsa", "key": key, "provider_id": namespace, "key_name": name, "padding": "pkcs1"}:
            return RawRsaKeyring.pkcs1_despite_padding_oracles(
                namespace=namespace, name=name, private_key=keys[key]["private_pem"]
            )
        case {"type": "raw-rsa", "key": key, "provider_id": namespace, "key_name": name, "hash": hash}:
            scheme: Any = f"OAEP_{hash.upper()}_MGF1"
            private_key = keys[key]["private_pem"]
            return RawRsaKeyring(namespace=namespace, name=name, padding_scheme=scheme, private_key=private_key)
        case {"type": "raw-ecdh", "schema": "discovery", "curve": curve, "key": key}:
            spec: Any = f"ECC_NIST_{curve.upper()}"
            private_key = keys[key]["private_pem"]
            return RawEcdhKeyring.public_key_discovery(recipient_private_key=private_key, curve_spec=spec)
        case {"type": "raw-ecdh", "schema": "static", "curve": curve, "key": key, "peer": peer}:
            spec = f"ECC_NIST_{curve.upper()}"
            return RawEcdhKeyring.raw_private_key_to_static_public_key(
                sender_private_key=keys[key]["private_pem"],
                recipient_public_key=keys[peer]["public_pem"],
                curve_spec=spec,
            )
        case {"type": "static-data-key", "data_key_hex": data_key}:
            return static(bytes.fromhex(data_key), vector)
        case {"type": "aws-kms-stub", "mode": mode, "responses": responses}:
            kms = Stub(responses)
            if mode == "discovery":
                accounts = entry.get("account_ids")
                filter = DiscoveryFilter(partition=entry["partition"], account_ids=accounts) if accounts else None
                return KmsKeyring.discovery(kms, filter)
            assert mode in ("strict", "strict-mrk")
            return KmsKeyring(kms, entry["key_arn"], multi_region_aware=mode == "strict-mrk")
        case {"type": "aws-kms-hierarchy", "key": key}:
            branch_key = keys[key]
            return HierarchicalKeyring(OneBranchKey(branch_key), branch_key["branch_key_id"], ttl=3600)
        case _:
            raise LookupError(f"there is no keyring {entry}")


def static(data_key: bytes, vector: Vector) -> Keyring:
    """This data key, whatever is encrypted in the message."""

    def wrap(*_: object) -> WrappedDataKey:
        raise AssertionError("nothing is encrypted here")

    def unwrap(key: EncryptedDataKey, *_: object) -> bytes:
        return data_key

    try:
        keys = EncryptionClient(max_encrypted_data_keys=65535).inspect(vector.message).header.encrypted_data_keys
    except (InvalidMessageException, LimitExceededException):
        keys = ()
    names = dict.fromkeys(key.provider_id for key in keys if key.provider_id) or ["nobody"]
    return MultiKeyring(None, [CallbackKeyring(name, wrap=wrap, unwrap=unwrap) for name in names])


class Stub(KmsOperations):
    """A KMS that knows what the table says and nothing else."""

    def __init__(self, responses: list[dict[str, Any]]) -> None:
        self.responses = responses

    def decrypt(self, **request: Any) -> DecryptResponse:
        for known in self.responses:
            if (
                is_related(known["key_arn"], request["key_id"])
                and bytes.fromhex(known["ciphertext_hex"]) == request["ciphertext_blob"]
                and known["encryption_context"] == request.get("encryption_context", {})
            ):
                return DecryptResponse(
                    key_id=request["key_id"],
                    plaintext=bytes.fromhex(known["data_key_hex"]),
                    encryption_algorithm="SYMMETRIC_DEFAULT",
                )
        raise InvalidCiphertextException("")


class OneBranchKey(BranchKeySource):
    """A store with one version of one branch key."""

    def __init__(self, branch_key: dict[str, Any]) -> None:
        self.id: str = branch_key["branch_key_id"]
        self.materials = BranchKeyMaterials(
            branch_key_version=branch_key["branch_key_version"], branch_key=bytes.fromhex(branch_key["material_hex"])
        )

    def active_branch_key(self, branch_key_id: str, /) -> BranchKeyMaterials:
        raise AssertionError("nothing is encrypted here")

    def branch_key_version(self, branch_key_id: str, branch_key_version: str, /) -> BranchKeyMaterials:
        if (branch_key_id, branch_key_version) != (self.id, self.materials.branch_key_version):
            raise NotFoundException("another branch key")
        return self.materials


def is_related(one: str, other: str) -> bool:
    """Whether both name the same key, or replicas of one multi-Region key."""

    def parts(arn: str) -> tuple[str, str]:
        front, _, key = arn.partition(":key/mrk-")
        return front.split(":")[4], key

    return one == other or (":key/mrk-" in one and parts(one) == parts(other))


def read(folder: Path) -> list[Vector]:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["format"] == "esdk-vectors-1"
    cases: list[dict[str, Any]] = [{"options": {}, "keyring": [], **case} for case in manifest["cases"]]
    assert len(cases) == manifest["count"] > 0
    return [Vector(folder, case, manifest["keys"]) for case in cases]


def own_keys() -> dict[str, Any]:
    """The test keys by name."""
    keys: dict[str, Any] = json.loads((OWN / "manifest.json").read_text(encoding="utf-8"))["keys"]
    return keys


@cache
def vectors() -> tuple[Vector, ...]:
    """All cases."""
    found = read(OWN)
    if SHARED.exists():
        found += [vector for vector in read(SHARED) if not vector.case["source"].startswith(COPIED)]
        # None is left out, and none counts twice.
        names = {vector.case["id"] for vector in found}
        assert names == {vector.case["id"] for vector in read(SHARED)} and len(names) == len(found)
    else:
        assert os.environ.get("CI") != "true", f"{SHARED} is missing"
        print(f"{SHARED} is missing: only the {len(found)} cases in {OWN} are tested")
    return tuple(found)


# What the runners have counted, for the end of the tests.
COUNTS: list[str] = []


# What can be expected from a case: to be refused, to be opened, to be looked at.
REFUSED, OPENED, LOOKED_AT = ("reject", "reject-or-same"), ("ok",), ("parse",)


def chosen(*expect: str) -> list[Vector]:
    """The cases from which this is expected, which are not none."""
    known = (*REFUSED, *OPENED, *LOOKED_AT)
    assert {vector.case["expect"] for vector in vectors()} <= set(known)
    found = [vector for vector in vectors() if vector.case["expect"] in expect]
    assert found
    return found
