"""Reads static libraries of Mach-O objects, and joins those of several processors to one file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

CPUS = {"arm64": (0x0100000C, 0), "x86_64": (0x01000007, 3)}
MAGIC_64 = 0xFEEDFACF
LC_BUILD_VERSION = 0x32
# Before there was LC_BUILD_VERSION: macOS and iOS, device and simulator.
LC_VERSION_MIN = {0x24: {1}, 0x25: {2, 7}}


class Malformed(Exception):
    pass


@dataclass
class Object:
    name: str
    cpu: int
    platforms: set[int]
    """Those that it may be for; none where it does not say."""
    minimum: tuple[int, int, int] | None


def members(archive: bytes) -> Iterator[tuple[str, bytes]]:
    if archive[:8] != b"!<arch>\n":
        raise Malformed("no static library")
    at = 8
    while at < len(archive):
        header = archive[at : at + 60]
        if len(header) < 60 or header[58:] != b"`\n":
            raise Malformed(f"no member at byte {at}")
        name, size = header[:16].decode().rstrip(), int(header[48:58])
        content = archive[at + 60 : at + 60 + size]
        if len(content) < size:
            raise Malformed(f"{name} is cut short")
        if name.startswith("#1/"):  # a long name stands before the content
            length = int(name[3:])
            name, content = content[:length].rstrip(b"\0").decode(), content[length:]
        yield name.rstrip("/"), content
        at += 60 + size + size % 2


def objects(archive: bytes) -> Iterator[Object]:
    for name, content in members(archive):
        if name.startswith("__.SYMDEF") or name in ("", "/"):
            continue
        yield read(name, content)


def read(name: str, content: bytes) -> Object:
    if len(content) < 32 or struct.unpack_from("<I", content)[0] != MAGIC_64:
        raise Malformed(f"{name} is no Mach-O object")
    cpu, commands = struct.unpack_from("<4xI8xI", content)
    found = Object(name, cpu, set(), None)
    at = 32
    for _ in range(commands):
        command, size = struct.unpack_from("<II", content, at)
        if command == LC_BUILD_VERSION:
            platform, minimum = struct.unpack_from("<II", content, at + 8)
            found.platforms, found.minimum = {platform}, version(minimum)
        elif command in LC_VERSION_MIN:
            found.platforms, found.minimum = LC_VERSION_MIN[command], version(struct.unpack_from("<I", content, at + 8)[0])
        if size < 8:
            raise Malformed(f"{name} has a load command of {size} bytes")
        at += size
    return found


def version(packed: int) -> tuple[int, int, int]:
    return packed >> 16, packed >> 8 & 0xFF, packed & 0xFF


def joined(libraries: dict[str, bytes]) -> bytes:
    """What `lipo -create` makes: the libraries one after the other, each at a multiple of 8 bytes, behind a table of them."""
    at = 8 + 20 * len(libraries)
    table, body = struct.pack(">II", 0xCAFEBABE, len(libraries)), b""
    for architecture, library in libraries.items():
        start = (at + len(body) + 7) // 8 * 8
        body += bytes(start - at - len(body)) + library
        table += struct.pack(">IIIII", *CPUS[architecture], start, len(library), 3)
    return table + body
