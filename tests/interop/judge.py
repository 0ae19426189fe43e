"""The only judge of the interop matrix: what participants must have made and reported, by tests/interop/README.md.

Every function yields complaints, one line each; none means that all is well.
"""

import base64
import hashlib
import json
import uuid
from collections import Counter
from pathlib import Path

import messages
from protocol import flip_positions, flips_at, numbered, plaintext

DAY = 24 * 60 * 60 * 1000
CIPHERTEXT, NO_KEY = "InvalidCiphertextException", "AccessDeniedException"
CORRUPTED, TRUNCATED = "SnapshotCorruptedException", "SnapshotTruncatedException"
RECORD, ROOT, VERSION = "RecordCorruptedException", "WrongRootKeyException", "UnsupportedVersionException"

# What a flipped bit may be called, by where it is in the snapshot (docs/formats.md): the first byte after each part, and the names.
SNAPSHOT_PARTS = [
    (8, {CORRUPTED}),  # "PKMSSNAP"
    (10, {VERSION}),
    (18, {TRUNCATED, CORRUPTED}),  # length
    (26, {RECORD}),  # revision
    (30, {RECORD, CORRUPTED}),  # length of the vault header
    (31, {RECORD}),  # vault header: object type
    (32, {VERSION}),
    (196, {ROOT, RECORD}),  # the rest of a vault header with one root key
    (228, {RECORD}),  # its tag
    (None, {CORRUPTED}),  # the sealed records
]
PASSPHRASE_LENGTH = 17


def read(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def expected_cases(plan):
    """Every (vault, kind, generation, context, length) that a maker must have made."""
    for context in plan["contexts"]:
        for generation in range(plan["rotations"] + 1):
            for length in plan["lengths"]:
                yield "raw", "encrypt", generation, context, length
            yield "raw", "data-key", generation, context, 32
        yield "passphrase", "encrypt", 0, context, PASSPHRASE_LENGTH


def identity(case):
    return tuple(case[name] for name in ("vault", "kind", "generation", "context", "length"))


def judge_maker(name, directory):
    """Complaints about what `make` wrote."""
    plan, manifest = read(directory / "plan.json"), read(directory / "manifest.json")
    cases = manifest["cases"]
    if manifest["maker"] != name:
        yield f"the maker calls itself {manifest['maker']}"
    if set(manifest["key_ids"]) != {"raw", "passphrase"} or len(set(manifest["key_ids"].values())) != 2:
        yield "there must be two vaults with a key each"

    made, wanted = Counter(map(identity, cases)), Counter(expected_cases(plan))
    for case in (wanted - made).elements():
        yield f"missing: {case}"
    for case in (made - wanted).elements():
        yield f"not asked for, or twice: {case}"

    materials, data_keys = {}, []
    for case in cases:
        text = base64.b64decode(case["plaintext"], validate=True)
        if case["kind"] == "data-key":
            data_keys.append(text)
            if len(text) != 32:
                yield f"{identity(case)}: a data key of {len(text)} bytes"
        elif text != plaintext(case["length"]):
            yield f"{identity(case)}: not the plaintext of the protocol"
        materials.setdefault((case["vault"], case["generation"]), set()).add(case["material"])
    if len(set(data_keys)) != len(data_keys):
        yield "two data keys are equal"
    if len({case["blob"] for case in cases}) != len(cases):
        yield "two blobs are equal"
    if any(len(of_one) != 1 for of_one in materials.values()):
        yield "several materials in one generation"
    if len(set().union(*materials.values())) != plan["rotations"] + 2:
        yield "a generation without a material of its own"
    yield from messages.judge_made(plan["messages"], manifest["messages"])


def judge_check(checker, maker, directory, report):
    """Complaints about what `check` reported of a maker's directory, and how many outcomes it had to report."""
    plan, manifest, report = read(directory / "plan.json"), read(directory / "manifest.json"), read(report)
    cases = manifest["cases"]
    if report["checker"] != checker:
        yield f"the checker calls itself {report['checker']}"
    yield from judge_vaults(plan, maker, manifest["key_ids"], report["vaults"])
    yield from judge_decrypted(plan, manifest, report["decrypted"])
    for index, outcome in numbered(report["wrong_context"], cases, "wrong_context"):
        if outcome != CIPHERTEXT:
            yield f"{identity(cases[index])}: wrong context: {outcome}"
    yield from judge_flips(plan, manifest, report["flips"])
    yield from messages.judge_opened(plan, manifest["messages"], report["messages"])
    yield from messages.judge_flips(plan["messages"], manifest["messages"], report["message_flips"])
    yield from judge_snapshots(directory, report["snapshots"])


def outcomes(directory):
    """How many outcomes a check of that maker's directory has to report."""
    plan, manifest = read(directory / "plan.json"), read(directory / "manifest.json")
    cases = manifest["cases"]
    flips = sum(len(flip_positions(base64.b64decode(case["blob"]))) for case in cases if flipped(plan, case))
    facts = 2 * 3 + plan["rotations"]
    of_messages = messages.outcomes(plan["messages"], manifest["messages"])
    of_snapshot = len(flip_positions((directory / "raw.snapshot").read_bytes()))
    return facts + 2 * len(cases) + flips + of_messages + of_snapshot + 4


def judge_vaults(plan, maker, key_ids, vaults):
    for vault, rotations in ("raw", plan["rotations"]), ("passphrase", 0):
        wanted = {
            "key_id": key_ids[vault],
            "description": f"made by {maker}",
            "creation_millis": plan["clock_millis"],
            "rotation_millis": [plan["clock_millis"] + DAY * (n + 1) for n in range(rotations)],
        }
        if vaults[vault] != wanted:
            yield f"the {vault} vault: {vaults[vault]} instead of {wanted}"


def judge_decrypted(plan, manifest, decrypted):
    for index, outcome in numbered(decrypted, manifest["cases"], "decrypted"):
        case = manifest["cases"][index]
        key_id = manifest["key_ids"][case["vault"]]
        wanted = {
            "plaintext": case["plaintext"],
            "material": case["material"],
            "key_id": f"arn:aws:kms:{plan['region']}:{plan['account']}:key/{key_id}",
        }
        if outcome != wanted:
            wrong = [name for name in {**wanted, **outcome} if outcome.get(name) != wanted.get(name)]
            yield f"{identity(case)}: decrypted: {outcome.get('error') or 'wrong ' + ', '.join(wrong)}"


def flipped(plan, case):
    flip = plan["flip"]
    return identity(case)[:2] == ("raw", "encrypt") and case["context"] == flip["context"] and case["length"] in flip["lengths"]


def judge_flips(plan, manifest, flips):
    cases = manifest["cases"]
    wanted = [index for index, case in enumerate(cases) if flipped(plan, case)]
    if sorted(flip["case"] for flip in flips) != wanted:
        yield f"flips of cases {sorted(flip['case'] for flip in flips)} instead of {wanted}"
        return
    for flip in flips:
        case = cases[flip["case"]]
        blob = base64.b64decode(case["blob"])
        key = blob.find(uuid.UUID(manifest["key_ids"]["raw"]).bytes)
        if key < 0:
            yield f"{identity(case)}: the blob does not name its key"
        for at, outcome in flips_at(flip["outcomes"], blob, f"flips of {identity(case)}"):
            if outcome != (NO_KEY if key <= at < key + 16 else CIPHERTEXT):
                yield f"{identity(case)}: byte {at} flipped: {outcome}"


def judge_snapshots(directory, snapshots):
    for at, outcome in flips_at(snapshots["raw_flips"], (directory / "raw.snapshot").read_bytes(), "raw_flips"):
        if outcome not in next(names for end, names in SNAPSHOT_PARTS if end is None or at < end):
            yield f"raw.snapshot: byte {at} flipped: {outcome}"
    wanted = {
        "raw_truncated": TRUNCATED,
        "raw_wrong_root": ROOT,
        "passphrase_flip": CORRUPTED,
        "passphrase_wrong_root": ROOT,
    }
    for name, refusal in wanted.items():
        if snapshots[name] != refusal:
            yield f"{name}: {snapshots[name]}"


def complaints(judgement):
    """All complaints, malformed or missing files among them."""
    found = []
    try:
        found.extend(judgement)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        found.append(f"{type(error).__name__}: {error}")
    return found


def fingerprint(directory):
    """For seeing that a check did not change what it read."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(directory.glob("*")) if path.is_file())).hexdigest()
