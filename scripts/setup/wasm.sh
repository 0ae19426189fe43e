#!/usr/bin/env bash
# What turns the core into a browser package: a compiler for wasm32-unknown-unknown, wasm-bindgen and wasm-opt.
source "$(dirname "$0")/../lib.sh"
source "$ROOT/scripts/setup/pins.sh"

rustup_has wasm32-unknown-unknown || "$ROOT/scripts/setup/bare-rust.sh"
"$ROOT/scripts/setup/node-tools.sh" # wasm-opt

ready() { [ -x "$TOOLS/wasm-bindgen-cli-$WASM_BINDGEN/bin/wasm-bindgen" ]; }
install() { cargo_tool wasm-bindgen-cli "$WASM_BINDGEN" wasm-bindgen; }
ensure wasm-bindgen
