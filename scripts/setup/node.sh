#!/usr/bin/env bash
# Node 20 or later with npm.
source "$(dirname "$0")/../lib.sh"

node_is_recent() { [ "$(node -p 'process.versions.node.split(".")[0] >= 20' 2>/dev/null)" = true ]; }
ready() { have npm && node_is_recent; }

install() {
  # Take the distribution's Node only where it is new enough (Debian 13 and later).
  if have apt-get && ! have node; then apt_install nodejs npm; fi
  ready || die "Node 20 or later with npm is needed; found: $(node --version 2>/dev/null || echo none)"
}

ensure node
