#!/usr/bin/env bash
# zig at $TOOLS/zig/ziglang/zig, exactly as zig-requirements.txt pins it: a C compiler and linker that knows the symbols of
# older versions of glibc, so that a wheel built on this machine installs on older ones.
source "$(dirname "$0")/../lib.sh"
requirements="$ROOT/scripts/setup/zig-requirements.txt"

ready() { cmp -s "$requirements" "$TOOLS/zig/requirements.txt"; }

install() {
  rm -rf "$TOOLS/zig"
  "$ROOT/scripts/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
    --target "$TOOLS/zig" -r "$requirements" 1>&2
  cp "$requirements" "$TOOLS/zig/requirements.txt"
}

ensure zig
