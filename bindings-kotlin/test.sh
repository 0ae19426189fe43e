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

# The recipe for the Android Keystore, which runs over another one here.
{
  echo "package pocketkms"
  awk '/^## /{ here = /Android Keystore/ } /^```/ { inside = here && /kotlin$/; next } inside' "$ROOT/docs/recipes/root-keys.md"
} >"$readme/KeystoreRecipe.kt"
grep -q "class AppVault" "$readme/KeystoreRecipe.kt" || die "the recipe for the Android Keystore was not found"

# How the scenarios of all languages call the methods.
"$ROOT/scripts/bindings-types" json >target/model.json

# As it is released (make nightly-kotlin): R8, too, and what uses the jar is compiled by the oldest Kotlin that reads it, and by those since.
if [ "$PROFILE" = dev ]; then
  ./build.sh "${@:-verify}"
else
  ./build.sh -Pr8 "${@:-verify}"
  value() { sed -n "s|^ *<$1>\(.*\)</$1>.*|\1|p" pom.xml | head -n 1; }
  for kotlin in 2.1.21 2.2.20 "$(value kotlin.version)"; do
    step "an app compiled by Kotlin $kotlin"
    rm -rf target/consumer
    mvn --batch-mode --quiet -f src/consumer/pom.xml -Dkotlin.version="$kotlin" -Djar="$PWD/target/pocketkms-$(value version).jar" \
      -Dkotlin.stdlib.version="$(value kotlin.stdlib.version)" -Dcoroutines.version="$(value coroutines.version)" -Djna.version="$(value jna.version)" \
      compile dependency:build-classpath -Dmdep.outputFile="$PWD/target/consumer/classpath"
    java -cp "target/consumer/classes:$(cat target/consumer/classpath)" sample.App
  done
fi

# polish.awk corrects what UniFFI makes by its very lines: where those are others, it must not pass on in silence.
cd "${CARGO_TARGET_DIR:-$ROOT/target}/uniffi"
for line in '_status)$' 'fun uniffiCloneHandle' 'catch(e: kotlin.Exception)' 'encode(CharBuffer' 'UniffiRustCallStatus : Structure'; do
  mkdir -p other/pocketkms/api broken/other/pocketkms/api
  for file in pocketkms/pocketkms_uniffi.kt pocketkms/api/pocketkms.kt; do sed "s/$line/changed/" "kotlin/$file" >"other/$file"; done
  if awk -v out=broken -f "$ROOT/bindings-kotlin/polish.awk" other/pocketkms/pocketkms_uniffi.kt other/pocketkms/api/pocketkms.kt 2>/dev/null; then
    die "polish.awk does not notice that \"$line\" has changed"
  fi
done
for line in 'object FfiConverterULong' 'companion object {' 'protected val' 'constructor(noHandle' 'object UniffiWithHandle'; do
  for file in pocketkms/pocketkms_uniffi.kt pocketkms/api/pocketkms.kt; do sed "s/$line/changed/" "polished/$file" >"other/$file"; done
  if (cd other && awk -v out=../broken/other -f "$ROOT/bindings-kotlin/signatures.awk" pocketkms/pocketkms_uniffi.kt pocketkms/api/pocketkms.kt 2>/dev/null); then
    die "signatures.awk does not notice that \"$line\" has changed"
  fi
done
