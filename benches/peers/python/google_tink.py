"""PyPI `tink`: its AEAD, and its streaming AEAD in segments of 1 MiB."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, BinaryIO

import tink
from tink import aead, secret_key_access, streaming_aead

from runner import Contender, Parts, Sink

CHUNK = 1024 * 1024


def kept_keyset(name: str, template: Any) -> tink.KeysetHandle:
    """Every process of a run reads the others' messages, and Tink takes no key bytes: the first one keeps its keyset."""
    path = Path(os.environ["PEERS_RUN"], f"{name}.keyset")
    if not path.exists():
        handle = tink.new_keyset_handle(template)
        path.write_text(tink.json_proto_keyset_format.serialize(handle, secret_key_access.TOKEN))
    return tink.json_proto_keyset_format.parse(path.read_text(), secret_key_access.TOKEN)


class Aead(Contender):
    packages = ("tink",)

    def __init__(self) -> None:
        aead.register()
        handle = kept_keyset("tink-aead", aead.aead_key_templates.AES256_GCM)
        self.primitive = handle.primitive(aead.Aead)

    def encrypt(self, plaintext: bytes) -> Parts:
        return (self.primitive.encrypt(plaintext, b""),)

    def decrypt(self, message: bytes) -> bytes:
        return self.primitive.decrypt(message, b"")


class Collector(Sink):
    """Keeps what is written, also when Tink has closed it."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.parts.append(data)
        return super().write(data)


class Streaming(Contender):
    packages = ("tink",)
    streams = True

    def __init__(self) -> None:
        streaming_aead.register()
        template = streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB
        self.primitive = kept_keyset("tink-streaming", template).primitive(streaming_aead.StreamingAead)

    def encrypt(self, plaintext: bytes) -> Parts:
        collector = Collector()
        with self.primitive.new_encrypting_stream(collector, b"") as stream:  # type: ignore[arg-type]
            stream.write(plaintext)
        return tuple(collector.parts)

    def decrypt(self, message: bytes) -> bytes:
        with self.primitive.new_decrypting_stream(io.BytesIO(message), b"") as stream:
            return stream.read()

    def encrypt_stream(self, source: BinaryIO, sink: Sink) -> None:
        with self.primitive.new_encrypting_stream(sink, b"") as stream:  # type: ignore[arg-type]
            while chunk := source.read(CHUNK):
                stream.write(chunk)

    def decrypt_stream(self, source: BinaryIO, sink: Sink) -> None:
        with self.primitive.new_decrypting_stream(source, b"") as stream:
            while chunk := stream.read(CHUNK):
                sink.write(chunk)


def contender(construction: str) -> Contender:
    return {"aead": Aead, "streaming": Streaming}[construction]()
