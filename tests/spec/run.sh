#!/usr/bin/env bash
# Proves docs/formats.md: a decryptor written from it opens the frozen vectors, and what the product makes today.
source "$(dirname "$0")/../../scripts/lib.sh"
"$ROOT/tests/interop/rust/build.sh"
cd "$ROOT/tests/spec"
exec "$ROOT/scripts/python" -m pytest -q -p no:cacheprovider "$@"
