"""The part of the participant that is about envelope messages."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from bits import each_flipped, outcome, text

from pocketkms import (
    EncryptionClient,
    HierarchicalKeyring,
    Keyring,
    Kms,
    KmsError,
    KmsKeyring,
    MultiKeyring,
    RawAesKeyring,
    RewrappedHeader,
)

READER = EncryptionClient(commitment_policy="REQUIRE_ENCRYPT_ALLOW_DECRYPT")


def writer(suite: str) -> EncryptionClient:
    if "_COMMIT_KEY" in suite:
        return EncryptionClient()
    return EncryptionClient(commitment_policy="FORBID_ENCRYPT_ALLOW_DECRYPT")


def keyrings(kms: Kms, alias: str, plan: dict[str, Any]) -> dict[str, Keyring]:
    raw: dict[str, Keyring] = {
        name: RawAesKeyring(namespace=plan["namespace"], name=name, wrapping_key=bytes.fromhex(key))
        for name, key in plan["wrapping_keys"].items()
    }
    return {"kms": KmsKeyring(kms, alias), "hierarchy": HierarchicalKeyring(kms, plan["branch_key"], ttl=60), **raw}


def make(kms: Kms, alias: str, plan: dict[str, Any], context: dict[str, str] | None) -> Iterator[dict[str, Any]]:
    kms.create_branch_key(
        kms_key_id=alias, branch_key_identifier=plan["branch_key"], encryption_context={"purpose": "interop"}
    )
    made = keyrings(kms, alias, plan)
    keyring = MultiKeyring(made["kms"], [made["raw"], made["hierarchy"]])
    for suite in plan["suites"]:
        for length in plan["lengths"]:
            plaintext = bytes((31 * at + length) % 256 for at in range(length))
            message = (
                writer(suite)
                .encrypt(
                    keyring,
                    plaintext,
                    encryption_context=context,
                    algorithm_suite=suite,
                    frame_length=plan["frame_length"],
                )
                .message
            )
            match READER.rewrap(made["raw"], made["other"], message):
                case RewrappedHeader(header=header, replaces=replaces):
                    rewrapped: dict[str, Any] = {"header": text(header), "replaces": replaces}
                case other:
                    rewrapped = {"sidecar": text(other.sidecar)}
            yield {
                "suite": suite,
                "length": length,
                "plaintext": text(plaintext),
                "message": text(message),
                "rewrapped": rewrapped,
            }


def check(kms: Kms, alias: str, plan: dict[str, Any], made: list[dict[str, Any]]) -> dict[str, Any]:
    have = keyrings(kms, alias, plan)
    flip = plan["flip"]
    return {
        "messages": [opened(have, message) for message in made],
        "message_flips": [
            {"message": index, "outcomes": flips(have["raw"], message)}
            for index, message in enumerate(made)
            if message["suite"] in flip["suites"] and message["length"] == flip["length"]
        ],
    }


def opened(have: dict[str, Keyring], case: dict[str, Any]) -> dict[str, Any]:
    message, rewrapped = base64.b64decode(case["message"]), case["rewrapped"]
    report: dict[str, Any] = {name: decrypt(have[name], message) for name in ("kms", "raw", "hierarchy")}
    if "sidecar" in rewrapped:
        report["rewrapped"] = decrypt(have["other"], message, base64.b64decode(rewrapped["sidecar"]))
    else:
        moved = base64.b64decode(rewrapped["header"]) + message[rewrapped["replaces"] :]
        report["rewrapped"] = decrypt(have["other"], moved)
    try:
        decrypted = READER.decrypt(have["raw"], message)
        suite, context = decrypted.header.algorithm_suite, dict(decrypted.encryption_context)
    except KmsError:
        suite, context = None, {}
    return {**report, "suite": suite, "encryption_context": context}


def decrypt(keyring: Keyring, message: bytes, sidecar: bytes | None = None) -> dict[str, str]:
    try:
        return {"plaintext": text(READER.decrypt(keyring, message, sidecar=sidecar).plaintext)}
    except KmsError as error:
        return {"error": error.name}


def flips(keyring: Keyring, case: dict[str, Any]) -> list[str]:
    messages = each_flipped(base64.b64decode(case["message"]))
    return [outcome(lambda: READER.decrypt(keyring, message)) for message in messages]
