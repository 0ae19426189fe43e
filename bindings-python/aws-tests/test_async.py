"""aiobotocore's and aioboto3's clients, which await what botocore's return."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sqlite3
from pathlib import Path
from typing import Any

import aioboto3
import pytest
from aiobotocore.session import get_session
from conftest import ACCOUNT, REGION

import pocketkms.boto3
from pocketkms import RootKey, Vault, VaultClosedException
from pocketkms.boto3 import NotInstalledError


def test_every_session(vault: Vault) -> None:
    async def work() -> None:
        async with get_session().create_client("kms") as kms, aioboto3.Session().client("kms", "eu-west-1") as other:
            key = (await kms.create_key())["KeyMetadata"]
            assert key["Arn"].startswith(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/")
            encrypted = await kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
            assert (await kms.decrypt(CiphertextBlob=encrypted["CiphertextBlob"]))["Plaintext"] == b"x"
            assert (await kms.disable_key(KeyId=key["KeyId"])).keys() == {"ResponseMetadata"}
            with pytest.raises(kms.exceptions.DisabledException):
                await kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
            assert (await other.list_keys())["Keys"] == []
            assert [page async for page in kms.get_paginator("list_keys").paginate()][0]["Keys"][0]["KeyArn"] == key["Arn"]

    with pocketkms.boto3.install(None, vault):
        asyncio.run(work())


def test_one_session(vault: Vault) -> None:
    session = aioboto3.Session()

    async def work() -> None:
        async with session.client("kms") as kms:
            assert (await kms.list_keys())["Keys"] == []

    with pocketkms.boto3.install(session, vault):
        asyncio.run(work())


def test_the_loop_runs_while_a_file_is_waited_for(tmp_path: Path) -> None:
    """Another process writes to the vault's file, until the loop has gone round for a while: a loop that stood still would find the file
    kept busy."""
    ticks = 0

    async def work(file: Path) -> None:
        nonlocal ticks
        async with get_session().create_client("kms") as kms:
            with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as another:
                another.execute("BEGIN IMMEDIATE")
                creating = asyncio.ensure_future(kms.create_key())
                while ticks < 20:
                    await asyncio.sleep(0)
                    ticks += 1
                another.execute("ROLLBACK")
                assert (await creating)["KeyMetadata"]["Enabled"] is True

    with (
        Vault.create(tmp_path / "vault", RootKey.from_bytes(bytes(32))) as vault,
        pocketkms.boto3.install(None, vault),
    ):
        asyncio.run(work(tmp_path / "vault"))
    assert ticks == 20


def test_many_tasks_on_one_client(vault: Vault) -> None:
    async def work() -> list[bytes]:
        async with get_session().create_client("kms") as kms:
            key = (await kms.create_key())["KeyMetadata"]["KeyId"]

            async def one(number: int) -> bytes:
                blob = (await kms.encrypt(KeyId=key, Plaintext=str(number)))["CiphertextBlob"]
                plaintext: bytes = (await kms.decrypt(CiphertextBlob=blob))["Plaintext"]
                return plaintext

            return await asyncio.gather(*(one(number) for number in range(1000)))

    with pocketkms.boto3.install(None, vault):
        assert asyncio.run(work()) == [str(number).encode() for number in range(1000)]


def test_the_end(vault: Vault) -> None:
    async def work() -> Any:
        async with get_session().create_client("kms") as kms:
            vault.close()
            with pytest.raises(VaultClosedException):
                await kms.list_keys()
            installed.uninstall()
            with pytest.raises(NotInstalledError):
                await kms.list_keys()

    installed = pocketkms.boto3.install(None, vault)
    asyncio.run(work())


def test_a_client_that_was_made_before(vault: Vault) -> None:
    """Answered while a vault is installed, to the end of a call that has begun; afterwards it goes where it went before."""

    async def work() -> None:
        options: Any = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
        async with get_session().create_client("kms", "eu-west-1", **options) as before:
            gc.freeze()
            installed = [pocketkms.boto3.install(None, vault)]

            def end(**_: object) -> None:
                for installation in installed:
                    installation.uninstall()

            assert (await before.create_key())["KeyMetadata"]["Arn"].startswith(f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/")
            async with get_session().create_client("kms") as within:
                for client in (before, within):
                    installed.append(pocketkms.boto3.install(None, vault))
                    client.meta.events.register("before-sign.kms.CreateKey", end)
                    assert (await client.create_key())["KeyMetadata"]["KeyState"] == "Enabled"
                with pytest.raises(NotInstalledError):
                    await within.list_keys()
            with pytest.raises(pytest.fail.Exception, match="to the network"):
                await before.list_keys()

    try:
        asyncio.run(work())
    finally:
        gc.unfreeze()
