"""Every vector of the AWS Encryption SDK's message format, through the package's public face.

What AWS's SDKs wrote opens here, what was altered does not. Cases for a keyring that this package has otherwise are counted
and named; no other is passed over.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable

import pytest
from vectors import Vector, chosen

from pocketkms import KmsError, MessageHeader

# The keyring that this package has over its own vaults only, which AWS's branch keys are not in.
MISSING = {"aws-kms-hierarchy"}


def at_once(vector: Vector) -> tuple[bytes, MessageHeader]:
    decrypted = vector.client().decrypt(vector.keyring(), vector.message, **vector.context())
    return decrypted.plaintext, decrypted.header


def by_pieces(vector: Vector) -> tuple[bytes, MessageHeader]:
    decryptor = vector.client().decryptor(vector.keyring(), unsigned_only=vector.unsigned_only, **vector.context())
    message = vector.message
    length = 7 if len(message) < 20_000 else 4096
    plaintext = [decryptor.update(message[start : start + length]) for start in range(0, len(message), length)]
    plaintext.append(decryptor.finish())
    assert decryptor.header is not None
    return b"".join(plaintext), decryptor.header


def as_a_file(vector: Vector) -> tuple[bytes, MessageHeader]:
    reader = vector.client().decrypt_stream(
        vector.keyring(), io.BytesIO(vector.message), unsigned_only=vector.unsigned_only, **vector.context()
    )
    plaintext = reader.read()
    assert reader.header is not None
    return plaintext, reader.header


Open = Callable[[Vector], tuple[bytes, MessageHeader]]
DOORS = pytest.mark.parametrize("door", [at_once, by_pieces, as_a_file])


def is_plaintext(vector: Vector, plaintext: bytes) -> bool:
    case = vector.case
    length: int = case["plaintext_len"]
    digest: str = case["plaintext_sha256"]
    return len(plaintext) == length and hashlib.sha256(plaintext).hexdigest() == digest


def check_header(header: MessageHeader, expected: dict[str, object]) -> None:
    """That a header is as the case has it."""
    keys = [
        {"provider_id": key.provider_id, "provider_info_hex": key.provider_info.hex(), "ciphertext_len": len(key.ciphertext)}
        for key in header.encrypted_data_keys
    ]
    assert keys == expected["edks"]
    assert header.version == expected["version"]
    assert header.message_id.hex() == expected["message_id_hex"]
    assert header.encryption_context == expected["encryption_context"]
    assert header.content_type.lower() == expected["content"]
    assert header.frame_length == expected["frame_length"]
    assert (header.commitment.hex() if header.commitment else None) == expected.get("commitment_hex")


def judge(door: Open, *expect: str) -> None:
    """Opens all cases from which this is expected, and tells all that come out otherwise."""
    wrong: list[str] = []
    waiting: list[str] = []
    count = 0
    for vector in chosen(*expect):
        case = vector.case
        if case["options"].get("mode") and door is at_once:
            continue  # Of streams only; the two other doors see them.
        count += 1
        try:
            plaintext, header = door(vector)
            if case["expect"] == "reject" or not is_plaintext(vector, plaintext):
                wrong.append(f"{case['id']}: was opened; {case.get('reason')}")
            elif case["expect"] == "ok":
                check_header(header, case["header"])
        except KmsError as error:
            if case["expect"] == "ok":
                wrong.append(f"{case['id']}: {error.name}: {error}")
        except LookupError as error:
            waiting.append(str(error))
        except AssertionError as error:
            wrong.append(f"{case['id']}: {error}")
    assert not wrong, f"{len(wrong)} of {count}:\n" + "\n".join(wrong)
    assert set(waiting) <= MISSING, waiting
    print(f"{count} cases, {len(waiting)} of which need a keyring that is missing: {sorted(set(waiting))}")


@DOORS
def test_what_must_not_open(door: Open) -> None:
    judge(door, "reject", "reject-or-same")


@DOORS
def test_what_must_open(door: Open) -> None:
    judge(door, "ok")


def test_what_can_only_be_looked_at() -> None:
    """Messages of the KMS of AWS, to whose keys nobody has access, and all that open."""
    for vector in chosen("ok", "parse"):
        expected = vector.case["header"]
        for source in (vector.message, io.BytesIO(vector.message)):
            info = vector.client().inspect(source)
            check_header(info.header, expected)
            assert info.header_length == expected["header_len"]
            names = [key.provider_id for key in info.wrapping_keys]
            assert names == [key["provider_id"] for key in expected["edks"]]
            for key in info.wrapping_keys:
                assert (key.key_arn is not None) == (key.provider_id == "aws-kms")
