"""How much memory the work on messages takes, by their size.

    python memory.py MEBIBYTES... [--in FOLDER]

Each measurement is a process of its own, whose peak counts. Prints a line per kind of work and size: the kind, the size in MiB, the
peak in MiB.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

MIB = 1 << 20


def chunks(size: int) -> Iterator[bytes]:
    chunk = bytes(range(256)) * (MIB // 256)
    for _ in range(size // MIB):
        yield chunk


def works(folder: Path) -> dict[str, Callable[[int], None]]:
    """Each kind of work, over so many bytes."""
    # Here and not above: the process that starts the others, and hands its own peak down to them, must stay small.
    from pocketkms import EncryptionClient, RawAesKeyring, RewrapBatch

    client = EncryptionClient()
    keyring = RawAesKeyring(namespace="tests", name="one", wrapping_key=bytes(range(32)))
    plain, message, copy = (folder / name for name in ("plain", "message", "copy"))

    class Sink(io.RawIOBase):
        """Takes all, and knows afterwards what it was."""

        def __init__(self) -> None:
            super().__init__()
            self.hash = hashlib.blake2b()

        def writable(self) -> bool:
            return True

        def write(self, data: bytes, /) -> int:  # type: ignore[override]
            self.hash.update(data)
            return len(data)

    def expected(size: int) -> str:
        sink = Sink()
        for chunk in chunks(size):
            sink.write(chunk)
        return sink.hash.hexdigest()

    def streams(size: int) -> None:
        sink = Sink()
        for piece in client.decrypt_stream(keyring, client.encrypt_stream(keyring, chunks(size))):
            sink.write(piece)
        assert sink.hash.hexdigest() == expected(size)

    def writers(size: int) -> None:
        sink = Sink()
        with client.decrypt_writer(keyring, sink) as decrypting, client.encrypt_writer(keyring, decrypting) as encrypting:
            for chunk in chunks(size):
                encrypting.write(chunk)
        assert sink.hash.hexdigest() == expected(size)

    def reencrypting(size: int) -> None:
        sink = Sink()
        old = client.encrypt_stream(keyring, chunks(size))
        for piece in client.decrypt_stream(keyring, client.reencrypt_stream(keyring, keyring, old)):
            sink.write(piece)
        assert sink.hash.hexdigest() == expected(size)

    def files(size: int) -> None:
        with plain.open("wb") as file:
            file.truncate(size)
        client.encrypt_file(keyring, plain, message)
        client.decrypt_file(keyring, message, copy)
        assert copy.stat().st_size == size
        client.reencrypt_file(keyring, keyring, message, copy)
        assert copy.stat().st_size > size

    def ranges(size: int) -> None:
        with plain.open("wb") as file:
            file.truncate(size)
        client.encrypt_file(keyring, plain, message)
        with message.open("rb") as source, client.range_reader(keyring, source) as reader:
            assert sum(len(piece) for piece in iter(lambda: reader.read(MIB), b"")) == size
            for place in range(0, size, size // 16):
                reader.seek(place)
                assert reader.read(100) == bytes(100)

    def batch(size: int) -> None:
        old = EncryptionClient(commitment_policy="FORBID_ENCRYPT_ALLOW_DECRYPT")
        with plain.open("wb") as file:
            file.truncate(size)
        old.encrypt_file(keyring, plain, message)
        assert RewrapBatch(old, keyring, keyring, every=True).files([message]).rewrapped == 1

    return {work.__name__: work for work in (streams, writers, reencrypting, files, ranges, batch)}


KINDS = ("streams", "writers", "reencrypting", "files", "ranges", "batch")


def peak() -> float:
    """The most memory that this process ever had, in MiB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MIB


def measure(kind: str, size: int, folder: Path) -> float:
    """The peak of a process that does this and nothing else."""
    command = [sys.executable, __file__, "--kind", kind, "--in", os.fspath(folder), str(size)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="+", metavar="MEBIBYTES")
    parser.add_argument("--in", dest="folder", type=Path)
    parser.add_argument("--kind", choices=KINDS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        if arguments.kind is not None:
            works(Path(folder))[arguments.kind](arguments.sizes[0] * MIB)
            print(peak())
            return
        for kind in KINDS:
            for size in arguments.sizes:
                print(f"{kind} {size} {measure(kind, size, Path(folder)):.1f}", flush=True)


if __name__ == "__main__":
    main()
