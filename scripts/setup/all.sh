#!/usr/bin/env bash
# Everything that `make test` needs, at once: most of it waits for downloads, so the parts run side by side.
source "$(dirname "$0")/../lib.sh"

declare -A running
for name in swift wasm no-std python chromium kotlin node; do
  "$ROOT/scripts/setup/$name.sh" > >(sed "s/^/[$name] /" >&2) 2>&1 &
  running[$name]=$!
done

failed=()
for name in "${!running[@]}"; do
  wait "${running[$name]}" || failed+=("$name")
done
[ ${#failed[@]} = 0 ] || die "could not set up: ${failed[*]}"
