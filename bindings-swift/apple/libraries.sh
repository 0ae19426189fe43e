#!/usr/bin/env bash
# libraries.sh OUT: the library for each of the slices, in a folder per target of Rust, as assemble.py takes them. Needs macOS with Xcode.
# NEVER RUN SO FAR: the project has no such machine. Expect to mend it, and please let us know.
export POCKETKMS_PROFILE=release
source "$(dirname "$0")/../../scripts/lib.sh"
[ $# = 1 ] || die "usage: libraries.sh OUT"
have xcodebuild || die "these libraries can be made on macOS with Xcode only"
mkdir -p "$1"
out="$(cd "$1" && pwd)"
target="${CARGO_TARGET_DIR:-$ROOT/target}"
cd "$ROOT"

# No path of this machine, neither from Rust nor from C.
export RUSTFLAGS="--remap-path-prefix=$HOME=~ --remap-path-prefix=$ROOT=."
export CFLAGS="-ffile-prefix-map=$HOME=~ -ffile-prefix-map=$ROOT=."
python3 bindings-swift/apple/slices.py | while read -r triple variable; do
  rustup target add "$triple" 1>&2
  env "$variable" cargo build --release --locked -p pocketkms-uniffi --target "$triple" </dev/null 1>&2
  mkdir -p "$out/$triple"
  bindings-swift/rename-sqlite.sh "$target/$triple/release/libpocketkms_uniffi.a" "$out/$triple/libpocketkms_uniffi.a"
done
