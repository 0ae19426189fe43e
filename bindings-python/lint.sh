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
# Beside the stubs of AWS's clients, which those who use these have.
"$ROOT/scripts/setup/aws-clients.sh"
clients="$TOOLS/aws-clients/venv/bin/python"
MYPYPATH=python:tests python -m mypy --python-executable "$clients" python/pocketkms tests bench.py examples ../tests/interop/python
MYPYPATH=python:aws-tests:tests python -m mypy --python-executable "$clients" aws-tests

step "pyright"
"$ROOT/scripts/pyright" --pythonpath "$clients" --project pyproject.toml
