#!/usr/bin/env bash
# A virtual environment at $TOOLS/python-venv with the tools that build and test the Python parts, exactly as
# python-requirements.txt pins them, on the first CPython >= 3.11 with pip that the PATH offers.
source "$(dirname "$0")/../lib.sh"

requirements="$ROOT/scripts/setup/python-requirements.txt"
venv="$TOOLS/python-venv"

# The copy of the list is written last, so it says both that the environment is complete and what is in it. The
# interpreter is asked too, because it disappears when the machine's Python is upgraded.
ready() { cmp -s "$requirements" "$venv/requirements.txt" && "$venv/bin/python" -c ''; }

find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$name" -c 'import sys, ensurepip, venv
sys.exit(sys.implementation.name != "cpython" or sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
}

install() {
  local python
  python="$(find_python)"
  if [ -z "$python" ]; then
    apt_install python3 python3-venv
    python="$(find_python)"
  fi
  [ -n "$python" ] || die "CPython 3.11 or later with venv is needed"
  rm -rf "$venv"
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$requirements" 1>&2
  "$venv/bin/python" -m pip check --disable-pip-version-check 1>&2
  cp "$requirements" "$venv/requirements.txt"
}

ensure python
