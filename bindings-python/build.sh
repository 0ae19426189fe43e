#!/usr/bin/env bash
# The wheel, for every CPython from 3.10 on: target/wheels/pocketkms-*-cp310-abi3-*.whl.
source "$(dirname "$0")/../scripts/lib.sh"
wheels="$ROOT/target/wheels"

build() {
  "$ROOT/bindings-python/generate.sh"
  step "collecting the notices of what the wheel contains"
  "$ROOT/scripts/notices" pocketkms-python "$ROOT/bindings-python"
  step "building the wheel"
  mkdir -p "$wheels"
  # Beside and then moved: whoever installs the wheel meanwhile finds the old one or the new one, and never none.
  fresh="$(mktemp -d "$wheels/.fresh.XXXXXX")"
  trap 'rm -rf "$fresh"' EXIT
  cd "$ROOT/bindings-python"
  "$ROOT/scripts/python" -m maturin build --profile "$PROFILE" --quiet --out "$fresh"
  wheel="$(basename "$fresh"/pocketkms-*.whl)"
  mv -f "$fresh/$wheel" "$wheels/$wheel"
  find "$wheels" -maxdepth 1 -name 'pocketkms-*.whl' ! -name "$wheel" -delete
  echo "$wheels/$wheel"
}

locked python-wheel build
