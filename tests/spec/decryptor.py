"""A second implementation of PocketKMS's formats, for reading, written from docs/formats.md and from nothing else.

It exists to prove that the page is enough. It is no part of the product: it keeps keys in ordinary Python objects.
"""

import hmac
import json
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode


class Refused(Exception):
    """The bytes are not what the page says, or the key is not theirs."""


# --- The seal


def kdf(key, label, context, length):
    """NIST SP 800-108 Rev. 1, section 4.1, counter mode with HMAC-SHA-256."""
    derivation = KBKDFHMAC(
        algorithm=SHA256(),
        mode=Mode.CounterMode,
        length=length,
        rlen=4,
        llen=4,
        location=CounterLocation.BeforeFixed,
        label=label,
        context=context,
        fixed=None,
    )
    return derivation.derive(key)


def open_seal(sealing_key, label, associated_data, sealed):
    if len(sealed) < 80:
        raise Refused("too short for a seal")
    salt, commitment, ciphertext = sealed[:32], sealed[32:64], sealed[64:]
    digest = sha256(associated_data).digest()
    derived = kdf(sealing_key, label, salt + digest, 64)
    if not hmac.compare_digest(derived[32:], commitment):
        raise Refused("the commitment differs: another key, label or associated data")
    try:
        return AESGCM(derived[:32]).decrypt(bytes(12), ciphertext, digest)
    except InvalidTag:
        raise Refused("the tag differs: altered ciphertext") from None


def number(data):
    return int.from_bytes(data, "big")


def demand(condition, otherwise):
    if not condition:
        raise Refused(otherwise)


# --- Encryption context and CiphertextBlob


def canonical(context):
    pairs = sorted((name.encode(), value.encode()) for name, value in (context or {}).items())
    demand(sum(len(name) + len(value) for name, value in pairs) <= 8192, "the context is too long")
    parts = (len(part).to_bytes(4, "big") + part for pair in pairs for part in pair)
    return b"".join(parts)


def material_id(material, key_id):
    return kdf(material, b"PocketKMS Key Material Id 1", key_id, 32).hex()


def rotation_secrets(record):
    """The entries of a rotation-secret record, the latest first: secret, date, period in days."""
    demand(len(record) % 44 == 0 and 1 <= len(record) // 44 <= 8, "not one to eight rotation secrets")
    entries = [record[at : at + 44] for at in range(0, len(record), 44)]
    return [(entry[:32], int.from_bytes(entry[32:40], "big", signed=True), number(entry[40:])) for entry in entries]


def due_material(secret, key_id, date):
    return kdf(secret, b"PocketKMS Due Key Material 1", key_id + date.to_bytes(8, "big", signed=True), 32)


@dataclass(frozen=True)
class Blob:
    header: bytes
    key_id: bytes
    reference: bytes
    sealed: bytes

    @classmethod
    def parse(cls, data):
        demand(data[:1] == b"\x43", "not a CiphertextBlob")
        demand(data[1:2] == b"\x01", "a version of the CiphertextBlob that this page does not describe")
        demand(len(data) >= 34 + 80 + 1, "the CiphertextBlob is truncated")
        return cls(header=data[:34], key_id=data[2:18], reference=data[18:34], sealed=data[34:])

    def decrypt(self, material, context=None):
        return open_seal(material, b"PocketKMS CiphertextBlob 1", self.header + canonical(context), self.sealed)


# --- Vault header


@dataclass(frozen=True)
class VaultHeader:
    data: bytes
    is_passphrase: bool
    memory_kib: int
    passes: int
    lanes: int
    salt: bytes

    LENGTH = 159

    @classmethod
    def parse(cls, data):
        demand(len(data) == cls.LENGTH, "the vault header has not 159 bytes")
        demand(data[0] == 0x56, "not a vault header")
        demand(data[1] == 1, "a version of the vault header that this page does not describe")
        demand(data[18] in (0, 1), "an unknown kind of root key")
        memory, passes, lanes = number(data[19:23]), number(data[23:27]), number(data[27:31])
        if data[18] == 1:
            demand(1 <= passes <= 32 and 1 <= lanes <= 16, "Argon2id passes or lanes out of range")
            demand(8 * lanes <= memory <= 1_048_576, "Argon2id memory out of range")
        else:
            demand(not any(data[19:47]), "Argon2id parameters beside a raw root key")
        return cls(data, data[18] == 1, memory, passes, lanes, data[31:47])

    def root_key(self, root):
        """`root` is 32 bytes or a passphrase (str), as the kind of vault wants it."""
        if not self.is_passphrase:
            demand(isinstance(root, bytes) and len(root) == 32, "this vault wants 32 bytes")
            return root
        demand(isinstance(root, str), "this vault wants a passphrase")
        argon2id = Argon2id(
            salt=self.salt, length=32, iterations=self.passes, lanes=self.lanes, memory_cost=self.memory_kib
        )
        return argon2id.derive(root.encode())

    def vault_key(self, root):
        return open_seal(self.root_key(root), b"PocketKMS Vault Key 1", self.data[:47], self.data[47:])


# --- Records and snapshot


def open_record(vault_key, name, revision, value):
    demand(value[:1] == b"\x52", "not a record")
    demand(value[1:2] == b"\x01", "a version of the record that this page does not describe")
    associated_data = value[:2] + revision.to_bytes(8, "big") + name
    return open_seal(vault_key, b"PocketKMS Record 1", associated_data, value[2:])


class Snapshot:
    """An opened snapshot: its records by name, open and as they were sealed, and their revisions."""

    def __init__(self, data, root):
        demand(data[:8] == b"PKMSSNAP", "not a snapshot")
        demand(number(data[8:10]) == 1, "a version of the snapshot that this page does not describe")
        demand(number(data[10:18]) == len(data), "truncated, or followed by other bytes")
        demand(len(data) >= 185 + 80, "too short for a snapshot")
        self.header = VaultHeader.parse(data[26:185])
        self.revisions = {"vault": number(data[18:26])}
        self.sealed = {"vault": data[26:185]}
        self.records = {}
        self.vault_key = self.header.vault_key(root)
        self._read(open_seal(self.vault_key, b"PocketKMS Snapshot 1", data[:185], data[185:]))

    def _read(self, rest):
        previous = b""
        while rest:
            name, rest = take(rest, 2)
            demand(len(rest) >= 8, "a record without a revision")
            revision, rest = number(rest[:8]), rest[8:]
            value, rest = take(rest, 4)
            demand(previous < name, "records out of order")
            demand(all(0x20 < byte < 0x7F for byte in name), "a name that is not printable ASCII")
            previous = name
            self.revisions[name.decode()] = revision
            self.sealed[name.decode()] = value
            self.records[name.decode()] = open_record(self.vault_key, name, revision, value)

    def json(self, prefix):
        """The records whose names begin so, decoded."""
        return {name: json.loads(value) for name, value in self.records.items() if name.startswith(prefix)}

    def key_of_alias(self, account, region, alias):
        return json.loads(self.records[f"alias/{account}/{region}/{alias}"])["target"]

    def material(self, region, key_id, reference):
        try:
            return self.records[f"material/{region}/{key_id.hex()}/{reference.hex()}"]
        except KeyError:
            raise Refused("the vault has no such material") from None

    def decrypt(self, region, data, context=None):
        """What Decrypt answers: the plaintext, and the id of the material."""
        blob = Blob.parse(data)
        material = self.material(region, blob.key_id, blob.reference)
        return blob.decrypt(material, context), material_id(material, blob.key_id)


def take(data, width):
    """A part with its length before it, and what follows."""
    length = number(data[:width])
    demand(len(data) >= width + length, "a part is longer than what is left")
    return data[width : width + length], data[width + length :]
