#!/usr/bin/env bash
# One vault, four platforms: Python makes it; the browser, Swift and Kotlin open it, and it is there in the next process. Sets up all that it needs.
#     demo.sh [--keep]     --keep leaves the vault and everything else in target/demo/parcel
source "$(dirname "$0")/lib.sh"
demo="$ROOT/examples/demo"
built="${CARGO_TARGET_DIR:-$ROOT/target}/demo"
mkdir -p "$built"
export POCKETKMS_DEMO=1 # read by build-native

# quietly WHAT LOG CMD...: one line for something that may take minutes on the first run.
quietly() {
  local what="$1" log="$built/$2.log" since=$SECONDS
  shift 2
  printf '   %-62s' "$what"
  "$@" >"$log" 2>&1 || { printf ' failed\n'; tail -n 30 "$log" >&2; die "$what: see $log"; }
  printf '%10d s\n' $((SECONDS - since))
}

python_package() {
  "$ROOT/bindings-python/build.sh"
  rm -rf "$built/python"
  "$ROOT/scripts/python" -m pip install --quiet --no-index --no-deps --target "$built/python" "$ROOT"/target/wheels/pocketkms-*.whl
}

npm_package() {
  "$ROOT/scripts/chromium-path"
  "$ROOT/bindings-wasm/build.sh"
  rm -rf "$built/npm"
  mkdir -p "$built/npm"
  tar -xzf "$ROOT"/target/npm/pocketkms-*.tgz -C "$built/npm"
}

swift_package() {
  "$ROOT/bindings-swift/build.sh"
  "$ROOT/scripts/swift" build --quiet --configuration release --package-path "$demo/swift" --scratch-path "$built/swift"
}

kotlin_package() {
  "$ROOT/bindings-kotlin/build.sh"
  cd "$demo/kotlin"
  mvn --batch-mode --quiet -Dbuilt="$built/kotlin" compile dependency:build-classpath -Dmdep.outputFile="$built/kotlin/classpath"
}

# What Swift and Kotlin load compiles while the toolchains are being downloaded.
toolchains() {
  "$ROOT/scripts/build-native" pocketkms-uniffi >/dev/null &
  local library=$!
  "$ROOT/scripts/setup/all.sh" bindgen swift chromium python kotlin node-tools no-std wasm
  wait "$library"
}

# Both compile, by different compilers into different folders; what one waits for, the other uses. Swift and Kotlin have one library.
native_packages() {
  quietly "Python wheel" python python_package
  quietly "Swift package" swift swift_package
  quietly "Kotlin jar" kotlin kotlin_package
}

printf '\nPocketKMS: one vault, four platforms\n\n'
printf '0  Building the packages (minutes the first time, seconds later)\n'
quietly "toolchains, native library" toolchains toolchains
quietly "npm package, Chromium" npm npm_package >"$built/npm.line" &
npm=$!
native_packages
wait "$npm" || exit 1
cat "$built/npm.line"

parcel="$built/parcel"
rm -rf "$parcel"
mkdir -p "$parcel"
[ "${1:-}" = --keep ] || trap 'rm -rf "$parcel"' EXIT # it holds a root key
export PYTHONPATH="$built/python"

printf '\n1  Python makes the vault, encrypts, and rotates the key\n'
"$ROOT/scripts/python" "$demo/python/make.py" "$parcel"

printf '\n2  The others open the same vault, decrypt, and encrypt a message of their own\n'
quietly "headless Chromium" run-browser \
  "$ROOT/scripts/python" "$demo/browser/serve.py" "$parcel" "$built/npm/package" "$("$ROOT/scripts/chromium-path")"
quietly "Swift" run-swift "$ROOT/scripts/swift-env" "$built/swift/release/Demo" "$parcel"
quietly "Kotlin on the JVM" run-kotlin java -cp "$built/kotlin/classes:$(cat "$built/kotlin/classpath")" DemoKt "$parcel"

printf '\n3  Python reads their messages, and checks what they decrypted\n'
"$ROOT/scripts/python" "$demo/python/finish.py" "$parcel" browser swift kotlin
printf "   All of it was checked.\n\n"
