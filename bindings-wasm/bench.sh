#!/usr/bin/env bash
# Measures the npm package beside WebCrypto, in Node and in headless Chromium: all, or `operations` or `messages` only.
export POCKETKMS_PROFILE=release # as users get it
source "$(dirname "$0")/../scripts/lib.sh"
project="$ROOT/target/npm/test"
"$ROOT/bindings-wasm/build.sh"
"$ROOT/bindings-wasm/install.sh" "$ROOT/bindings-wasm/tests" "$project"
CHROMIUM="$("$ROOT/scripts/chromium-path")"
export CHROMIUM
node "$project/bench/run.js" "$@"
