#!/usr/bin/env bash
# What turns the core into a browser package: a compiler for wasm32-unknown-unknown, wasm-bindgen and wasm-opt.
source "$(dirname "$0")/../lib.sh"

rustup_has wasm32-unknown-unknown || "$ROOT/scripts/setup/bare-rust.sh"
"$ROOT/scripts/setup/bindgen.sh" # wasm-bindgen
"$ROOT/scripts/setup/node-tools.sh" # wasm-opt
