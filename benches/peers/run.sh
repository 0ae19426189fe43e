#!/usr/bin/env bash
# PocketKMS beside its peers, on this machine, in one run: prints the tables, and writes them with a plot and the raw figures to
# benches/results. Takes some minutes; a machine that does nothing else gives the better figures.
#     run.sh [--sizes BYTES...] [--only NAME...]     part of it: goes to the build folder, not to benches/results
export POCKETKMS_PROFILE=release # as users get it
source "$(dirname "$0")/../../scripts/lib.sh"
[ -r /proc/self/status ] || die "the peak memory of processes is read from /proc, which only Linux has"
"$ROOT/scripts/setup/peers.sh"
have openssl || apt_install openssl
CHROMIUM="$("$ROOT/scripts/chromium-path")"
PEERS="$TOOLS/peers"
export CHROMIUM PEERS

run="${CARGO_TARGET_DIR:-$ROOT/target}/peers"
rm -rf "$run"
mkdir -p "$run" "$ROOT/benches/results"

"$ROOT/bindings-python/build.sh"
"$PEERS/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --target "$run/python" \
  "$ROOT"/target/wheels/pocketkms-*.whl
"$ROOT/bindings-wasm/build.sh"
mkdir -p "$run/npm/node_modules/pocketkms"
tar -xzf "$ROOT"/target/npm/pocketkms-*.tgz -C "$run/npm/node_modules/pocketkms" --strip-components=1
(cd "$ROOT" && cargo build --quiet --release -p pocketkms-peers)
POCKETKMS_RUST="${CARGO_TARGET_DIR:-$ROOT/target}/release/pocketkms-peers"
POCKETKMS_NPM="$run/npm"
export POCKETKMS_RUST POCKETKMS_NPM PYTHONPATH="$run/python" PYTHONDONTWRITEBYTECODE=1

# Messages of all contenders at all sizes (some GB) lie here during a run.
trap 'rm -f "$run"/message-* "$run"/plaintext-*' EXIT
"$PEERS/venv/bin/python" "$ROOT/benches/peers/compare.py" "$run" "$ROOT/benches/results" "$@"
