#!/usr/bin/env bash
# Swift 6. An installed one is used as it is. Else Debian 13 (trixie) has it, so its packages are unpacked into a folder
# that scripts/swift-env enters by chroot. apt resolves, downloads and verifies them with a configuration of its own:
# the machine's apt never hears of trixie, and nothing is installed on the machine.
source "$(dirname "$0")/../lib.sh"

swift_root="$TOOLS/swift-trixie"
# swiftlang needs no more than this to compile, link and run; base-files first, for it lays the /bin -> /usr/bin links.
packages=(base-files dash coreutils libc6-dev tzdata swiftlang)

ready() { [ -e "$swift_root/.ready" ] || host_has_swift; }

# debian_mirror: where this machine's apt gets Debian itself from; the one that set it up knows what can be reached.
debian_mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 'Component: main' |
    head -n 1
}

# private_apt DIR: an apt that lives in DIR, knows trixie only, and believes that nothing is installed.
private_apt() {
  local dir="$1" mirror="$2"
  mkdir -p "$dir"/{etc/apt.conf.d,etc/preferences.d,etc/trusted.gpg.d,state/lists/partial,cache/archives/partial}
  : >"$dir/state/status"
  {
    apt-config dump | grep -E '^Acquire::https?::' || true # the machine's proxies and certificates
    cat <<CONF
Dir "$dir";
Dir::Etc "etc";
Dir::Etc::parts "apt.conf.d";
Dir::Etc::sourcelist "sources.list";
Dir::Etc::sourceparts "-";
Dir::State "state";
Dir::State::status "$dir/state/status";
Dir::Cache "cache";
APT::Architecture "$(dpkg --print-architecture)";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
  } >"$dir/apt.conf"
  cat >"$dir/etc/sources.list" <<LIST
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main
LIST
}

install() {
  have apt-get || die "install Swift 6 by hand: no swiftc is on the PATH, and this machine has no apt to fetch Debian's"
  apt_install debian-archive-keyring
  apt_refresh
  local mirror part="$swift_root.part" apt="$swift_root.apt" log="$TOOLS/swift-apt.log"
  mirror="${POCKETKMS_DEBIAN_MIRROR:-$(debian_mirror)}"
  [ -n "$mirror" ] || die "install Swift 6 by hand, or name a Debian mirror in POCKETKMS_DEBIAN_MIRROR"

  rm -rf "$part" "$apt"
  mkdir -p "$part"
  private_apt "$apt" "$mirror"
  step "downloading Swift from Debian trixie (about 300 MB)"
  {
    APT_CONFIG="$apt/apt.conf" apt-get update -q &&
      APT_CONFIG="$apt/apt.conf" apt-get install -y -q --download-only "${packages[@]}"
  } >"$log" 2>&1 || { tail -n 30 "$log" >&2; die "apt could not fetch Swift"; }

  step "unpacking $(find "$apt/cache/archives" -name '*.deb' | wc -l) packages"
  local deb
  for deb in "$apt"/cache/archives/base-files_*.deb "$apt"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$part" --keep-directory-symlink --no-same-owner
  done
  mkdir -p "$part"/{proc,dev,tmp,root}
  touch "$part/.ready"
  rm -rf "$swift_root" "$apt"
  mv "$part" "$swift_root"
  "$ROOT/scripts/swift" --version 1>&2 || { rm -f "$swift_root/.ready"; die "the unpacked Swift does not run"; }
}

ensure swift
