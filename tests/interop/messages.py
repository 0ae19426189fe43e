"""The part of the judge that is about envelope messages."""

import base64
from collections import Counter

from protocol import flip_positions, flips_at, numbered, plaintext

PUBLIC_KEY = "aws-crypto-public-key"
KEYRINGS = ("kms", "raw", "hierarchy", "rewrapped")
# What an altered message may be called: one that cannot be read, whose data key cannot be decrypted, or that claims too much.
REFUSALS = {"InvalidMessageException", "UnableToDecryptDataKeyException", "LimitExceededException"}


def identity(message):
    return message["suite"], message["length"]


def signs(suite):
    return "_ECDSA_" in suite


def gets_header(suite):
    """Whether rewrapping may rewrite its header: of version 1, and nothing signed."""
    return "_COMMIT_KEY" not in suite and not signs(suite)


def judge_made(plan, made):
    """Complaints about the messages in a manifest."""
    found = Counter(map(identity, made))
    wanted = Counter((suite, length) for suite in plan["suites"] for length in plan["lengths"])
    if found != wanted:
        yield f"messages that are missing, or were not asked for: {sorted((found - wanted) + (wanted - found))}"
    if len({message["message"] for message in made}) != len(made):
        yield "two messages are equal"
    for message in made:
        if base64.b64decode(message["plaintext"], validate=True) != plaintext(message["length"]):
            yield f"{identity(message)}: not the plaintext of the protocol"
        wanted = {"header", "replaces"} if gets_header(message["suite"]) else {"sidecar"}
        if set(message["rewrapped"]) != wanted:
            yield f"{identity(message)}: rewrapped into {sorted(message['rewrapped'])}"


def judge_opened(plan, made, reported):
    """Complaints about what another participant decrypted."""
    for index, outcome in numbered(reported, made, "messages"):
        message = made[index]
        for keyring in KEYRINGS:
            if outcome[keyring] != {"plaintext": message["plaintext"]}:
                yield f"{identity(message)}: {keyring}: {outcome[keyring].get('error', 'another plaintext')}"
        if "error" in outcome["raw"]:
            continue  # so there is neither
        context = dict(outcome["encryption_context"])
        if (context.pop(PUBLIC_KEY, None) is not None) != signs(message["suite"]):
            yield f"{identity(message)}: a public key in the wrong suite, or none in a right one"
        if context != plan["contexts"][plan["messages"]["context"]] or outcome["suite"] != message["suite"]:
            yield f"{identity(message)}: another context or suite"


def to_flip(plan, made):
    flip = plan["flip"]
    return [at for at, message in enumerate(made) if message["suite"] in flip["suites"] and message["length"] == flip["length"]]


def judge_flips(plan, made, flips):
    """Complaints about messages of which one bit was flipped."""
    wanted = to_flip(plan, made)
    if not wanted or sorted(flip["message"] for flip in flips) != wanted:
        yield f"flips of messages {sorted(flip['message'] for flip in flips)} instead of {wanted}"
        return
    for flip in flips:
        message = made[flip["message"]]
        for at, outcome in flips_at(flip["outcomes"], base64.b64decode(message["message"]), f"flips of {identity(message)}"):
            if outcome not in REFUSALS:
                yield f"{identity(message)}: byte {at} flipped: {outcome}"


def outcomes(plan, made):
    """How many outcomes of messages a check has to report."""
    flips = sum(len(flip_positions(base64.b64decode(made[at]["message"]))) for at in to_flip(plan, made))
    return len(made) * (len(KEYRINGS) + 2) + flips
