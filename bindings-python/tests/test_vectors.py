"""Every vector of the AWS Encryption SDK's message format, through the package's public face.

What AWS's SDKs wrote opens here, what was altered does not. No case is passed over: a runner that has seen fewer than there
are fails.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable

import pytest
from vectors import COUNTS, LOOKED_AT, OPENED, REFUSED, SHARED, Vector, chosen, vectors

from pocketkms import KmsError, MessageHeader, RangeReader, UnsupportedOperationException



def one_shot(vector: Vector) -> tuple[bytes, MessageHeader]:
    if vector.unsigned_only:
        return by_pieces(vector)  # What only streams are asked for.
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
WAYS = pytest.mark.parametrize("way", [one_shot, by_pieces, as_a_file])


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


def expected_of(*expect: str) -> set[str]:
    """The names of all cases of that kind, as the manifests have them."""
    return {vector.case["id"] for vector in vectors() if vector.case["expect"] in expect}


def judge(way: Open, *expect: str) -> None:
    """Opens all cases from which this is expected, and reports all that come out otherwise."""
    wrong: list[str] = []
    seen: set[str] = set()
    for vector in chosen(*expect):
        case = vector.case
        try:
            plaintext, header = way(vector)
            if case["expect"] == "reject" or not is_plaintext(vector, plaintext):
                wrong.append(f"{case['id']}: was opened; {case.get('reason')}")
            elif case["expect"] == "ok":
                check_header(header, case["header"])
        except KmsError as error:
            if case["expect"] == "ok":
                wrong.append(f"{case['id']}: {error.name}: {error}")
        except AssertionError as error:
            wrong.append(f"{case['id']}: {error}")
        seen.add(case["id"])
    COUNTS.append(f"{way.__name__}: {len(seen)} cases of {len(expected_of(*expect))}, {len(wrong)} of them wrong")
    assert not wrong, "\n".join(wrong)
    assert seen == expected_of(*expect)


@WAYS
def test_what_must_not_open(way: Open) -> None:
    judge(way, *REFUSED)


@WAYS
def test_what_must_open(way: Open) -> None:
    judge(way, *OPENED)


def test_what_must_open_in_parts() -> None:
    """By random access, which is for framed messages only."""
    parts = framed = 0
    for vector in chosen(*OPENED):
        client, context = vector.client(), vector.context()

        def reader(vector: Vector = vector) -> RangeReader:
            return client.range_reader(
                vector.keyring(), io.BytesIO(vector.message), accept_unverified_signature=True, **context
            )

        if vector.case["header"]["content"] == "unframed":
            with pytest.raises(UnsupportedOperationException, match="unframed"):
                reader()
            continue
        framed += 1
        check_header(reader().header, vector.case["header"])
        plaintext = reader().read()
        assert is_plaintext(vector, plaintext), vector.case["id"]
        length = len(plaintext)
        part = reader()
        for start, end in ((length // 2, length // 2 + 1), (0, 1), (length // 3, length), (max(length - 1, 0), length + 1)):
            part.seek(start)
            assert part.read(end - start) == plaintext[start:end], vector.case["id"]
            parts += 1
        assert part.seek(0, io.SEEK_END) == length == part.plaintext_length
    COUNTS.append(f"{parts} parts of {framed} framed messages")
    assert framed > 100


def test_what_can_only_be_looked_at() -> None:
    """Messages of the KMS of AWS, to whose keys no one has access, and all that open."""
    seen: set[str] = set()
    for vector in chosen(*OPENED, *LOOKED_AT):
        expected = vector.case["header"]
        for source in (vector.message, io.BytesIO(vector.message)):
            info = vector.client().inspect(source)
            check_header(info.header, expected)
            assert info.header_length == expected["header_len"]
            names = [key.provider_id for key in info.wrapping_keys]
            assert names == [key["provider_id"] for key in expected["edks"]]
            for key in info.wrapping_keys:
                assert (key.key_arn is not None) == (key.provider_id == "aws-kms")
        seen.add(vector.case["id"])
    COUNTS.append(f"{len(seen)} headers compared")
    assert seen == expected_of(*OPENED, *LOOKED_AT)


def test_none_is_left_out() -> None:
    refused, opened = len(chosen(*REFUSED)), len(chosen(*OPENED))
    looked_at = len(chosen(*LOOKED_AT)) if SHARED.exists() else 0
    COUNTS.append(f"{refused} refused + {opened} opened + {looked_at} looked at = {len(vectors())} cases")
    assert refused + opened + looked_at == len(vectors())
    if SHARED.exists():
        assert (refused + opened, looked_at) == (774, 17)
