#!/usr/bin/env bash
# The packed npm package in a project of its own, with what opens a browser.
source "$(dirname "$0")/../../../scripts/lib.sh"
project="${CARGO_TARGET_DIR:-$ROOT/target}/interop-browser"
"$ROOT/bindings-wasm/install.sh" "$ROOT/tests/interop/browser" "$project"
cp "$ROOT"/bindings-wasm/tests/support/{browser,server}.js "$project/"
"$ROOT/scripts/chromium-path" >"$project/chromium-path"
