"""The requests, responses and errors of the core are those of AWS's service model: no member more or less, the same
names, types, enumerations and required flags."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from comparison import Model, differences

def test_the_core_keeps_the_contract(core: Model, aws: Model) -> None:
    assert core["operations"], "nothing was compared"
    assert differences(core, aws) == []


def shape(model: Model, name: str) -> Model:
    found: Model = model["shapes"][name]
    return found


# What could change in AWS's model (or go wrong in the core), and what the comparison must then say first.
DOCTORED: dict[str, tuple[Callable[[Model], object], str]] = {
    "an operation is gone": (
        lambda aws: aws["operations"].pop("Encrypt"),
        "Encrypt: no such operation",
    ),
    "an operation answers": (
        lambda aws: aws["operations"]["EnableKey"].update(output={"shape": "CancelKeyDeletionResponse"}),
        "EnableKey: response: None, ",
    ),
    "an operation takes another request": (
        lambda aws: aws["operations"]["EnableKey"].update(input={"shape": "DisableKeyRequest"}),
        "EnableKey: request: 'EnableKeyRequest', ",
    ),
    "a request has one member more": (
        lambda aws: shape(aws, "EncryptRequest")["members"].update(Padding={"shape": "NumberOfBytesType"}),
        "EncryptRequest: members: ",
    ),
    "a request has one member less": (
        lambda aws: shape(aws, "DecryptRequest")["members"].pop("DryRunModifiers"),
        "DecryptRequest: members: ",
    ),
    "a response has one member less": (
        lambda aws: shape(aws, "GenerateDataKeyResponse")["members"].pop("KeyMaterialId"),
        "GenerateDataKeyResponse: members: ",
    ),
    "a structure in a response has one member more": (
        lambda aws: shape(aws, "MultiRegionKey")["members"].update(Zone={"shape": "RegionType"}),
        "MultiRegionKey: members: ",
    ),
    "a structure in a request has one member more": (
        lambda aws: shape(aws, "RecipientInfo")["members"].update(Zone={"shape": "RegionType"}),
        "RecipientInfo: members: ",
    ),
    "a member of a request becomes required": (
        lambda aws: shape(aws, "GenerateRandomRequest").update(required=["NumberOfBytes"]),
        "GenerateRandomRequest.NumberOfBytes: required is False, ",
    ),
    "a member of a request becomes optional": (
        lambda aws: shape(aws, "EncryptRequest").update(required=["KeyId"]),
        "EncryptRequest.Plaintext: required is True, ",
    ),
    "a member of a structure in a request becomes optional": (
        lambda aws: shape(aws, "Tag").update(required=["TagKey"]),
        "Tag.TagValue: required is True, ",
    ),
    "a response promises more": (
        lambda aws: shape(aws, "ListKeysResponse").update(required=["NextMarker"]),
        "ListKeysResponse.NextMarker: required is False, ",
    ),
    "text becomes a number": (
        lambda aws: shape(aws, "MarkerType").update(type="integer"),
        "ListKeysRequest.Marker: type: 'string', ",
    ),
    "text becomes an enumeration": (
        lambda aws: shape(aws, "RegionType").update(enum=["eu-central-1"]),
        "MultiRegionKey.Region: string, ",
    ),
    "a list becomes something else": (
        lambda aws: shape(aws, "GrantTokenList").update(type="string"),
        "DescribeKeyRequest.GrantTokens: type: 'list', ",
    ),
    "the items of a list become something else": (
        lambda aws: shape(aws, "TagKeyList").update(member={"shape": "NumberOfBytesType"}),
        "UntagResourceRequest.TagKeys[]: type: 'string', ",
    ),
    "the values of a context become something else": (
        lambda aws: shape(aws, "EncryptionContextValue").update(type="blob"),
        "EncryptRequest.EncryptionContext value: type: 'string', ",
    ),
    "bytes become secret": (
        lambda aws: shape(aws, "CiphertextType").update(sensitive=True),
        "EncryptResponse.CiphertextBlob: secret: False, ",
    ),
    "a secret becomes public": (
        lambda aws: shape(aws, "PlaintextType").pop("sensitive"),
        "EncryptRequest.Plaintext: secret: True, ",
    ),
    "an enumeration has one value more": (
        lambda aws: shape(aws, "KeySpec")["enum"].append("ML_KEM_2048"),
        "CreateKeyRequest.KeySpec: values of KeySpec: ",
    ),
    "an enumeration has one value less": (
        lambda aws: shape(aws, "DryRunModifierType")["enum"].clear(),
        "DecryptRequest.DryRunModifiers[]: values of DryRunModifierType: ",
    ),
    "a member is of another enumeration": (
        lambda aws: shape(aws, "GenerateDataKeyRequest")["members"].update(KeySpec={"shape": "KeySpec"}),
        "GenerateDataKeyRequest.KeySpec: enumeration: 'DataKeySpec', ",
    ),
    "a limit changes": (
        lambda aws: shape(aws, "PlaintextType").update(max=8192),
        "EncryptRequest.Plaintext: limits: [1, 4096], ",
    ),
    "the limit of an item changes": (
        lambda aws: shape(aws, "GrantTokenType").pop("max"),
        "DescribeKeyRequest.GrantTokens[]: limits: [1, 8192], ",
    ),
    "a pattern changes": (
        lambda aws: shape(aws, "MarkerType").update(pattern=".*"),
        "ListKeysRequest.Marker: pattern: ",
    ),
    "there is a new operation": (
        lambda aws: aws["operations"].update(Hash=aws["operations"]["Encrypt"]),
        "operations: ",
    ),
    "an operation raises another error that is known": (
        lambda aws: aws["operations"]["EnableKey"]["errors"].append({"shape": "TagException"}),
        "EnableKey: errors: ",
    ),
    "an exception is gone": (
        lambda aws: aws["shapes"].pop("InvalidMarkerException"),
        "InvalidMarkerException: no such exception",
    ),
    "an exception is none any more": (
        lambda aws: shape(aws, "NotFoundException").pop("exception"),
        "NotFoundException: no such exception",
    ),
    "an operation raises a new error": (
        lambda aws: aws["operations"]["Decrypt"]["errors"].append({"shape": "ThrottlingException"}),
        "Decrypt: errors: ",
    ),
}


@pytest.mark.parametrize("change", DOCTORED)
def test_a_difference_is_seen(core: Model, aws: Model, change: str) -> None:
    doctor, expected = DOCTORED[change]
    doctored = copy.deepcopy(aws)
    doctor(doctored)
    found = differences(core, doctored)
    assert found and found[0].startswith(expected), found


def test_a_name_unlike_botos_is_seen(core: Model, aws: Model) -> None:
    doctored = copy.deepcopy(core)
    doctored["structures"]["EncryptRequest"]["members"][0]["snakeName"] = "keyid"
    assert differences(doctored, aws) == ["EncryptRequest.KeyId: name: 'keyid', but AWS's model says 'key_id'"]


def test_a_missing_structure_is_seen(core: Model, aws: Model) -> None:
    doctored = copy.deepcopy(core)
    del doctored["structures"]["KeyMetadata"]
    assert differences(doctored, aws) == ["KeyMetadata: missing"]
