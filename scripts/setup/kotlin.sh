#!/usr/bin/env bash
# JDK 17 or later and Maven; Kotlin itself comes from Maven Central.
source "$(dirname "$0")/../lib.sh"

# `java -version` costs 0.1 s; the JDK's own release file says the same at once.
jdk_is_recent() {
  local home version
  have javac || return 1
  home="$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")"
  version="$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release" 2>/dev/null)"
  [ -n "$version" ] || version="$(javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')"
  [ "${version:-0}" -ge 17 ]
}
ready() { have mvn && jdk_is_recent; }

install() {
  jdk_is_recent || apt_install default-jdk-headless
  have mvn || apt_install maven
}

ensure kotlin
