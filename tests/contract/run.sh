#!/usr/bin/env bash
# Holds the core's requests, responses and errors against AWS's service model, which botocore carries.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec scripts/python -m pytest tests/contract "$@"
