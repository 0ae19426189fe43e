#!/usr/bin/env bash
# Rust for targets that rustup has not installed, on a machine that can reach only Debian's mirror and the crate
# registry: Debian's rustc-web compiles, and the standard library is built from its own source (cargo's build-std).
source "$(dirname "$0")/../lib.sh"

ready() {
  [ -x /usr/bin/rustc ] && [ -x /usr/bin/cargo ] && [ -x /usr/bin/wasm-ld-19 ] &&
    [ -e /usr/lib/rustlib/src/rust/library/Cargo.lock ]
}

install() { apt_install rustc-web cargo-web rust-web-src lld-19; }

ensure bare-rust
