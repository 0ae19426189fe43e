#!/usr/bin/env bash
# The wasm-bindgen command line, of the version that pins.sh names.
source "$(dirname "$0")/../lib.sh"
source "$ROOT/scripts/setup/pins.sh"

ready() { [ -x "$TOOLS/wasm-bindgen-cli-$WASM_BINDGEN/bin/wasm-bindgen" ]; }
install() { cargo_tool wasm-bindgen-cli "$WASM_BINDGEN" wasm-bindgen; }
ensure wasm-bindgen
