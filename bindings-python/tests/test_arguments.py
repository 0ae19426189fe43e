"""What is taken as an argument, and what is refused."""

from __future__ import annotations

import collections
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from pocketkms import KeyMetadata, Kms, RecipientInfo, Tag, ValidationException, Vault


def untyped(kms: Kms) -> Any:
    """For calls that no type checker would let pass."""
    return kms


@pytest.mark.parametrize(
    "plaintext",
    [
        b"secret",
        bytearray(b"secret"),
        memoryview(b"secret"),
        memoryview(bytearray(b"secret")),
        memoryview(b"terces")[::-1],
        memoryview(b"secret").cast("B", (2, 3)),
    ],
    ids=["bytes", "bytearray", "memoryview", "writable", "reversed", "matrix"],
)
def test_bytes(kms: Kms, key: KeyMetadata, plaintext: bytes | bytearray | memoryview) -> None:
    encrypted = kms.encrypt(key_id=key.key_id, plaintext=plaintext)
    for blob in (
        encrypted.ciphertext_blob,
        bytearray(encrypted.ciphertext_blob),
        memoryview(encrypted.ciphertext_blob),
    ):
        assert kms.decrypt(ciphertext_blob=blob).plaintext == b"secret"


def test_every_byte_and_length(kms: Kms, key: KeyMetadata) -> None:
    for length in (1, 15, 16, 17, 256, 4096):
        plaintext = bytes(index % 256 for index in range(length))
        blob = kms.encrypt(key_id=key.key_id, plaintext=plaintext).ciphertext_blob
        assert kms.decrypt(ciphertext_blob=blob).plaintext == plaintext
    with pytest.raises(ValidationException, match="data key"):
        kms.encrypt(key_id=key.key_id, plaintext=bytes(4097))


@pytest.mark.parametrize("plaintext", ["secret", 6, [1, 2], None, object()], ids=repr)
def test_no_bytes(kms: Kms, key: KeyMetadata, plaintext: object) -> None:
    name = type(plaintext).__name__
    with pytest.raises(TypeError, match=f"^'plaintext' must be bytes, bytearray or memoryview, not {name}$"):
        untyped(kms).encrypt(key_id=key.key_id, plaintext=plaintext)


class Pairs(Mapping[str, str]):
    """The least that is a mapping."""

    def __init__(self, pairs: dict[str, str]) -> None:
        self.pairs = pairs

    def __getitem__(self, name: str) -> str:
        return self.pairs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)


CONTEXT = {"order": "4711", "schlüssel": "🔑", "": ""}


@pytest.mark.parametrize(
    "context",
    [
        dict(reversed(CONTEXT.items())),
        types.MappingProxyType(CONTEXT),
        collections.ChainMap({"order": "4711"}, CONTEXT),
        collections.OrderedDict(CONTEXT),
        Pairs(CONTEXT),
    ],
    ids=lambda context: type(context).__name__,
)
def test_mappings(kms: Kms, key: KeyMetadata, context: Mapping[str, str]) -> None:
    blob = kms.encrypt(key_id=key.key_id, plaintext=b"x", encryption_context=context).ciphertext_blob
    assert kms.decrypt(ciphertext_blob=blob, encryption_context=CONTEXT).plaintext == b"x"


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ([("order", "4711")], "^'encryption_context' must be a mapping, not list$"),
        ("order=4711", "^'encryption_context' must be a mapping, not str$"),
        ({"order": 4711}, "^'encryption_context: a value' must be str, not int$"),
        ({"order": None}, "^'encryption_context: a value' must be str, not NoneType$"),
        ({4711: "order"}, "^'encryption_context: a name' must be str, not int$"),
        ({b"order": "4711"}, "^'encryption_context: a name' must be str, not bytes$"),
    ],
)
def test_no_mapping_of_text(kms: Kms, key: KeyMetadata, context: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        untyped(kms).encrypt(key_id=key.key_id, plaintext=b"x", encryption_context=context)


TAGS = [Tag(tag_key="team", tag_value="payments"), Tag(tag_key="use", tag_value="orders")]


@pytest.mark.parametrize(
    "tags", [TAGS, tuple(TAGS), collections.UserList(TAGS)], ids=lambda tags: type(tags).__name__
)
def test_sequences(kms: Kms, key: KeyMetadata, tags: Sequence[Tag]) -> None:
    kms.tag_resource(key_id=key.key_id, tags=tags)
    assert kms.list_resource_tags(key_id=key.key_id).tags == tuple(TAGS)


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        (TAGS[0], "^'tags' must be a sequence, not Tag$"),
        ({"team": "payments"}, "^'tags' must be a sequence, not dict$"),
        (iter(TAGS), "^'tags' must be a sequence, not list_iterator$"),
        ([{"tag_key": "team", "tag_value": "payments"}], r"^'tags\[0\]' must be Tag, not dict$"),
        ([*TAGS, None], r"^'tags\[2\]' must be Tag, not NoneType$"),
        ([Tag(tag_key="team", tag_value=7)], r"^'tags\[0\]\.tag_value' must be str, not int$"),  # type: ignore[arg-type]
    ],
)
def test_no_sequence_of_tags(kms: Kms, key: KeyMetadata, tags: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        untyped(kms).tag_resource(key_id=key.key_id, tags=tags)


@pytest.mark.parametrize("tokens", ["token", b"token", bytearray(b"token")], ids=lambda tokens: type(tokens).__name__)
def test_text_is_no_sequence_of_texts(kms: Kms, key: KeyMetadata, tokens: object) -> None:
    with pytest.raises(TypeError, match="^'grant_tokens' must be a sequence"):
        untyped(kms).describe_key(key_id=key.key_id, grant_tokens=tokens)


def test_a_member_inside_of_a_structure_is_named(kms: Kms) -> None:
    recipient = RecipientInfo(attestation_document="text")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^'recipient\.attestation_document' must be bytes, .* not str$"):
        kms.generate_random(number_of_bytes=1, recipient=recipient)


@pytest.mark.parametrize("limit", [True, 1.0, "1", b"1"], ids=repr)
def test_no_whole_number(kms: Kms, limit: object) -> None:
    with pytest.raises(TypeError, match=f"^'limit' must be int, not {type(limit).__name__}$"):
        untyped(kms).list_keys(limit=limit)


@pytest.mark.parametrize("limit", [2**31, -(2**31) - 1, 2**64, 10**40])
def test_a_number_that_no_request_can_carry(kms: Kms, limit: int) -> None:
    with pytest.raises(ValidationException, match="^ValidationException: 'limit' must be a number of 32 bits$"):
        kms.list_keys(limit=limit)


@pytest.mark.parametrize("limit", [0, -1, 1001, 2**31 - 1])
def test_a_number_beyond_its_bounds_is_refused_as_aws_refuses_it(kms: Kms, limit: int) -> None:
    with pytest.raises(ValidationException, match=rf"^ValidationException: 1 validation error detected: Value '{limit}' at 'limit' failed"):
        kms.list_keys(limit=limit)


@pytest.mark.parametrize("dry_run", [0, 1, "true"], ids=repr)
def test_no_boolean(kms: Kms, key: KeyMetadata, dry_run: object) -> None:
    with pytest.raises(TypeError, match=f"^'dry_run' must be bool, not {type(dry_run).__name__}$"):
        untyped(kms).encrypt(key_id=key.key_id, plaintext=b"x", dry_run=dry_run)


def test_a_name_that_aws_does_not_know_is_refused_as_aws_refuses_it(kms: Kms, key: KeyMetadata) -> None:
    with pytest.raises(ValidationException) as raised:
        untyped(kms).generate_data_key(key_id=key.key_id, key_spec="AES_512")
    assert raised.value.message == (
        "1 validation error detected: Value 'AES_512' at 'keySpec' failed to satisfy constraint: "
        "Member must satisfy enum value set: [AES_256, AES_128]"
    )
    # All that is wrong, as AWS counts it.
    with pytest.raises(ValidationException, match="^ValidationException: 2 validation errors detected: Value '' at 'keyId' .*; Value 'x' at"):
        untyped(kms).generate_data_key(key_id="", key_spec="x")
    with pytest.raises(TypeError, match="^'key_spec' must be str, not int$"):
        untyped(kms).generate_data_key(key_id=key.key_id, key_spec=256)


def test_none_is_the_same_as_nothing_where_nothing_is_needed(kms: Kms, key: KeyMetadata) -> None:
    blob = kms.encrypt(key_id=key.key_id, plaintext=b"x", encryption_context=None, dry_run=None).ciphertext_blob
    assert kms.decrypt(ciphertext_blob=blob, encryption_context={}).plaintext == b"x"


def test_none_where_something_is_needed(kms: Kms) -> None:
    with pytest.raises(TypeError, match="^'key_id' must be str, not NoneType$"):
        untyped(kms).enable_key(key_id=None)
    with pytest.raises(TypeError, match="key_id"):
        untyped(kms).enable_key()


def test_text_that_is_no_unicode(kms: Kms) -> None:
    with pytest.raises(UnicodeEncodeError):
        kms.describe_key(key_id="\ud800")


def test_what_an_argument_raises_comes_through(kms: Kms, key: KeyMetadata) -> None:
    class Broken(Pairs):
        def __getitem__(self, name: str) -> str:
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="^broken$"):
        kms.encrypt(key_id=key.key_id, plaintext=b"x", encryption_context=Broken(CONTEXT))


def test_a_long_body_is_not_copied(vault: Vault) -> None:
    body = b" " * (3 << 20)
    for long in (body, bytearray(body), memoryview(body), memoryview(body).cast("I")):
        answer = vault.client().call("TrentService.ListKeys", long)
        assert answer == (413, b'{"__type":"RequestEntityTooLargeException"}')
