#!/usr/bin/env bash
# Uses the app as a user would: Chromium before the server, the job behind it.
source "$(dirname "$0")/../../../scripts/lib.sh"
app="$ROOT/examples/notes"
project="${CARGO_TARGET_DIR:-$ROOT/target}/notes"
"$ROOT/bindings-wasm/build.sh"
"$ROOT/bindings-python/build.sh"
"$ROOT/scripts/setup/web.sh"
"$ROOT/bindings-wasm/install.sh" "$app/test" "$project"
cp "$ROOT"/bindings-wasm/tests/support/{browser,port}.js "$project/"
"$ROOT/scripts/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --target "$project/python" "$ROOT"/target/wheels/pocketkms-*.whl

export PYTHONPATH="$project/python:$TOOLS/web" PYTHONDONTWRITEBYTECODE=1
(cd "$app" && "$ROOT/scripts/python" -m mypy --strict --cache-dir "$project/mypy" server.py export.py)
CHROMIUM="$("$ROOT/scripts/chromium-path")"
export CHROMIUM APP="$app" PYTHON="$ROOT/scripts/python"
cd "$project"
node --test --test-reporter=spec notes.test.js
