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
  scripts/wasm-cargo build --quiet -p pocketkms-wasm --profile "$profile"
  local module="${CARGO_TARGET_DIR:-target/wasm-toolchain}/wasm32-unknown-unknown/$profile/pocketkms_wasm.wasm"
  local bound="$package/wasm/pocketkms_bg.wasm"
  scripts/bindgen/run javascript "$module" pocketkms "$package/wasm"
  node bindings-wasm/glue.mjs "$package/wasm/pocketkms.js"
  [ "$PROFILE" = dev ] || scripts/wasm-opt -O3 --strip-target-features "$bound" -o "$bound"
  # For Node and for bundlers that pass over files.
  printf 'export default "%s";\n' "$(base64 <"$bound" | tr -d '\n')" >"$package/wasm/embedded.js"
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
  scripts/notices pocketkms-wasm "$package" wasm32-unknown-unknown
  cp bindings-wasm/js/*.js bindings-wasm/js/*.d.ts bindings-wasm/README.md LICENSE-MIT LICENSE-APACHE "$package/"
  mkdir -p "$package/store" "$package/root-keys"
  cp bindings-wasm/js/store/*.js "$package/store/"
  cp bindings-wasm/js/root-keys/*.js "$package/root-keys/"

  # The tarball is replaced in one step, for an install of the previous one at this moment.
  local tarball raw gzip
  tarball="$(cd "$package" && npm pack --silent)"
  find target/npm -maxdepth 1 -name 'pocketkms-*.tgz' ! -name "$tarball" -delete
  mv -f "$package/$tarball" "target/npm/$tarball"
  raw="$(wc -c <"$package/wasm/pocketkms_bg.wasm")"
  gzip="$(gzip -9c "$package/wasm/pocketkms_bg.wasm" | wc -c)"
  printf 'target/npm/%s: pocketkms_bg.wasm has %d bytes, %d with gzip\n' "$tarball" "$raw" "$gzip"
}

scripts/setup/node.sh
locked_here npm-package build
