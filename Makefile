# Everything a person does here. Each command sets up what it needs (see scripts/setup); the tools go into
# $POCKETKMS_TOOLS, by default ~/.cache/pocketkms, and are there the next time.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
phase := @scripts/phase

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## one vault, opened by Python, the browser, Swift and Kotlin
	@scripts/demo.sh

# --- test: every language, every time. One that cannot run here fails the run.

.PHONY: test test-setup test-rust test-examples test-secrecy test-no-std test-contract test-spec test-interop test-esdk-interop test-recipes test-notes test-android test-ios test-parity
test: test-setup test-rust test-examples test-secrecy test-no-std test-contract test-spec test-python test-wasm test-swift test-kotlin test-parity test-interop test-esdk-interop test-recipes test-notes test-android test-ios ## all tests in all languages

test-setup:
	$(phase) "set up the toolchains" scripts/setup/all.sh

test-rust:
	$(phase) "Rust tests" cargo test --workspace --no-fail-fast

test-examples:
	$(phase) "Rust examples" scripts/examples

# What the optimiser leaves on the stack is another thing than what it finds there: the same search with our crates optimised as what they
# depend on is already, which is not compiled a second time. `make nightly` searches what users get.
optimised := pocketkms pocketkms-tests pocketkms-primitives pocketkms-rust-crypto pocketkms-native
test-secrecy:
	$(phase) "secrets wiped, optimised" cargo test --workspace --test secrecy $(foreach crate,$(optimised),--config profile.dev.package.$(crate).opt-level=3)

test-no-std:
	$(phase) "core without std (thumbv7em-none-eabi)" scripts/no-std-cargo check -p pocketkms --no-default-features

test-contract:
	$(phase) "AWS's service model" tests/contract/run.sh

test-spec:
	$(phase) "the formats, decrypted from their page" tests/spec/run.sh

.PHONY: test-python test-wasm test-swift test-kotlin
test-python test-wasm test-swift test-kotlin: test-%:
	$(phase) "$* binding" bindings-$*/test.sh

test-interop:
	$(phase) "interop matrix" tests/interop/run.sh

test-esdk-interop:
	$(phase) "messages to and from AWS's SDKs" tests/esdk-interop/run.sh

test-recipes:
	$(phase) "recipes: Flask, FastAPI, databases" tests/recipes/run.sh python
	$(phase) "recipes: React, Vue, Next, workers" tests/recipes/run.sh browser

test-notes:
	$(phase) "the tutorial: notes" examples/notes/test/run.sh

test-android:
	$(phase) "the sample for Android, on the JVM" examples/android/notebook/test.sh

test-ios:
	$(phase) "the sample for iOS, on this machine" examples/ios/test.sh

test-parity:
	$(phase) "the APIs of the five languages" tests/parity/run.sh

# --- nightly: what takes long, and the packages as users get them, with all optimisation

.PHONY: nightly nightly-secrecy nightly-kills nightly-forks nightly-simulation nightly-keys nightly-public-keys nightly-mutants
nightly: test-setup nightly-secrecy nightly-kills nightly-forks nightly-simulation nightly-keys nightly-public-keys nightly-mutants nightly-python nightly-wasm nightly-swift nightly-kotlin ## what takes hours, before a release

nightly-secrecy:
	$(phase) "secrets wiped, as released" cargo test --release -p pocketkms-tests --test secrecy

nightly-kills:
	$(phase) "10,000 processes killed while they change a vault" env POCKETKMS_KILLS=10000 cargo test -p pocketkms-tests --test killed

nightly-forks:
	$(phase) "2,000 forks of a busy process" bindings-python/test.sh -m nightly

nightly-simulation:
	$(phase) "10,000 simulations of a store that fails" env SIMULATION_SEEDS=10000 cargo test -p pocketkms-tests --test simulation

nightly-keys:
	$(phase) "a vault of 1,000,000 keys" cargo bench -p pocketkms-benches --bench many_keys -- 1000000

nightly-public-keys:
	$(phase) "public keys beside OpenSSL, 40 of RSA-4096" scripts/python benches/public_keys.py --keys 40 --check 2.2

# Survivors are no failure: which of them matter, a person has to say. They are in target/mutants/mutants.out/missed.txt.
nightly-mutants:
	$(phase) "mutants of the core, today's part" bash -c 'scripts/mutants || case $$? in 2 | 3) ;; *) exit 1 ;; esac'

.PHONY: nightly-python nightly-wasm nightly-swift nightly-kotlin
nightly-python nightly-wasm nightly-swift nightly-kotlin: nightly-%:
	$(phase) "$* package, as released" env POCKETKMS_PROFILE=release bindings-$*/test.sh

# --- lint: separate targets, so that `make -k lint` reports everything that is wrong in one run

.PHONY: lint lint-setup lint-format lint-clippy lint-dependencies lint-layers lint-docs lint-python lint-wasm
lint: lint-setup lint-format lint-clippy lint-dependencies lint-layers lint-docs lint-python lint-wasm ## formatting, clippy, dependencies, layers, docs, type checks

lint-setup:
	$(phase) "set up the linters" scripts/setup/lint.sh

lint-format:
	$(phase) "rustfmt" cargo fmt --all --check

lint-clippy:
	$(phase) "clippy" cargo clippy --workspace --all-targets -- -D warnings

lint-dependencies:
	$(phase) "cargo-deny" scripts/deny

lint-layers:
	$(phase) "layers: the check itself" scripts/check-layers-test
	$(phase) "layers" scripts/check-layers

lint-docs:
	$(phase) "docs" env RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --workspace

lint-python:
	$(phase) "Python types" bindings-python/lint.sh

lint-wasm:
	$(phase) "TypeScript types" bindings-wasm/lint.sh

.PHONY: mutants
mutants: ## rules of the core that no test holds (today's part; MUTANTS="--shard 1/20" another one)
	@scripts/mutants $(MUTANTS)

.PHONY: bench
bench: ## speed beside the bare primitives
	@cargo bench -p pocketkms-benches

.PHONY: peers
peers: ## speed and memory beside other packages
	@benches/peers/run.sh

# --- packages

.PHONY: wheel npm swift kotlin
wheel: ## the Python wheel
	@POCKETKMS_PROFILE=release bindings-python/build.sh
npm: ## the npm package
	@POCKETKMS_PROFILE=release bindings-wasm/build.sh
swift: ## the Swift package
	@POCKETKMS_PROFILE=release bindings-swift/build.sh
kotlin: ## the Kotlin module
	@POCKETKMS_PROFILE=release bindings-kotlin/build.sh

.PHONY: reference
reference: ## the API reference of every package, a static site
	@docs/reference/build.sh

.PHONY: clean
clean: ## remove what was built (the tools stay)
	@cargo clean
	@git clean -fdXq -- bindings-* benches tests docs scripts .mypy_cache .pytest_cache .hypothesis
