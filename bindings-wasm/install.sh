#!/usr/bin/env bash
# Makes target/npm/test: what is in tests/, with the packages that its lock file names and the package that build.sh packed.
source "$(dirname "$0")/../scripts/lib.sh"
"$ROOT/scripts/setup/node.sh"
source="$ROOT/bindings-wasm"
project="$ROOT/target/npm/test"

mkdir -p "$project"
find "$project" -mindepth 1 -maxdepth 1 ! -name node_modules ! -name installed-lock.json -exec rm -rf {} +
cp -R "$source/tests/." "$source/README.md" "$ROOT/docs/guide-browser.md" "$project/"

cd "$project"
npm_quietly() { npm "$@" --ignore-scripts --no-audit --no-fund --loglevel=error 1>&2; }
if ! cmp -s package-lock.json installed-lock.json; then
  step "installing what tests the npm package"
  npm_quietly ci
  cp package-lock.json installed-lock.json
fi
rm -rf node_modules/pocketkms
npm_quietly install --prefer-offline --no-save --no-package-lock "$ROOT"/target/npm/pocketkms-*.tgz
