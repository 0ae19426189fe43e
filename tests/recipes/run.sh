#!/usr/bin/env bash
# run.sh [python|browser]: the programs of docs/recipes, each built and run. See README.md.
source "$(dirname "$0")/../../scripts/lib.sh"
room="$ROOT/tests/recipes"
recipes="$ROOT/docs/recipes"
target="${CARGO_TARGET_DIR:-$ROOT/target}"

# A page of docs, its programs written below $1 in a folder of its name.
extract() { "$ROOT/scripts/python" "$room/extract.py" "$2" "$1/$(basename "$2" .md)"; }

run_python() {
  "$ROOT/bindings-python/build.sh"
  "$ROOT/scripts/setup/web.sh"
  local project="$target/recipes-python" venv="$target/recipes-python/venv" page
  rm -rf "$project"
  mkdir -p "$project"
  "$ROOT/scripts/python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index "$ROOT"/target/wheels/pocketkms-*.whl
  {
    "$ROOT/scripts/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' # pytest, mypy
    echo "$TOOLS/web" # Flask, FastAPI
  } >"$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/tools.pth"

  for page in "$recipes"/{flask,fastapi,asyncio,databases,enclaves,large-uploads,root-keys}.md "$ROOT/docs/which-call.md"; do extract "$project" "$page"; done
  for page in flask fastapi; do
    step "$page: pytest"
    (cd "$project/$page" && "$venv/bin/python" -W error -m pytest --quiet)
  done
  for page in asyncio/main enclaves/main large-uploads/main databases/columns databases/documents databases/search which-call/sizes; do
    step "$page.py"
    (cd "$project/${page%/*}" && "$venv/bin/python" -W error "${page##*/}.py")
  done
  step "root-keys/main.py, with boto3"
  "$ROOT/scripts/setup/aws-clients.sh"
  local clients
  clients="$("$TOOLS/aws-clients/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
  (cd "$project/root-keys" && PYTHONPATH="$clients" "$venv/bin/python" -W error main.py)
  # Each page by itself, for their files have the same names.
  for page in flask fastapi asyncio databases enclaves large-uploads which-call; do
    (cd "$project/$page" && "$venv/bin/python" -m mypy --strict .)
  done
}

run_browser() {
  "$ROOT/bindings-wasm/build.sh"
  local project="$target/npm/recipes" page
  "$ROOT/bindings-wasm/install.sh" "$room" "$project"
  cp "$ROOT"/bindings-wasm/tests/support/{browser,port,server}.js "$project/"
  for page in "$recipes"/{react,vue,next,ssr,workers}.md; do extract "$project/pages" "$page"; done
  CHROMIUM="$("$ROOT/scripts/chromium-path")"
  export CHROMIUM NEXT_TELEMETRY_DISABLED=1
  cd "$project"
  node --test --test-reporter=spec ./*.test.js
}

# A key that goes from a vault of Python into one of JavaScript, after both packages were installed above.
run_both() {
  local folder="$target/npm/recipes/parcel" venv="$target/recipes-python/venv" shown
  rm -rf "$folder"
  extract "$target/npm/recipes" "$ROOT/docs/multi-region.md"
  mv "$target/npm/recipes/multi-region" "$folder"
  step "multi-region: a parcel from Python to JavaScript"
  cd "$folder"
  "$venv/bin/python" -W error create.py
  shown="$(node ask.mjs)"
  shown="$("$venv/bin/python" -W error seal.py "$shown")"
  [[ "$(node open.mjs "$shown")" == arn:aws:kms:eu-central-1:*" card 4242" ]] || die "the parcel was not opened"
}

case "${1:-}" in
  python) run_python ;;
  browser) run_browser ;;
  "") run_python; run_browser; run_both ;;
  *) die "what is $1? python or browser" ;;
esac
