#!/usr/bin/env bash
# all.sh [PART...]: everything that `make test` needs, or these parts of it, at once: one part compiles, the others wait for downloads,
# so they run side by side.
source "$(dirname "$0")/../lib.sh"

[ $# -gt 0 ] || set -- bindgen softhsm openssl swift no-std chromium firefox webkit python kotlin node-tools peers web aws-clients wasm
declare -A running
for name in "$@"; do
  if [ "$name" = wasm ]; then continue; fi # made of others
  "$ROOT/scripts/setup/$name.sh" > >(sed "s/^/[$name] /" >&2) 2>&1 &
  running[$name]=$!
done

failed=()
for name in "${!running[@]}"; do
  wait "${running[$name]}" || failed+=("$name")
done
[ ${#failed[@]} = 0 ] || die "could not set up: ${failed[*]}"

# Whole now, but for a compiler if rustup has only the other target.
[[ " $* " != *" wasm "* ]] || "$ROOT/scripts/setup/wasm.sh"
