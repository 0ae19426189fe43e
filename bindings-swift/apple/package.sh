#!/usr/bin/env bash
# package.sh ARCHIVE URL OUT
# The Swift package as it is fetched by version, in OUT: sources, those that UniFFI makes among them, and a manifest that takes the XCFramework
# from URL, by the checksum of ARCHIVE, which lies there. build.sh comes before it. OUT is what is committed and tagged in the package's own
# repository: Swift Package Manager takes a manifest from a repository's root alone.
source "$(dirname "$0")/../../scripts/lib.sh"
[ $# = 3 ] || die "usage: package.sh ARCHIVE URL OUT"
archive="$1" url="$2"
case "$url" in https://*/PocketKMSFFI.xcframework.zip) ;; *) die "$url: an https URL of PocketKMSFFI.xcframework.zip is needed" ;; esac
rm -rf "$3"
mkdir -p "$3"
out="$(cd "$3" && pwd)"
checksum="$(python3 -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$archive")"
cd "$ROOT/bindings-swift"
[ -e Sources/PocketKMS/Generated/Kms.swift ] || die "no generated sources: build.sh"

sed -e "s|@url@|$url|; s|@checksum@|$checksum|" apple/Package.swift.in >"$out/Package.swift"
if grep -n '@[a-z]*@' "$out/Package.swift"; then die "something was not filled in"; fi
mkdir -p "$out/Sources"
cp -R Sources/PocketKMS "$out/Sources/"
cp "$ROOT"/LICENSE-* "$ROOT/SECURITY.md" "$out/"
"$ROOT/scripts/notices" pocketkms-uniffi "$out"
cp apple/package-readme.md "$out/README.md"
for path in "$ROOT/" "$HOME/"; do
  if grep -rqF "$path" "$out"; then die "a path of this machine: $path"; fi
done
echo "$out"
