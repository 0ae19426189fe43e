#!/usr/bin/env bash
# Builds the npm package, installs it as a user does, and tests it in Node and in headless Chromium, Firefox and WebKit.
source "$(dirname "$0")/../scripts/lib.sh"
project="$ROOT/target/npm/test"
"$ROOT/scripts/setup/peers.sh"
"$ROOT/bindings-wasm/build.sh"
"$ROOT/bindings-wasm/install.sh" "$ROOT/bindings-wasm/tests" "$project"
"$ROOT/scripts/bindings-types" json | node "$project/scenario/write-data.mjs" "$ROOT" "$project/scenario/data.js"
cp "$ROOT/bindings-wasm/README.md" "$ROOT/docs/guide-browser.md" "$project/"

CHROMIUM="$("$ROOT/scripts/chromium-path")"
FIREFOX="$("$ROOT/scripts/firefox-path")"
WEBKIT="$("$ROOT/scripts/webkit-path")"
export CHROMIUM FIREFOX WEBKIT
export REPOSITORY="$ROOT" PEERS="$TOOLS/peers"
cd "$project"
# As many files at a time as there are processors; Node takes one less. Each engine has files of its own.
node --test --test-concurrency="$(node -p 'os.availableParallelism()')" --test-reporter=spec ./*.test.js
