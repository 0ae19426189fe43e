#!/usr/bin/env bash
# The Swift package's own tests, and the README's example as a package of its own.
source "$(dirname "$0")/../scripts/lib.sh"
cd "$ROOT/bindings-swift"
./build.sh

# Swift cannot list a class's methods at run time, so the sources tell: each method of the vault is called in a test.
methods="$(sed -n '/^public protocol KmsProtocol/,/^}/s/^    func \([A-Za-z]*\)(.*/\1/p' Sources/PocketKMS/Generated/Kms.swift)"
[ "$(wc -w <<<"$methods")" -gt 25 ] || die "the generated protocol KmsProtocol was not understood"
for method in $methods; do
  grep -rqF "kms.$method(" Tests || die "no test calls $method"
done

# Swift's default printing shows every member: each structure that has a secret must have a mirror of its own.
holders="$(awk '/^public (struct|enum) /{ name = $3; sub(/[:{].*/, "", name) }
  /^    (public var|case) .*[^A-Za-z]Secret([^A-Za-z]|$)/ { print name }' Sources/PocketKMS/Generated/*.swift | sort -u)"
[ "$(wc -w <<<"$holders")" -ge 6 ] || die "the structures with secrets were not found"
for holder in $holders; do
  grep -q "^extension $holder: CustomReflectable" Sources/PocketKMS/Secrets.swift || die "$holder shows its secret when printed"
done

step "the sources in the language mode of Swift 6, without a warning"
"$ROOT/scripts/swift-env" swiftc -typecheck -swift-version 6 -warnings-as-errors -module-name PocketKMS \
  -I Sources/PocketKMSFFI Sources/PocketKMS/*.swift Sources/PocketKMS/Generated/*.swift

step "the README's example, as a package of its own"
example="$ROOT/target/readme/swift/album" # inside of the repository, where Swift sees it
mkdir -p "$example/Sources/Album"
ln -sfn "$ROOT" "$example/../pocketkms"
"$ROOT/scripts/readme-block" README.md swift 1 >"$example/Package.swift"
"$ROOT/scripts/readme-block" README.md swift 2 >"$example/Sources/Album/main.swift"
"$ROOT/scripts/swift" run --quiet --package-path "$example" Album >"$example/printed"
sed -n 's,.*// prints: ,,p' "$example/Sources/Album/main.swift" | diff - "$example/printed" >&2 \
  || die "the README's example prints something else than it says"

# The guide's examples, each as a test.
mkdir -p Tests/PocketKMSTests/Generated
awk '
  BEGIN { print "import Foundation\nimport PocketKMS\nimport XCTest\n\nfinal class GuideTests: XCTestCase {" }
  inside && /^```/ { inside = 0; print "    }" ; next }
  inside && !/^import / { print }
  /^```swift$/ { inside = 1; printf "    func testExample%d() async throws {\n", ++count }
  END { print "}"; exit count < 9 }
' "$ROOT/docs/guide-swift.md" >"$ROOT/target/readme/swift/Guide.swift"
update "$ROOT/target/readme/swift/Guide.swift" Tests/PocketKMSTests/Generated/Guide.swift

"$ROOT/scripts/swift" test --quiet --disable-swift-testing 2>&1
