#!/usr/bin/env bash
# android-libraries.sh OUT
# The library for each of Android's processors, in a folder per processor as aar.sh takes them. Needs the NDK (r28 or later, in ANDROID_NDK_HOME),
# cargo-ndk, and Rust's targets for Android.
source "$(dirname "$0")/../scripts/lib.sh"
[ $# = 1 ] || die "usage: android-libraries.sh OUT"
have cargo-ndk || die "cargo-ndk is missing: cargo install cargo-ndk"
[ -d "${ANDROID_NDK_HOME:-}" ] || die "ANDROID_NDK_HOME does not say where the NDK is"
mkdir -p "$1"
out="$(cd "$1" && pwd)"
cd "$ROOT"

# Segments for pages of 16 KiB, no names of inner functions, and no path of this machine, be it of Rust's or of C's.
export RUSTFLAGS="-C link-arg=-Wl,-z,max-page-size=16384 -C strip=symbols --remap-path-prefix=$HOME=~ --remap-path-prefix=$ROOT=."
export CFLAGS="-ffile-prefix-map=$HOME=~ -ffile-prefix-map=$ROOT=."
cargo ndk --target arm64-v8a --target armeabi-v7a --target x86_64 --platform 26 --output-dir "$out" build --release --locked -p pocketkms-uniffi
