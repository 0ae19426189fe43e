#!/usr/bin/env bash
# install.sh SOURCE PROJECT: makes PROJECT a copy of SOURCE with the packages that its lock file names and the package that
# build.sh packed, as a user would install it.
source "$(dirname "$0")/../scripts/lib.sh"
"$ROOT/scripts/setup/node.sh"
from="$1" project="$2"

mkdir -p "$project"
find "$project" -mindepth 1 -maxdepth 1 ! -name node_modules ! -name installed-lock.json -exec rm -rf {} +
cp -R "$from/." "$project/"
cd "$project"

npm_quietly() { npm "$@" --ignore-scripts --no-audit --no-fund --loglevel=error 1>&2; }
if ! cmp -s package-lock.json installed-lock.json; then
  step "installing what $project names"
  npm_quietly ci
  cp package-lock.json installed-lock.json
fi
rm -rf node_modules/pocketkms
npm_quietly install --prefer-offline --no-save --no-package-lock "$ROOT"/target/npm/pocketkms-*.tgz
