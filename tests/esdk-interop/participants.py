"""The participants: long-running processes that encrypt and decrypt what they are asked to."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

Key = dict[str, str]


@dataclass(frozen=True)
class Settings:
    """How a message is written, or is to be read."""

    suite: int = 0x0478
    frame_length: int = 4096
    """In bytes; 0 is unframed, which only AWS's Python SDK writes."""
    context: dict[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    policy: str = ""
    max_keys: int | None = None
    streamed: bool = False
    """Whether PocketKMS gets the data piece by piece."""

    def but(self, **changes: Any) -> Settings:
        return replace(self, **changes)

    def request(self) -> dict[str, Any]:
        return {
            "policy": self.policy or permissive(self.suite),
            "context": self.context,
            "required_context_keys": list(self.required),
            "keys": list(self.keys),
            "max_encrypted_data_keys": self.max_keys,
            "streamed": self.streamed,
        }


def committing(suite: int) -> bool:
    return suite in (0x0478, 0x0578)


def permissive(suite: int) -> str:
    """A policy under which the suite may be written and read."""
    return "REQUIRE_ENCRYPT_ALLOW_DECRYPT" if committing(suite) else "FORBID_ENCRYPT_ALLOW_DECRYPT"


@dataclass(frozen=True)
class Decrypted:
    plaintext: bytes
    context: dict[str, str]
    signed: bool
    """Whether it carries the public key of a signature, which is left out of `context`."""


class Rejected(Exception):
    """What a participant said in place of a result."""


class Participant:
    frame_step = 1
    """It writes frames of a multiple of so many bytes only; it reads all."""

    def __init__(self, name: str, command: list[str], frame_step: int = 1) -> None:
        self.name, self.frame_step = name, frame_step
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} has ended ({self.process.wait()})")
        answer = json.loads(line)
        if "error" in answer:
            raise Rejected(answer["error"])
        return answer

    def encrypt(self, settings: Settings, plaintext: bytes) -> bytes:
        request = settings.request() | {"op": "encrypt", "suite": settings.suite, "frame_length": settings.frame_length}
        answer = self.ask(request | {"plaintext": base64.b64encode(plaintext).decode()})
        return base64.b64decode(answer["message"])

    def decrypt(self, settings: Settings, message: bytes) -> Decrypted:
        # Of the context only what is not stored in the message is given again.
        given = {name: value for name, value in settings.context.items() if name in settings.required}
        request = settings.but(context=given).request() | {"op": "decrypt"}
        answer = self.ask(request | {"message": base64.b64encode(message).decode()})
        signed = answer["context"].pop("aws-crypto-public-key", None) is not None
        return Decrypted(base64.b64decode(answer["plaintext"]), answer["context"], signed)

    def rewrap(self, settings: Settings, message: bytes, to: tuple[Key, ...]) -> bytes:
        """The message with its header rewritten for other keys. Of PocketKMS alone, as no SDK can."""
        given = {name: value for name, value in settings.context.items() if name in settings.required}
        request = settings.but(context=given).request() | {"op": "rewrap", "to": list(to)}
        return base64.b64decode(self.ask(request | {"message": base64.b64encode(message).decode()})["message"])

    def close(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def pocketkms(provider: str) -> Participant:
    return Participant(f"PocketKMS ({provider})", [os.environ["POCKETKMS_PARTICIPANT"], provider])


def aws_python() -> Participant:
    return Participant("aws-encryption-sdk", [sys.executable, str(HERE / "python/participant.py")], frame_step=128)


def aws_node() -> Participant:
    return Participant("@aws-crypto/client-node", ["node", str(HERE / "node/participant.mjs")])
