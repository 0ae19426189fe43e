"""What a type checker must know of the clients. It is checked, and not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3

import pocketkms.boto3
from pocketkms import Kms, Vault

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_kms.type_defs import EncryptResponseTypeDef
    from typing_extensions import assert_type


def clients(vault: Vault, kms: Kms, session: boto3.Session) -> None:
    client = pocketkms.boto3.client(kms)
    assert_type(client, "KMSClient")
    encrypted = client.encrypt(KeyId="alias/orders", Plaintext=b"x")
    assert_type(encrypted, "EncryptResponseTypeDef")
    assert_type(encrypted["CiphertextBlob"], bytes)
    client.encrypt(KeyId=1, Plaintext=b"x")  # type: ignore[arg-type]
    with pocketkms.boto3.install(session, vault, account_id="111122223333") as installation:
        assert_type(installation, pocketkms.boto3.Installation)
    pocketkms.boto3.install(vault)  # type: ignore[call-arg, arg-type]
