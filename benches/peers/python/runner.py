"""One contender in a Python process: answers the orchestrator's requests, a JSON object a line. See ../README.md.

    runner.py MODULE [OPTIONS]     MODULE is a file of this folder with `contender(**OPTIONS)`, OPTIONS a JSON object
"""

from __future__ import annotations

import importlib
import importlib.metadata
import io
import json
import platform
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, BinaryIO

Parts = tuple[bytes, ...]


class Contender(ABC):
    """What encrypts and decrypts. Keys are set up before the first call, as in an application's second request."""

    packages: tuple[str, ...]
    streams = False

    @abstractmethod
    def encrypt(self, plaintext: bytes) -> Parts:
        """The message, in as many parts as the package gives: none is charged for joining a nonce and its ciphertext."""

    @abstractmethod
    def decrypt(self, message: bytes) -> bytes:
        """The plaintext of the joined parts."""

    def encrypt_stream(self, source: BinaryIO, sink: Sink) -> None:
        raise NotImplementedError

    def decrypt_stream(self, source: BinaryIO, sink: Sink) -> None:
        raise NotImplementedError


class Sink(io.RawIOBase):
    """Where a stream writes. Counts, and passes on to `target` if there is one."""

    def __init__(self, target: BinaryIO | None = None) -> None:
        self.count = 0
        self.target = target

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.count += len(data)
        if self.target is not None:
            self.target.write(data)
        return len(data)


class Expect:
    """A target that takes nothing but the content of a file."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("rb")

    def write(self, data: bytes) -> None:
        if self.file.read(len(data)) != bytes(data):
            raise ValueError("decrypted to something else")


def make(contender: Contender, plaintext: Path, message: Path, stream: bool) -> dict[str, Any]:
    """Writes the message of a plaintext, and makes sure that it decrypts to it."""
    if stream:
        with plaintext.open("rb") as source, message.open("wb") as target:
            contender.encrypt_stream(source, Sink(target))
        with message.open("rb") as source:
            sink = Sink(Expect(plaintext))  # type: ignore[arg-type]
            contender.decrypt_stream(source, sink)
            same = sink.count == plaintext.stat().st_size
    else:
        parts = contender.encrypt(plaintext.read_bytes())
        with message.open("wb") as target:
            target.writelines(parts)
        same = contender.decrypt(message.read_bytes()) == plaintext.read_bytes()
    if not same:
        raise ValueError("decrypted to something else")
    return {"bytes": message.stat().st_size}


def timed(contender: Contender, op: str, path: Path, stream: bool, calls: int) -> dict[str, Any]:
    """Seconds of `calls` operations. The input is in memory before the clock starts, and the output goes nowhere."""
    data = path.read_bytes()
    if stream:
        work = contender.encrypt_stream if op == "encrypt" else contender.decrypt_stream
        start, cpu = time.perf_counter(), time.process_time()
        for _ in range(calls):
            work(io.BytesIO(data), Sink())
    else:
        whole = contender.encrypt if op == "encrypt" else contender.decrypt
        start, cpu = time.perf_counter(), time.process_time()
        for _ in range(calls):
            whole(data)
    return {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu, "calls": calls}


def memory(contender: Contender, op: str, path: Path, stream: bool) -> dict[str, Any]:
    """The most that is resident during one operation, with its input and output; streams read from a file, write nowhere."""
    before = resident("VmRSS")
    if stream:
        with path.open("rb") as source:
            forget_peak()
            (contender.encrypt_stream if op == "encrypt" else contender.decrypt_stream)(source, Sink())
    else:
        data = path.read_bytes()
        forget_peak()
        result = (contender.encrypt if op == "encrypt" else contender.decrypt)(data)
        del result
    return {"before": before, "peak": resident("VmHWM")}


def resident(field: str) -> int:
    """Bytes, as Linux counts them for this very process: getrusage's peak starts at that of the parent."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise LookupError(field)


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def answer(contender: Contender, request: dict[str, Any]) -> dict[str, Any]:
    stream = request["stream"] and contender.streams
    how = {"how": "stream" if stream else "whole"}
    match request["do"]:
        case "make":
            return how | make(contender, Path(request["plaintext"]), Path(request["message"]), stream)
        case "time":
            return how | timed(contender, request["op"], Path(request["input"]), stream, request["calls"])
        case "memory":
            return how | memory(contender, request["op"], Path(request["input"]), stream)
        case other:
            raise ValueError(f"no such request: {other}")


def main() -> None:
    module, options = sys.argv[1], json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}
    contender: Contender = importlib.import_module(module).contender(**options)
    versions = {name: importlib.metadata.version(name) for name in contender.packages}
    print(json.dumps({"versions": {"Python": platform.python_version()} | versions}), flush=True)
    for line in sys.stdin:
        try:
            result = answer(contender, json.loads(line))
        except Exception as error:  # reported to the orchestrator, which decides whether the table can show it
            result = {"cannot": f"{type(error).__name__}: {error}"[:200]}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    # Under its own name, for the contenders import it.
    sys.modules["runner"] = sys.modules["__main__"]
    main()
