"""The measurements: rounds in which the contenders take turns, then each one's memory in a process of its own."""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contenders import Contender
from runner import Cannot, Runner

OPS = ("encrypt", "decrypt")

# Seconds. A sample is as many calls as take this long, so that the clock's grain and the collector's moods even out.
SAMPLE = 0.05
# A contender leaves the rounds of an operation when it has had this much time for it...
SHARE = 3.0
# ... but not before it has this many samples, and at the latest when it has that many.
FEWEST, MOST = 3, 25

# From this size on, a contender that has streams uses them: that is what they are for.
STREAM_FROM = 16 * 1024 * 1024


@dataclass
class Cell:
    """What is found out about one contender, operation and size."""

    contender: Contender
    op: str
    size: int
    how: str = ""
    calls: int = 1
    message_bytes: int | None = None
    samples: dict[int, float] = field(default_factory=dict)
    """Seconds a call, by number of the round: samples of one round were taken close together."""
    cpu: dict[int, float] = field(default_factory=dict)
    spent: float = 0.0
    memory: dict[str, Any] = field(default_factory=dict)
    cannot: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.samples.values())

    @property
    def quartiles(self) -> tuple[float, float]:
        low, _, high = statistics.quantiles(self.samples.values(), n=4, method="inclusive")
        return low, high

    @property
    def wants_more(self) -> bool:
        if self.cannot or len(self.samples) >= MOST:
            return False
        return len(self.samples) < FEWEST or self.spent < SHARE


class Bench:
    """One run over one size. The runners live as long as it."""

    def __init__(self, contenders: list[Contender], size: int, run: Path) -> None:
        self.contenders, self.size, self.run = contenders, size, run
        self.plaintext = run / f"plaintext-{size}"
        self.cells = {(c.name, op): Cell(c, op, size) for c in contenders for op in OPS}
        self.versions: dict[str, dict[str, str]] = {}

    def message(self, contender: Contender) -> Path:
        return self.run / f"message-{contender.name}-{self.size}"

    def request(self, cell: Cell) -> dict[str, Any]:
        path = self.plaintext if cell.op == "encrypt" else self.message(cell.contender)
        return {"op": cell.op, "size": self.size, "stream": self.size >= STREAM_FROM, "input": str(path)}

    def give_up(self, cell: Cell, error: Cannot) -> None:
        """A big message may be too much for a peer, which the table then says. Anything else is a fault of this bench."""
        if cell.contender.ours or self.size < STREAM_FROM:
            raise RuntimeError(f"{cell.contender.name}, {cell.op}, {self.size} bytes: {error}") from error
        cell.cannot = str(error)

    def take_times(self) -> None:
        runners: dict[str, Runner] = {}
        try:
            for contender in self.contenders:
                runner = runners[contender.name] = Runner(contender, self.run)
                self.versions[contender.name] = runner.versions
                self.prepare(contender, runner)
            number = 0
            while active := [cell for cell in self.cells.values() if cell.wants_more]:
                # Another order each time, so that no one always follows the same neighbour.
                random.Random(number).shuffle(active)
                for cell in active:
                    self.sample(cell, runners[cell.contender.name], number)
                number += 1
        finally:
            for runner in runners.values():
                runner.__exit__()

    def prepare(self, contender: Contender, runner: Runner) -> None:
        """Makes the message, with the proof that it decrypts; then finds how many calls make a sample, which warms up."""
        cells = [self.cells[contender.name, op] for op in OPS]
        stream = self.size >= STREAM_FROM
        try:
            made = runner.ask(
                do="make", plaintext=str(self.plaintext), message=str(self.message(contender)), size=self.size, stream=stream
            )
        except Cannot as error:
            for cell in cells:
                self.give_up(cell, error)
            return
        for cell in cells:
            cell.how, cell.message_bytes = made["how"], made["bytes"]
            try:
                for _ in range(2):
                    answer = runner.ask(do="time", calls=cell.calls, **self.request(cell))
                    cell.calls = max(1, round(SAMPLE * answer["calls"] / max(answer["seconds"], 1e-6)))
                    if answer["seconds"] > SAMPLE:
                        break
            except Cannot as error:
                self.give_up(cell, error)

    def sample(self, cell: Cell, runner: Runner, number: int) -> None:
        start = time.monotonic()
        try:
            answer = runner.ask(do="time", calls=cell.calls, **self.request(cell))
        except Cannot as error:
            self.give_up(cell, error)
            return
        cell.spent += time.monotonic() - start
        cell.samples[number] = answer["seconds"] / answer["calls"]
        if "cpu" in answer:
            cell.cpu[number] = answer["cpu"] / answer["calls"]

    def take_memory(self) -> None:
        for cell in self.cells.values():
            if cell.cannot:
                continue
            with Runner(cell.contender, self.run) as runner:
                try:
                    answer = runner.ask(do="memory", **self.request(cell))
                except Cannot as error:
                    self.give_up(cell, error)
                    continue
            cell.memory = {"before": answer["before"], "peak": answer["peak"]}


def ratios(cells: dict[tuple[str, str], Cell], ours: Contender, peer: Contender, op: str) -> list[float]:
    """How many times as long the peer took, round by round: both were there in the same moments of the machine."""
    mine, theirs = cells[ours.name, op].samples, cells[peer.name, op].samples
    return [theirs[number] / mine[number] for number in sorted(mine.keys() & theirs.keys())]
