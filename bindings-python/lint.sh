#!/usr/bin/env bash
# Checks the types of the package, its tests and the examples of its documentation: mypy --strict and pyright.
source "$(dirname "$0")/../scripts/lib.sh"
room="$ROOT/bindings-python"
"$room/generate.sh"
python() { "$ROOT/scripts/python" "$@"; }

cd "$room"
rm -rf examples
python tests/examples.py examples

step "mypy --strict"
MYPYPATH=python:tests python -m mypy python/pocketkms tests bench.py examples ../tests/interop/python

step "pyright"
"$ROOT/scripts/pyright" --pythonpath "$TOOLS/python-venv/bin/python" --project pyproject.toml
