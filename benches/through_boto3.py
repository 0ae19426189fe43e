"""boto3's `encrypt` of 1 KiB by a vault, beside the same call through the same endpoint with a constant answer, moto's, and the call
without boto3; and what reading Python's clock costs. Takes turns, in another order each round; ratios are taken within rounds.

    benches/through-boto3.sh     sets up what it needs, and writes benches/results/through-boto3.md
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import boto3
import botocore
import moto

import pocketkms.boto3
from pocketkms import Kms, ManualClock, RootKey, Vault

ROUNDS, SAMPLE = 41, 0.05
PLAINTEXT = os.urandom(1024)

Call = Callable[[], object]


def vault(clock: ManualClock | None = None) -> tuple[Kms, str]:
    kms = Vault.in_memory(RootKey.from_bytes(bytes(32)), clock=clock).client()
    return kms, kms.create_key().key_metadata.key_id


def contenders() -> dict[str, Call]:
    kms, key = vault()
    client = pocketkms.boto3.client(kms)
    constant: Any = pocketkms.boto3.client(kms)
    # The endpoint as it is, above a vault that answers the same each time.
    answer = kms.call("TrentService.Encrypt", _body(client, key))

    class Constant:
        def call(self, target: str, body: bytes) -> object:
            return answer

    constant._endpoint.kms = Constant()
    turned, turned_key = vault(ManualClock(datetime.now(timezone.utc)))
    made: dict[str, Call] = {
        "boto3 on a vault": lambda: client.encrypt(KeyId=key, Plaintext=PLAINTEXT),
        "boto3, the same endpoint with a constant answer": lambda: constant.encrypt(KeyId=key, Plaintext=PLAINTEXT),
        "the vault without boto3": lambda: kms.encrypt(key_id=key, plaintext=PLAINTEXT),
        "the vault without boto3, clock turned by hand": lambda: turned.encrypt(key_id=turned_key, plaintext=PLAINTEXT),
    }
    moto.mock_aws().start()
    theirs: Any = boto3.Session("a", "b", region_name="us-east-1").client("kms")
    their_key = theirs.create_key()["KeyMetadata"]["KeyId"]
    made["boto3 on moto"] = lambda: theirs.encrypt(KeyId=their_key, Plaintext=PLAINTEXT)
    return made


def _body(client: Any, key: str) -> bytes:
    seen: list[bytes] = []

    def look(request: Any, **_: object) -> None:
        seen.append(request.body)

    client.meta.events.register_last("before-send.kms.Encrypt", look)
    client.encrypt(KeyId=key, Plaintext=PLAINTEXT)
    client.meta.events.unregister("before-send.kms.Encrypt", look)
    return seen[0]


def sample(call: Call, calls: int) -> float:
    # Of the processor: all is done in this thread, and what else the machine does is not in it.
    begin = time.thread_time()
    for _ in range(calls):
        call()
    return (time.thread_time() - begin) / calls


def main() -> None:
    made = contenders()
    calls = {name: max(1, round(SAMPLE / min(sample(call, 20) for _ in range(5)))) for name, call in made.items()}
    taken: dict[str, list[float]] = {name: [] for name in made}
    for _ in range(ROUNDS):
        for name in random.sample(list(made), len(made)):
            taken[name].append(sample(made[name], calls[name]))
    first, base = list(taken)[:2]
    lines = [
        "# boto3 on a vault",
        "",
        f"`benches/through-boto3.sh`, {date.today().isoformat()}: `encrypt` of 1 KiB, processor time, medians of {ROUNDS} rounds in which all take turns, ratios",
        f"within rounds. CPython {platform.python_version()}, botocore {botocore.__version__}, moto {moto.__version__}, {os.cpu_count()} cores,"
        f" load {os.getloadavg()[0]:.1f}.",
        "",
        "| | µs a call | calls a second | times the constant answer (quartiles) |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, times in taken.items():
        ratios = [time / other for time, other in zip(times, taken[base])]
        low, middle, high = statistics.quantiles(ratios, n=4)
        median = statistics.median(times)
        lines.append(f"| {name} | {median * 1e6:.1f} | {1 / median:,.0f} | {middle:.3f} ({low:.3f} to {high:.3f}) |")
    text = "\n".join(lines) + "\n"
    print(text)
    Path(sys.argv[1]).write_text(text, encoding="utf-8")
    ratio = statistics.median(time / other for time, other in zip(taken[first], taken[base]))
    if ratio > 1.1:
        sys.exit(f"{first}: {ratio:.3f} times the constant answer; at most 1.1 is wanted")


if __name__ == "__main__":
    main()
