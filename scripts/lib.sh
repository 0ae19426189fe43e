# shellcheck shell=bash
# Sourced by every script here: strict mode, the two folders everything is named from, and the few verbs that a
# set-up needs. Everything printed goes to stderr, so that the runners' stdout stays the tool's own.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
TOOLS="${POCKETKMS_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/pocketkms}"
export ROOT TOOLS
mkdir -p "$TOOLS"

# What is built, a profile of Cargo.toml: `dev`, which compiles fast, for tests and demos; `release` for users, which
# `make wheel`, `make npm`, `make swift`, `make kotlin` and the benches ask for.
PROFILE="${POCKETKMS_PROFILE:-dev}"
# Where Cargo puts it, below the target folder.
case "$PROFILE" in dev) PROFILE_FOLDER=debug ;; *) PROFILE_FOLDER="$PROFILE" ;; esac

step() { printf '==> %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# locked NAME CMD...: run CMD while no other process runs anything under NAME. The lock goes away with the
# subshell, however it ends. A machine without flock (macOS) sets up one thing at a time.
locked() {
  local name="$1"; shift
  (
    if have flock; then
      exec 9>"$TOOLS/.lock-$name"
      flock 9
    fi
    "$@"
  )
}

# locked_here NAME CMD...: the same, but only for what is run in this checkout: what is built in one concerns no other.
locked_here() { locked "$1-$(printf %s "$ROOT" | cksum | cut -d ' ' -f 1)" "${@:2}"; }

# ensure NAME: call `ready`; if it says no, call `install` under a lock and ask again. The scripts in setup/ define the
# two functions and end with this line, which is all that makes them idempotent and safe to run in parallel.
ensure() {
  if ready; then return 0; fi
  locked "$1" _install_unless_ready "$1" # no `||` here: it would switch `set -e` off inside
  ready || die "$1 is still not usable after its set-up"
}

_install_unless_ready() {
  if ready; then return 0; fi
  step "setting up $1 (once, into $TOOLS)"
  install
}

# update FROM TO: copy FROM to TO where they differ. What did not change keeps its date, so that a build tool that goes by
# dates does not compile it again.
update() {
  cmp -s "$1" "$2" && return 0
  mkdir -p "$(dirname "$2")"
  cp "$1" "$2"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif have sudo; then sudo "$@"
  else die "need root (or sudo) to run: $*"
  fi
}

# rustup_has TARGET: whether the everyday Rust toolchain has TARGET's standard library (`rustup target add TARGET`).
rustup_has() {
  local libdir
  libdir="$(cd "$ROOT" && rustc --print target-libdir --target "$1" 2>/dev/null)" && [ -d "$libdir" ]
}

# host_has_swift: whether Swift 6 or later is installed. Asks swiftc, for another program is called `swift` too.
host_has_swift() { have swiftc && [[ "$(swiftc --version 2>/dev/null)" =~ Swift\ version\ ([6-9]|[1-9][0-9]) ]]; }

# find_minibrowser: the browser of WebKitGTK, which lies in no PATH; nothing where there is none.
find_minibrowser() { find /usr/lib /usr/libexec -name MiniBrowser -path '*webkit2gtk*' 2>/dev/null | sort | tail -n 1; }

# apt_install PKG...: install what is missing. Waits for another apt instead of failing, and refreshes the package
# lists once a day at most: a fresh container has none, and a stale list names versions the mirror no longer has.
apt_install() {
  local missing=() pkg
  for pkg in "$@"; do
    [ "$(dpkg-query -W -f '${Status}' "$pkg" 2>/dev/null)" = 'install ok installed' ] || missing+=("$pkg")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  have apt-get || die "this machine has no apt; please install by hand what Debian calls: ${missing[*]}"
  locked apt _apt_install "${missing[@]}"
}

_apt_install() {
  _apt_refresh
  step "apt-get install $*"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@" >"$TOOLS/apt.log" 2>&1 \
    || { tail -n 30 "$TOOLS/apt.log" >&2; die "apt-get install $* failed"; }
}

apt_refresh() { locked apt _apt_refresh; }

_apt_refresh() {
  local stamp="$TOOLS/.apt-refreshed"
  [ -n "$(find "$stamp" -mmin -1440 2>/dev/null)" ] && return 0
  step "apt-get update"
  as_root apt-get update -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 >"$TOOLS/apt-update.log" 2>&1 \
    || { tail -n 30 "$TOOLS/apt-update.log" >&2; die "apt-get update failed"; }
  touch "$stamp"
}

# cargo_tool CRATE VERSION BIN [ARGS]: build a command-line tool from the crate registry into $TOOLS/CRATE-VERSION.
# These tools run for seconds and are built once, so compile time counts for more than their speed.
cargo_tool() {
  local crate="$1" version="$2" bin="$3" dest="$TOOLS/$1-$2"
  rm -rf "$dest.part"
  step "building $crate $version from the crate registry (some minutes)"
  env -u CARGO_TARGET_DIR -u CARGO_BUILD_TARGET -u RUSTFLAGS -u RUSTC -u RUSTC_BOOTSTRAP \
    CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=false CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    CARGO_PROFILE_RELEASE_DEBUG=false CARGO_PROFILE_RELEASE_STRIP=true \
    cargo install "$crate" --version "=$version" --bin "$bin" --root "$dest.part" --quiet "${@:4}" 1>&2
  rm -rf "$dest"
  mv "$dest.part" "$dest"
}
