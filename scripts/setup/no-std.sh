#!/usr/bin/env bash
# The ability to build for thumbv7em-none-eabi (scripts/no-std-cargo).
source "$(dirname "$0")/../lib.sh"

rustup_has thumbv7em-none-eabi || "$ROOT/scripts/setup/bare-rust.sh"
