#!/usr/bin/env bash
# Live interop with AWS's own SDKs, both ways. See README.md.
source "$(dirname "$0")/../../scripts/lib.sh"
"$ROOT/scripts/setup/peers.sh"
cd "$ROOT"
PEERS="$TOOLS/peers"
POCKETKMS_PARTICIPANT="$(scripts/build-native pocketkms-esdk-interop)/pocketkms-esdk-interop"
export PEERS POCKETKMS_PARTICIPANT PYTHONDONTWRITEBYTECODE=1
"$PEERS/venv/bin/python" tests/esdk-interop/interop.py
