"""Whole messages from Python, beside the bare AES-GCM of PyPI's `cryptography`: `scripts/python benches/one_shot.py`.

All contenders take turns within each round, so that what else the machine does falls on all of them alike. Shown are the median
of the ratios of the rounds, and the ratio of the best samples, which says most where the machine is busy. The bare cipher has its key set up and takes a fresh nonce; PocketKMS makes a data key for
each message, encrypts it, derives the message's key, commits to it and writes the header. So the ratio of the times shows what
the format costs at that length, and the difference of the best, in µs, what it costs at any. "Cached" has the data key of a
`CachingMaterialsManager`.

`--check RATIO` fails where the best take more than that many times the bare cipher's time, for the lengths from `--from KIB` on.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pocketkms import CachingMaterialsManager, EncryptionClient, Keyring, MaterialsManager, RawAesKeyring

KIB = 1024
LENGTHS = [16 * KIB, 64 * KIB, 256 * KIB, 1024 * KIB, 4096 * KIB]
#: How long one sample takes, in seconds: the calls of a sample follow each other.
SAMPLE = 0.0005

Call = Callable[[], object]


def bare(plaintext: bytes) -> tuple[Call, Call]:
    cipher = AESGCM(bytes(range(32)))
    nonce = os.urandom(12)
    message = cipher.encrypt(nonce, plaintext, None)
    return lambda: cipher.encrypt(os.urandom(12), plaintext, None), lambda: cipher.decrypt(nonce, message, None)


def pocketkms(manager: MaterialsManager, plaintext: bytes) -> tuple[Call, Call]:
    client = EncryptionClient()
    message = client.encrypt(manager, plaintext).message
    assert client.decrypt(manager, message).plaintext == plaintext
    return lambda: client.encrypt(manager, plaintext), lambda: client.decrypt(manager, message)


def sample(call: Call, count: int) -> float:
    """The time of one call, in seconds."""
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def measure(calls: dict[str, Call], rounds: int) -> dict[str, list[float]]:
    """Samples of each, taken in turns."""
    counts = {name: max(1, int(SAMPLE / max(sample(call, 3), 1e-7))) for name, call in calls.items()}
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            times[name].append(sample(call, counts[name]))
    return times


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=400)
    arguments.add_argument("--check", type=float, metavar="RATIO")
    arguments.add_argument("--from", type=int, dest="least", default=0, metavar="KIB")
    options = arguments.parse_args()

    keyring: Keyring = RawAesKeyring(namespace="benches", name="key", wrapping_key=bytes(range(32)))
    cache = CachingMaterialsManager(keyring, max_messages=2**32, max_bytes=2**63, max_age=3600)
    too_slow = []
    print(f"{'':>18}{'bare':>11}{'PocketKMS':>11}{'more':>10}{'best':>6}{'median':>8}{'cached':>11}{'best':>6}{'median':>8}")
    for length in LENGTHS:
        plaintext = os.urandom(length)
        contenders = {
            "bare": bare(plaintext),
            "own": pocketkms(keyring, plaintext),
            "cached": pocketkms(cache, plaintext),
        }
        for way, name in enumerate(("encrypt", "decrypt")):
            times = measure({contender: calls[way] for contender, calls in contenders.items()}, options.rounds)
            median = {
                contender: statistics.median(one / base for one, base in zip(samples, times["bare"], strict=True))
                for contender, samples in times.items()
            }
            base, own, cached = (min(times[contender]) * 1e6 for contender in ("bare", "own", "cached"))
            print(
                f"{length // KIB:>6} KiB {name:>7}{base:>8.1f} µs{own:>8.1f} µs{own - base:>7.1f} µs{own / base:>6.2f}"
                f"{median['own']:>8.2f}{cached:>8.1f} µs{cached / base:>6.2f}{median['cached']:>8.2f}"
            )
            if options.check and length >= options.least * KIB and own / base > options.check:
                too_slow.append(f"{name} of {length // KIB} KiB: {own / base:.2f}")
    if too_slow:
        print(f"above {options.check}: {', '.join(too_slow)}")
    return 1 if too_slow else 0


if __name__ == "__main__":
    sys.exit(main())
