#!/usr/bin/env bash
# The wheel, for every CPython from 3.10 on: target/wheels/pocketkms-*-cp310-abi3-*.whl.
source "$(dirname "$0")/../scripts/lib.sh"
"$ROOT/bindings-python/generate.sh"

step "building the wheel"
rm -f "$ROOT"/target/wheels/pocketkms-*.whl
cd "$ROOT/bindings-python"
"$ROOT/scripts/python" -m maturin build --release --quiet --out "$ROOT/target/wheels"
ls "$ROOT"/target/wheels/pocketkms-*.whl
