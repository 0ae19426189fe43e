# shellcheck shell=bash disable=SC2034
# Versions of the tools built from the crate registry, in one place; sourced by set-ups and runners.

# Must equal the `wasm-bindgen` crate in Cargo.lock: the two halves speak a private format that changes per release.
# Its own lock file names a withdrawn release, so it is installed without --locked.
WASM_BINDGEN=0.2.130

CARGO_DENY=0.20.2

# Must equal the `uniffi` crate in Cargo.lock: both halves carry checksums of what they make.
UNIFFI=0.32.2
