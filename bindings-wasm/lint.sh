#!/usr/bin/env bash
# Checks the types of the npm package, as its users' compilers see them, and that the package is put together rightly.
source "$(dirname "$0")/../scripts/lib.sh"
project="$ROOT/target/npm/test"
"$ROOT/bindings-wasm/build.sh"
"$ROOT/bindings-wasm/install.sh" "$ROOT/bindings-wasm/tests" "$project"
"$ROOT/scripts/readme-block" "$ROOT/docs/guide-browser.md" ts 1 >"$project/types/guide.ts"
cd "$project"

check() {
  local compiler="$1"; shift
  node "node_modules/$compiler/bin/tsc" --project types/tsconfig.json "$@"
  node "node_modules/$compiler/bin/tsc" --project types/aws-sdk.tsconfig.json "$@"
  printf 'tsc %s --strict %s: no errors\n' "$(node -p "require('./node_modules/$compiler/package.json').version")" "$*"
}
check typescript
check typescript --module esnext --moduleResolution bundler
check typescript-5 # what most projects have today

node_modules/.bin/publint --strict node_modules/pocketkms
