#!/usr/bin/env bash
# xcframework.sh LIBRARIES [OUT]
# PocketKMSFFI.xcframework in OUT (this folder by default, where Package.swift takes it instead of lib/), of what apple/libraries.sh has built;
# beside it as a zip archive, and its checksum, for the package that is fetched by version (apple/package.sh).
source "$(dirname "$0")/../scripts/lib.sh"
[ $# -ge 1 ] || die "usage: xcframework.sh LIBRARIES [OUT]"
libraries="$(cd "$1" && pwd)"
mkdir -p "${2:-$ROOT/bindings-swift}"
out="$(cd "${2:-$ROOT/bindings-swift}" && pwd)"
cd "$ROOT/bindings-swift"
[ -e Sources/PocketKMSFFI/pocketkms_kms.h ] || die "no headers: build.sh"

framework="$(python3 apple/assemble.py "$libraries" Sources/PocketKMSFFI "$out")"
"$ROOT/scripts/notices" pocketkms-uniffi "$framework"
cp "$ROOT"/LICENSE-* "$framework/"
# The same archive whenever it is made: no times of files, and always in the same order.
rm -f "$framework.zip"
python3 - "$framework" <<'PYTHON'
import sys, zipfile
from pathlib import Path

framework = Path(sys.argv[1])
with zipfile.ZipFile(f"{framework}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    for path in sorted(framework.rglob("*")):
        if path.is_file():
            entry = zipfile.ZipInfo(str(path.relative_to(framework.parent)), (2020, 1, 1, 0, 0, 0))
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
PYTHON
# What `swift package compute-checksum` says: its SHA-256.
python3 -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$framework.zip" >"$framework.zip.checksum"
echo "$framework.zip"
