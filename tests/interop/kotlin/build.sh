#!/usr/bin/env bash
source "$(dirname "$0")/../../../scripts/lib.sh"
cd "$ROOT/tests/interop/kotlin"
mvn --batch-mode --quiet --no-transfer-progress process-classes
