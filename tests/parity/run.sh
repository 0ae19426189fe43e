#!/usr/bin/env bash
# Compares the public APIs of the five languages: for Swift and Kotlin, what UniFFI makes, too.
source "$(dirname "$0")/../../scripts/lib.sh"
cd "$ROOT"
python3 -B tests/parity/self_test.py

bindings-swift/sources.sh
bindings-kotlin/sources.sh

step "describing the crates"
target="${CARGO_TARGET_DIR:-$ROOT/target}"
# Which form the JSON has, the reader (rust.py) knows of rust-toolchain.toml's version.
RUSTDOC="$ROOT/scripts/rustdoc-json" RUSTDOCFLAGS="-Z unstable-options --output-format json --cap-lints allow" \
  cargo doc --quiet --no-deps --lib -p pocketkms -p pocketkms-files -p pocketkms-roots -p pocketkms-sqlite

out="$target/parity/described"
mkdir -p "$out"
for format in python typescript json; do scripts/bindings-types "$format" >"$out/$format"; done
python3 -B tests/parity/compare.py "$target"/doc/pocketkms{,_files,_roots,_sqlite}.json "$out"/{python,typescript,json} \
  bindings-swift/Sources/PocketKMS bindings-kotlin/target/generated-sources/uniffi
