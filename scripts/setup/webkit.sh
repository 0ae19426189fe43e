#!/usr/bin/env bash
# WebKitGTK, the engine of Safari, for the browser tests: its driver, its browser, and a screen for them. Prints nothing;
# scripts/webkit-path says where the browser is.
source "$(dirname "$0")/../lib.sh"

ready() { have WebKitWebDriver && have xvfb-run && have xauth && [ -n "$(find_minibrowser)" ]; }
install() { apt_install webkit2gtk-driver xvfb xauth; }
ensure webkit
