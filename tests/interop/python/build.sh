#!/usr/bin/env bash
# The wheel in an environment of its own, as a user would install it.
source "$(dirname "$0")/../../../scripts/lib.sh"
venv="${CARGO_TARGET_DIR:-$ROOT/target}/interop-python-venv"
rm -rf "$venv"
"$ROOT/scripts/python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index "$ROOT"/target/wheels/pocketkms-*.whl
