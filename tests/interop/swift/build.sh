#!/usr/bin/env bash
source "$(dirname "$0")/../../../scripts/lib.sh"
"$ROOT/scripts/swift" build --quiet --package-path "$ROOT/tests/interop/swift"
