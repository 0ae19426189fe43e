#!/usr/bin/env bash
# What the app does with notes, on the JVM: with the jar as bindings-kotlin/build.sh makes it.
source "$(dirname "$0")/../../../scripts/lib.sh"
"$ROOT/bindings-kotlin/build.sh"
cd "$ROOT/examples/android/notebook"
mvn --batch-mode --no-transfer-progress --quiet test
