"""What has public keys, beside PyPI's `cryptography` (OpenSSL), in one run: `scripts/python benches/public_keys.py`.

The native provider is called by its own process (`providers/native/examples/public_keys.rs`), which waits while `cryptography` is measured, and the other
way round: both take turns, so that what else the machine does falls on both. Shown is the median of the ratios of the rounds, and the ratio of the
best samples, which says most where the machine is busy. Below 1, PocketKMS is faster. Neither has the key's preparation in it.

`--check RATIO` fails where both are more than that. Keys of RSA-4096 take very different times, each: `--keys N` compares the medians of N
of them, and fails alike.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

ROOT = Path(__file__).resolve().parent.parent
MESSAGE = bytes([7]) * 32
#: How long one sample takes, in seconds.
SAMPLE = 0.02
GENERATE = "RSA-4096 generate"

Call = Callable[[], object]
Signer = ed25519.Ed25519PrivateKey | mldsa.MLDSA44PrivateKey | mldsa.MLDSA65PrivateKey | mldsa.MLDSA87PrivateKey


def curves() -> dict[str, Call]:
    calls: dict[str, Call] = {}
    known: list[tuple[str, ec.EllipticCurve, HashAlgorithm, int]] = [
        ("ECDSA P-256", ec.SECP256R1(), SHA256(), 32),
        ("ECDSA P-384", ec.SECP384R1(), SHA384(), 48),
        ("ECDSA P-521", ec.SECP521R1(), SHA512(), 64),
        ("ECDSA secp256k1", ec.SECP256K1(), SHA256(), 32),
    ]
    for name, curve, hash_, length in known:
        key = ec.generate_private_key(curve)
        public, digest, algorithm = key.public_key(), bytes([7]) * length, ec.ECDSA(Prehashed(hash_))
        signature = key.sign(digest, algorithm)
        calls[f"{name} sign"] = partial(key.sign, digest, algorithm)
        calls[f"{name} verify"] = partial(public.verify, signature, digest, algorithm)
    return calls


def edwards_and_lattices() -> dict[str, Call]:
    calls: dict[str, Call] = {}
    keys: dict[str, Signer] = {
        "Ed25519": ed25519.Ed25519PrivateKey.generate(),
        "ML-DSA-44": mldsa.MLDSA44PrivateKey.generate(),
        "ML-DSA-65": mldsa.MLDSA65PrivateKey.generate(),
        "ML-DSA-87": mldsa.MLDSA87PrivateKey.generate(),
    }
    for name, key in keys.items():
        public, signature = key.public_key(), key.sign(MESSAGE)
        calls[f"{name} sign"] = partial(key.sign, MESSAGE)
        calls[f"{name} verify"] = partial(public.verify, signature, MESSAGE)
    return calls


def of_rsa() -> dict[str, Call]:
    key = rsa.generate_private_key(65537, 4096)
    pss = padding.PSS(padding.MGF1(SHA256()), 32)
    oaep = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
    ciphertext = key.public_key().encrypt(MESSAGE, oaep)
    return {
        "RSA-4096 sign PSS": lambda: key.sign(MESSAGE, pss, Prehashed(SHA256())),
        "RSA-4096 sign PKCS #1 v1.5": lambda: key.sign(MESSAGE, padding.PKCS1v15(), Prehashed(SHA256())),
        "RSA-4096 decrypt OAEP": lambda: key.decrypt(ciphertext, oaep),
        GENERATE: lambda: rsa.generate_private_key(65537, 4096),
    }


class Native:
    """The other process."""

    def __init__(self, program: Path) -> None:
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, name: str, count: int) -> float:
        assert self.process.stdin and self.process.stdout
        print(f"{name} {count}", file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline()) / count


def sample(call: Call, count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=61)
    parser.add_argument("--keys", type=int, default=0, help="how many RSA keys each makes")
    parser.add_argument("--check", type=float, help="the largest ratio that passes")
    parser.add_argument("--program", type=Path, help="the example of providers/native, built")
    options = parser.parse_args()
    program = options.program
    if program is None:
        build = ["cargo", "build", "--release", "--quiet", "-p", "pocketkms-native", "--example", "public_keys"]
        subprocess.run(build, cwd=ROOT, check=True)
        program = ROOT / "target/release/examples/public_keys"
    native, calls = Native(program), curves() | edwards_and_lattices() | of_rsa()
    names = subprocess.run([program, "names"], capture_output=True, text=True, check=True).stdout.split("\n")[:-1]
    assert set(names) == set(calls), "both measure the same"

    worst = 0.0
    print(f"{'':<28}{'median':>10}{'best':>10}   time of PocketKMS / time of cryptography")
    for name, call in calls.items():
        if name == GENERATE:
            if not options.keys:
                continue
            both = [(native(name, 1), sample(call, 1)) for _ in range(options.keys)]
            own, other = (statistics.median(times) for times in zip(*both, strict=True))
            median = best = own / other
        else:
            count = max(1, int(SAMPLE / native(name, 1)))
            both = [(native(name, count), sample(call, count)) for _ in range(options.rounds)]
            median = statistics.median(own / other for own, other in both)
            best = min(own for own, _ in both) / min(other for _, other in both)
        worst = max(worst, min(median, best))
        print(f"{name:<28}{median:>10.2f}{best:>10.2f}", flush=True)
    if options.check and worst > options.check:
        print(f"more than {options.check} times as long", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
