#!/usr/bin/env bash
# The part of the package that comes from the definitions of the core.
source "$(dirname "$0")/../scripts/lib.sh"
generated="$ROOT/bindings-python/python/pocketkms/_generated.py"
step "generating the Python types from the definitions of the core"
cd "$ROOT"
cargo run --quiet -p pocketkms-bindings-types -- python >"$generated.part"
mv "$generated.part" "$generated"
