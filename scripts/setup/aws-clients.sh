#!/usr/bin/env bash
# AWS's clients in Python, exactly as aws-clients/ pins them: today's at $TOOLS/aws-clients/venv, the asynchronous ones with the older
# botocore that they need at $TOOLS/aws-clients/async-venv.
source "$(dirname "$0")/../lib.sh"

pins="$ROOT/scripts/setup/aws-clients"
clients="$TOOLS/aws-clients"

# As in peers.sh: the copy of the pins is written last, and the interpreter may go away.
ready() { diff -rq "$pins" "$clients/pins" >/dev/null 2>&1 && "$clients/venv/bin/python" -c ''; }

install() {
  rm -rf "$clients"
  mkdir "$clients"
  environment venv requirements.txt
  environment async-venv async-requirements.txt
  cp -R "$pins" "$clients/pins"
}

environment() {
  "$ROOT/scripts/python" -m venv "$clients/$1"
  "$clients/$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$pins/$2" 1>&2
  "$clients/$1/bin/python" -m pip check --disable-pip-version-check 1>&2
}

ensure aws-clients
