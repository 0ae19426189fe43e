#!/usr/bin/env python3
"""assemble.py LIBRARIES HEADERS OUT

PocketKMSFFI.xcframework in OUT, of the libraries that LIBRARIES has in a folder per target of Rust (libraries.sh makes them) and the folder
HEADERS. On any machine: what is wrong with a library is found here, and not by the app that links it.
"""

from __future__ import annotations

import plistlib
import shutil
import sys
from pathlib import Path

import mach_o
from slices import EARLIEST, SLICES, Slice

LIBRARY = "libpocketkms_uniffi.a"
ROOT = Path(__file__).resolve().parents[2]


class Refused(Exception):
    pass


def checked(library: Path, piece: Slice, architecture: str) -> bytes:
    """The library, if it is for this slice and this processor, for no later system than is declared, and says nothing of who built it."""
    if not library.is_file():
        raise Refused(f"there is no {library}")
    content = library.read_bytes()
    for path in (f"{ROOT}/", f"{Path.home()}/", "/Users/runner/", "/home/runner/"):
        if path.encode() in content:
            raise Refused(f"{library} has a path of the machine that built it: {path}")
    minimum = numbers(max(piece.minimum, EARLIEST.get((piece.platform, piece.variant, architecture), "0"), key=numbers))
    said = 0
    for each in mach_o.objects(content):
        where = f"{library}({each.name})"
        if each.cpu != mach_o.CPUS[architecture][0]:
            raise Refused(f"{where} is not for {architecture}")
        if each.platforms and piece.mach_o not in each.platforms:
            raise Refused(f"{where} is for another platform than {piece.identifier}: {each.platforms}")
        if each.minimum and each.minimum > minimum:
            raise Refused(f"{where} needs {each.minimum}, which is later than {minimum}")
        said += bool(each.platforms)
    if not said:
        raise Refused(f"{library} has no object that says its platform")
    return content


def numbers(version: str) -> tuple[int, int, int]:
    parts = [int(part) for part in version.split(".")]
    return (*parts, 0, 0)[:3]


def entry(piece: Slice) -> dict[str, object]:
    found: dict[str, object] = {
        "BinaryPath": LIBRARY,
        "HeadersPath": "Headers",
        "LibraryIdentifier": piece.identifier,
        "LibraryPath": LIBRARY,
        "SupportedArchitectures": sorted(piece.triples),
        "SupportedPlatform": piece.platform,
    }
    return found | ({"SupportedPlatformVariant": piece.variant} if piece.variant else {})


def assemble(libraries: Path, headers: Path, out: Path) -> Path:
    framework = out / "PocketKMSFFI.xcframework"
    shutil.rmtree(framework, ignore_errors=True)
    for piece in SLICES:
        found = {name: checked(libraries / triple / LIBRARY, piece, name) for name, triple in piece.triples.items()}
        folder = framework / piece.identifier
        folder.mkdir(parents=True)
        (folder / LIBRARY).write_bytes(next(iter(found.values())) if len(found) == 1 else mach_o.joined(found))
        # In a folder of the module's name, as the module.modulemap of two frameworks would get in each other's way.
        module = folder / "Headers/PocketKMSFFI"
        module.mkdir(parents=True)
        for header in sorted(headers.glob("*.h")):
            shutil.copyfile(header, module / header.name)
        # What names the library is for Linux: here the framework is linked.
        lines = (headers / "module.modulemap").read_text().splitlines(keepends=True)
        (module / "module.modulemap").write_text("".join(line for line in lines if not line.startswith("    link ")))
    information = {
        "AvailableLibraries": [entry(piece) for piece in SLICES],
        "CFBundlePackageType": "XFWK",
        "XCFrameworkFormatVersion": "1.0",
    }
    (framework / "Info.plist").write_bytes(plistlib.dumps(information))
    return framework


if __name__ == "__main__":
    try:
        print(assemble(*map(Path, sys.argv[1:])))
    except (Refused, mach_o.Malformed) as error:
        sys.exit(f"error: {error}")
