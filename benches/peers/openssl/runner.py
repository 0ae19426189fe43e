"""`openssl speed -evp aes-256-gcm` as a contender: answers the orchestrator's requests, a JSON object a line. See ../README.md.

It shows the bare cipher: one key and nonce, one buffer over and over, and no tag is ever computed or checked. It decides by the
clock how often it does that, so the answer says how many calls there were.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

SECONDS = "1"  # the least that it takes


def speed(op: str, size: int) -> subprocess.Popen[str]:
    command = ["openssl", "speed", "-elapsed", "-seconds", SECONDS, "-bytes", str(size), "-evp", "aes-256-gcm", "-mr"]
    if op == "decrypt":
        command.append("-decrypt")
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def timed(op: str, size: int) -> dict[str, Any]:
    output, _ = speed(op, size).communicate()
    # +R:<calls>:<cipher>:<seconds>
    line = next(line for line in output.splitlines() if line.startswith("+R:"))
    _, calls, _, seconds = line.split(":")
    return {"seconds": float(seconds), "cpu": float(seconds), "calls": int(calls)}


def memory(op: str, size: int) -> dict[str, Any]:
    """Its peak, looked up again and again while it runs; the last look is long after it has all its buffers."""
    process = speed(op, size)
    peak = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            break
        # A process that has ended has no such line any more; one that has not yet begun still is this one's copy.
        started = Path(f"/proc/{process.pid}/comm").read_text().strip() == "openssl"
        if started and "VmHWM:" in status:
            peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
        time.sleep(0.02)
    process.communicate()
    if peak == 0:
        raise RuntimeError("openssl ended before it could be looked at")
    return {"before": None, "peak": peak}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    match request["do"]:
        case "make":
            return {"bytes": None}  # it takes no input
        case "time":
            return timed(request["op"], request["size"])
        case "memory":
            return memory(request["op"], request["size"])
        case other:
            raise ValueError(f"no such request: {other}")


def main() -> None:
    version = subprocess.run(["openssl", "version"], capture_output=True, check=True, text=True).stdout.split()[1]
    print(json.dumps({"versions": {"OpenSSL": version}}), flush=True)
    for line in sys.stdin:
        print(json.dumps({"how": "whole"} | answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
