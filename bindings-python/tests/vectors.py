"""The vectors of the AWS Encryption SDK's message format: where they are, and the keyrings that they name.

The cases that were made for this project are in `tests/vectors/aws-esdk`. The others, which AWS's SDKs wrote, are read from
`../shared/vectors/aws-esdk` beside the repository. Where that is missing, one line says so, and with `CI=true` it is a
failure.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pocketkms import EncryptionClient, Keyring, MultiKeyring, RawAesKeyring

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
        keyrings = [one(entry, self.keys) for entry in self.case["keyring"]]
        return keyrings[0] if len(keyrings) == 1 else MultiKeyring(None, keyrings)


def one(entry: dict[str, Any], keys: dict[str, Any]) -> Keyring:
    """The keyring of an entry."""
    match entry:
        case {"type": "raw-aes", "key": key, "provider_id": namespace, "key_name": name}:
            return RawAesKeyring(namespace=namespace, name=name, wrapping_key=bytes.fromhex(keys[key]["material_hex"]))
        case _:
            raise LookupError(entry["type"])


def read(folder: Path) -> list[Vector]:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["format"] == "esdk-vectors-1"
    cases: list[dict[str, Any]] = [{"options": {}, "keyring": [], **case} for case in manifest["cases"]]
    assert len(cases) == manifest["count"] > 0
    return [Vector(folder, case, manifest["keys"]) for case in cases]


@cache
def vectors() -> tuple[Vector, ...]:
    """All cases."""
    found = read(OWN)
    if SHARED.exists():
        found += [vector for vector in read(SHARED) if not vector.case["source"].startswith(COPIED)]
    else:
        assert os.environ.get("CI") != "true", f"{SHARED} is missing"
        print(f"{SHARED} is missing: only the {len(found)} cases in {OWN} are tested")
    return tuple(found)


def chosen(*expect: str) -> Iterator[Vector]:
    """The cases from which this is expected, which are not none."""
    found = [vector for vector in vectors() if vector.case["expect"] in expect]
    assert found
    yield from found
