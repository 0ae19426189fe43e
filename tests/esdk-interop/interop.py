"""Live interop with AWS's own SDKs: PocketKMS and each of them write messages, and read each other's. See README.md."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import self_test
from checks import Checks
from participants import Participant, aws_node, aws_python, pocketkms

# What every SDK has, and what is the Python one's alone.
COMMON = [
    Checks.messages, Checks.several_keys, Checks.rewrapped, Checks.limits, Checks.policies, Checks.old_rsa, Checks.altered,
]  # fmt: skip
# Each meets PocketKMS with the primitives that it has in the same language: native ones in Python, pure Rust in JavaScript.
PEERS: list[tuple[str, Callable[[], Participant], list[Callable[[Checks], None]]]] = [
    ("native", aws_python, [*COMMON, Checks.unframed, Checks.required_context, Checks.agreed_keys]),
    ("rust-crypto", aws_node, COMMON),
]


def run(provider: str, start: Callable[[], Participant], wanted: list[Callable[[Checks], None]]) -> Checks:
    began = time.monotonic()
    checks = Checks(pocketkms(provider), start())
    try:
        for check in wanted:
            check(checks)
    finally:
        checks.ours.close()
        checks.theirs.close()
    seen = ", ".join(f"{kind} {count:,}" for kind, count in checks.seen.items())
    print(f"{checks.ours.name} with {checks.theirs.name} ({time.monotonic() - began:.0f} s): {seen}", flush=True)
    return checks


def main() -> int:
    with ThreadPoolExecutor(len(PEERS)) as pool:
        results = [future.result() for future in [pool.submit(run, *peer) for peer in PEERS]]
    wrong = [f"{checks.theirs.name}: {complaint}" for checks in results for complaint in checks.wrong]
    for complaint in wrong[:40]:
        print(f"    {complaint}")
    if len(wrong) > 40:
        print(f"    ... and {len(wrong) - 40} more")
    self_test.run()
    total = sum(sum(checks.seen.values()) for checks in results)
    print(f"{total - len(wrong):,} passed, {len(wrong):,} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
