#!/usr/bin/env bash
# The program of scripts/bindgen, at $TOOLS/bindgen, built from exactly what its lock file names.
source "$(dirname "$0")/../lib.sh"
source_folder="$ROOT/scripts/bindgen"
sources=("$source_folder/Cargo.lock" "$source_folder/Cargo.toml" "$source_folder/src/main.rs")

# The copy of the sources is written last, so it says both that the program is complete and what it was built from.
ready() { cat "${sources[@]}" | cmp -s - "$TOOLS/bindgen/sources"; }

install() {
  local part="$TOOLS/bindgen.part"
  rm -rf "$part"
  step "building wasm-bindgen and uniffi-bindgen from the crate registry (about a minute)"
  env -u CARGO_TARGET_DIR -u CARGO_BUILD_TARGET -u RUSTFLAGS -u RUSTC -u RUSTC_BOOTSTRAP \
    cargo build --quiet --locked --release --manifest-path "$source_folder/Cargo.toml" --target-dir "$part/target" 1>&2
  mv "$part/target/release/pocketkms-bindgen" "$part/"
  rm -rf "$part/target"
  cat "${sources[@]}" >"$part/sources"
  rm -rf "$TOOLS/bindgen"
  mv "$part" "$TOOLS/bindgen"
}

ensure bindgen
