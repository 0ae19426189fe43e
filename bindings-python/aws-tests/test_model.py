"""Whatever botocore can ask is read, and whatever is answered is of the service model and read by botocore's own parser."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings, strategies as st
from model import MODEL, OFFERED, violations

import pocketkms.boto3
from pocketkms import RootKey, Vault

ALIAS = "alias/orders"


class World:
    """A vault with what requests may name."""

    def __init__(self) -> None:
        self.vault = Vault.in_memory(RootKey.from_bytes(bytes(32)))
        self.kms: Any = pocketkms.boto3.client(self.vault.client())
        self.keys = [self.kms.create_key()["KeyMetadata"] for _ in range(3)]
        self.kms.create_alias(AliasName=ALIAS, TargetKeyId=self.keys[0]["KeyId"])
        self.kms.disable_key(KeyId=self.keys[1]["KeyId"])
        self.kms.schedule_key_deletion(KeyId=self.keys[2]["KeyId"])
        self.blob = self.kms.encrypt(KeyId=ALIAS, Plaintext=b"x")["CiphertextBlob"]


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def likely(world: World, shape: str) -> list[Any]:
    """Values that lead further in than random ones would."""
    known: dict[str, list[Any]] = {
        "KeyIdType": [*(key["KeyId"] for key in world.keys), world.keys[0]["Arn"], ALIAS, "alias/none"],
        "AliasNameType": [ALIAS, "alias/none", "alias/aws/mine"],
        "CiphertextType": [world.blob, world.blob[:-1]],
    }
    return known.get(shape, [])


def values(world: World, shape: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """What botocore takes for that shape; it checks types and the lower limits, and no more."""
    least = shape.metadata.get("min", 0)
    found: st.SearchStrategy[Any]
    match shape.type_name:
        case "structure":
            members = {name: values(world, member, depth + 1) for name, member in shape.members.items()}
            required = {name: members.pop(name) for name in shape.required_members}
            return st.fixed_dictionaries(required, optional=members)
        case "list":
            return st.lists(values(world, shape.member, depth + 1), min_size=least, max_size=max(least, 3))
        case "map":
            return st.dictionaries(values(world, shape.key), values(world, shape.value), max_size=3)
        case "string":
            # No surrogates: botocore itself cannot encode them.
            found = st.text(st.characters(exclude_categories=["Cs"]), min_size=least, max_size=max(least, 20))
            if shape.enum:
                found = st.sampled_from(shape.enum) | found
        case "blob":
            found = st.binary(min_size=least, max_size=max(least, 40))
        case "boolean":
            return st.booleans()
        case _:
            found = st.integers(min_value=least, max_value=2**31 - 1) | st.integers(min_value=least, max_value=400)
    known = likely(world, shape.name)
    return st.sampled_from(known) | st.sampled_from(known) | found if known else found


@pytest.mark.parametrize("operation", OFFERED)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_request(world: World, judged: dict[str, int], operation: str, data: Any) -> None:
    shape = MODEL.operation_model(operation).input_shape
    request = data.draw(values(world, shape))
    call: Callable[..., Any] = getattr(world.kms, xform_name(operation))
    try:
        answered = call(**request)
    except ClientError as error:
        # A request of botocore's is always read; what is wrong with it, the operation says.
        assert error.response["Error"]["Code"] not in ("SerializationException", "UnknownOperationException")
    else:
        output = MODEL.operation_model(operation).output_shape
        members = set() if output is None else set(output.members)
        assert answered.keys() <= members | {"ResponseMetadata"}
    assert judged[operation] > 0


def test_the_judge() -> None:
    """It sees what is wrong."""
    wrong = {
        "ListKeys": [
            b'{"Keys": [], "Truncated": 1}',
            b'{"Keys": {}}',
            b'{"Keys": [{"KeyId": 1}]}',
            b'{"Keys": [{"KeyId": ""}]}',
            b'{"Keys": [{"Name": "x"}]}',
            b'{"Keys": [], "NextMarker": "\\u1234"}',
        ],
        "Encrypt": [b'{"CiphertextBlob": ""}', b'{"EncryptionAlgorithm": "AES"}'],
        "DescribeKey": [b'{"KeyMetadata": {}}', b'{"KeyMetadata": {"KeyId": "x", "CreationDate": "now"}}'],
        "EnableKey": [b"{}"],
    }
    for operation, bodies in wrong.items():
        for body in bodies:
            assert violations(operation, 200, body), (operation, body)
    for name in ("TagException", "PocketKmsException"):
        assert violations("ListKeys", 400, json.dumps({"__type": name}).encode())
    assert violations("ListKeys", 400, b'{"__type": "NotFoundException", "explanation": "x"}')
