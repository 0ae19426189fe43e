#!/usr/bin/env bash
# Builds the npm package, installs it as a user does, and tests it in Node and in headless Chromium.
source "$(dirname "$0")/../scripts/lib.sh"
"$ROOT/bindings-wasm/build.sh"
"$ROOT/bindings-wasm/install.sh"

CHROMIUM="$("$ROOT/scripts/chromium-path")"
export CHROMIUM
cd "$ROOT/target/npm/test"
node --test --test-reporter=spec
