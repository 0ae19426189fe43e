#!/usr/bin/env bash
# The Swift package, ready to be named by path in another Package.swift: the library of this machine in lib/, the sources
# that UniFFI makes beside ours, and everything compiled once to show that it does.
source "$(dirname "$0")/../scripts/lib.sh"
target="${CARGO_TARGET_DIR:-$ROOT/target}"
cd "$ROOT/bindings-swift"

./sources.sh
for file in "$target"/uniffi/swift/*.h; do update "$file" "Sources/PocketKMSFFI/${file##*/}"; done
./rename-sqlite.sh "$target/$PROFILE_FOLDER/libpocketkms_uniffi.a" "$target/uniffi/libpocketkms_uniffi.a"
update "$target/uniffi/libpocketkms_uniffi.a" lib/libpocketkms_uniffi.a

"$ROOT/scripts/notices" pocketkms-uniffi lib # what must go along with all that is compiled into the library

# The demo compiles it with its own program.
[ -n "${POCKETKMS_DEMO:-}" ] || "$ROOT/scripts/swift" build
