#!/usr/bin/env bash
# The wheel, for every CPython from 3.10 on: target/wheels/pocketkms-*-cp310-abi3-*.whl.
source "$(dirname "$0")/../scripts/lib.sh"
cd "$ROOT/bindings-python"

step "generating the Python types from the definitions of the core"
generated=python/pocketkms/_generated.py
cargo run --quiet -p pocketkms-bindings-types -- python >"$generated.part"
mv "$generated.part" "$generated"

step "building the wheel"
rm -f "$ROOT"/target/wheels/pocketkms-*.whl
"$ROOT/scripts/python" -m maturin build --release --quiet --out "$ROOT/target/wheels" "$@"
ls "$ROOT"/target/wheels/pocketkms-*.whl
