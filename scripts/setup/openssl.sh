#!/usr/bin/env bash
# openssl.sh: the program of OpenSSL 3, the other side of tests/tests/operations/openssl.rs.
source "$(dirname "$0")/../lib.sh"

ready() { have openssl && [[ "$(openssl version)" =~ ^OpenSSL\ ([3-9]|[1-9][0-9])\. ]]; }

install() {
  if have brew; then brew install --quiet openssl@3 1>&2; else apt_install openssl; fi
}

ensure openssl
