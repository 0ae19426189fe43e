# shellcheck shell=bash disable=SC2034
# Versions of the programs that are built from the crate registry as they are, with their own lock files; sourced by
# set-ups and runners. What is built from a lock file of ours stands in scripts/bindgen.

CARGO_DENY=0.20.2
CARGO_MUTANTS=27.1.0
