#!/usr/bin/env bash
# What PocketKMS is measured beside and exchanges messages with, exactly as peers/ pins it: a Python environment at
# $TOOLS/peers/venv, npm packages at $TOOLS/peers/node and $TOOLS/peers/browser.
source "$(dirname "$0")/../lib.sh"

pins="$ROOT/scripts/setup/peers"
peers="$TOOLS/peers"

# The copy of the pins is written last, so it says both that the folder is complete and what is in it. The interpreter is asked
# too, because it disappears when the machine's Python is upgraded.
ready() { diff -rq "$pins" "$peers/pins" >/dev/null 2>&1 && "$peers/venv/bin/python" -c ''; }

install() {
  "$ROOT/scripts/setup/node.sh"
  "$ROOT/scripts/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || die "AWS's material providers need CPython 3.11 or later"
  rm -rf "$peers"
  mkdir "$peers"
  cp -R "$pins/node" "$pins/browser" "$peers/"
  for project in node browser; do
    # No scripts of the packages' own: esbuild's only looks for its program, which npm has installed beside it.
    npm ci --prefix "$peers/$project" --ignore-scripts --no-audit --no-fund --loglevel=error 1>&2
  done
  "$ROOT/scripts/python" -m venv "$peers/venv"
  "$peers/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$pins/requirements.txt" 1>&2
  "$peers/venv/bin/python" -m pip check --disable-pip-version-check 1>&2
  cp -R "$pins" "$peers/pins"
}

ensure peers
