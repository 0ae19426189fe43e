"""The examples that botocore has of each operation, unchanged: answered with the members that they show."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from importing import wrap
from model import LOADER, MODEL, OFFERED

import pocketkms.boto3
from pocketkms import ClusterError, RootKey, Vault

EXAMPLES: dict[str, list[dict[str, Any]]] = LOADER.load_service_model("kms", "examples-1")["examples"]
ALL = [(operation, number) for operation in OFFERED for number in range(len(EXAMPLES.get(operation, [])))]

ACCOUNT, REGIONS = "111122223333", ("us-east-1", "us-east-2", "us-west-2")
KEY, OTHER = "1234abcd-12ab-34cd-56ef-1234567890ab", "0987dcba-09fe-87dc-65ba-ab0987654321"
# That of the examples has a digit that the model's pattern does not.
CLUSTER = "cluster-2a23b4cdefg"
MULTI_REGION = "mrk-1234abcd12ab34cd56ef1234567890ab"

# What they ask for and this version does not offer: refused with the exception named.
REFUSED = {
    "AWS_CLOUDHSM": "CustomKeyStoreNotFoundException",
    "EXTERNAL_KEY_STORE": "CustomKeyStoreNotFoundException",
    "ap-northeast-1": "NotFoundException",
}
# They are of another time than the model, which has the members that AWS answers today. AWS's recorded answers have them, too.
OLDER = {"CurrentKeyMaterialId", "KeyMaterialId", "EncryptionAlgorithm", "SourceEncryptionAlgorithm", "KeyId", "MultiRegion",
         "DestinationEncryptionAlgorithm", "SourceKeyMaterialId", "DestinationKeyMaterialId", "KeyState", "PendingWindowInDays",
         "RotationPeriodInDays", "NextRotationDate", "Truncated", "EncryptionAlgorithms", "KeySpec", "CustomerMasterKeySpec",
         "CreationDate", "LastUpdatedDate", "CustomKeyStoreType", "PolicyName", "SigningAlgorithms"}  # fmt: skip
# Of keys of other kinds than symmetric encryption keys.
OTHER_KINDS = {"SigningAlgorithms", "EncryptionAlgorithms", "MacAlgorithms", "MultiRegionConfiguration"}
# AWS's recorded answer is that of a replica that is being created, and has no list where there are no tags.
OTHER_NOW = {"ReplicaTags"}


class World:
    """What the examples take for granted."""

    def __init__(self, vault: Vault, operation: str, region: str) -> None:
        self.vault = vault
        self.kms: Any = pocketkms.boto3.client(vault.client(region=region))
        # The examples' key ids differ in their form alone, and one vault takes one of them.
        if operation in ("ReplicateKey", "UpdatePrimaryRegion"):
            vault.create_fixed_key(key_id=MULTI_REGION, region=region)
            return
        for key_id in (KEY, OTHER):
            vault.create_fixed_key(key_id=key_id, key_material=bytes(32), region=region)
        self.blob = self.kms.encrypt(KeyId=KEY, Plaintext=b"x")["CiphertextBlob"]
        if operation != "CreateAlias":
            self.kms.create_alias(AliasName="alias/ExampleAlias", TargetKeyId=OTHER if operation == "UpdateAlias" else KEY)
        if operation == "CancelKeyDeletion":
            self.kms.schedule_key_deletion(KeyId=KEY)
        if operation in ("GetKeyRotationStatus", "DisableKeyRotation"):
            self.kms.enable_key_rotation(KeyId=KEY)
        if operation == "ListResourceTags":
            tags: list[Any] = [{"TagKey": name, "TagValue": "x"} for name in ("CostCenter", "CreatedBy", "Purpose")]
            self.kms.tag_resource(KeyId=KEY, Tags=tags)


@pytest.mark.parametrize(("operation", "number"), ALL)
def test_example(operation: str, number: int) -> None:
    example = EXAMPLES[operation][number]
    request = dict(example.get("input") or {})
    shown = str(request)
    region = next((region for region in REGIONS if region in shown), REGIONS[0])
    with Vault.in_memory(RootKey.from_bytes(bytes(32)), account_id=ACCOUNT, region=region, cloud_hsm_clusters={CLUSTER: Cluster()}) as vault:
        world = World(vault, operation, region)
        for name, value in request.items():
            if value == "<binary data>":
                request[name] = world.blob if name == "CiphertextBlob" else b"x"
        if operation in ("GenerateMac", "VerifyMac"):
            # The host fixes ids of symmetric encryption keys alone.
            request["KeyId"] = world.kms.create_key(KeySpec="HMAC_384", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
            request["Message"] = b"x"
            if operation == "VerifyMac":
                given = {name: value for name, value in request.items() if name != "Mac"}
                request["Mac"] = world.kms.generate_mac(**given)["Mac"]
        if operation in ("Sign", "Verify", "GetPublicKey"):
            made = world.kms.create_key(KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
            request["KeyId"] = made["KeyId"]
            if operation == "Verify":
                given = {name: value for name, value in request.items() if name != "Signature"}
                request["Signature"] = world.kms.sign(**given)["Signature"]
        if operation in ("GetParametersForImport", "ImportKeyMaterial", "DeleteImportedKeyMaterial"):
            request["KeyId"] = world.kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
            if operation == "ImportKeyMaterial":
                algorithm = "RSAES_OAEP_SHA_256"
                given = world.kms.get_parameters_for_import(
                    KeyId=request["KeyId"], WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048"
                )
                request["ImportToken"] = given["ImportToken"]
                request["EncryptedKeyMaterial"] = wrap(given["PublicKey"], algorithm, bytes(32))
        if "CloudHsmClusterId" in request:
            request["CloudHsmClusterId"] = CLUSTER
        if "CustomKeyStore" in operation:
            prepare_store(world, operation, request)
        if operation in ("CreateGrant", "RetireGrant", "RevokeGrant"):
            # The key is one of another account in some of them, whose policy allows it.
            request["KeyId"] = f"arn:aws:kms:{region}:{ACCOUNT}:key/{KEY}"
            if "GrantId" in request:
                grantee = f"arn:aws:iam::{ACCOUNT}:role/ExampleRole"
                made = world.kms.create_grant(KeyId=KEY, GranteePrincipal=grantee, Operations=["Decrypt"])
                request["GrantId"] = made["GrantId"]
        call = getattr(world.kms, xform_name(operation))
        error = next((error for what, error in REFUSED.items() if what in shown), None)
        if error is not None:
            with pytest.raises(ClientError) as raised:
                call(**request)
            assert raised.value.response["Error"]["Code"] == error
            return
        answered = call(**request)
        answered.pop("ResponseMetadata")
        compare(operation, MODEL.operation_model(operation).output_shape, example.get("output"), answered)


class Cluster:
    """The AWS CloudHSM cluster of the examples, of which they need no key."""

    def describe(self) -> str | None:
        return None

    def connect(self, password: str, /) -> None:
        pass

    def disconnect(self) -> None:
        pass

    def create_key(self, password: str, label: str, /) -> str:
        raise ClusterError("FULL")

    def delete_key(self, password: str, key: str, /) -> None:
        raise ClusterError("KEY_NOT_FOUND")

    def encrypt(self, password: str, key: str, plaintext: bytes, aad: bytes, /) -> bytes:
        raise ClusterError("KEY_NOT_FOUND")

    def decrypt(self, password: str, key: str, ciphertext: bytes, aad: bytes, /) -> bytes:
        raise ClusterError("KEY_NOT_FOUND")

    def random(self, password: str, length: int, /) -> bytes:
        raise ClusterError("INTERNAL")


def prepare_store(world: World, operation: str, request: dict[str, Any]) -> None:
    """The custom key store of the examples, whose id is another one."""
    if operation == "CreateCustomKeyStore" or (operation == "DescribeCustomKeyStores" and not request):
        return
    example = EXAMPLES["CreateCustomKeyStore"][0]["input"]
    made = world.kms.create_custom_key_store(**example | {"CloudHsmClusterId": CLUSTER})
    if operation in ("DisconnectCustomKeyStore", "DescribeCustomKeyStores"):
        world.kms.connect_custom_key_store(CustomKeyStoreId=made["CustomKeyStoreId"])
    if "CustomKeyStoreId" in request:
        request["CustomKeyStoreId"] = made["CustomKeyStoreId"]


def compare(place: str, shape: Any, shown: Any, answered: Any) -> None:
    """The same members, of the same kind; values are of another vault and time."""
    if isinstance(shown, dict):
        missing = shown.keys() - answered.keys() - OTHER_KINDS - OTHER_NOW
        more = answered.keys() - shown.keys() - OLDER
        assert not missing and not more, f"{place}: {missing} missing, {more} more"
        for name in shown.keys() & answered.keys():
            compare(f"{place}.{name}", shape.members[name], shown[name], answered[name])
    elif isinstance(shown, list):
        assert isinstance(answered, list)
        for item in answered[:1]:
            compare(f"{place}[]", shape.member, shown[0], item)
    elif shown is None:
        assert not answered.keys() - OLDER
    elif shape.type_name == "timestamp":
        assert isinstance(answered, datetime)
    elif shape.type_name == "blob":
        assert isinstance(answered, bytes) and base64.b64encode(answered)
    else:
        assert type(answered) is type(shown), place


def test_each_is_there() -> None:
    """None is passed over: all operations that have examples, and most of the examples answered."""
    assert len({operation for operation, _ in ALL}) >= 22
    shown = [str(EXAMPLES[operation][number].get("input")) for operation, number in ALL]
    refused = [text for text in shown if any(what in text for what in REFUSED)]
    assert len(refused) < len(ALL) / 3
