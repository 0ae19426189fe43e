#!/usr/bin/env bash
# The tools named in node-tools/package.json, exactly as its lock file pins them, into $TOOLS/node-tools.
source "$(dirname "$0")/../lib.sh"

manifest="$ROOT/scripts/setup/node-tools"
ready() { cmp -s "$manifest/package-lock.json" "$TOOLS/node-tools/package-lock.json"; }

install() {
  local part="$TOOLS/node-tools.part"
  "$ROOT/scripts/setup/node.sh"
  rm -rf "$part"
  mkdir -p "$part"
  cp "$manifest/package.json" "$manifest/package-lock.json" "$part/"
  npm ci --prefix "$part" --ignore-scripts --no-audit --no-fund --loglevel=error 1>&2
  rm -rf "$TOOLS/node-tools"
  mv "$part" "$TOOLS/node-tools"
}

ensure node-tools
