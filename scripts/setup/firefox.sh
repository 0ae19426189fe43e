#!/usr/bin/env bash
# A Firefox for the browser tests. Prints nothing; scripts/firefox-path says where it is.
source "$(dirname "$0")/../lib.sh"

ready() { have firefox-esr || have firefox; }
install() { apt_install firefox-esr; }
ensure firefox
