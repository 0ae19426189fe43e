#!/usr/bin/env bash
# The uniffi-bindgen command line, of the version that pins.sh names. Not a binary of our own crate: its feature `cli`
# would have to be built into the library too, or the library twice.
source "$(dirname "$0")/../lib.sh"
source "$ROOT/scripts/setup/pins.sh"

ready() { [ -x "$TOOLS/uniffi-$UNIFFI/bin/uniffi-bindgen" ]; }
# It runs for a second, and compiles in half the time without optimisation.
install() { cargo_tool uniffi "$UNIFFI" uniffi-bindgen --features cli --config profile.release.opt-level=0; }
ensure uniffi-bindgen
