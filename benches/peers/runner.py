"""The orchestrator's side of a runner process."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
from pathlib import Path
from typing import Any

from contenders import Contender

TIME_LIMIT = 300.0
START_LIMIT = 60.0


class Cannot(Exception):
    """What a contender says that it cannot do, in its own words."""


class Runner:
    """One process of one contender. It is alone with its request: nothing else of the run works while it does."""

    def __init__(self, contender: Contender, run: Path) -> None:
        environment = os.environ | {"PEERS_RUN": str(run)}
        if contender.packages is not None:
            environment["PEERS_PACKAGES"] = str(contender.packages)
        self.contender = contender
        self.log = (run / f"{contender.name}.log").open("ab")
        self.process = subprocess.Popen(
            contender.command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, bufsize=0
        )
        self.unread = b""
        self.versions: dict[str, str] = self.receive(START_LIMIT)["versions"]

    def ask(self, **request: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        answer = self.receive(TIME_LIMIT)
        if "cannot" in answer:
            raise Cannot(answer["cannot"])
        return answer

    def receive(self, limit: float) -> dict[str, Any]:
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while b"\n" not in self.unread:
                if not selector.select(limit):
                    self.process.kill()
                    raise Cannot(f"took longer than {limit:.0f} s")
                data = os.read(self.process.stdout.fileno(), 65536)
                if not data:
                    last = Path(self.log.name).read_text().strip().splitlines()[-5:]
                    raise Cannot(f"its process ended ({self.process.wait()}) {' / '.join(last)}".strip())
                self.unread += data
        line, self.unread = self.unread.split(b"\n", 1)
        return json.loads(line)

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        """It ends by itself when no one can ask it any more, and takes what it started along."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()
