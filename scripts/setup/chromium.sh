#!/usr/bin/env bash
# A Chromium for the browser tests. Prints nothing; scripts/chromium-path says where it is.
source "$(dirname "$0")/../lib.sh"

ready() { have chromium || have chromium-browser || have google-chrome; }
install() { apt_install chromium; }
ensure chromium
