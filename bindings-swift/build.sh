#!/usr/bin/env bash
# The Swift package, ready to be named by path in another Package.swift: the library of this machine in lib/, the sources
# that UniFFI makes beside ours, and everything compiled once to show that it does.
source "$(dirname "$0")/../scripts/lib.sh"
target="${CARGO_TARGET_DIR:-$ROOT/target}"
cd "$ROOT/bindings-swift"

./generate.sh swift
for file in "$target"/uniffi/swift/*.swift; do update "$file" "Sources/PocketKMS/Generated/${file##*/}"; done
for file in "$target"/uniffi/swift/*.h; do update "$file" "Sources/PocketKMSFFI/${file##*/}"; done
update "$target/$PROFILE_FOLDER/libpocketkms_uniffi.a" lib/libpocketkms_uniffi.a

"$ROOT/scripts/swift" build
