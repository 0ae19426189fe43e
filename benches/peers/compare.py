"""PocketKMS beside its peers: measures, prints the tables, and writes tables, plot and raw figures.

    compare.py RUN_FOLDER RESULTS_FOLDER [--sizes BYTES...] [--only NAME...]

run.sh calls it with what it has set up. With --sizes or --only it prints, and leaves the record of the last whole run alone.
"""

from __future__ import annotations

import argparse
import datetime
import os
import sys
import time
from pathlib import Path

import plot
import report
from contenders import CONTENDERS
from machine import describe
from measure import Bench

SIZES = [1 << 10, 1 << 20, 256 << 20]
# Written and read in pieces, for this process is not part of what is measured and should stay small.
PIECE = 1 << 20


def write_plaintext(path: Path, size: int) -> None:
    with path.open("wb") as file:
        for begin in range(0, size, PIECE):
            file.write(os.urandom(min(PIECE, size - begin)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("run", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--only", nargs="+", default=[c.name for c in CONTENDERS], metavar="NAME")
    arguments = parser.parse_args()
    contenders = [contender for contender in CONTENDERS if contender.name in arguments.only]
    if unknown := set(arguments.only) - {c.name for c in contenders}:
        parser.error(f"no such contender: {', '.join(sorted(unknown))}; there are {', '.join(c.name for c in CONTENDERS)}")

    machine, start = describe(), time.monotonic()
    date = datetime.date.today().isoformat()
    benches = []
    for size in arguments.sizes:
        bench = Bench(contenders, size, arguments.run)
        write_plaintext(bench.plaintext, size)
        print(f"==> {report.size_name(size)}: times", file=sys.stderr)
        bench.take_times()
        print(f"==> {report.size_name(size)}: memory", file=sys.stderr)
        bench.take_memory()
        benches.append(bench)
    seconds = time.monotonic() - start

    text = report.as_markdown(benches, machine, date, seconds)
    print(text)
    whole = arguments.sizes == SIZES and contenders == CONTENDERS
    folder = arguments.results if whole else arguments.run
    (folder / "peers.md").write_text(text)
    (folder / "peers.json").write_text(report.as_json(benches, machine, date, seconds))
    plot.draw(benches, f"{machine['cpu']}, {machine['cores']} cores", folder / "peers.png")
    print(f"==> {folder}/peers.md, peers.json, peers.png", file=sys.stderr)


if __name__ == "__main__":
    main()
