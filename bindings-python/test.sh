#!/usr/bin/env bash
# Builds the wheel, installs it into a fresh environment as a user would, and tests it there.
#     test.sh [PYTEST_ARGUMENT...]
source "$(dirname "$0")/../scripts/lib.sh"
room="$ROOT/bindings-python"
"$room/build.sh"

step "installing the wheel into a fresh environment"
venv="${CARGO_TARGET_DIR:-$ROOT/target}/python-test-venv"
rm -rf "$venv"
"$ROOT/scripts/python" -m venv "$venv"
site="$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
# From nowhere but the wheel: the package depends on no other.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index "$ROOT"/target/wheels/pocketkms-*.whl

step "running the README's first example, with nothing else installed"
"$ROOT/scripts/python" "$room/tests/examples.py" "$venv/examples"
"$venv/bin/python" -I -W error "$venv/examples/readme_1.py"

step "running the tests"
# What the tests need comes from the tool environment, which has no pocketkms.
"$ROOT/scripts/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' >"$site/tools.pth"
cd "$room"
"$venv/bin/python" -m pytest "$@"

step "checking the types as a user would: against what is installed"
user="$venv/examples"
cp "$room/tests/typed.py" "$user"
echo '{ "typeCheckingMode": "strict", "reportUnnecessaryTypeIgnoreComment": "error" }' >"$user/pyrightconfig.json"
cd "$user"
"$venv/bin/python" -m mypy --strict .
"$ROOT/scripts/pyright" --pythonpath "$venv/bin/python"
# The one stub, of the native part, against the native part.
"$venv/bin/python" -m mypy.stubtest pocketkms._native
