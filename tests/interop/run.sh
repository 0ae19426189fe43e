#!/usr/bin/env bash
# The interop matrix: builds every participant, runs all makers and checkers, prints the table. See README.md.
source "$(dirname "$0")/../../scripts/lib.sh"
exec python3 "$ROOT/tests/interop/matrix.py" "${CARGO_TARGET_DIR:-$ROOT/target}/interop" "$@"
