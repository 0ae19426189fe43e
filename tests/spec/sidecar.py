"""A reader of envelope messages with sidecars, written from docs/formats.md and from the page of AWS that it names.

As the decryptor beside it, it is no part of the product.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from decryptor import Rejected, demand, number, take

# Algorithm suite: bytes of the data key, hash of the key derivation.
SUITES = {
    0x0114: (16, SHA256),
    0x0146: (24, SHA256),
    0x0178: (32, SHA256),
    0x0214: (16, SHA256),
    0x0346: (24, SHA384),
    0x0378: (32, SHA384),
    0x0478: (32, SHA512),
    0x0578: (32, SHA512),
}


def hkdf(algorithm, secret, salt, info, length):
    return HKDF(algorithm=algorithm(), length=length, salt=salt, info=info).derive(secret)


def open_gcm(key, nonce, ciphertext, associated_data):
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, associated_data)
    except InvalidTag:
        raise Rejected("the tag differs") from None


def take_data_keys(data):
    """The encrypted data keys: provider id, provider information, ciphertext; and what follows them."""
    count, data = number(data[:2]), data[2:]
    demand(count > 0, "no encrypted data key")
    keys = []
    for _ in range(count):
        provider, data = take(data, 2)
        information, data = take(data, 2)
        ciphertext, data = take(data, 2)
        keys.append((provider, information, ciphertext))
    return keys, data


def context_bytes(context):
    """AWS's serialisation: the number of pairs, then name and value of each, in the order of the names' bytes."""
    pairs = sorted((name.encode(), value.encode()) for name, value in context.items())
    if not pairs:
        return b""
    parts = (len(part).to_bytes(2, "big") + part for pair in pairs for part in pair)
    return len(pairs).to_bytes(2, "big") + b"".join(parts)


def read_context(data):
    count, data, context = number(data[:2]), data[2:], {}
    for _ in range(count):
        name, data = take(data, 2)
        value, data = take(data, 2)
        context[name.decode()] = value.decode()
    demand(not data, "bytes follow the context")
    return context


class Message:
    """A framed message of version 1 or 2, as AWS describes it."""

    def __init__(self, data):
        self.version = data[0]
        demand(self.version in (1, 2), "unknown version")
        rest = data[1:] if self.version == 2 else data[2:]
        self.suite, rest = number(rest[:2]), rest[2:]
        id_length = 32 if self.version == 2 else 16
        self.id, rest = rest[:id_length], rest[id_length:]
        context, rest = take(rest, 2)
        self.context = read_context(context) if context else {}
        self.data_keys, rest = take_data_keys(rest)
        demand(rest[0] == 2, "not framed")
        rest = rest[1:] if self.version == 2 else rest[1 + 4 + 1 :]
        self.frame_length, rest = number(rest[:4]), rest[4:]
        self.commitment = None
        if self.version == 2:
            self.commitment, rest = rest[:32], rest[32:]
        self.authenticated = data[: len(data) - len(rest)]
        self.iv = bytes(12)
        if self.version == 1:
            self.iv, rest = rest[:12], rest[12:]
        self.tag, self.body = rest[:16], rest[16:]
        self.header = data[: len(data) - len(self.body)]

    def decrypt(self, data_key):
        length, algorithm = SUITES[self.suite]
        demand(len(data_key) == length, "a data key of another length")
        suite = self.suite.to_bytes(2, "big")
        if self.version == 2:
            commitment = hkdf(algorithm, data_key, self.id, b"COMMITKEY", 32)
            demand(hmac.compare_digest(commitment, self.commitment), "the commitment differs")
            key = hkdf(algorithm, data_key, self.id, suite + b"DERIVEKEY", length)
        else:
            key = hkdf(algorithm, data_key, None, suite + self.id, length)
        open_gcm(key, self.iv, self.tag, self.authenticated)
        plaintext, rest, sequence = b"", self.body, 1
        while True:
            final = rest[:4] == b"\xff" * 4
            rest = rest[4:] if final else rest
            demand(number(rest[:4]) == sequence, "a frame out of order")
            iv, rest, length = rest[4:16], rest[16:], self.frame_length
            if final:
                length, rest = number(rest[:4]), rest[4:]
            label = b"AWSKMSEncryptionClient Final Frame" if final else b"AWSKMSEncryptionClient Frame"
            aad = self.id + label + sequence.to_bytes(4, "big") + length.to_bytes(8, "big")
            plaintext += open_gcm(key, iv, rest[: length + 16], aad)
            rest, sequence = rest[length + 16 :], sequence + 1
            if final:
                return plaintext


@dataclass(frozen=True)
class Sidecar:
    suite: int
    message_id: bytes
    binding: bytes
    data_keys: list
    authenticated: bytes
    tag: bytes

    @classmethod
    def parse(cls, data):
        demand(data[:1] == b"\x53", "not a sidecar")
        demand(data[1:2] == b"\x01", "a version of the sidecar that this page does not describe")
        suite = number(data[2:4])
        id_length = 32 if suite in (0x0478, 0x0578) else 16
        demand(len(data) >= 36 + id_length + 2, "truncated")
        data_keys, tag = take_data_keys(data[36 + id_length :])
        demand(len(tag) == 32, "truncated, or bytes follow the tag")
        return cls(
            suite=suite,
            message_id=data[4 : 4 + id_length],
            binding=data[4 + id_length : 36 + id_length],
            data_keys=data_keys,
            authenticated=data[:-32],
            tag=tag,
        )

    def check_message(self, message):
        binding = message.commitment or sha256(message.header).digest()
        same = (self.suite, self.message_id, self.binding) == (message.suite, message.id, binding)
        demand(same, "of another message")

    def verify(self, data_key):
        info = self.suite.to_bytes(2, "big") + b"PocketKMS Sidecar 1"
        key = hkdf(SHA512, data_key, self.message_id, info, 32)
        tag = hmac.digest(key, self.authenticated, "sha256")
        demand(hmac.compare_digest(tag, self.tag), "the sidecar's tag differs")


def unwrap(data_keys, wrapping_key, namespace, name, context):
    """The data key, of a raw AES key: its provider information is name, lengths of tag and IV, IV."""
    front = name.encode() + (128).to_bytes(4, "big") + (12).to_bytes(4, "big")
    for provider, information, ciphertext in data_keys:
        if provider == namespace.encode() and information.startswith(front) and len(information) == len(front) + 12:
            return open_gcm(wrapping_key, information[len(front) :], ciphertext, context_bytes(context))
    raise Rejected("no encrypted data key of this wrapping key")


def decrypt(message, sidecar, wrapping_key, namespace, name):
    """The plaintext of a message that has a sidecar."""
    message, sidecar = Message(message), Sidecar.parse(sidecar)
    sidecar.check_message(message)
    data_key = unwrap(sidecar.data_keys, wrapping_key, namespace, name, message.context)
    sidecar.verify(data_key)
    return message.decrypt(data_key), data_key
