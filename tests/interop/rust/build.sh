#!/usr/bin/env bash
# Release: the matrix opens thousands of altered files.
source "$(dirname "$0")/../../../scripts/lib.sh"
cd "$ROOT"
cargo build --quiet --release -p pocketkms-interop
