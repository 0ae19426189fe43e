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
(cd "$venv/examples" && "$venv/bin/python" -I -W error readme_1.py) # in its folder, where its vault stays

step "running the tests"
# What the tests need comes from the tool environment, which has no pocketkms.
"$ROOT/scripts/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' >"$site/tools.pth"
cd "$room"
"$venv/bin/python" -m pytest "$@"

step "running AWS's own clients on it: today's, and the asynchronous ones with an older botocore"
"$ROOT/scripts/setup/aws-clients.sh"
with_clients() {
  local clients="$1"
  shift
  "$TOOLS/aws-clients/$clients/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' >"$site/tools.pth"
  "$venv/bin/python" -m pytest "$@"
}
with_clients async-venv aws-tests/test_async.py aws-tests/test_client.py aws-tests/test_install.py
with_clients venv aws-tests --ignore aws-tests/test_async.py

step "checking the types as a user would: against what is installed, beside the stubs of AWS's clients"
user="$venv/examples"
cp "$room/tests/typed.py" "$user"
echo '{ "typeCheckingMode": "strict", "reportUnnecessaryTypeIgnoreComment": "error",
  "executionEnvironments": [{ "root": ".", "reportUnknownMemberType": false }] }' >"$user/pyrightconfig.json"
cd "$user"
"$venv/bin/python" -m mypy --strict .
"$ROOT/scripts/pyright" --pythonpath "$venv/bin/python"
# The one stub, of the native part, against the native part.
"$venv/bin/python" -m mypy.stubtest pocketkms._native
