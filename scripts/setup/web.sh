#!/usr/bin/env bash
# The Python packages of the recipes, the tutorial app and the reference at $TOOLS/web, exactly as web-requirements.txt pins them. A folder
# for PYTHONPATH or a .pth file: it is used with the interpreter of setup/python.sh, and with environments made from it.
source "$(dirname "$0")/../lib.sh"
requirements="$ROOT/scripts/setup/web-requirements.txt"

ready() { cmp -s "$requirements" "$TOOLS/web/requirements.txt"; }

install() {
  local part="$TOOLS/web.part"
  rm -rf "$part"
  "$ROOT/scripts/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
    --target "$part" -r "$requirements" 1>&2
  cp "$requirements" "$part/requirements.txt"
  rm -rf "$TOOLS/web"
  mv "$part" "$TOOLS/web"
}

ensure web
