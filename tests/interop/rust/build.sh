#!/usr/bin/env bash
source "$(dirname "$0")/../../../scripts/lib.sh"
cd "$ROOT"
cargo build --quiet --profile "$PROFILE" -p pocketkms-interop
