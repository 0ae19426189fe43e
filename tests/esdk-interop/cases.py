"""What is tried: suites, frame lengths, lengths, contexts and keys."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from participants import Key, Settings

SUITES = [0x0014, 0x0046, 0x0078, 0x0114, 0x0146, 0x0178, 0x0214, 0x0346, 0x0378, 0x0478, 0x0578]
SIGNED = {0x0214, 0x0346, 0x0378, 0x0578}
# Version 1 and unsigned: their headers may be rewritten.
REWRITABLE = [suite for suite in SUITES if suite < 0x0400 and suite not in SIGNED]
FRAME_LENGTHS = [1, 16, 1000, 4096, 65536]
UNFRAMED_LENGTHS = [0, 1, 1000, 100_000]

CONTEXTS: dict[str, dict[str, str]] = {
    "empty": {},
    "one pair": {"purpose": "interop"},
    "an empty value": {"empty": "", "other": "x"},
    "accents and scripts": {"naïve": "Füße", "日本語": "テキスト", "Ключ": "значение", "مفتاح": "قيمة"},
    # The same to the eye, and two names: no one normalises.
    "two forms of one letter": {"\u00e9": "composed", "e\u0301": "decomposed"},
    # By UTF-8, U+FFFD and U+E000 come before U+10000 and U+1F511; by UTF-16 code units, after them.
    "astral planes": {"\U0001f511": "key", "\ufffd": "replacement", "\U00010000": "𐀀", "\ue000": "private", "z": "\U0010ffff"},
    # A locale would sort them a, B, é, z.
    "cases": {"B": "1", "a": "2", "z": "3", "\u00e9": "4"},
    "many": {f"pair {number:03}": f"value {number}" * 5 for number in range(100)},
}


def aes(bits: int, name: str = "") -> Key:
    key = base64.b64encode(random.randbytes(bits // 8)).decode()
    return {"type": "aes", "namespace": "interop", "name": name or f"aes-{bits}", "key": key}


def rsa_keys(padding: str, pair: rsa.RSAPrivateKey) -> Key:
    private, public = pem(pair)
    name = f"rsa {padding}"
    return {"type": "rsa", "namespace": "Ämter", "name": name, "padding": padding, "public": public, "private": private}


def pem(pair: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> tuple[str, str]:
    """The private key, and the public one."""
    private = pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private.decode(), pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def ecdh(curve: ec.EllipticCurve) -> Iterator[tuple[str, Key, Key]]:
    """What the writer has and what the reader has, two keys that agree, by schema."""
    name = f"ECC_NIST_P{curve.key_size}"
    (ours, our_public), (theirs, their_public) = (pem(ec.generate_private_key(curve)) for _ in range(2))

    def key(schema: str, private: str = "", public: str = "") -> Key:
        return {"type": "ecdh", "schema": schema, "curve": name, "private": private, "public": public}

    yield "both static", key("static", ours, their_public), key("static", theirs, our_public)
    yield "static, discovered", key("static", ours, their_public), key("discovery", theirs)
    yield "ephemeral", key("ephemeral", public=their_public), key("discovery", theirs)


CURVES: list[ec.EllipticCurve] = [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()]
PAIR = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEYS: dict[str, tuple[Key, ...]] = {
    "AES-128": (aes(128),),
    "AES-192": (aes(192),),
    "AES-256": (aes(256, "Schlüssel 🔑"),),
    **{f"RSA {hash}": (rsa_keys(f"OAEP_{hash}_MGF1", PAIR),) for hash in ("SHA1", "SHA256", "SHA384", "SHA512")},
}
KEYS["several"] = (aes(256, "generator"), *KEYS["RSA SHA256"], aes(128, "last"))
# AWS's SDKs write with it; PocketKMS only reads it.
OLD_RSA = (rsa_keys("PKCS1", rsa.generate_private_key(public_exponent=65537, key_size=3072)),)


@dataclass(frozen=True)
class Case:
    title: str
    settings: Settings
    length: int


def lengths(frame_length: int) -> list[int]:
    """Nothing, almost nothing, around one frame, exactly some, and some with a rest."""
    frame = frame_length
    return sorted({0, 1, frame - 1, frame, frame + 1, 3 * frame, 3 * frame + frame // 2 + 1})


def matrix(frame_step: int) -> Iterator[Case]:
    """Each suite with each frame length and length, and each suite with each keyring and context; what the one does not vary
    goes round, and streams alternate with whole messages. Frame lengths are multiples of `frame_step`."""
    contexts, keyrings = list(CONTEXTS), list(KEYS)
    frames = dict.fromkeys(-(-frame // frame_step) * frame_step for frame in FRAME_LENGTHS)
    shapes = [(frame, length) for frame in frames for length in lengths(frame)]
    number = 0

    def case(suite: int, shape: tuple[int, int], keys: str, context: str) -> Case:
        nonlocal number
        number += 1
        frame, length = shape
        title = f"{suite:#06x}, {length} bytes in frames of {frame}, {keys}, context {context}"
        settings = Settings(suite, frame, CONTEXTS[context], keys=KEYS[keys], streamed=number % 2 == 0)
        return Case(title, settings, length)

    for at, suite in enumerate(SUITES):
        for step, shape in enumerate(shapes):
            yield case(suite, shape, keyrings[(at + step) % len(keyrings)], contexts[(at * 3 + step) % len(contexts)])
        for step, (keys, context) in enumerate((k, c) for k in keyrings for c in contexts):
            yield case(suite, shapes[(at + 7 * step) % len(shapes)], keys, context)
