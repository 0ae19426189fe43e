"""A call of every operation, and of every member of every operation."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pocketkms
from pocketkms import (
    GrantConstraints,
    Kms,
    KmsOperations,
    RecipientInfo,
    Tag,
    XksProxyAuthenticationCredentialType,
)

OPERATIONS: dict[str, Callable[..., Any]] = {
    name: method for name, method in vars(KmsOperations).items() if inspect.isfunction(method)
}


def members_of(operation: str) -> list[str]:
    """The names of an operation's arguments."""
    return [name for name in inspect.signature(OPERATIONS[operation]).parameters if name != "self"]


@dataclass
class World:
    """What a call can refer to."""

    kms: Kms
    key: str
    other: str
    blob: bytes
    mac_key: str
    mac: bytes
    grant: str
    signer: str
    signature: bytes
    agreeing: str
    encapsulating: str
    encapsulated: bytes
    multi_region: str
    store: str
    marker: dict[str, str]


CONTEXT = {"order": "4711"}


def world(kms: Kms) -> World:
    """Two keys with an alias and tags each, a ciphertext, an HMAC key and a MAC, key pairs and a signature, a multi-Region key, and the markers of cut
    lists."""
    key, other = (kms.create_key(description=name).key_metadata.key_id for name in ("one", "two"))
    for name, target in (("alias/one", key), ("alias/one-too", key), ("alias/two", other)):
        kms.create_alias(alias_name=name, target_key_id=target)
    for _ in range(2):
        kms.rotate_key_on_demand(key_id=key)
    kms.tag_resource(key_id=key, tags=[Tag(tag_key="team", tag_value="a"), Tag(tag_key="use", tag_value="b")])
    blob = kms.encrypt(key_id=key, plaintext=b"secret", encryption_context=CONTEXT).ciphertext_blob
    grants = [
        kms.create_grant(key_id=key, grantee_principal=grantee, retiring_principal=BOB, operations=["Decrypt"]).grant_id
        for grantee in (ALICE, BOB)
    ]
    cut = {
        "list_grants": kms.list_grants(key_id=key, limit=1).next_marker,
        "list_keys": kms.list_keys(limit=1, resource_owners=["SELF"]).next_marker,
        "list_aliases": kms.list_aliases(key_id=key, limit=1).next_marker,
        "list_key_rotations": kms.list_key_rotations(key_id=key, limit=1).next_marker,
        "list_resource_tags": kms.list_resource_tags(key_id=key, limit=1).next_marker,
    }
    mac_key = kms.create_key(key_spec="HMAC_256", key_usage="GENERATE_VERIFY_MAC").key_metadata.key_id
    mac = kms.generate_mac(key_id=mac_key, message=b"m", mac_algorithm="HMAC_SHA_256").mac
    signer = kms.create_key(key_spec="ECC_NIST_P256", key_usage="SIGN_VERIFY").key_metadata.key_id
    signature = kms.sign(key_id=signer, message=b"m", signing_algorithm="ECDSA_SHA_256").signature
    agreeing = kms.create_key(key_spec="ECC_NIST_P256", key_usage="KEY_AGREEMENT").key_metadata.key_id
    encapsulating = kms.create_key(key_spec="ML_KEM_768", key_usage="ENCAPSULATE_DECAPSULATE").key_metadata.key_id
    made = kms.encapsulate(key_id=encapsulating, encapsulation_algorithm="ML_KEM")
    pairs = (signer, signature, agreeing, encapsulating, made.shared_secret_ciphertext_blob)
    found = {name: marker for name, marker in cut.items() if marker is not None}
    multi_region = kms.create_key(multi_region=True).key_metadata.key_id
    kms.replicate_key(key_id=multi_region, replica_region="eu-west-1")
    made_stores = [kms.create_custom_key_store(**proxy(number)).custom_key_store_id for number in (1, 2)]
    found["describe_custom_key_stores"] = kms.describe_custom_key_stores(limit=1).next_marker or ""
    return World(kms, key, other, blob, mac_key, mac, grants[0], *pairs, multi_region, made_stores[0], found)


def proxy(number: int) -> dict[str, Any]:
    """A custom key store of an external key store proxy, which is reached by a VPC endpoint service."""
    return {
        "custom_key_store_name": f"store {number}",
        "custom_key_store_type": "EXTERNAL_KEY_STORE",
        "xks_proxy_uri_endpoint": f"https://{number}.example.com",
        "xks_proxy_uri_path": "/kms/xks/v1",
        "xks_proxy_vpc_endpoint_service_name": f"com.amazonaws.vpce.us-east-1.vpce-svc-{number:017}",
        "xks_proxy_vpc_endpoint_service_owner": "111122223333",
        "xks_proxy_authentication_credential": CREDENTIAL,
        "xks_proxy_connectivity": "VPC_ENDPOINT_SERVICE",
    }


CREDENTIAL = XksProxyAuthenticationCredentialType(access_key_id="A" * 20, raw_secret_access_key="s" * 43)


POLICY = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}}'
ALICE, BOB = "arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:user/bob"
RECIPIENT = RecipientInfo(key_encryption_algorithm="RSAES_OAEP_SHA_256", attestation_document=b"document")

Members = Callable[[World], dict[str, object]]

# The operation, its members, and the exception that is the right answer, if one is. Together they give every member.
CALLS: list[tuple[str, Members, type[Exception] | None]] = [
    ("create_key", lambda w: {}, None),
    (
        "create_key",
        lambda w: {
            "description": "orders",
            "key_usage": "ENCRYPT_DECRYPT",
            "key_spec": "SYMMETRIC_DEFAULT",
            "origin": "AWS_KMS",
            "bypass_policy_lockout_safety_check": True,
            "tags": [Tag(tag_key="team", tag_value="payments")],
            "multi_region": False,
        },
        None,
    ),
    ("create_key", lambda w: {"customer_master_key_spec": "SYMMETRIC_DEFAULT"}, None),
    ("create_key", lambda w: {"policy": "{}"}, pocketkms.MalformedPolicyDocumentException),
    ("create_key", lambda w: {"custom_key_store_id": "cks-1"}, pocketkms.CustomKeyStoreNotFoundException),
    ("create_key", lambda w: {"xks_key_id": "key"}, pocketkms.ValidationException),
    ("describe_key", lambda w: {"key_id": "alias/one"}, None),
    ("describe_key", lambda w: {"key_id": w.key, "grant_tokens": ["token"]}, pocketkms.InvalidGrantTokenException),
    ("list_keys", lambda w: {"limit": 1, "marker": w.marker["list_keys"], "resource_owners": ["SELF"]}, None),
    (
        "replicate_key",
        lambda w: {
            "key_id": w.multi_region,
            "replica_region": "eu-west-3",
            "policy": POLICY,
            "bypass_policy_lockout_safety_check": True,
            "description": "in Ireland",
            "tags": [Tag(tag_key="team", tag_value="payments")],
        },
        None,
    ),
    ("replicate_key", lambda w: {"key_id": w.key, "replica_region": "eu-west-3"}, pocketkms.UnsupportedOperationException),
    ("update_primary_region", lambda w: {"key_id": w.multi_region, "primary_region": "eu-west-1"}, None),
    ("update_key_description", lambda w: {"key_id": w.key, "description": "new"}, None),
    ("enable_key", lambda w: {"key_id": w.key}, None),
    ("disable_key", lambda w: {"key_id": w.key}, None),
    ("create_alias", lambda w: {"alias_name": "alias/new", "target_key_id": w.key}, None),
    ("update_alias", lambda w: {"alias_name": "alias/one", "target_key_id": w.other}, None),
    ("delete_alias", lambda w: {"alias_name": "alias/one"}, None),
    ("list_aliases", lambda w: {"key_id": w.key, "limit": 1, "marker": w.marker["list_aliases"]}, None),
    (
        "encrypt",
        lambda w: {
            "key_id": w.key,
            "plaintext": b"secret",
            "encryption_context": CONTEXT,
            "grant_tokens": [],
            "encryption_algorithm": "SYMMETRIC_DEFAULT",
            "dry_run": False,
        },
        None,
    ),
    ("encrypt", lambda w: {"key_id": w.key, "plaintext": b"", "dry_run": True}, pocketkms.ValidationException),
    ("encrypt", lambda w: {"key_id": w.key, "plaintext": b"x", "dry_run": True}, pocketkms.DryRunOperationException),
    (
        "decrypt",
        lambda w: {
            "ciphertext_blob": w.blob,
            "encryption_context": CONTEXT,
            "grant_tokens": [],
            "key_id": w.key,
            "encryption_algorithm": "SYMMETRIC_DEFAULT",
            "dry_run": False,
        },
        None,
    ),
    ("decrypt", lambda w: {"ciphertext_blob": w.blob, "recipient": RECIPIENT}, pocketkms.ValidationException),
    (
        "decrypt",
        lambda w: {"key_id": w.key, "dry_run": True, "dry_run_modifiers": ["IGNORE_CIPHERTEXT"]},
        pocketkms.DryRunOperationException,
    ),
    (
        "re_encrypt",
        lambda w: {
            "ciphertext_blob": w.blob,
            "source_encryption_context": CONTEXT,
            "source_key_id": w.key,
            "destination_key_id": w.other,
            "destination_encryption_context": {"order": "4712"},
            "source_encryption_algorithm": "SYMMETRIC_DEFAULT",
            "destination_encryption_algorithm": "SYMMETRIC_DEFAULT",
            "grant_tokens": [],
            "dry_run": False,
        },
        None,
    ),
    (
        "re_encrypt",
        lambda w: {
            "source_key_id": w.key,
            "destination_key_id": w.other,
            "dry_run": True,
            "dry_run_modifiers": ["IGNORE_CIPHERTEXT"],
        },
        pocketkms.DryRunOperationException,
    ),
    (
        "generate_data_key",
        lambda w: {"key_id": w.key, "key_spec": "AES_256", "encryption_context": CONTEXT, "grant_tokens": []},
        None,
    ),
    ("generate_data_key", lambda w: {"key_id": w.key, "number_of_bytes": 24, "dry_run": False}, None),
    (
        "generate_data_key",
        lambda w: {"key_id": w.key, "key_spec": "AES_128", "recipient": RECIPIENT},
        pocketkms.ValidationException,
    ),
    (
        "generate_data_key_without_plaintext",
        lambda w: {
            "key_id": w.key,
            "key_spec": "AES_128",
            "encryption_context": CONTEXT,
            "grant_tokens": [],
            "dry_run": False,
        },
        None,
    ),
    ("generate_data_key_without_plaintext", lambda w: {"key_id": w.key, "number_of_bytes": 1024}, None),
    (
        "generate_data_key_pair",
        lambda w: {
            "key_id": w.key,
            "key_pair_spec": "ECC_NIST_P256",
            "encryption_context": CONTEXT,
            "grant_tokens": [],
            "dry_run": False,
        },
        None,
    ),
    (
        "generate_data_key_pair",
        lambda w: {"key_id": w.key, "key_pair_spec": "RSA_2048", "recipient": RECIPIENT},
        pocketkms.ValidationException,
    ),
    (
        "generate_data_key_pair_without_plaintext",
        lambda w: {
            "key_id": w.key,
            "key_pair_spec": "ECC_NIST_P384",
            "encryption_context": CONTEXT,
            "grant_tokens": [],
            "dry_run": False,
        },
        None,
    ),
    (
        "encapsulate",
        lambda w: {
            "key_id": w.encapsulating,
            "encapsulation_algorithm": "ML_KEM",
            "grant_tokens": [],
            "dry_run": False,
        },
        None,
    ),
    (
        "decapsulate",
        lambda w: {
            "key_id": w.encapsulating,
            "encapsulation_algorithm": "ML_KEM",
            "shared_secret_ciphertext_blob": w.encapsulated,
            "grant_tokens": [],
            "dry_run": False,
        },
        None,
    ),
    (
        "generate_mac",
        lambda w: {"key_id": w.mac_key, "message": b"m", "mac_algorithm": "HMAC_SHA_256", "grant_tokens": [], "dry_run": False},
        None,
    ),
    (
        "verify_mac",
        lambda w: {
            "key_id": w.mac_key,
            "message": b"m",
            "mac_algorithm": "HMAC_SHA_256",
            "mac": w.mac,
            "grant_tokens": [],
            "dry_run": False,
        },
        None,
    ),
    (
        "verify_mac",
        lambda w: {"key_id": w.mac_key, "message": b"M", "mac_algorithm": "HMAC_SHA_256", "mac": w.mac},
        pocketkms.KMSInvalidMacException,
    ),
    (
        "sign",
        lambda w: {
            "key_id": w.signer,
            "message": bytes(32),
            "message_type": "DIGEST",
            "signing_algorithm": "ECDSA_SHA_256",
            "grant_tokens": [],
            "dry_run": False,
        },
        None,
    ),
    (
        "verify",
        lambda w: {
            "key_id": w.signer,
            "message": b"m",
            "message_type": "RAW",
            "signing_algorithm": "ECDSA_SHA_256",
            "signature": w.signature,
            "grant_tokens": [],
            "dry_run": False,
        },
        None,
    ),
    (
        "verify",
        lambda w: {"key_id": w.signer, "message": b"M", "signing_algorithm": "ECDSA_SHA_256", "signature": w.signature},
        pocketkms.KMSInvalidSignatureException,
    ),
    ("get_public_key", lambda w: {"key_id": w.signer, "grant_tokens": []}, None),
    (
        "derive_shared_secret",
        lambda w: {
            "key_id": w.agreeing,
            "key_agreement_algorithm": "ECDH",
            "public_key": w.kms.get_public_key(key_id=w.agreeing).public_key,
            "grant_tokens": [],
            "dry_run": False,
        },
        None,
    ),
    (
        "derive_shared_secret",
        lambda w: {"key_id": w.agreeing, "key_agreement_algorithm": "ECDH", "public_key": b"k", "recipient": RECIPIENT},
        pocketkms.ValidationException,
    ),
    ("generate_random", lambda w: {"number_of_bytes": 17}, None),
    (
        "generate_random",
        lambda w: {"number_of_bytes": 1, "custom_key_store_id": "cks-1"},
        pocketkms.CustomKeyStoreNotFoundException,
    ),
    (
        "generate_random",
        lambda w: {"number_of_bytes": 1, "recipient": RECIPIENT},
        pocketkms.ValidationException,
    ),
    ("enable_key_rotation", lambda w: {"key_id": w.key, "rotation_period_in_days": 90}, None),
    ("disable_key_rotation", lambda w: {"key_id": w.key}, None),
    ("get_key_rotation_status", lambda w: {"key_id": w.key}, None),
    ("rotate_key_on_demand", lambda w: {"key_id": w.key}, None),
    (
        "list_key_rotations",
        lambda w: {"key_id": w.key, "limit": 1, "marker": w.marker["list_key_rotations"]},
        None,
    ),
    ("list_key_rotations", lambda w: {"key_id": w.key, "include_key_material": "ALL_KEY_MATERIAL"}, None),
    (
        "get_parameters_for_import",
        lambda w: {
            "key_id": w.key,
            "wrapping_algorithm": "RSAES_OAEP_SHA_256",
            "wrapping_key_spec": "RSA_2048",
        },
        pocketkms.UnsupportedOperationException,
    ),
    (
        "import_key_material",
        lambda w: {
            "key_id": w.key,
            "import_token": b"token",
            "encrypted_key_material": b"material",
            "valid_to": w.kms.describe_key(key_id=w.key).key_metadata.creation_date + timedelta(days=300),
            "expiration_model": "KEY_MATERIAL_EXPIRES",
            "import_type": "EXISTING_KEY_MATERIAL",
            "key_material_description": "one",
            "key_material_id": "0" * 64,
        },
        pocketkms.UnsupportedOperationException,
    ),
    (
        "delete_imported_key_material",
        lambda w: {"key_id": w.key, "key_material_id": "0" * 64},
        pocketkms.UnsupportedOperationException,
    ),
    ("schedule_key_deletion", lambda w: {"key_id": w.key, "pending_window_in_days": 7}, None),
    ("cancel_key_deletion", lambda w: {"key_id": w.key}, pocketkms.KMSInvalidStateException),
    ("tag_resource", lambda w: {"key_id": w.key, "tags": (Tag(tag_key="team", tag_value="c"),)}, None),
    ("untag_resource", lambda w: {"key_id": w.key, "tag_keys": ["team", "missing"]}, None),
    (
        "list_resource_tags",
        lambda w: {"key_id": w.key, "limit": 1, "marker": w.marker["list_resource_tags"]},
        None,
    ),
    (
        "put_key_policy",
        lambda w: {
            "key_id": w.key,
            "policy_name": "default",
            "policy": POLICY,
            "bypass_policy_lockout_safety_check": False,
        },
        None,
    ),
    ("get_key_policy", lambda w: {"key_id": w.key, "policy_name": "default"}, None),
    (
        "list_key_policies",
        lambda w: {"key_id": w.key, "limit": 1, "marker": "none"},
        pocketkms.ValidationException,
    ),
    ("get_key_last_usage", lambda w: {"key_id": w.key}, None),
    (
        "create_grant",
        lambda w: {
            "key_id": w.key,
            "grantee_principal": ALICE,
            "retiring_principal": BOB,
            "operations": ["Encrypt", "Decrypt"],
            "constraints": GrantConstraints(encryption_context_subset={"a": "b"}),
            "grant_tokens": [],
            "name": "one",
            "dry_run": False,
        },
        None,
    ),
    (
        "create_grant",
        lambda w: {
            "key_id": w.key,
            "grantee_service_principal": "s3.amazonaws.com",
            "retiring_service_principal": "s3.amazonaws.com",
            "operations": ["Decrypt"],
            "constraints": GrantConstraints(source_arn=f"arn:aws:s3:us-east-1:000000000000:{w.key}"),
        },
        None,
    ),
    ("list_grants", lambda w: {"key_id": w.key, "limit": 1, "marker": w.marker["list_grants"]}, None),
    ("list_grants", lambda w: {"key_id": w.key, "grant_id": w.grant, "grantee_principal": ALICE}, None),
    ("list_grants", lambda w: {"key_id": w.key, "grantee_service_principal": "s3.amazonaws.com"}, None),
    ("list_retirable_grants", lambda w: {"retiring_principal": BOB, "limit": 9}, None),
    (
        "list_retirable_grants",
        lambda w: {"retiring_service_principal": "s3.amazonaws.com"},
        pocketkms.ValidationException,
    ),
    ("list_retirable_grants", lambda w: {"retiring_principal": BOB, "marker": "none"}, pocketkms.InvalidMarkerException),
    ("retire_grant", lambda w: {"grant_token": "none", "dry_run": True}, pocketkms.InvalidGrantTokenException),
    ("retire_grant", lambda w: {"key_id": w.key, "grant_id": w.grant}, None),
    ("revoke_grant", lambda w: {"key_id": w.key, "grant_id": "0", "dry_run": True}, pocketkms.InvalidGrantIdException),
    (
        "create_custom_key_store",
        lambda w: {
            "custom_key_store_name": "hsm",
            "cloud_hsm_cluster_id": "cluster-abcdefg2345",
            "trust_anchor_certificate": "MII",
            "key_store_password": "kmsPswd",
        },
        pocketkms.CloudHsmClusterNotFoundException,
    ),
    ("create_custom_key_store", lambda w: proxy(3), None),
    ("describe_custom_key_stores", lambda w: {"custom_key_store_id": w.store}, None),
    ("describe_custom_key_stores", lambda w: {"custom_key_store_name": "store 1"}, None),
    ("describe_custom_key_stores", lambda w: {"limit": 1, "marker": w.marker["describe_custom_key_stores"]}, None),
    (
        "update_custom_key_store",
        lambda w: {
            "custom_key_store_id": w.store,
            "new_custom_key_store_name": "new",
            "xks_proxy_uri_endpoint": "https://new.example.com",
            "xks_proxy_uri_path": "/new/kms/xks/v1",
            "xks_proxy_vpc_endpoint_service_name": f"com.amazonaws.vpce.us-east-1.vpce-svc-{9:017}",
            "xks_proxy_vpc_endpoint_service_owner": "444455556666",
            "xks_proxy_authentication_credential": CREDENTIAL,
            "xks_proxy_connectivity": "VPC_ENDPOINT_SERVICE",
        },
        None,
    ),
    (
        "update_custom_key_store",
        lambda w: {
            "custom_key_store_id": w.store,
            "key_store_password": "kmsPswd",
            "cloud_hsm_cluster_id": "cluster-abcdefg2345",
        },
        pocketkms.ValidationException,
    ),
    ("connect_custom_key_store", lambda w: {"custom_key_store_id": w.store}, None),
    (
        "disconnect_custom_key_store",
        lambda w: {"custom_key_store_id": w.store},
        pocketkms.CustomKeyStoreInvalidStateException,
    ),
    ("delete_custom_key_store", lambda w: {"custom_key_store_id": w.store}, None),
]
