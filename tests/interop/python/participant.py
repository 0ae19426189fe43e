"""The Python participant of the interop matrix: makes and checks as ../README.md says, and judges nothing."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import messages
from bits import each_flipped, flip, outcome, text

from pocketkms import Kms, KmsError, ManualClock, RootKey, Vault

NAME = "python"
PASSPHRASE_LENGTH = 17
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Plan:
    """The inputs, and what is made of them."""

    def __init__(self, directory: Path) -> None:
        plan: dict[str, Any] = json.loads((directory / "plan.json").read_text(encoding="utf-8"))
        self.begin = EPOCH + timedelta(milliseconds=plan["clock_millis"])
        self.place: dict[str, str] = {"account": plan["account"], "region": plan["region"]}
        self.alias: str = plan["alias"]
        self.roots = {
            "raw": RootKey.from_bytes(bytes.fromhex(plan["root_key"])),
            "passphrase": RootKey.from_passphrase(plan["passphrase"]),
        }
        self.wrong_roots = {
            "raw": RootKey.from_bytes(bytes.fromhex(plan["wrong_root_key"])),
            "passphrase": RootKey.from_passphrase(plan["wrong_passphrase"]),
        }
        self.rotations: int = plan["rotations"]
        self.lengths: list[int] = plan["lengths"]
        self.contexts: dict[str, dict[str, str] | None] = plan["contexts"]
        self.wrong_pair: tuple[str, str] = tuple(plan["wrong_pair"])
        self.flip: dict[str, Any] = plan["flip"]
        self.messages: dict[str, Any] = plan["messages"]


# --- make


def make(directory: Path) -> None:
    plan = Plan(directory)
    key_ids: dict[str, str] = {}
    cases: list[dict[str, Any]] = []
    made: list[dict[str, Any]] = []
    for vault, rotations in (("raw", plan.rotations), ("passphrase", 0)):
        clock = ManualClock(plan.begin)
        account, region = plan.place["account"], plan.place["region"]
        with Vault.in_memory(plan.roots[vault], clock=clock, account_id=account, region=region) as opened:
            kms = opened.client()
            key_ids[vault] = kms.create_key(description=f"made by {NAME}").key_metadata.key_id
            kms.create_alias(alias_name=plan.alias, target_key_id=key_ids[vault])
            for generation in range(rotations + 1):
                if generation > 0:
                    clock.advance_days(1)
                    kms.rotate_key_on_demand(key_id=key_ids[vault])
                for case in make_cases(kms, plan, vault):
                    cases.append({"vault": vault, "generation": generation, **case})
            if vault == "raw":
                made.extend(messages.make(kms, plan.alias, plan.messages, plan.contexts[plan.messages["context"]]))
            (directory / f"{vault}.snapshot").write_bytes(opened.snapshot())
    write(directory / "manifest.json", {"maker": NAME, "key_ids": key_ids, "cases": cases, "messages": made})


def make_cases(kms: Kms, plan: Plan, vault: str) -> Iterator[dict[str, Any]]:
    material = kms.describe_key(key_id=plan.alias).key_metadata.current_key_material_id
    for name, context in plan.contexts.items():
        for length in plan.lengths if vault == "raw" else [PASSPHRASE_LENGTH]:
            plaintext = bytes((31 * at + length) % 256 for at in range(length))
            encrypted = kms.encrypt(key_id=plan.alias, plaintext=plaintext, encryption_context=context)
            blob = {"plaintext": text(plaintext), "blob": text(encrypted.ciphertext_blob), "material": material}
            yield {"kind": "encrypt", "context": name, "length": length, **blob}
        if vault == "raw":
            key = kms.generate_data_key(key_id=plan.alias, key_spec="AES_256", encryption_context=context)
            blob = {"plaintext": text(key.plaintext), "blob": text(key.ciphertext_blob), "material": key.key_material_id}
            yield {"kind": "data-key", "context": name, "length": len(key.plaintext), **blob}


# --- check


def check(directory: Path, out: Path) -> None:
    plan = Plan(directory)
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    cases: list[dict[str, Any]] = manifest["cases"]
    snapshots = {vault: (directory / f"{vault}.snapshot").read_bytes() for vault in plan.roots}
    clock = ManualClock(plan.begin + timedelta(days=3))

    def open_vault(snapshot: bytes, root: RootKey) -> Vault:
        return Vault.open_snapshot(snapshot, root, clock=clock, account_id=plan.place["account"], region=plan.place["region"])

    opened = {vault: open_vault(snapshots[vault], root) for vault, root in plan.roots.items()}
    vaults = {name: vault.client() for name, vault in opened.items()}
    report = {
        "checker": NAME,
        "vaults": {vault: describe(kms, plan) for vault, kms in vaults.items()},
        "decrypted": [decrypt(vaults[case["vault"]], plan, case) for case in cases],
        "wrong_context": [wrong_context(vaults[case["vault"]], plan, case) for case in cases],
        "flips": [flips(vaults["raw"], plan, cases, index) for index in to_flip(plan, cases)],
        **messages.check(vaults["raw"], plan.alias, plan.messages, manifest["messages"]),
        "snapshots": {
            "raw_flips": [outcome(lambda: open_vault(flipped, plan.roots["raw"])) for flipped in each_flipped(snapshots["raw"])],
            "raw_truncated": outcome(lambda: open_vault(snapshots["raw"][: len(snapshots["raw"]) // 2], plan.roots["raw"])),
            "raw_wrong_root": outcome(lambda: open_vault(snapshots["raw"], plan.wrong_roots["raw"])),
            "passphrase_flip": outcome(
                lambda: open_vault(flip(snapshots["passphrase"], -1, 0), plan.roots["passphrase"])
            ),
            "passphrase_wrong_root": outcome(lambda: open_vault(snapshots["passphrase"], plan.wrong_roots["passphrase"])),
        },
    }
    for vault in opened.values():
        vault.close()
    write(out, report)


def describe(kms: Kms, plan: Plan) -> dict[str, Any]:
    key = kms.describe_key(key_id=plan.alias).key_metadata
    rotations = kms.list_key_rotations(key_id=key.key_id).rotations
    return {
        "key_id": key.key_id,
        "description": key.description,
        "creation_millis": millis(key.creation_date),
        "rotation_millis": [millis(rotation.rotation_date) for rotation in rotations],
    }


def decrypt(kms: Kms, plan: Plan, case: dict[str, Any]) -> dict[str, Any]:
    context = plan.contexts[case["context"]]
    # Crosswise for the two that mean the same.
    context = {} if context is None else context or None
    try:
        answer = kms.decrypt(ciphertext_blob=base64.b64decode(case["blob"]), encryption_context=context)
    except KmsError as error:
        return {"error": error.name}
    return {"plaintext": text(answer.plaintext), "material": answer.key_material_id, "key_id": answer.key_id}


def wrong_context(kms: Kms, plan: Plan, case: dict[str, Any]) -> str:
    name, value = plan.wrong_pair
    context = {**(plan.contexts[case["context"]] or {}), name: value}
    blob = base64.b64decode(case["blob"])
    return outcome(lambda: kms.decrypt(ciphertext_blob=blob, encryption_context=context))


def to_flip(plan: Plan, cases: list[dict[str, Any]]) -> Iterator[int]:
    for index, case in enumerate(cases):
        if (case["vault"], case["kind"], case["context"]) == ("raw", "encrypt", plan.flip["context"]):
            if case["length"] in plan.flip["lengths"]:
                yield index


def flips(kms: Kms, plan: Plan, cases: list[dict[str, Any]], index: int) -> dict[str, Any]:
    context = plan.contexts[cases[index]["context"]]
    blobs = each_flipped(base64.b64decode(cases[index]["blob"]))
    outcomes = [outcome(lambda: kms.decrypt(ciphertext_blob=blob, encryption_context=context)) for blob in blobs]
    return {"case": index, "outcomes": outcomes}


# --- both


def millis(time: datetime | None) -> int | None:
    return None if time is None else (time - EPOCH) // timedelta(milliseconds=1)


def write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", directory]:
            make(Path(directory))
        case ["check", directory, out]:
            check(Path(directory), Path(out))
        case _:
            sys.exit("usage: participant make DIR | check DIR OUT")
