#!/usr/bin/env bash
# Everything that `make test` needs, at once: one part compiles, the others wait for downloads, so they run side by side.
source "$(dirname "$0")/../lib.sh"

declare -A running
for name in bindgen swift no-std chromium firefox webkit python kotlin node-tools peers; do
  "$ROOT/scripts/setup/$name.sh" > >(sed "s/^/[$name] /" >&2) 2>&1 &
  running[$name]=$!
done

failed=()
for name in "${!running[@]}"; do
  wait "${running[$name]}" || failed+=("$name")
done
[ ${#failed[@]} = 0 ] || die "could not set up: ${failed[*]}"

"$ROOT/scripts/setup/wasm.sh" # whole now, but for a compiler if rustup had only the other target
