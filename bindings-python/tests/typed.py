"""What type checkers know, and what they refuse. Never run: `lint.sh` has mypy and pyright read it.

Each `type: ignore` must be needed, so a refusal that is lost is an error too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

import pocketkms
from pocketkms import (
    AlgorithmSuite,
    Argon2Cost,
    BranchKeyMaterials,
    BranchKeySource,
    Caller,
    DamagedRecord,
    DiscoveryFilter,
    EncryptionAlgorithmSpec,
    EncryptionClient,
    EncryptWriter,
    HierarchicalKeyring,
    Keyring,
    Kms,
    KmsError,
    KmsKeyring,
    ManualClock,
    MessageHeader,
    RawAesKeyring,
    RewrapBatch,
    RewrapFailure,
    RewrapOutcome,
    RewrappedFile,
    RootKey,
    Tag,
    Vault,
)

if TYPE_CHECKING:
    from typing_extensions import assert_type


def results(vault: Vault, kms: Kms, clock: ManualClock) -> None:
    encrypted = kms.encrypt(key_id="alias/orders", plaintext=memoryview(b"x"), encryption_context={"order": "4711"})
    assert_type(encrypted, pocketkms.EncryptResponse)
    assert_type(encrypted.ciphertext_blob, bytes)
    assert_type(encrypted.encryption_algorithm, EncryptionAlgorithmSpec)
    assert_type(kms.generate_data_key(key_id="alias/orders", key_spec="AES_256").plaintext, bytes)
    assert_type(kms.list_keys(resource_owners=["SELF"]).next_marker, str | None)
    assert_type(kms.list_resource_tags(key_id="1").tags, tuple[Tag, ...])
    assert_type(kms.describe_key(key_id="1").key_metadata.deletion_date, datetime | None)
    assert_type(clock.now(), datetime)
    assert_type(vault.snapshot(), bytes)
    assert_type(KmsError("message").explanation, str | None)
    with vault as same:
        assert_type(same, Vault)
    assert_type(vault.client(region="eu-central-1"), Kms)
    assert_type(kms.caller, Caller)
    assert_type(kms.call("TrentService.ListKeys", b"{}").body, bytes)


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
    Vault.in_memory(b"x" * 32)  # type: ignore[arg-type]
    Vault.in_memory(root, clock)  # type: ignore[call-arg, arg-type]
    RootKey.from_bytes("text")  # type: ignore[arg-type]
    clock.advance(7)  # type: ignore[arg-type]
    pocketkms.NoSuchException  # type: ignore[attr-defined]


def messages(client: EncryptionClient, keyring: Keyring, file: IO[bytes], vault: Vault) -> None:
    encrypted = client.encrypt(keyring, memoryview(b"x"), encryption_context={"order": "4711"})
    assert_type(encrypted.message, bytes)
    assert_type(encrypted.header, MessageHeader)
    assert_type(encrypted.header.algorithm_suite, AlgorithmSuite)
    decrypted = client.decrypt(keyring, bytearray(encrypted.message))
    assert_type(decrypted.plaintext, bytes)
    assert_type(decrypted.encryption_context, Mapping[str, str])
    assert_type(client.encryptor(keyring).update(b"x"), bytes)
    assert_type(client.decryptor(keyring).header, MessageHeader | None)
    with client.encrypt_stream(keyring, file) as encrypting:
        assert_type(encrypting.read(10), bytes)
        for piece in client.decrypt_stream(keyring, encrypting):
            assert_type(piece, bytes)
    with client.encrypt_writer(keyring, file) as writer, TextIOWrapper(writer, encoding="utf-8") as text:
        assert_type(writer, EncryptWriter)
        assert_type(writer.write(b"x"), int)
        assert_type(text.write("x"), int)
    assert_type(client.decrypt_stream(keyring, file).readlines(), list[bytes])
    assert_type(list(client.decrypt_stream(keyring, file).chunks()), list[bytes])
    assert_type(vault.revision, int)
    assert_type(vault.needs_saving, bool)
    assert_type(vault.verify(), tuple[DamagedRecord, ...])
    Vault.in_memory(RootKey.from_passphrase("x", max_cost=Argon2Cost(passes=4)), clock_trust="SYSTEM", region="eu-central-1")
    Vault.in_memory(RootKey.from_bytes(b"x" * 32), attestation_roots=[b"x"])
    with client.range_reader(keyring, file) as reader:
        assert_type(reader.read(10), bytes)
        assert_type(reader.seek(10), int)
        assert_type(reader.plaintext_length, int | None)
    assert_type(client.reencrypt(keyring, keyring, b"x").message, bytes)
    assert_type(client.reencrypt_file(keyring, keyring, "old", "new"), MessageHeader)
    report = RewrapBatch(client, keyring, keyring, verify_with=keyring).files(["message"], progress=goes_on)
    assert_type(report.failures, tuple[RewrapFailure, ...])
    assert_type(report.failures[0].error, Exception)
    kms = vault.client()
    KmsKeyring.discovery(kms, DiscoveryFilter(account_ids=["111122223333"]))
    HierarchicalKeyring(kms, "branch", ttl=60)
    HierarchicalKeyring(Store(), lambda context: context["tenant"], ttl=60)


def goes_on(file: RewrappedFile) -> bool:
    assert_type(file.outcome, RewrapOutcome)
    assert_type(file.path, Path)
    return file.error is None


class Store(BranchKeySource):
    def active_branch_key(self, branch_key_id: str, /) -> BranchKeyMaterials:
        return BranchKeyMaterials(branch_key_version="version", branch_key=b"key")

    def branch_key_version(self, branch_key_id: str, branch_key_version: str, /) -> BranchKeyMaterials:
        return self.active_branch_key(branch_key_id)


def message_refusals(client: EncryptionClient, keyring: Keyring, text: IO[str], kms: Kms) -> None:
    Vault.in_memory(RootKey.from_bytes(b"x" * 32), clock_trust="system")  # type: ignore[arg-type]
    RootKey.from_passphrase("x", cost=65_536)  # type: ignore[arg-type]
    client.encrypt(keyring, "text")  # type: ignore[arg-type]
    client.encrypt(b"key", b"x")  # type: ignore[arg-type]
    client.encrypt(keyring, b"x", algorithm_suite="AES")  # type: ignore[arg-type]
    client.encrypt(keyring, b"x", {"order": "4711"})  # type: ignore[call-arg]
    client.encrypt_stream(keyring, text)  # type: ignore[arg-type]
    client.decrypt_writer(keyring, text)  # type: ignore[arg-type]
    client.decrypt(keyring, b"x").plaintext = b""  # type: ignore[misc]
    EncryptionClient(commitment_policy="STRICT")  # type: ignore[arg-type]
    RawAesKeyring(namespace="tests", name="one", wrapping_key="0" * 32)  # type: ignore[arg-type]
    KmsKeyring("kms", "alias/orders")  # type: ignore[arg-type]
    KmsKeyring.discovery(kms, "111122223333")  # type: ignore[arg-type]
    client.range_reader(keyring, text)  # type: ignore[arg-type]
    client.range_reader(keyring, [b"x"])  # type: ignore[arg-type]
    client.reencrypt(keyring, b"key", b"x")  # type: ignore[arg-type]
    HierarchicalKeyring(keyring, "branch", ttl=60)  # type: ignore[arg-type]
    RewrapBatch(client, keyring, keyring).files([7])  # type: ignore[list-item]
    BranchKeySource()  # type: ignore[abstract]
