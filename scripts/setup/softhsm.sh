#!/usr/bin/env bash
# softhsm.sh: SoftHSM, a PKCS#11 token in software, for tests/tests/pkcs11.rs, which looks for it where Debian, Fedora and Homebrew put it.
source "$(dirname "$0")/../lib.sh"

find_softhsm() {
  local path
  for path in "${POCKETKMS_SOFTHSM:-}" {/usr/lib,/usr/local/lib,/opt/homebrew/lib}/softhsm/libsofthsm2.so /usr/lib64{,/pkcs11}/libsofthsm2.so; do
    if [ -n "$path" ] && [ -e "$path" ]; then return 0; fi
  done
  return 1
}

ready() { find_softhsm; }

install() {
  if have brew; then brew install --quiet softhsm 1>&2; else apt_install softhsm2; fi
}

ensure softhsm
