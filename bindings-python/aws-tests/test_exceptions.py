"""Each exception that the service model lists for an operation that exists is provoked through boto3, or listed with the reason why
it cannot be."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore import xform_name
from conftest import ACCOUNT, REGION
from importing import wrap
from model import OFFERED, errors_of

import pocketkms.boto3
from pocketkms import ManualClock, ResourceQuotas, Vault

MISSING = "0d990263-018e-4e65-a703-eff731de951e"

USER = f"arn:aws:iam::{ACCOUNT}:user/one"

EVERYWHERE = {
    "DependencyTimeoutException": "a service that AWS KMS waits for; a library waits for none",
    "KMSInternalException": "the error of a damaged store, which no request provokes: tests/tests/wire",
}
CLUSTER = "an AWS CloudHSM cluster provokes it: tests/tests/key_stores"
PROXY = "an external key store proxy that answers provokes it"
NETWORK = "AWS's network between a custom key store and what is behind it, which a library does not have"
NEVER: dict[str, str] = {
    "CreateKey CloudHsmClusterInvalidConfigurationException": CLUSTER,
    "CreateKey XksKeyAlreadyInUseException": PROXY,
    "CreateKey XksKeyInvalidConfigurationException": PROXY,
    "CreateKey XksKeyNotFoundException": PROXY,
    "GenerateRandom CustomKeyStoreInvalidStateException": CLUSTER,
    "GenerateRandom UnsupportedOperationException": PROXY,
    "CreateCustomKeyStore CloudHsmClusterInUseException": CLUSTER,
    "CreateCustomKeyStore IncorrectTrustAnchorException": CLUSTER,
    "UpdateCustomKeyStore CloudHsmClusterNotFoundException": CLUSTER,
    "UpdateCustomKeyStore CloudHsmClusterNotRelatedException": CLUSTER,
    "DeleteCustomKeyStore CustomKeyStoreHasCMKsException": CLUSTER,
    "CreateKey InvalidArnException": "AWS lists it; what is wrong in a policy is a MalformedPolicyDocumentException",
    "DeleteAlias KMSInvalidStateException": "AWS lists it, and deletes an alias whatever state its key is in",
    "GetKeyRotationStatus KMSInvalidStateException": "AWS lists it, and answers in every state",
    "ListKeyRotations KMSInvalidStateException": "AWS lists it, and answers in every state",
    "GetKeyPolicy KMSInvalidStateException": "AWS lists it, and answers in every state",
    "ListKeyPolicies KMSInvalidStateException": "AWS lists it, and answers in every state",
    "PutKeyPolicy KMSInvalidStateException": "AWS lists it, and stores a policy in every state",
    "PutKeyPolicy UnsupportedOperationException": "AWS lists it, and does not say for what",
    "RotateKeyOnDemand ConflictException": "of a rotation that is under way; here it is done when the answer comes",
    "TagResource LimitExceededException": "AWS lists it, and answers a TagException",
    "CreateKey LimitExceededException": "100,000 keys in an account: a quota that is not kept yet",
    "EnableKey LimitExceededException": "a quota of AWS's former days",
}
for operation in ("CreateCustomKeyStore", "UpdateCustomKeyStore", "ConnectCustomKeyStore"):
    for name in ("CloudHsmClusterNotActiveException", "CloudHsmClusterInvalidConfigurationException"):
        NEVER[f"{operation} {name}"] = CLUSTER
for operation in ("CreateCustomKeyStore", "UpdateCustomKeyStore"):
    for name in ("IncorrectAuthenticationCredential", "InvalidResponse", "InvalidConfiguration"):
        NEVER[f"{operation} XksProxy{name}Exception"] = PROXY
    for name in ("NotFound", "InvalidConfiguration"):
        NEVER[f"{operation} XksProxyVpcEndpointService{name}Exception"] = NETWORK
NEVER["DeleteImportedKeyMaterial KMSInvalidStateException"] = "AWS lists it, and deletes material in every state"
NEVER["CreateGrant LimitExceededException"] = "50,000 grants on a key, which take too long to make"
NEVER["ListRetirableGrants NotFoundException"] = "AWS lists it; a principal who may retire none has an empty list"
for operation in ("ListGrants", "RetireGrant", "RevokeGrant"):
    NEVER[f"{operation} KMSInvalidStateException"] = "AWS lists it, and answers in every state"
NEVER["GetPublicKey InvalidKeyUsageException"] = "AWS lists it, and gives the public key of a key pair of any usage"
# Operations of other kinds of keys: which key of the world they are for.
KINDS = {"GenerateMac": "hmac", "VerifyMac": "hmac", "Sign": "signer", "Verify": "signer", "GetPublicKey": "signer", "DeriveSharedSecret": "agreeing",
         "Encapsulate": "encapsulating", "Decapsulate": "encapsulating"}  # fmt: skip
for operation in ("Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext",
                  "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", *KINDS):  # fmt: skip
    NEVER[f"{operation} KeyUnavailableException"] = "a key that AWS cannot reach for a while; here a key is there or is not"


class World:
    def __init__(self, vault: Vault, clock: ManualClock) -> None:
        self.clock = clock
        self.kms: Any = pocketkms.boto3.client(vault.client())
        self.key = self.new()
        self.other = self.new()
        self.disabled = self.new()
        self.hmac = self.kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
        self.mac = self.kms.generate_mac(KeyId=self.hmac, Message=b"x", MacAlgorithm="HMAC_SHA_256")["Mac"]
        self.signer = self.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        signed = self.kms.sign(KeyId=self.signer, Message=b"x", SigningAlgorithm="ECDSA_SHA_256")
        self.signature = signed["Signature"]
        self.agreeing = self.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"]
        self.public_key = self.kms.get_public_key(KeyId=self.signer)["PublicKey"]
        made = self.kms.create_key(KeySpec="ML_KEM_512", KeyUsage="ENCAPSULATE_DECAPSULATE")
        self.encapsulating = made["KeyMetadata"]["KeyId"]
        encapsulated = self.kms.encapsulate(KeyId=self.encapsulating, EncapsulationAlgorithm="ML_KEM")
        self.encapsulated = encapsulated["SharedSecretCiphertextBlob"]
        self.multi_region = self.kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
        self.kms.replicate_key(KeyId=self.multi_region, ReplicaRegion="eu-west-1")
        self.vault = vault
        self.pending = self.new()
        self.blob = self.kms.encrypt(KeyId=self.key, Plaintext=b"x")["CiphertextBlob"]
        self.blob_of_disabled = self.kms.encrypt(KeyId=self.disabled, Plaintext=b"x")["CiphertextBlob"]
        self.blob_of_pending = self.kms.encrypt(KeyId=self.pending, Plaintext=b"x")["CiphertextBlob"]
        self.grant = self.kms.create_grant(KeyId=self.key, GranteePrincipal=USER, Operations=["Decrypt"])["GrantId"]
        self.kms.create_alias(AliasName="alias/one", TargetKeyId=self.key)
        self.kms.create_alias(AliasName="alias/pending", TargetKeyId=self.pending)
        self.kms.disable_key(KeyId=self.disabled)
        self.kms.schedule_key_deletion(KeyId=self.pending)

    def new(self) -> str:
        made: str = self.kms.create_key()["KeyMetadata"]["KeyId"]
        return made


POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}],
    }
)

FOR_GOOD = "KEY_MATERIAL_DOES_NOT_EXPIRE"
# The least that each operation takes, for a key.
FOR_KEY: dict[str, Callable[[World, str], dict[str, Any]]] = {
    "CancelKeyDeletion": lambda world, key: {"KeyId": key},
    "CreateGrant": lambda world, key: {"KeyId": key, "GranteePrincipal": USER, "Operations": ["Decrypt"]},
    "ListGrants": lambda world, key: {"KeyId": key},
    "RetireGrant": lambda world, key: {"KeyId": key, "GrantId": world.grant},
    "RevokeGrant": lambda world, key: {"KeyId": key, "GrantId": world.grant},
    "CreateAlias": lambda world, key: {"AliasName": "alias/new", "TargetKeyId": key},
    "Decrypt": lambda world, key: {"CiphertextBlob": world.blob, "KeyId": key},
    "DescribeKey": lambda world, key: {"KeyId": key},
    "DisableKey": lambda world, key: {"KeyId": key},
    "DisableKeyRotation": lambda world, key: {"KeyId": key},
    "EnableKey": lambda world, key: {"KeyId": key},
    "EnableKeyRotation": lambda world, key: {"KeyId": key},
    "Encrypt": lambda world, key: {"KeyId": key, "Plaintext": b"x"},
    "GenerateDataKey": lambda world, key: {"KeyId": key, "KeySpec": "AES_256"},
    "GenerateDataKeyWithoutPlaintext": lambda world, key: {"KeyId": key, "KeySpec": "AES_256"},
    "GenerateDataKeyPair": lambda world, key: {"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"},
    "GenerateDataKeyPairWithoutPlaintext": lambda world, key: {"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"},
    "Encapsulate": lambda world, key: {"KeyId": key, "EncapsulationAlgorithm": "ML_KEM"},
    "Decapsulate": lambda world, key: FOR_KEY["Encapsulate"](world, key) | {"SharedSecretCiphertextBlob": world.encapsulated},
    "GetKeyRotationStatus": lambda world, key: {"KeyId": key},
    "GenerateMac": lambda world, key: {"KeyId": key, "Message": b"x", "MacAlgorithm": "HMAC_SHA_256"},
    "Sign": lambda world, key: {"KeyId": key, "Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"},
    "Verify": lambda world, key: FOR_KEY["Sign"](world, key) | {"Signature": world.signature},
    "GetPublicKey": lambda world, key: {"KeyId": key},
    "DeriveSharedSecret": lambda world, key: {"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": world.public_key},
    "VerifyMac": lambda world, key: {"KeyId": key, "Message": b"x", "MacAlgorithm": "HMAC_SHA_256", "Mac": world.mac},
    "GetKeyPolicy": lambda world, key: {"KeyId": key},
    "ListKeyPolicies": lambda world, key: {"KeyId": key},
    "GetKeyLastUsage": lambda world, key: {"KeyId": key},
    "PutKeyPolicy": lambda world, key: {"KeyId": key, "Policy": POLICY},
    "GetParametersForImport": lambda world, key: {"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"},
    "ImportKeyMaterial": lambda world, key: {"KeyId": key, "ImportToken": b"x", "EncryptedKeyMaterial": b"x", "ExpirationModel": FOR_GOOD},
    "DeleteImportedKeyMaterial": lambda world, key: {"KeyId": key},
    "ListAliases": lambda world, key: {"KeyId": key},
    "ListKeyRotations": lambda world, key: {"KeyId": key},
    "ListResourceTags": lambda world, key: {"KeyId": key},
    "ReEncrypt": lambda world, key: {"CiphertextBlob": world.blob, "DestinationKeyId": key},
    "ReplicateKey": lambda world, key: {"KeyId": key, "ReplicaRegion": "eu-west-3"},
    "UpdatePrimaryRegion": lambda world, key: {"KeyId": key, "PrimaryRegion": "eu-west-1"},
    "RotateKeyOnDemand": lambda world, key: {"KeyId": key},
    "ScheduleKeyDeletion": lambda world, key: {"KeyId": key},
    "TagResource": lambda world, key: {"KeyId": key, "Tags": [{"TagKey": "a", "TagValue": "b"}]},
    "UntagResource": lambda world, key: {"KeyId": key, "TagKeys": ["a"]},
    "UpdateAlias": lambda world, key: {"AliasName": "alias/one", "TargetKeyId": key},
    "UpdateKeyDescription": lambda world, key: {"KeyId": key, "Description": ""},
}


def fifty_aliases(world: World) -> None:
    for number in range(49):
        world.kms.create_alias(AliasName=f"alias/{number}", TargetKeyId=world.key)
    world.kms.create_alias(AliasName="alias/elsewhere", TargetKeyId=world.other)


def twenty_five_rotations(world: World) -> None:
    for _ in range(25):
        world.kms.rotate_key_on_demand(KeyId=world.key)
        world.clock.advance(timedelta(days=1))


def no_more_keys(world: World) -> None:
    world.vault.set_resource_quotas(ResourceQuotas(keys=1))
    world.vault.client(region="eu-west-3").create_key()


def tagged(world: World) -> None:
    world.kms.tag_resource(KeyId=world.key, Tags=[{"TagKey": str(number), "TagValue": ""} for number in range(50)])


def importing(world: World, material: bytes) -> dict[str, Any]:
    """A request that imports material into a new key."""
    made = world.kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    given = world.kms.get_parameters_for_import(**FOR_KEY["GetParametersForImport"](world, made))
    wrapped = wrap(given["PublicKey"], "RSAES_OAEP_SHA_256", material)
    return {"KeyId": made, "ImportToken": given["ImportToken"], "EncryptedKeyMaterial": wrapped, "ExpirationModel": FOR_GOOD}


def importing_late(world: World) -> dict[str, Any]:
    request = importing(world, bytes(32))
    world.clock.advance(timedelta(days=1))
    return request


def proxy(name: str, number: int, **more: Any) -> dict[str, Any]:
    """A custom key store of an external key store proxy, which is reached by a VPC endpoint service."""
    return {
        "CustomKeyStoreName": name,
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyUriEndpoint": f"https://{number}.example.com",
        "XksProxyUriPath": "/kms/xks/v1",
        "XksProxyVpcEndpointServiceName": f"com.amazonaws.vpce.us-east-1.vpce-svc-{number:017}",
        "XksProxyAuthenticationCredential": {"AccessKeyId": "A" * 20, "RawSecretAccessKey": "s" * 43},
        "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
    } | more


def store(world: World, number: int = 1) -> dict[str, Any]:
    """Makes one, and names it."""
    made = world.kms.create_custom_key_store(**proxy(str(number), number))
    return {"CustomKeyStoreId": made["CustomKeyStoreId"]}


def failed(world: World) -> dict[str, Any]:
    """The same, and it could not be connected."""
    made = store(world)
    world.kms.connect_custom_key_store(**made)
    return made


NO_STORE = {"CustomKeyStoreId": "cks-1"}
PUBLIC: dict[str, Any] = {"XksProxyConnectivity": "PUBLIC_ENDPOINT", "XksProxyUriEndpoint": "https://nowhere.example.com"}


def no_more_stores(world: World) -> None:
    world.vault.set_resource_quotas(ResourceQuotas(custom_key_stores=0))


def public(name: str) -> dict[str, Any]:
    """One by a public endpoint."""
    return {member: value for member, value in proxy(name, 1).items() if "Vpc" not in member} | PUBLIC


Case = tuple[Callable[[World], object], Callable[[World], dict[str, Any]]]
NOTHING: Callable[[World], object] = lambda world: None
# What provokes an exception: what is done before, and the request. Those of all operations on keys follow below.
CASES: dict[str, Case] = {
    "CreateAlias AlreadyExistsException": (NOTHING, lambda w: {"AliasName": "alias/one", "TargetKeyId": w.key}),
    "CreateAlias InvalidAliasNameException": (NOTHING, lambda w: {"AliasName": "alias/aws/x", "TargetKeyId": w.key}),
    "CreateAlias LimitExceededException": (fifty_aliases, lambda w: {"AliasName": "alias/new", "TargetKeyId": w.key}),
    "CreateKey CustomKeyStoreNotFoundException": (NOTHING, lambda w: {"CustomKeyStoreId": "cks-1", "Origin": "AWS_CLOUDHSM"}),
    "CreateKey CustomKeyStoreInvalidStateException": (
        NOTHING,
        lambda w: store(w) | {"Origin": "EXTERNAL_KEY_STORE", "XksKeyId": "key"},
    ),
    "CreateCustomKeyStore CloudHsmClusterNotFoundException": (
        NOTHING,
        lambda w: {
            "CustomKeyStoreName": "hsm",
            "CloudHsmClusterId": "cluster-abcdefg2345",
            "TrustAnchorCertificate": "MII",
            "KeyStorePassword": "kmsPswd",
        },
    ),
    "CreateCustomKeyStore CustomKeyStoreNameInUseException": (store, lambda w: proxy("1", 2)),
    "CreateCustomKeyStore LimitExceededException": (no_more_stores, lambda w: proxy("1", 1)),
    "CreateCustomKeyStore XksProxyUriInUseException": (store, lambda w: proxy("2", 1)),
    "CreateCustomKeyStore XksProxyUriEndpointInUseException": (
        store,
        lambda w: proxy("2", 2, XksProxyUriEndpoint="https://1.example.com", XksProxyUriPath="/two/kms/xks/v1"),
    ),
    "CreateCustomKeyStore XksProxyVpcEndpointServiceInUseException": (
        store,
        lambda w: proxy("2", 1, XksProxyUriEndpoint="https://2.example.com"),
    ),
    "CreateCustomKeyStore XksProxyUriUnreachableException": (NOTHING, lambda w: public("1")),
    "DescribeCustomKeyStores CustomKeyStoreNotFoundException": (NOTHING, lambda w: NO_STORE),
    "DescribeCustomKeyStores InvalidMarkerException": (NOTHING, lambda w: {"Marker": "x"}),
    "UpdateCustomKeyStore CustomKeyStoreNotFoundException": (NOTHING, lambda w: NO_STORE),
    "UpdateCustomKeyStore CustomKeyStoreNameInUseException": (store, lambda w: store(w, 2) | {"NewCustomKeyStoreName": "1"}),
    "UpdateCustomKeyStore CustomKeyStoreInvalidStateException": (NOTHING, failed),
    "UpdateCustomKeyStore XksProxyUriInUseException": (
        store,
        lambda w: store(w, 2) | {"XksProxyUriEndpoint": "https://1.example.com"},
    ),
    "UpdateCustomKeyStore XksProxyUriEndpointInUseException": (
        store,
        lambda w: store(w, 2) | {"XksProxyUriEndpoint": "https://1.example.com", "XksProxyUriPath": "/two/kms/xks/v1"},
    ),
    "UpdateCustomKeyStore XksProxyVpcEndpointServiceInUseException": (
        store,
        lambda w: store(w, 2) | {"XksProxyVpcEndpointServiceName": proxy("1", 1)["XksProxyVpcEndpointServiceName"]},
    ),
    "UpdateCustomKeyStore XksProxyUriUnreachableException": (NOTHING, lambda w: store(w) | PUBLIC),
    "DeleteCustomKeyStore CustomKeyStoreNotFoundException": (NOTHING, lambda w: NO_STORE),
    "DeleteCustomKeyStore CustomKeyStoreInvalidStateException": (NOTHING, failed),
    "ConnectCustomKeyStore CustomKeyStoreNotFoundException": (NOTHING, lambda w: NO_STORE),
    "ConnectCustomKeyStore CustomKeyStoreInvalidStateException": (NOTHING, failed),
    "DisconnectCustomKeyStore CustomKeyStoreNotFoundException": (NOTHING, lambda w: NO_STORE),
    "DisconnectCustomKeyStore CustomKeyStoreInvalidStateException": (NOTHING, store),
    "CreateKey TagException": (NOTHING, lambda w: {"Tags": [{"TagKey": "aws:x", "TagValue": ""}]}),
    "CreateKey MalformedPolicyDocumentException": (NOTHING, lambda w: {"Policy": "{"}),
    "PutKeyPolicy MalformedPolicyDocumentException": (NOTHING, lambda w: {"KeyId": w.key, "Policy": "{"}),
    "PutKeyPolicy LimitExceededException": (NOTHING, lambda w: {"KeyId": w.key, "Policy": POLICY + " " * 32_768}),
    "CreateKey UnsupportedOperationException": (NOTHING, lambda w: {"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"}),
    "ReplicateKey AlreadyExistsException": (NOTHING, lambda w: {"KeyId": w.multi_region, "ReplicaRegion": "eu-west-1"}),
    "ReplicateKey LimitExceededException": (no_more_keys, lambda w: FOR_KEY["ReplicateKey"](w, w.multi_region)),
    "ReplicateKey MalformedPolicyDocumentException": (NOTHING, lambda w: FOR_KEY["ReplicateKey"](w, w.multi_region) | {"Policy": "{"}),
    "ReplicateKey TagException": (
        NOTHING,
        lambda w: FOR_KEY["ReplicateKey"](w, w.multi_region) | {"Tags": [{"TagKey": "aws:x", "TagValue": ""}]},
    ),
    "Decrypt IncorrectKeyException": (NOTHING, lambda w: {"CiphertextBlob": w.blob, "KeyId": w.other}),
    "Decapsulate InvalidCiphertextException": (
        NOTHING,
        lambda w: FOR_KEY["Decapsulate"](w, w.encapsulating) | {"SharedSecretCiphertextBlob": w.encapsulated[:-1]},
    ),
    "GenerateDataKeyPair UnsupportedOperationException": (NOTHING, lambda w: {"KeyId": w.key, "KeyPairSpec": "SM2"}),
    "GenerateDataKeyPairWithoutPlaintext UnsupportedOperationException": (
        NOTHING,
        lambda w: {"KeyId": w.key, "KeyPairSpec": "SM2"},
    ),
    "Decrypt InvalidCiphertextException": (NOTHING, lambda w: {"CiphertextBlob": w.blob[:-1]}),
    "Decrypt DisabledException": (NOTHING, lambda w: {"CiphertextBlob": w.blob_of_disabled}),
    "Decrypt KMSInvalidStateException": (NOTHING, lambda w: {"CiphertextBlob": w.blob_of_pending}),
    "DeleteAlias NotFoundException": (NOTHING, lambda w: {"AliasName": "alias/none"}),
    "GenerateRandom CustomKeyStoreNotFoundException": (NOTHING, lambda w: {"NumberOfBytes": 1, "CustomKeyStoreId": "cks-1"}),
    "ImportKeyMaterial ExpiredImportTokenException": (NOTHING, importing_late),
    "ImportKeyMaterial IncorrectKeyMaterialException": (NOTHING, lambda w: importing(w, bytes(31))),
    "ImportKeyMaterial InvalidCiphertextException": (NOTHING, lambda w: importing(w, bytes(32)) | {"EncryptedKeyMaterial": b"x"}),
    "ImportKeyMaterial InvalidImportTokenException": (NOTHING, lambda w: importing(w, bytes(32)) | {"ImportToken": b"x"}),
    "ListGrants InvalidGrantIdException": (NOTHING, lambda w: {"KeyId": w.key, "GrantId": "x"}),
    "ListRetirableGrants InvalidArnException": (NOTHING, lambda w: {"RetiringPrincipal": "arn:aws:iam::x"}),
    "ListRetirableGrants InvalidMarkerException": (NOTHING, lambda w: {"RetiringPrincipal": USER, "Marker": "x"}),
    "RetireGrant InvalidGrantIdException": (NOTHING, lambda w: {"KeyId": w.key, "GrantId": "x"}),
    "RetireGrant InvalidGrantTokenException": (NOTHING, lambda w: {"GrantToken": "x"}),
    "RevokeGrant InvalidGrantIdException": (NOTHING, lambda w: {"KeyId": w.key, "GrantId": "x"}),
    "ReEncrypt IncorrectKeyException": (
        NOTHING,
        lambda w: {"CiphertextBlob": w.blob, "SourceKeyId": w.other, "DestinationKeyId": w.other},
    ),
    "ReEncrypt InvalidCiphertextException": (NOTHING, lambda w: {"CiphertextBlob": b"x", "DestinationKeyId": w.key}),
    "RotateKeyOnDemand LimitExceededException": (twenty_five_rotations, lambda w: {"KeyId": w.key}),
    "TagResource TagException": (tagged, lambda w: {"KeyId": w.key, "Tags": [{"TagKey": "x", "TagValue": ""}]}),
    "UntagResource TagException": (NOTHING, lambda w: {"KeyId": w.key, "TagKeys": ["aws:x"]}),
    "UpdateAlias LimitExceededException": (fifty_aliases, lambda w: {"AliasName": "alias/elsewhere", "TargetKeyId": w.key}),
}
for operation in ("ListAliases", "ListGrants", "ListKeyRotations", "ListKeys", "ListResourceTags"):
    CASES[f"{operation} InvalidMarkerException"] = (
        NOTHING,
        (lambda w: {"Marker": "x"}) if operation == "ListKeys" else (lambda w: {"KeyId": w.key, "Marker": "x"}),
    )


def on_keys(operation: str, error: str) -> Case | None:
    """What provokes it by the key that is named."""
    request = FOR_KEY.get(operation)
    if request is None:
        return None
    arn = f"arn:aws:iam:{REGION}:{ACCOUNT}:user/x"
    match error:
        case "NotFoundException":
            return NOTHING, lambda w: request(w, MISSING)
        case "InvalidArnException":
            return NOTHING, lambda w: request(w, arn)
        case "DisabledException":
            return NOTHING, lambda w: request(w, w.disabled)
        case "KMSInvalidStateException" if operation == "CancelKeyDeletion":
            return NOTHING, lambda w: request(w, w.key)
        case "KMSInvalidStateException":
            return NOTHING, lambda w: request(w, w.pending)
        case "InvalidKeyUsageException" if operation in KINDS:
            return NOTHING, lambda w: request(w, w.key)
        case "InvalidKeyUsageException" | "UnsupportedOperationException":
            return NOTHING, lambda w: request(w, w.hmac)
        case "KMSInvalidMacException":
            return NOTHING, lambda w: request(w, w.hmac) | {"Message": b"y"}
        case "KMSInvalidSignatureException":
            return NOTHING, lambda w: request(w, w.signer) | {"Message": b"y"}
        case "DryRunOperationException" | "InvalidGrantTokenException" if operation in KINDS:
            more = {"DryRun": True} if error.startswith("Dry") else {"GrantTokens": ["x"]}
            return NOTHING, lambda w: request(w, getattr(w, KINDS[operation])) | more
        case "DryRunOperationException":
            return NOTHING, lambda w: request(w, w.key) | {"DryRun": True}
        case "InvalidGrantTokenException":
            return NOTHING, lambda w: request(w, w.key) | {"GrantTokens": ["x"]}
        case _:
            return None


def case_of(operation: str, error: str) -> Case | None:
    return CASES.get(f"{operation} {error}") or on_keys(operation, error)


PAIRS = [(operation, error) for operation in OFFERED for error in sorted(errors_of(operation)) if error not in EVERYWHERE]


@pytest.mark.parametrize(("operation", "error"), [pair for pair in PAIRS if " ".join(pair) not in NEVER])
def test_it_is_provoked(vault: Vault, clock: ManualClock, operation: str, error: str) -> None:
    case = case_of(operation, error)
    assert case is not None, "neither provoked nor listed"
    world = World(vault, clock)
    prepare, request = case
    prepare(world)
    with pytest.raises(getattr(world.kms.exceptions, error)) as raised:
        getattr(world.kms, xform_name(operation))(**request(world))
    assert raised.value.response["Error"]["Code"] == error


def test_the_lists() -> None:
    """Nothing in them is out of date."""
    pairs = {" ".join(pair) for pair in PAIRS}
    assert NEVER.keys() <= pairs and CASES.keys() <= pairs and not NEVER.keys() & CASES.keys()
    assert all(any(error in errors_of(operation) for operation in OFFERED) for error in EVERYWHERE)
