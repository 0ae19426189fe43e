#!/usr/bin/env bash
# Builds the npm package: target/npm/pocketkms-VERSION.tgz. Prints what a browser has to download.
source "$(dirname "$0")/../scripts/lib.sh"
"$ROOT/scripts/setup/node.sh"
cd "$ROOT"

step "compiling to WebAssembly"
scripts/wasm-cargo build --quiet -p pocketkms-wasm --profile wasm
module=target/wasm-toolchain/wasm32-unknown-unknown/wasm/pocketkms_wasm.wasm

package=target/npm/package
rm -rf "$package"
mkdir -p "$package/wasm"
scripts/wasm-bindgen "$module" --target web --no-typescript --remove-name-section --remove-producers-section \
  --out-name pocketkms --out-dir "$package/wasm"
scripts/wasm-opt -O3 --strip-target-features "$package/wasm/pocketkms_bg.wasm" -o "$package/wasm/pocketkms_bg.wasm"

step "generating types and errors from the core"
types() { cargo run --quiet -p pocketkms-bindings-types -- "$1"; }
types typescript >"$package/types.d.ts"
types javascript >"$package/errors.js"
types json | node bindings-wasm/generate.mjs "$package"

cp bindings-wasm/js/*.js bindings-wasm/js/*.d.ts bindings-wasm/README.md "$package/"
for licence in LICENSE-MIT LICENSE-APACHE; do
  if [ -f "$licence" ]; then cp "$licence" "$package/"; fi
done

rm -f target/npm/pocketkms-*.tgz
tarball="$(cd "$package" && npm pack --silent --pack-destination ..)"
raw="$(stat -c %s "$package/wasm/pocketkms_bg.wasm")"
gzip="$(gzip -9c "$package/wasm/pocketkms_bg.wasm" | wc -c)"
printf 'target/npm/%s: pocketkms_bg.wasm has %d bytes, %d with gzip\n' "$tarball" "$raw" "$gzip"
