#!/usr/bin/env bash
# generate.sh LANGUAGE: build the library, and write the sources that UniFFI makes from it for `swift` or
# `kotlin` to target/uniffi/LANGUAGE.
source "$(dirname "$0")/../scripts/lib.sh"
language="$1"
target="${CARGO_TARGET_DIR:-$ROOT/target}"
cd "$ROOT"

folder="$(scripts/build-native pocketkms-uniffi pocketkms-bindings-types)"
types="$folder/pocketkms-bindings-types"
for library in "$folder"/libpocketkms_uniffi.{so,dylib}; do
  if [ -e "$library" ]; then break; fi
done
rm -rf "$target/uniffi/$language"
scripts/bindgen/run "$language" "$library" bindings-uniffi/bindgen.toml "$target/uniffi/$language"

"$types" "$language-docs" >"$target/uniffi/$language.docs"
case "$language" in kotlin) source=pocketkms/pocketkms_uniffi.kt ;; swift) source=Kms.swift ;; esac
rm -f "$target/uniffi/$language.documented"
awk -v docs="$target/uniffi/$language.docs" -v out="$target/uniffi/$language.documented" -f bindings-uniffi/document.awk "$target/uniffi/$language/$source"
mv "$target/uniffi/$language.documented" "$target/uniffi/$language/$source"
"$types" "$language-pages" >"$target/uniffi/$language.pages"
