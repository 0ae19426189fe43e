#!/usr/bin/env bash
# Builds the npm package: target/npm/pocketkms-VERSION.tgz. Prints what a browser has to download.
source "$(dirname "$0")/../scripts/lib.sh"
cd "$ROOT"
package=target/npm/package

compile() {
  step "compiling to WebAssembly"
  # Panics name their source files; the package should not show where it was built.
  local cargo_home="${CARGO_HOME:-$HOME/.cargo}"
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--remap-path-prefix=$cargo_home=cargo --remap-path-prefix=$ROOT=pocketkms"
  local profile=wasm
  [ "$PROFILE" = dev ] || profile=wasm-ship
  scripts/wasm-cargo build --quiet -p pocketkms-wasm -p pocketkms-wasm-asymmetric --profile "$profile"
  local modules="${CARGO_TARGET_DIR:-target/wasm-toolchain}/wasm32-unknown-unknown/$profile"
  bind "$modules/pocketkms_wasm.wasm" pocketkms embedded
  bind "$modules/pocketkms_wasm_asymmetric.wasm" pocketkms_asymmetric embedded-asymmetric
}

# bind MODULE NAME EMBEDDED: makes of what was compiled a module of the package, with what JavaScript calls it by.
bind() {
  local bound="$package/wasm/$2_bg.wasm"
  scripts/bindgen/run javascript "$1" "$2" "$package/wasm"
  node bindings-wasm/glue.mjs "$package/wasm/$2.js"
  [ "$PROFILE" = dev ] || scripts/wasm-opt -O3 --strip-target-features "$bound" -o "$bound"
  # For Node and for bundlers that pass over files.
  printf 'export default "%s";\n' "$(base64 <"$bound" | tr -d '\n')" >"$package/wasm/$3.js"
}

# size NAME LIMIT: says how large a module is, and fails where it is larger with gzip than what users get may be. A limit is what was
# measured, and a little more: who makes a module much larger sees it here, and raises the limit on purpose. For the first, the aim is 358,400.
size() {
  local raw gzip
  raw="$(wc -c <"$package/wasm/$1")"
  gzip="$(gzip -9c "$package/wasm/$1" | wc -c)"
  printf '%s has %d bytes, %d with gzip\n' "$1" "$raw" "$gzip"
  [ "$PROFILE" = dev ] || [ "$gzip" -le "$2" ] || die "$1 may have $2 bytes with gzip"
}

generate() {
  step "generating types and errors from the core"
  scripts/bindings-types typescript >"$package/types.d.ts"
  scripts/bindings-types javascript >"$package/errors.js"
  scripts/bindings-types json | node bindings-wasm/generate.mjs "$package"
}

build() {
  rm -rf "$package"
  mkdir -p "$package"
  compile
  generate
  step "collecting the notices of what the package contains"
  scripts/notices pocketkms-wasm,pocketkms-wasm-asymmetric "$package" wasm32-unknown-unknown
  cp bindings-wasm/js/*.js bindings-wasm/js/*.d.ts bindings-wasm/README.md LICENSE-MIT LICENSE-APACHE "$package/"
  local folder
  for folder in store root-keys outside; do
    mkdir -p "$package/$folder"
    cp bindings-wasm/js/"$folder"/*.js "$package/$folder/"
  done

  # The tarball is replaced in one step, for an install of the previous one at this moment.
  local tarball
  tarball="$(cd "$package" && npm pack --silent)"
  find target/npm -maxdepth 1 -name 'pocketkms-*.tgz' ! -name "$tarball" -delete
  mv -f "$package/$tarball" "target/npm/$tarball"
  printf 'target/npm/%s\n' "$tarball"
  # A page that only encrypts loads the first; the second when it comes to keys with a public half.
  size pocketkms_bg.wasm 870000
  size pocketkms_asymmetric_bg.wasm 390000
}

scripts/setup/node.sh
locked_here npm-package build
