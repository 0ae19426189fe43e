"""A second implementation of PocketKMS's formats, for reading, written from docs/formats.md and from nothing else.

It exists to prove that the page is enough. It is no part of the product: it keeps keys in ordinary Python objects.
"""

import hmac
import json
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import ECDH, SECP256R1, EllipticCurvePublicKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap_with_padding
from cryptography.hazmat.primitives.serialization import load_der_private_key


class Rejected(Exception):
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
        raise Rejected("too short for a seal")
    salt, commitment, ciphertext = sealed[:32], sealed[32:64], sealed[64:]
    digest = sha256(associated_data).digest()
    derived = kdf(sealing_key, label, salt + digest, 64)
    if not hmac.compare_digest(derived[32:], commitment):
        raise Rejected("the commitment differs: another key, label or associated data")
    try:
        return AESGCM(derived[:32]).decrypt(bytes(12), ciphertext, digest)
    except InvalidTag:
        raise Rejected("the tag differs: altered ciphertext") from None


def number(data):
    return int.from_bytes(data, "big")


def demand(condition, otherwise):
    if not condition:
        raise Rejected(otherwise)


# --- Encryption context and CiphertextBlob


def canonical(context):
    pairs = sorted((name.encode(), value.encode()) for name, value in (context or {}).items())
    demand(sum(len(name) + len(value) for name, value in pairs) <= 8192, "the context is too long")
    parts = (len(part).to_bytes(4, "big") + part for pair in pairs for part in pair)
    return b"".join(parts)


SYMMETRIC, HMAC, CURVE, RSA, EDWARDS, ML_DSA, ML_KEM, SM2 = range(1, 9)


@dataclass(frozen=True)
class Material:
    """A key material: what kind it is, and its bytes."""

    kind: int
    secret: bytes

    @classmethod
    def read(cls, record):
        demand(record and record[0] in range(1, 9), "a kind of key material that this page does not describe")
        if record[0] == RSA:
            demand(rsa_bits(record[1:]) in (2048, 3072, 4096), "no RSA private key of a length that is offered")
            return cls(record[0], record[1:])
        lengths = {SYMMETRIC: (32,), HMAC: (28, 32, 48, 64), CURVE: (32, 48, 66), EDWARDS: (32,), ML_DSA: (32,), ML_KEM: (64,), SM2: (32,)}[record[0]]
        demand(len(record) - 1 in lengths, "the key material has no length of its kind")
        return cls(record[0], record[1:])

    def id(self, key_id):
        record = bytes([self.kind]) + self.secret
        key = self.secret if self.kind == SYMMETRIC else sha256(record).digest()
        return kdf(key, b"PocketKMS Key Material Id 1", key_id, 32).hex()

    def mac(self, message):
        demand(self.kind == HMAC, "no key material for MACs")
        name = {28: "sha224", 32: "sha256", 48: "sha384", 64: "sha512"}[len(self.secret)]
        return hmac.digest(self.secret, message, name)


def rsa_bits(pkcs8):
    """How long the modulus of an RSA private key is."""
    try:
        key = load_der_private_key(pkcs8, None)
    except ValueError:
        raise Rejected("no private key in PKCS #8") from None
    demand(isinstance(key, RSAPrivateKey), "a private key that is not of RSA")
    return key.key_size


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
        demand(data[1:2] in (b"\x01", b"\x03"), "a version of the CiphertextBlob that this page does not describe")
        demand(len(data) >= 34 + 80 + 1, "the CiphertextBlob is truncated")
        return cls(header=data[:34], key_id=data[2:18], reference=data[18:34], sealed=data[34:])

    def decrypt(self, material, context=None, external_key=None):
        demand(material.kind == SYMMETRIC, "no key material to decrypt with")
        demand((self.header[1] == 3) == (external_key is not None), "a version of the CiphertextBlob that is not that of the key's origin")
        sealed = self.sealed if external_key is None else self.unwrapped(context, external_key)
        return open_seal(material.secret, b"PocketKMS CiphertextBlob 1", self.header + canonical(context), sealed)

    def unwrapped(self, context, external_key):
        """What an external key manager decrypts."""
        metadata, rest = take(self.sealed, 1)
        vector, rest = take(rest, 1)
        demand(len(metadata) <= 20 and len(vector) in (12, 16) and len(rest) >= 80 + 1 + 16, "a part has no length that it may have")
        aad = self.header + sha256(canonical(context)).digest()
        aad = len(aad).to_bytes(2, "big") + aad + bytes([len(metadata)]) + metadata
        try:
            return AESGCM(external_key).decrypt(vector, rest, aad)
        except InvalidTag:
            raise Rejected("the external key manager refuses the ciphertext") from None


# --- Import token

# By number: the hash of OAEP, and whether there is an AES key between.
WRAPPING = {0: ("RSAES_OAEP_SHA_1", SHA1, False), 1: ("RSAES_OAEP_SHA_256", SHA256, False), 2: ("RSA_AES_KEY_WRAP_SHA_1", SHA1, True), 3: ("RSA_AES_KEY_WRAP_SHA_256", SHA256, True)}


@dataclass(frozen=True)
class ImportToken:
    number: int
    valid_to: int
    private_key: RSAPrivateKey

    @classmethod
    def open(cls, vault_key, key_id, region, token):
        demand(token[:1] == b"\x49", "not an import token")
        demand(token[1:2] == b"\x01", "a version of the import token that this page does not describe")
        plaintext = open_seal(vault_key, b"PocketKMS Import Token 1", token[:2] + key_id + region.encode(), token[2:])
        demand(len(plaintext) > 9 and plaintext[0] in WRAPPING, "an unknown wrapping algorithm")
        rsa_bits(plaintext[9:])
        return cls(plaintext[0], int.from_bytes(plaintext[1:9], "big", signed=True), load_der_private_key(plaintext[9:], None))

    @property
    def algorithm(self):
        return WRAPPING[self.number][0]

    def unwrap(self, wrapped):
        _, digest, by_aes = WRAPPING[self.number]
        length = self.private_key.key_size // 8
        opened = self.private_key.decrypt(wrapped[:length], OAEP(mgf=MGF1(digest()), algorithm=digest(), label=None))
        if by_aes:
            demand(len(opened) == 32, "not an AES key of 32 bytes")
            return aes_key_unwrap_with_padding(opened, wrapped[length:])
        demand(len(wrapped) == length, "bytes follow the material")
        return opened


# --- Parcels


def fingerprint(data):
    digits = sha256(data).digest()[:16].hex()
    return "-".join(digits[at : at + 4] for at in range(0, 32, 4))


@dataclass(frozen=True)
class ParcelKey:
    data: bytes
    id: bytes
    valid_to: int
    account: str
    key_id: bytes
    lattice: bytes
    point: bytes
    region: str

    @classmethod
    def parse(cls, data):
        demand(data[:1] == b"\x4b", "not a parcel key")
        demand(data[1:2] == b"\x01", "a version of the parcel key that this page does not describe")
        demand(len(data) > 1272 and len(data) == 1272 + data[1271], "not as long as it says")
        valid_to = int.from_bytes(data[18:26], "big", signed=True)
        return cls(data, data[2:18], valid_to, data[26:38].decode(), data[38:54], data[54:1238], data[1238:1271], data[1272:].decode())

    def open(self, private_key, parcel):
        """What is in a parcel: what it says, and the materials."""
        demand(parcel[:1] == b"\x50", "not a parcel")
        demand(parcel[1:2] == b"\x01", "a version of the parcel that this page does not describe")
        demand(parcel[2:18] == self.id, "a parcel for another parcel key")
        demand(len(parcel) >= 1139 + 80, "too short for a parcel")
        head, sealed = parcel[:1139], parcel[1139:]
        lattice, point = head[18:1106], head[1106:]
        demand(point[0] in (2, 3), "a point that is not compressed")
        try:
            agreed = derive_private_key(number(private_key[64:]), SECP256R1()).exchange(
                ECDH(), EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
            )
        except ValueError:
            raise Rejected("no point of P-256") from None
        shared = MLKEM768PrivateKey.from_seed_bytes(private_key[:64]).decapsulate(lattice)
        label = b"PocketKMS Parcel 1"
        hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"")
        sealing_key = hkdf.derive(shared + agreed + lattice + point + self.lattice + self.point + label)
        plaintext = open_seal(sealing_key, label, self.data + head, sealed)
        said, rest = take(plaintext, 4)
        materials = []
        while rest:
            material, rest = take(rest, 4)
            materials.append(Material.read(material))
        return json.loads(said), materials


# --- Vault header

BYTES, PASSPHRASE, RECOVERY, CALLBACK = 0, 1, 2, 3
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def recovery_key(text):
    """The 20 bytes of a recovery key as a person types it."""
    typed = [character for character in text.upper() if not character.isspace() and character not in "-_"]
    meant = "".join(typed).translate(str.maketrans("OILU", "011V"))
    demand(len(meant) == 36 and all(character in CROCKFORD for character in meant), "not 36 characters of a recovery key")
    bits = "".join(f"{CROCKFORD.index(character):05b}" for character in meant)
    key, checksum = int(bits[:160], 2).to_bytes(20, "big"), int(bits[160:], 2)
    expected = number(sha256(b"PocketKMS Recovery Key 1" + key).digest()[:3]) >> 4
    demand(checksum == expected, "the checksum of the recovery key differs")
    return key


@dataclass(frozen=True)
class Wrap:
    """The vault key as one root key wraps it."""

    description: bytes
    id: bytes
    created: int
    kind: int
    label: str
    parameters: bytes
    opened: bool
    sealed: bytes

    @classmethod
    def read(cls, data):
        """A wrap, and what follows it."""
        demand(len(data) >= 25, "a wrap is cut off")
        kind, rest = data[24], data[25:]
        label, rest = take(rest, 2)
        parameters, rest = take(rest, 2)
        description = data[: len(data) - len(rest)]
        demand(len(rest) >= 113, "a wrap is cut off")
        demand(rest[0] in (0, 1), "a wrap is neither opened nor not")
        demand(len(label) <= 128, "a label is too long")
        demand(kind in (BYTES, PASSPHRASE, RECOVERY, CALLBACK), "an unknown kind of root key")
        if kind in (BYTES, RECOVERY):
            demand(not parameters, "parameters of a root key that has none")
        created = int.from_bytes(data[16:24], "big", signed=True)
        wrap = cls(description, data[:16], created, kind, label.decode(), parameters, rest[0] == 1, rest[1:113])
        if kind == PASSPHRASE:
            demand(len(parameters) == 28, "not the parameters of Argon2id")
            memory, passes, lanes = wrap.cost
            demand(1 <= passes <= 32 and 1 <= lanes <= 16, "Argon2id passes or lanes out of range")
            demand(8 * lanes <= memory <= 1_048_576, "Argon2id memory out of range")
        return wrap, rest[113:]

    @property
    def cost(self):
        """Memory in KiB, passes, lanes."""
        return tuple(number(self.parameters[at : at + 4]) for at in (0, 4, 8))

    def wrapping_key(self, vault_id, root):
        """`root` is 32 bytes, a passphrase, the 20 bytes of a recovery key, or what a callback has unwrapped."""
        if self.kind == CALLBACK:
            return root
        if self.kind == PASSPHRASE:
            memory, passes, lanes = self.cost
            argon2id = Argon2id(salt=self.parameters[12:], length=32, iterations=passes, lanes=lanes, memory_cost=memory)
            root = argon2id.derive(root.encode())
        return kdf(root.ljust(32, b"\0"), b"PocketKMS Root Key 1", vault_id + self.id, 32)

    def vault_key(self, vault_id, epoch, root):
        associated_data = b"\x56\x01" + vault_id + epoch.to_bytes(4, "big") + self.description
        return open_seal(self.wrapping_key(vault_id, root), b"PocketKMS Vault Key 1", associated_data, self.sealed)


def read_wraps(data):
    """A list of wraps, and what follows it."""
    demand(data and 1 <= data[0] <= 17, "not 1 to 17 wraps")
    wraps, rest = [], data[1:]
    for _ in range(data[0]):
        wrap, rest = Wrap.read(rest)
        wraps.append(wrap)
    demand(len({wrap.id for wrap in wraps}) == len(wraps), "two wraps of one id")
    demand(sum(wrap.kind == PASSPHRASE for wrap in wraps) <= 5, "more than 5 passphrases")
    return wraps, rest


def kinds_of(root):
    if isinstance(root, str):
        return (PASSPHRASE,)
    return (RECOVERY,) if len(root) == 20 else (BYTES, CALLBACK)


@dataclass(frozen=True)
class VaultHeader:
    data: bytes
    vault_id: bytes
    epoch: int
    wraps: list
    next_key: bytes
    next_wraps: list

    @classmethod
    def parse(cls, data):
        demand(len(data) >= 22 + 32, "the vault header is truncated")
        demand(data[0] == 0x56, "not a vault header")
        demand(data[1] == 1, "a version of the vault header that this page does not describe")
        wraps, rest = read_wraps(data[22:-32])
        demand(rest and rest[0] in (0, 1), "neither rotating nor not")
        rotating, rest = rest[0] == 1, rest[1:]
        next_key, next_wraps = b"", []
        if rotating:
            demand(number(data[18:22]) > 1, "a rotation in the first epoch")
            demand(len(rest) >= 112, "the next vault key is cut off")
            next_key = rest[:112]
            next_wraps, rest = read_wraps(rest[112:])
        demand(not rest, "bytes follow the wraps")
        return cls(data, data[2:18], number(data[18:22]), wraps, next_key, next_wraps)

    def vault_keys(self, root, revision):
        """The vault keys by their epochs: one, or two while records of the epoch before are left."""
        refusal = Rejected("no wrap of this kind of root key")
        opening = self.epoch - 1 if self.next_key else self.epoch
        for wrap in self.wraps:
            if wrap.kind not in kinds_of(root):
                continue
            try:
                keys = {opening: wrap.vault_key(self.vault_id, opening, root)}
            except Rejected as rejected:
                refusal = rejected
                continue
            if self.next_key:
                start = self.data[:22]
                keys[self.epoch] = open_seal(keys[opening], b"PocketKMS Next Vault Key 1", start, self.next_key)
            digest = sha256(revision.to_bytes(8, "big") + self.data[:-32]).digest()
            tag = kdf(keys[self.epoch], b"PocketKMS Vault Header 1", digest, 32)
            demand(hmac.compare_digest(tag, self.data[-32:]), "the tag of the vault header differs")
            return keys
        raise refusal


# --- Records and snapshot


def open_record(vault_keys, name, revision, value):
    demand(value[:1] == b"\x52", "not a record")
    demand(value[1:2] == b"\x01", "a version of the record that this page does not describe")
    demand(number(value[2:6]) in vault_keys, "sealed under a vault key that is gone")
    associated_data = value[:6] + revision.to_bytes(8, "big") + name
    return open_seal(vault_keys[number(value[2:6])], b"PocketKMS Record 1", associated_data, value[6:])


class Snapshot:
    """An opened snapshot: its records by name, open and as they were sealed, and their revisions."""

    def __init__(self, data, root):
        demand(data[:8] == b"PKMSSNAP", "not a snapshot")
        demand(number(data[8:10]) == 1, "a version of the snapshot that this page does not describe")
        demand(number(data[10:18]) == len(data), "truncated, or followed by other bytes")
        demand(len(data) >= 30 + 57 + 80, "too short for a snapshot")
        header, sealed = take(data[26:], 4)
        prefix = data[: len(data) - len(sealed)]
        self.header = VaultHeader.parse(header)
        self.revisions = {"vault": number(data[18:26])}
        self.sealed = {"vault": header}
        self.records = {}
        self.vault_keys = self.header.vault_keys(root, self.revisions["vault"])
        self.vault_key = self.vault_keys[self.header.epoch]
        self._read(open_seal(self.vault_key, b"PocketKMS Snapshot 1", prefix, sealed))

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
            self.records[name.decode()] = open_record(self.vault_keys, name, revision, value)

    def json(self, prefix):
        """The records whose names begin so, decoded."""
        return {name: json.loads(value) for name, value in self.records.items() if name.startswith(prefix)}

    def key_of_alias(self, account, region, alias):
        return json.loads(self.records[f"alias/{account}/{region}/{alias}"])["target"]

    def place(self, region, key_id):
        """Where the materials of a Region's key are."""
        try:
            key = json.loads(self.records[f"key/{region}/{key_id.hex()}"])
        except KeyError:
            raise Rejected("the Region has no such key") from None
        return "multi-Region" if key["id"].startswith("mrk-") and key["origin"] == "AWS_KMS" else region

    def material(self, place, key_id, reference):
        try:
            return Material.read(self.records[f"material/{place}/{key_id.hex()}/{reference.hex()}"])
        except KeyError:
            raise Rejected("the vault has no such material") from None

    def decrypt(self, region, data, context=None, external_keys=None):
        """What Decrypt answers: the plaintext, and the id of the material. The external keys, by their ids, are not in the vault."""
        blob = Blob.parse(data)
        material = self.material(self.place(region, blob.key_id), blob.key_id, blob.reference)
        key = json.loads(self.records[f"key/{region}/{blob.key_id.hex()}"])
        external_key = (external_keys or {})[key["external_key"]] if key["origin"] == "EXTERNAL_KEY_STORE" else None
        return blob.decrypt(material, context, external_key), material.id(blob.key_id)


def take(data, width):
    """A part with its length before it, and what follows."""
    length = number(data[:width])
    demand(len(data) >= width + length, "a part is longer than what is left")
    return data[width : width + length], data[width + length :]
