#!/usr/bin/env bash
# The part of the package that comes from the definitions of the core.
source "$(dirname "$0")/../scripts/lib.sh"
generated="$ROOT/bindings-python/python/pocketkms/_generated.py"
step "generating the Python types from the definitions of the core"
cd "$ROOT"
part="$generated.part.$$" # for the linter may run beside the tests
trap 'rm -f "$part"' EXIT
scripts/bindings-types python >"$part"
mv "$part" "$generated"
