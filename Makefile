# Everything a person does here. Each command sets up what it needs (see scripts/setup); the tools go into
# $POCKETKMS_TOOLS, by default ~/.cache/pocketkms, and are there the next time.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
phase := @scripts/phase

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## one vault, opened by Python, the browser, Swift and Kotlin
	@scripts/demo.sh

# --- test: every language, every time. One that cannot run here fails the run.

.PHONY: test test-setup test-rust test-secrecy test-no-std test-contract test-spec test-interop test-esdk-interop
test: test-setup test-rust test-secrecy test-no-std test-contract test-spec test-python test-wasm test-swift test-kotlin test-interop test-esdk-interop ## all tests in all languages

test-setup:
	$(phase) "set up the toolchains" scripts/setup/all.sh

test-rust:
	$(phase) "Rust tests" cargo test --workspace --no-fail-fast

# What the optimiser leaves on the stack is another thing than what it finds there: the same search in what users get.
test-secrecy:
	$(phase) "secrets wiped, as released" cargo test --release -p pocketkms-tests --test secrecy

test-no-std:
	$(phase) "core without std (thumbv7em-none-eabi)" scripts/no-std-cargo build -p pocketkms --no-default-features

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

# --- nightly: what takes long, and the packages as users get them, with all optimisation

.PHONY: nightly nightly-forks
nightly: test-setup nightly-forks nightly-python nightly-wasm nightly-swift nightly-kotlin ## what takes hours, before a release

nightly-forks:
	$(phase) "2,000 forks of a busy process" bindings-python/test.sh -m nightly

.PHONY: nightly-python nightly-wasm nightly-swift nightly-kotlin
nightly-python nightly-wasm nightly-swift nightly-kotlin: nightly-%:
	$(phase) "$* package, as released" env POCKETKMS_PROFILE=release bindings-$*/test.sh

# --- lint: separate targets, so that `make -k lint` tells everything that is wrong at once

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

.PHONY: clean
clean: ## remove what was built (the tools stay)
	@cargo clean
	@git clean -fdXq -- bindings-* benches tests docs scripts .mypy_cache .pytest_cache .hypothesis
