#!/usr/bin/env bash
# Builds the npm package, installs it as a user does, and tests it in Node and in headless Chromium.
source "$(dirname "$0")/../scripts/lib.sh"
project="$ROOT/target/npm/test"
"$ROOT/bindings-wasm/build.sh"
"$ROOT/bindings-wasm/install.sh" "$ROOT/bindings-wasm/tests" "$project"
cp "$ROOT/bindings-wasm/README.md" "$ROOT/docs/guide-browser.md" "$project/"

CHROMIUM="$("$ROOT/scripts/chromium-path")"
export CHROMIUM
export REPOSITORY="$ROOT"
cd "$project"
node --test --test-reporter=spec ./*.test.js
