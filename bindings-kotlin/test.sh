#!/usr/bin/env bash
# The jar's tests on the JVM, with the README's example among them.
source "$(dirname "$0")/../scripts/lib.sh"
cd "$ROOT/bindings-kotlin"
readme=target/generated-test-sources/readme
mkdir -p "$readme"
"$ROOT/scripts/readme-block" README.md kotlin 1 >"$readme/Example.kt"
./build.sh verify
