#!/usr/bin/env bash
# The Swift that UniFFI makes of the library, corrected by polish.awk, in Sources/PocketKMS/Generated.
source "$(dirname "$0")/../scripts/lib.sh"
target="${CARGO_TARGET_DIR:-$ROOT/target}"
cd "$ROOT/bindings-swift"

../bindings-uniffi/generate.sh swift
polished="$target/uniffi/polished-swift"
rm -rf "$polished"
mkdir -p "$polished"
awk -v out="$polished" -f polish.awk "$target"/uniffi/swift/*.swift
cp "$target/uniffi/swift.pages" "$polished/OperationPages.swift"
"$target/$PROFILE_FOLDER/pocketkms-bindings-types" swift-secrets >"$polished/OperationSecrets.swift"
for file in "$polished"/*.swift; do update "$file" "Sources/PocketKMS/Generated/${file##*/}"; done
