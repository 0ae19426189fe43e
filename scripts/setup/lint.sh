#!/usr/bin/env bash
# The linters of the Rust code: rustfmt and clippy beside the toolchain, cargo-deny from the crate registry.
source "$(dirname "$0")/../lib.sh"
source "$ROOT/scripts/setup/pins.sh"

ready() {
  [ -x "$TOOLS/cargo-deny-$CARGO_DENY/bin/cargo-deny" ] && have cargo-fmt && have cargo-clippy
}

install() {
  if ! { have cargo-fmt && have cargo-clippy; }; then
    have rustup || die "rustfmt and clippy are missing: install them with your Rust toolchain"
    rustup component add rustfmt clippy
  fi
  cargo_tool cargo-deny "$CARGO_DENY" cargo-deny --locked
}

ensure lint
