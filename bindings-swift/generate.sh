#!/usr/bin/env bash
# generate.sh LANGUAGE: build the library, and write the sources that UniFFI makes from it for `swift` or
# `kotlin` to target/uniffi/LANGUAGE.
source "$(dirname "$0")/../scripts/lib.sh"
language="$1"
target="${CARGO_TARGET_DIR:-$ROOT/target}"
cd "$ROOT"

cargo build --profile "$PROFILE" -p pocketkms-uniffi
for library in "$target/$PROFILE_FOLDER"/libpocketkms_uniffi.{so,dylib}; do
  if [ -e "$library" ]; then break; fi
done
rm -rf "$target/uniffi/$language"
scripts/bindgen/run "$language" "$library" bindings-swift/bindgen.toml "$target/uniffi/$language"
