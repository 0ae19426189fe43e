#!/usr/bin/env bash
# The wheel, for every CPython from 3.10 on: target/wheels/pocketkms-*-cp310-abi3-*.whl.
source "$(dirname "$0")/../scripts/lib.sh"
wheels="$ROOT/target/wheels"

# For this machine alone; what users get installs on every Linux with glibc 2.17 or later (PEP 599), AWS Lambda's among them,
# or, with POCKETKMS_WHEEL_TARGET naming a musl target, on Alpine.
platform=()
if [ "$PROFILE" = release ] && [ "$(uname -s)" = Linux ]; then
  "$ROOT/scripts/setup/zig.sh"
  export PATH="$TOOLS/zig/ziglang:$PATH"
  case "${POCKETKMS_WHEEL_TARGET:-}" in
    "") platform=(--zig --compatibility manylinux2014) ;;
    *-musl) platform=(--zig --compatibility musllinux_1_2 --target "$POCKETKMS_WHEEL_TARGET") ;;
    *) die "do not know how to build a wheel for $POCKETKMS_WHEEL_TARGET" ;;
  esac
  # zig would link an unwinder of its own. glibc ends a thread of a process that exits by the system's (libgcc_s), which finds our
  # frames then and calls into the other: a crash at the end of programs with daemon threads. So the system's it is.
  if [ -z "${POCKETKMS_WHEEL_TARGET:-}" ]; then
    platform+=(-- -C "link-arg=$(gcc -print-file-name=libgcc_s.so.1)")
  fi
fi

# In tests and in the demo what the wheel is made of is compiled already, with these features (scripts/build-native).
features=()
[ "$PROFILE" != dev ] || features=(--features unified)

build() {
  "$ROOT/bindings-python/generate.sh"
  step "collecting the notices of what the wheel contains"
  "$ROOT/scripts/notices" pocketkms-python "$ROOT/bindings-python"
  step "building the wheel"
  mkdir -p "$wheels"
  # Beside and then moved: an install that runs meanwhile finds the old one or the new one, and never none.
  fresh="$(mktemp -d "$wheels/.fresh.XXXXXX")"
  trap 'rm -rf "$fresh"' EXIT
  cd "$ROOT/bindings-python"
  "$ROOT/scripts/python" -m maturin build --profile "$PROFILE" --quiet --out "$fresh" "${features[@]}" "${platform[@]}"
  wheel="$(basename "$fresh"/pocketkms-*.whl)"
  mv -f "$fresh/$wheel" "$wheels/$wheel"
  find "$wheels" -maxdepth 1 -name 'pocketkms-*.whl' ! -name "$wheel" -delete
  echo "$wheels/$wheel"
}

locked_here python-wheel build
