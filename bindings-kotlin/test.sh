#!/usr/bin/env bash
# The jar's tests on the JVM, with the README's example among them.
source "$(dirname "$0")/../scripts/lib.sh"
cd "$ROOT/bindings-kotlin"
readme=target/generated-test-sources/readme
mkdir -p "$readme"
"$ROOT/scripts/readme-block" README.md kotlin 1 >"$readme/Example.kt"

# The guide's examples, each as a test.
guide="$ROOT/docs/guide-kotlin.md"
{
  echo "import org.junit.jupiter.api.Test"
  grep '^import ' "$guide" | sort -u
  awk '
    BEGIN { print "\nclass GuideTest {" }
    inside && /^```/ { inside = 0; print "    }"; next }
    inside && !/^import / { print }
    /^```kotlin$/ { inside = 1; printf "    @Test fun example%d() {\n", ++count }
    END { print "}"; exit count < 9 }
  ' "$guide"
} >"$readme/GuideTest.kt"

./build.sh verify
