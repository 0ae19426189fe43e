#!/usr/bin/env bash
# build.sh [MAVEN ARGUMENTS]
# The jar, in target/ and in the local Maven repository: the Kotlin that UniFFI makes, our few lines beside it, and the
# library of this machine where JNA looks for it.
source "$(dirname "$0")/../scripts/lib.sh"
target="${CARGO_TARGET_DIR:-$ROOT/target}"
"$ROOT/scripts/setup/kotlin.sh"
cd "$ROOT/bindings-kotlin"

# JNA's names for the system and the processor (com.sun.jna.Platform.RESOURCE_PREFIX).
case "$(uname -s)" in Linux) system=linux ;; Darwin) system=darwin ;; *) die "do not know how to build on $(uname -s)" ;; esac
case "$(uname -m)" in x86_64) cpu=x86-64 ;; arm64 | aarch64) cpu=aarch64 ;; *) cpu="$(uname -m)" ;; esac

../bindings-swift/generate.sh kotlin
cd "$target/uniffi/kotlin"
sources=()
while IFS= read -r file; do sources+=("$file"); done < <(find . -name '*.kt')
polished="$target/uniffi/polished"
for file in "${sources[@]}"; do mkdir -p "$polished/${file%/*}"; done
awk -v out="$polished" -f "$ROOT/bindings-kotlin/polish.awk" "${sources[@]}"
for file in "${sources[@]}"; do update "$polished/$file" "$ROOT/bindings-kotlin/target/generated-sources/uniffi/$file"; done

cd "$ROOT/bindings-kotlin"
for file in "$target/$PROFILE_FOLDER"/libpocketkms_uniffi.{so,dylib}; do
  [ -e "$file" ] || continue
  strip -x -o "$target/uniffi/stripped" "$file" # the names of inner functions, a quarter of the size
  update "$target/uniffi/stripped" "target/native/$system-$cpu/${file##*/}"
done

[ $# -gt 0 ] || set -- --quiet -Dmaven.test.skip=true install
mvn --batch-mode --no-transfer-progress "$@"
