#!/usr/bin/env bash
# The sample's logic, on this machine, and its screens, read by the compiler. bindings-swift/build.sh comes before it.
source "$(dirname "$0")/../../scripts/lib.sh"
cd "$ROOT/examples/ios"
step "the iOS sample: what is behind its screens"
"$ROOT/scripts/swift" build --quiet --build-tests --package-path NotesCore
"$ROOT/scripts/swift" test --quiet --skip-build --disable-swift-testing --package-path NotesCore 2>&1
# SwiftUI is on Apple's systems alone.
"$ROOT/scripts/swift-env" swiftc -frontend -parse -swift-version 5 Notes/*.swift
