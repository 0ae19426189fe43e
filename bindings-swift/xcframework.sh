#!/usr/bin/env bash
# PocketKMSFFI.xcframework, for Xcode projects: the library for iOS devices, iOS simulators and macOS. Package.swift takes
# it instead of lib/ as soon as it is there.
#
# NEVER RUN SO FAR: it needs macOS with Xcode, and this project has no such machine. Written after UniFFI's and Apple's
# documentation; expect to mend it, and please let us know.
export POCKETKMS_PROFILE=release
source "$(dirname "$0")/../scripts/lib.sh"
have xcodebuild || die "an xcframework can be made on macOS with Xcode only"
target="${CARGO_TARGET_DIR:-$ROOT/target}"
cd "$ROOT/bindings-swift"

./sources.sh

# fat NAME TRIPLE...: the library for several processors in one file; prints its path.
fat() {
  local name="$1" triple inputs=()
  shift
  for triple in "$@"; do
    rustup target add "$triple" 1>&2
    cargo build --release -p pocketkms-uniffi --target "$triple" 1>&2
    mkdir -p "$target/xcframework/$triple"
    ./rename-sqlite.sh "$target/$triple/release/libpocketkms_uniffi.a" "$target/xcframework/$triple/libpocketkms_uniffi.a"
    inputs+=("$target/xcframework/$triple/libpocketkms_uniffi.a")
  done
  mkdir -p "$target/xcframework/$name"
  lipo -create "${inputs[@]}" -output "$target/xcframework/$name/libpocketkms_uniffi.a"
  echo "$target/xcframework/$name/libpocketkms_uniffi.a"
}

# The headers stand in a folder of the module's name, as two frameworks' module.modulemap would get in each other's way.
headers="$target/xcframework/headers"
mkdir -p "$headers/PocketKMSFFI"
cp "$target"/uniffi/swift/*.h "$headers/PocketKMSFFI/"
grep -v '^    link ' Sources/PocketKMSFFI/module.modulemap >"$headers/PocketKMSFFI/module.modulemap"

ios="$(fat ios aarch64-apple-ios)"
simulator="$(fat ios-simulator aarch64-apple-ios-sim x86_64-apple-ios)"
macos="$(fat macos aarch64-apple-darwin x86_64-apple-darwin)"
rm -rf PocketKMSFFI.xcframework
xcodebuild -create-xcframework \
  -library "$ios" -headers "$headers" \
  -library "$simulator" -headers "$headers" \
  -library "$macos" -headers "$headers" \
  -output PocketKMSFFI.xcframework
"$ROOT/scripts/notices" pocketkms-uniffi PocketKMSFFI.xcframework
