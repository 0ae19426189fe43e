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

./sources.sh
for file in "$target/$PROFILE_FOLDER"/libpocketkms_uniffi.{so,dylib}; do
  [ -e "$file" ] || continue
  strip -x -o "$target/uniffi/stripped" "$file" # the names of inner functions, a quarter of the size
  update "$target/uniffi/stripped" "target/native/$system-$cpu/${file##*/}"
done

# What must go along with all that is compiled into the library. In a folder of its own: Android refuses two files of one path.
notices=target/notices/META-INF/pocketkms
mkdir -p "$notices"
"$ROOT/scripts/notices" pocketkms-uniffi "$notices"
cp "$ROOT"/LICENSE-* "$notices"

[ $# -gt 0 ] || set -- --quiet -Dmaven.test.skip=true install
mvn --batch-mode --no-transfer-progress "$@"
