#!/usr/bin/env bash
# The Kotlin that UniFFI makes of the library, corrected by polish.awk and signatures.awk, in target/generated-sources.
source "$(dirname "$0")/../scripts/lib.sh"
target="${CARGO_TARGET_DIR:-$ROOT/target}"
cd "$ROOT/bindings-kotlin"

../bindings-uniffi/generate.sh kotlin
cd "$target/uniffi/kotlin"
sources=()
while IFS= read -r file; do sources+=("$file"); done < <(find . -name '*.kt')
polished="$target/uniffi/polished"
signed="$target/uniffi/signed"
for file in "${sources[@]}"; do mkdir -p "$polished/${file%/*}" "$signed/${file%/*}"; done
awk -v out="$polished" -f "$ROOT/bindings-kotlin/polish.awk" "${sources[@]}"
cd "$polished"
awk -v out="$signed" -f "$ROOT/bindings-kotlin/signatures.awk" "${sources[@]}"
generated="$ROOT/bindings-kotlin/target/generated-sources/uniffi"
for file in "${sources[@]}"; do update "$signed/$file" "$generated/$file"; done
update "$target/uniffi/kotlin.pages" "$generated/pocketkms/OperationPages.kt"
