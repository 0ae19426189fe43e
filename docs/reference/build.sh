#!/usr/bin/env bash
# build.sh [rust|python|javascript|swift|kotlin]...: the API reference of these, or of all, into target/reference. See README.md.
source "$(dirname "$0")/../../scripts/lib.sh"
room="$ROOT/docs/reference"
target="${CARGO_TARGET_DIR:-$ROOT/target}"
site="$target/reference"
base="${POCKETKMS_REFERENCE_BASE:-/}"

# part NAME CMD...: run CMD with an empty folder for its output, which then takes the place of the old one.
part() {
  local name="$1" fresh="$target/reference.part/$1"
  shift
  step "reference: $name"
  rm -rf "$fresh"
  mkdir -p "$fresh" "$site"
  "$@" "$fresh"
  [ -e "$fresh/index.html" ] || die "there is no $fresh/index.html"
  rm -rf "${site:?}/$name"
  mv "$fresh" "$site/$name"
}

rust() {
  # Only what users depend on: a search would find the insides of all crates otherwise.
  rm -rf "$target/doc"
  (cd "$ROOT" && RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps -p pocketkms -p pocketkms-files -p pocketkms-roots -p pocketkms-sqlite -p pocketkms-xks --features pocketkms-roots/pkcs11)
  cp -R "$target/doc/." "$1"
  printf '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=pocketkms/index.html">\n' >"$1/index.html"
}

python() {
  "$ROOT/bindings-python/build.sh"
  "$ROOT/scripts/setup/web.sh"
  "$ROOT/scripts/setup/aws-clients.sh" # pdoc imports what it describes, and pocketkms.boto3 imports botocore
  local package="$target/reference.part/python-package"
  rm -rf "$package"
  "$ROOT/scripts/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --target "$package" "$ROOT"/target/wheels/pocketkms-*.whl
  PYTHONPATH="$package:$TOOLS/web" "$TOOLS/aws-clients/venv/bin/python" "$room/describe.py" "$1"
}

javascript() {
  "$ROOT/bindings-wasm/build.sh"
  local project="$target/npm/reference"
  "$ROOT/bindings-wasm/install.sh" "$room" "$project"
  cd "$project"
  node_modules/.bin/typedoc --options "$project/typedoc.json" --out "$1"
}

swift() {
  "$ROOT/bindings-swift/build.sh"
  local package="$ROOT/bindings-swift" symbols="$target/reference.part/swift-symbols"
  "$ROOT/scripts/swift" package --package-path "$package" dump-symbol-graph --minimum-access-level public --skip-synthesized-members
  rm -rf "$symbols"
  mkdir -p "$symbols"
  find "$package/.build/" -path '*/symbolgraph/PocketKMS*.symbols.json' -exec cp {} "$symbols/" \;
  "$ROOT/scripts/swift-env" docc convert "$package/Sources/PocketKMS/PocketKMS.docc" --fallback-display-name PocketKMS --fallback-bundle-identifier io.github.pocketkms.PocketKMS \
    --additional-symbol-graph-dir "$symbols" --transform-for-static-hosting --hosting-base-path "${base%/}/swift" --output-path "$1"
  # DocC's own first page knows no page to show.
  printf '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=documentation/pocketkms/">\n' >"$1/index.html"
}

kotlin() {
  (cd "$ROOT/bindings-kotlin" && ./build.sh --quiet -Dmaven.test.skip=true compile dokka:dokka)
  cp -R "$ROOT/bindings-kotlin/target/dokka/." "$1"
}

[ $# -gt 0 ] || set -- rust python javascript swift kotlin
for name in "$@"; do
  case "$name" in
    rust | python | javascript | swift | kotlin) (part "$name" "$name") ;;
    *) die "there is no reference of $name" ;;
  esac
done
cp "$room/index.html" "$site/"
printf '%s\n' "$site/index.html"
