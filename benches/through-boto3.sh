#!/usr/bin/env bash
# What boto3 on a vault costs, beside boto3 itself and moto, in one run. Writes benches/results/through-boto3.md; fails above 1.1 times.
export POCKETKMS_PROFILE=release # as users get it
source "$(dirname "$0")/../scripts/lib.sh"
"$ROOT/scripts/setup/aws-clients.sh"
"$ROOT/bindings-python/build.sh"
run="${CARGO_TARGET_DIR:-$ROOT/target}/through-boto3"
rm -rf "$run"
clients="$TOOLS/aws-clients/venv/bin/python"
"$clients" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --target "$run" "$ROOT"/target/wheels/pocketkms-*.whl
PYTHONPATH="$run" "$clients" "$ROOT/benches/through_boto3.py" "$ROOT/benches/results/through-boto3.md"
