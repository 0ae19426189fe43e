#!/usr/bin/env bash
# The Swift package's own tests, and the README's example as a package of its own.
source "$(dirname "$0")/../scripts/lib.sh"
cd "$ROOT/bindings-swift"
./build.sh

# Swift cannot list a class's methods at run time, so the sources are read: each method of the vault and of its clients is called in a
# test. Those of the operations are called once each by a generated one.
mkdir -p Tests/PocketKMSTests/Generated
"${CARGO_TARGET_DIR:-$ROOT/target}/$PROFILE_FOLDER/pocketkms-bindings-types" swift-calls >"$ROOT/target/calls.swift"
update "$ROOT/target/calls.swift" Tests/PocketKMSTests/Generated/Calls.swift
methods() { sed -n "/^public protocol $1Protocol/,/^}/s/^    func \\([A-Za-z]*\\)(.*/\\1/p" Sources/PocketKMS/Generated/Kms.swift; }
[ "$(methods Kms | wc -w)" -gt 25 ] && [ "$(methods Vault | wc -w)" -gt 9 ] || die "the generated protocols were not understood"
for method in $(methods Kms); do grep -rqF "kms.$method(" Tests || die "no test calls $method"; done
for method in $(methods Vault); do grep -rqF "vault.$method(" Tests || die "no test calls the vault's $method"; done

# Swift's default printing shows every member: each structure that has a secret must have a mirror of its own.
holders="$(awk '/^public (struct|enum) /{ name = $3; sub(/[:{].*/, "", name) }
  /^    (public var|case) .*[^A-Za-z]Secret([^A-Za-z]|$)/ { print name }' Sources/PocketKMS/Generated/*.swift | sort -u)"
[ "$(wc -w <<<"$holders")" -ge 6 ] || die "the structures with secrets were not found"
for holder in $holders; do
  grep -q "^extension $holder: CustomReflectable" Sources/PocketKMS/Secrets.swift Sources/PocketKMS/Generated/OperationSecrets.swift || die "$holder shows its secret when printed"
done

for notice in "aws-lc-sys " "Mozilla Public License"; do
  grep -q "$notice" lib/THIRD-PARTY-NOTICES.txt || die "the notices lack \"$notice\""
done

step "the sources in the language mode of Swift 6, without a warning"
"$ROOT/scripts/swift-env" swiftc -typecheck -swift-version 6 -warnings-as-errors -module-name PocketKMS \
  -I Sources/PocketKMSFFI Sources/PocketKMS/*.swift Sources/PocketKMS/*/*.swift

# AWS's SDK is not here: so this is read and not run.
step "the recipe for AWS KMS, read by the compiler"
"$ROOT/scripts/readme-block" ../docs/recipes/root-keys.md swift 2 >"$ROOT/target/recipe-aws.swift"
"$ROOT/scripts/swift-env" swiftc -frontend -parse -swift-version 6 "$ROOT/target/recipe-aws.swift"

apple/test.sh
apple/artefact-test.sh

step "the README's example, as a package of its own"
example="$ROOT/target/readme/swift/album" # inside of the repository, where Swift sees it
mkdir -p "$example/Sources/Album"
ln -sfn "$ROOT" "$example/../pocketkms"
"$ROOT/scripts/readme-block" README.md swift 1 >"$example/Package.swift"
"$ROOT/scripts/readme-block" README.md swift 2 >"$example/Sources/Album/main.swift"
"$ROOT/scripts/swift" run --quiet --package-path "$example" Album >"$example/printed"
sed -n 's,.*// prints: ,,p' "$example/Sources/Album/main.swift" | diff - "$example/printed" >&2 \
  || die "the README's example prints something else than it says"

step "a process that ends with a vault open"
cat >"$example/Sources/Album/main.swift" <<'SWIFT'
import Foundation
import PocketKMS

final class Sink: AuditSink {
    func events(events: [AuditEvent]) throws { print(events.map(\.eventName).joined(separator: " ")) }
}

let (path, rootKey) = (CommandLine.arguments[1], try RootKey.fromBytes(bytes: Data(count: 32)))
let vault = try Vault.openOrCreate(path: path, rootKey: rootKey, audit: .window(seconds: 3600), auditSink: Sink())
_ = try vault.client().listKeys(request: ListKeysRequest())
print(try vault.lookupEvents(request: LookupEventsRequest()).events.count)
_ = try vault.client().listKeys(request: ListKeysRequest())
if CommandLine.arguments[2] == "exit" { exit(0) }
SWIFT
rm -f "$example"/left.vault*
for how in exit return; do
  "$ROOT/scripts/swift" run --quiet --package-path "$example" Album "$example/left.vault" "$how"
done >"$example/printed"
printf '%s\n' ListKeys 1 ListKeys ListKeys 3 ListKeys | diff - "$example/printed" >&2 || die "events that wait are lost at the end of a process"

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

# How the scenarios of all languages call the methods.
"$ROOT/scripts/bindings-types" json >"$ROOT/target/readme/swift/model.json"
python3 Tests/scenario-methods.py "$ROOT/target/readme/swift/model.json" Sources/PocketKMS/Generated/Api.swift \
  >"$ROOT/target/readme/swift/Methods.swift"
update "$ROOT/target/readme/swift/Methods.swift" Tests/PocketKMSTests/Generated/Methods.swift

# Built apart: the `swift test` of 6.0.3 that also builds was seen to crash in its own planning (swift-package, a null pointer).
"$ROOT/scripts/swift" build --quiet --build-tests
[ "$PROFILE" = dev ] || export POCKETKMS_OBJECTS=200000
"$ROOT/scripts/swift" test --quiet --skip-build --disable-swift-testing 2>&1
