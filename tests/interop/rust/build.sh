#!/usr/bin/env bash
source "$(dirname "$0")/../../../scripts/lib.sh"
"$ROOT/scripts/build-native" pocketkms-interop >/dev/null
