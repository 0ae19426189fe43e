#!/usr/bin/env bash
# rename-sqlite.sh LIBRARY RENAMED: a copy of the static library whose own SQLite has names of its own. An app that links SQLite,
# too (the system's, GRDB's), would otherwise have one of the two answer the calls of both: of symbols that several libraries
# define, a static linker takes the first.
source "$(dirname "$0")/../scripts/lib.sh"
library="$1" renamed="$2"
names="$(mktemp)"
trap 'rm -f "$names"' EXIT

# In Mach-O names begin with an underscore.
nm -g "$library" 2>/dev/null | awk 'NF == 3 && $3 ~ /^_?sqlite3/ && !seen[$3]++ {
  name = $3
  prefix = sub(/^_/, "", name) ? "_" : ""
  print $3, prefix "pocketkms_" name
}' >"$names"
[ "$(wc -l <"$names")" -gt 100 ] || die "$library has no SQLite in it"

# The toolchain's own, which knows what it compiled; it finds its library by the loader's path.
toolchain="$(rustc --print sysroot)"
host="$(rustc -vV | sed -n 's/^host: //p')"
LD_LIBRARY_PATH="$toolchain/lib" DYLD_LIBRARY_PATH="$toolchain/lib" \
  "$toolchain/lib/rustlib/$host/bin/rust-objcopy" --redefine-syms="$names" "$library" "$renamed"
if nm "$renamed" 2>/dev/null | grep -Eq ' _?sqlite3_'; then die "SQLite's names are still in $renamed"; fi
