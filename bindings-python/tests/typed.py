"""What type checkers know, and what they refuse. Never run: `lint.sh` has mypy and pyright read it.

Each `type: ignore` must be needed, so a refusal that is lost is an error too.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

import pocketkms
from pocketkms import EncryptionAlgorithmSpec, Kms, KmsError, ManualClock, RootKey, Tag

if TYPE_CHECKING:
    from typing_extensions import assert_type


def results(kms: Kms, clock: ManualClock) -> None:
    encrypted = kms.encrypt(key_id="alias/orders", plaintext=memoryview(b"x"), encryption_context={"order": "4711"})
    assert_type(encrypted, pocketkms.EncryptResponse)
    assert_type(encrypted.ciphertext_blob, bytes)
    assert_type(encrypted.encryption_algorithm, EncryptionAlgorithmSpec)
    assert_type(kms.generate_data_key(key_id="alias/orders", key_spec="AES_256").plaintext, bytes)
    assert_type(kms.list_keys(resource_owners=["SELF"]).next_marker, str | None)
    assert_type(kms.list_resource_tags(key_id="1").tags, tuple[Tag, ...])
    assert_type(kms.describe_key(key_id="1").key_metadata.deletion_date, datetime | None)
    assert_type(clock.now(), datetime)
    assert_type(kms.snapshot(), bytes)
    assert_type(KmsError("message").explanation, str | None)
    with kms as same:
        assert_type(same, Kms)


def refusals(kms: Kms, clock: ManualClock, root: RootKey, spec: str, known: Literal["AES_128", "AES_256"]) -> None:
    kms.encrypt(key_id="1")  # type: ignore[call-arg]
    kms.encrypt(key_id="1", plaintext="text")  # type: ignore[arg-type]
    kms.encrypt(key_id="1", plaintext=b"x", encryption_contxt={})  # type: ignore[call-arg]
    kms.encrypt(key_id="1", plaintext=b"x", encryption_context={"order": 4711})  # type: ignore[dict-item]
    kms.encrypt("1", b"x")  # type: ignore[call-arg]
    kms.encrypt(key_id=None, plaintext=b"x")  # type: ignore[arg-type]
    kms.generate_data_key(key_id="1", key_spec="AES_512")  # type: ignore[arg-type]
    kms.generate_data_key(key_id="1", key_spec=spec)  # type: ignore[arg-type]
    kms.generate_data_key(key_id="1", key_spec=known)
    kms.tag_resource(key_id="1", tags=[("team", "payments")])  # type: ignore[list-item]
    kms.generate_random(number_of_bytes=1).number_of_bytes  # type: ignore[attr-defined]
    kms.generate_random(number_of_bytes=1).plaintext = b""  # type: ignore[misc]
    Kms.create(b"x" * 32)  # type: ignore[arg-type]
    Kms.create(root, clock)  # type: ignore[call-arg]
    RootKey.from_bytes("text")  # type: ignore[arg-type]
    clock.advance(7)  # type: ignore[arg-type]
    pocketkms.NoSuchException  # type: ignore[attr-defined]
