"""Who is measured, and how each is started."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PEERS = Path(os.environ["PEERS"])

# In bytes. AWS's default; and PocketKMS's, so that the AWS Encryption SDK is seen at both.
AWS_FRAME = 4096
OUR_FRAME = 64 * 1024


@dataclass(frozen=True)
class Contender:
    name: str
    label: str
    where: str
    """The environment that it runs in: those of one are compared with each other."""
    command: tuple[str, ...]
    packages: Path | None = None
    """Where its runner finds npm packages."""
    ours: bool = False
    note: str = ""

    def on_one_core(self) -> Contender:
        """The same, kept from sharing its work between cores, as its peers do."""
        command = ("taskset", "--cpu-list", str(min(os.sched_getaffinity(0))), *self.command)
        return replace(self, name=f"{self.name}-one-core", label=f"{self.label}, on one core", command=command)


def python(name: str, label: str, module: str, note: str = "", **options: Any) -> Contender:
    command = (sys.executable, str(HERE / "python/runner.py"), module, json.dumps(options))
    return Contender(name, label, "Python", command, note=note)


def node(name: str, label: str, module: str, note: str = "", **options: Any) -> Contender:
    command = ("node", "--expose-gc", str(HERE / "node/runner.mjs"), module, json.dumps(options))
    return Contender(name, label, "Node", command, PEERS / "node", note=note)


def chromium(name: str, label: str, module: str, note: str = "", **options: Any) -> Contender:
    command = ("node", str(HERE / "chromium/runner.mjs"), module, json.dumps(options))
    return Contender(name, label, "Chromium", command, PEERS / "browser", note=note)


def openssl() -> Contender:
    command = (sys.executable, str(HERE / "openssl/runner.py"))
    note = "the bare cipher: one key and nonce, one buffer over and over, no tag computed or checked"
    return Contender("openssl", "`openssl speed`, AES-256-GCM", "native", command, note=note)


def ours_in_rust() -> Contender:
    return Contender("pocketkms-rust", "PocketKMS", "native", (os.environ["POCKETKMS_RUST"],), ours=True, note=OURS.format(64))


def ours_in_python() -> Contender:
    return replace(python("pocketkms-python", "PocketKMS", "ours", OURS.format(64)), ours=True)


OURS = "raw AES keyring; its defaults: suite 0x0478, frames of {} KiB"


def ours_in_node() -> Contender:
    return replace(node("pocketkms-node", "PocketKMS", "ours", OURS.format(256)), ours=True)


def ours_in_chromium() -> Contender:
    return replace(chromium("pocketkms-chromium", "PocketKMS", "ours", OURS.format(256)), ours=True)


def kib(frame: int) -> str:
    return f"frames of {frame // 1024} KiB"


CONTENDERS = [
    ours_in_python(),
    ours_in_python().on_one_core(),
    *(
        python(
            f"aws-python-{frame}",
            f"aws-encryption-sdk, {kib(frame)}",
            "aws_sdk",
            "raw AES keyring, suite 0x0478",
            keys="keyring",
            frame_length=frame,
        )
        for frame in (AWS_FRAME, OUR_FRAME)
    ),
    python(
        "aws-python-master-key",
        f"aws-encryption-sdk, master key, {kib(AWS_FRAME)}",
        "aws_sdk",
        "its deprecated raw master key provider in place of a keyring, suite 0x0478",
        keys="master-key",
        frame_length=AWS_FRAME,
    ),
    python("tink-aead", "tink, AEAD", "google_tink", "AES256_GCM", construction="aead"),
    python("tink-streaming", "tink, streaming AEAD", "google_tink", "AES256_GCM_HKDF_1MB", construction="streaming"),
    python("cryptography-aesgcm", "cryptography, AESGCM", "pyca", construction="aesgcm"),
    python("cryptography-fernet", "cryptography, Fernet", "pyca", construction="fernet"),
    python("pynacl-secretbox", "PyNaCl, SecretBox", "libsodium", "XSalsa20-Poly1305", construction="secretbox"),
    python("pynacl-aead", "PyNaCl, Aead", "libsodium", "XChaCha20-Poly1305", construction="xchacha20poly1305"),
    ours_in_node(),
    *(
        node(
            f"aws-node-{frame}",
            f"@aws-crypto/client-node, {kib(frame)}",
            "aws-sdk",
            "raw AES keyring, suite 0x0478",
            frameLength=frame,
        )
        for frame in (AWS_FRAME, OUR_FRAME)
    ),
    node("sodium-secretbox", "libsodium-wrappers, secretbox", "libsodium", "in WebAssembly", construction="secretbox"),
    node("sodium-aead", "libsodium-wrappers, XChaCha20", "libsodium", "in WebAssembly", construction="xchacha20poly1305"),
    node("node-crypto", "node:crypto, AES-256-GCM", "aes-gcm", "the bare primitive of Node"),
    ours_in_chromium(),
    *(
        chromium(
            f"aws-browser-{frame}",
            f"@aws-crypto/client-browser, {kib(frame)}",
            "aws-sdk",
            "raw AES keyring, suite 0x0478",
            frameLength=frame,
        )
        for frame in (AWS_FRAME, OUR_FRAME)
    ),
    chromium("webcrypto", "WebCrypto, AES-256-GCM", "webcrypto", "the bare primitive of browsers"),
    ours_in_rust(),
    ours_in_rust().on_one_core(),
    openssl(),
]
