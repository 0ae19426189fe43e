#!/usr/bin/env bash
# The XCFramework and the package that is fetched by version, made of stand-in libraries: objects of Apple's format, by Swift's own C compiler.
# build.sh comes before it.
source "$(dirname "$0")/../../scripts/lib.sh"
work="$ROOT/target/apple"
rm -rf "$work"
mkdir -p "$work"
cd "$ROOT/bindings-swift"

# Rust's targets, by the name that clang has for each.
clang_target() {
  case "$1" in
    aarch64-apple-ios) echo arm64-apple-ios13.4 ;;
    aarch64-apple-ios-sim) echo arm64-apple-ios14.0-simulator ;;
    x86_64-apple-ios) echo x86_64-apple-ios13.4-simulator ;;
    aarch64-apple-ios-macabi) echo arm64-apple-ios14.0-macabi ;;
    x86_64-apple-ios-macabi) echo x86_64-apple-ios13.4-macabi ;;
    aarch64-apple-darwin) echo arm64-apple-macos11.0 ;;
    x86_64-apple-darwin) echo x86_64-apple-macos10.15.4 ;;
    *) die "no stand-in for $1" ;;
  esac
}
echo 'int sqlite3_open(void) { return 0; } int ffi_pocketkms(void) { return sqlite3_open(); }' >"$work/library.c"
# library OUT TARGET [C FLAGS...]
library() {
  mkdir -p "${1%/*}"
  "$ROOT/scripts/swift-env" clang -target "$2" "${@:3}" -c "$work/library.c" -o "$work/library.o"
  rm -f "$1"
  "$ROOT/scripts/swift-env" llvm-ar --format=darwin rcs "$1" "$work/library.o"
}
step "stand-ins for the libraries of Apple's platforms"
python3 apple/slices.py >"$work/slices"
while read -r triple _; do
  library "$work/libraries/$triple/libpocketkms_uniffi.a" "$(clang_target "$triple")" </dev/null
done <"$work/slices"
library "$work/wrong/later/libpocketkms_uniffi.a" arm64-apple-ios17.0
library "$work/wrong/simulator/libpocketkms_uniffi.a" arm64-apple-ios13.4-simulator
library "$work/wrong/processor/libpocketkms_uniffi.a" x86_64-apple-ios13.4
library "$work/wrong/linux/libpocketkms_uniffi.a" x86_64-unknown-linux-gnu
library "$work/wrong/path/libpocketkms_uniffi.a" arm64-apple-ios13.4 -g "-fdebug-compilation-dir=$ROOT"

step "the XCFramework, twice"
./xcframework.sh "$work/libraries" "$work/out" >/dev/null
cp "$work/out/PocketKMSFFI.xcframework.zip" "$work/first.zip"
./xcframework.sh "$work/libraries" "$work/out" >/dev/null
cmp "$work/first.zip" "$work/out/PocketKMSFFI.xcframework.zip" || die "the same libraries made another archive"

step "the package that is fetched by version"
url=https://github.com/pocketkms/pocketkms/releases/download/v0.1.0/PocketKMSFFI.xcframework.zip
apple/package.sh "$work/out/PocketKMSFFI.xcframework.zip" "$url" "$work/package" >/dev/null
"$ROOT/scripts/swift" package --package-path "$work/package" dump-package >"$work/package.json"
if apple/package.sh "$work/first.zip" "http://localhost/PocketKMSFFI.xcframework.zip" "$work/other" 2>/dev/null; then die "a package takes its library by http"; fi

python3 -B apple/artefact_test.py "$work"
