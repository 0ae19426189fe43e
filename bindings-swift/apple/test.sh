#!/usr/bin/env bash
# What only Apple's platforms have, compiled and tested over stand-ins for their frameworks. build.sh comes before it.
source "$(dirname "$0")/../../scripts/lib.sh"
cd "$ROOT/bindings-swift/apple/stand-ins"

# SwiftPM wants a target's sources within its package, and sees links as what they lead to.
mkdir -p linked
ln -sfn ../../../Sources/PocketKMS linked/PocketKMS
ln -sfn ../../../Sources/PocketKMSFFI linked/PocketKMSFFI
# The recipe of docs/recipes/root-keys.md, unchanged.
mkdir -p Tests/Generated
"$ROOT/scripts/readme-block" "$ROOT/docs/recipes/root-keys.md" swift 1 >"$ROOT/target/recipe-keychain.swift"
update "$ROOT/target/recipe-keychain.swift" Tests/Generated/AppVault.swift

step "the sources of Apple's platforms, over stand-ins"
"$ROOT/scripts/swift" build --quiet --build-tests
"$ROOT/scripts/swift" test --quiet --skip-build --disable-swift-testing 2>&1
