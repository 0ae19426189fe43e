#!/usr/bin/env python3
"""Runs the interop matrix: every participant makes, every participant checks all; judge.py judges.

    matrix.py OUTPUT_DIRECTORY [PARTICIPANT...]     without names: all five, which is the only run that passes
"""

import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import judge
import self_test

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Each with the room whose build.sh makes what a user installs.
PARTICIPANTS = {
    "rust": None,
    "python": "bindings-python",
    "browser": "bindings-wasm",
    "swift": "bindings-swift",
    "kotlin": "bindings-kotlin",
}
BUILD_SECONDS, RUN_SECONDS = 1800, 300


def execute(log, command, seconds):
    """Runs a command with its output in a log. Returns a complaint, or None."""
    command = [str(part) for part in command]
    if not Path(command[0]).is_file():
        return f"{Path(command[0]).relative_to(ROOT)} does not exist"
    with open(log, "ab") as output:
        try:
            status = subprocess.run(command, stdout=output, stderr=output, timeout=seconds, check=False).returncode
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    if status:
        return f"{Path(command[0]).relative_to(ROOT)} {' '.join(command[1:2])}: exit status {status}, see {log}"
    return None


def build(name, work):
    """Builds the binding, then the participant."""
    for folder in filter(None, (PARTICIPANTS[name], f"tests/interop/{name}")):
        if failure := execute(work / f"{name}.build.log", [ROOT / folder / "build.sh"], BUILD_SECONDS):
            return [failure]
    return []


def make(name, work):
    directory = work / name
    directory.mkdir()
    shutil.copy(HERE / "plan.json", directory)
    if failure := execute(work / f"{name}.make.log", [HERE / name / "participant", "make", directory], RUN_SECONDS):
        return [failure]
    if (directory / "plan.json").read_bytes() != (HERE / "plan.json").read_bytes():
        return ["the maker changed the plan"]
    return judge.complaints(judge.judge_maker(name, directory))


def check(checker, maker, work):
    directory, report = work / maker, work / f"{maker}-{checker}.json"
    command = [HERE / checker / "participant", "check", directory, report]
    if failure := execute(work / f"{checker}.check.log", command, RUN_SECONDS):
        return [failure]
    return judge.complaints(judge.judge_check(checker, maker, directory, report))


def run(work, names):
    """The complaints of every cell, by (maker, checker)."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)

    def prepare(name):
        began = time.monotonic()
        broken = build(name, work)
        say(f"build {name}", began, broken)
        began = time.monotonic()
        made = broken or make(name, work)
        say(f"make  {name}", began, made)
        return broken, made

    # Two at a time: what one compiles in one process, the other packs and starts meanwhile. What both build, the builds lock themselves.
    with ThreadPoolExecutor(2) as pool:
        prepared = dict(zip(names, pool.map(prepare, names), strict=True))
    broken = {name: broken for name, (broken, _) in prepared.items()}
    made = {name: made for name, (_, made) in prepared.items()}
    before = {name: judge.fingerprint(work / name) for name in names if not made[name]}

    def cell(pair):
        maker, checker = pair
        began = time.monotonic()
        found = broken[checker] or [f"{maker} made nothing to check: {why}" for why in made[maker]] or check(checker, maker, work)
        say(f"check {maker} by {checker}", began, found)
        return found

    pairs = [(maker, checker) for checker in names for maker in names]
    with ThreadPoolExecutor(2) as pool:
        cells = dict(zip(pairs, pool.map(cell, pairs), strict=True))
    for name, digest in before.items():
        if judge.fingerprint(work / name) != digest:
            for checker in names:
                cells[name, checker] = [f"what {name} made was changed by a checker"]
    return cells


def say(what, began, found):
    print(f"{what:<32} {time.monotonic() - began:6.1f} s  {'ok' if not found else 'FAILED'}", flush=True)
    for complaint in found[:10]:
        print(f"    {complaint}")
    if len(found) > 10:
        print(f"    ... and {len(found) - 10} more")


def table(work, names, cells):
    """The outcomes that each cell had to report, all of which were right, or FAILED."""
    lines = [["made by \\ opened by", *names]]
    for maker in names:
        outcomes = [f"{judge.outcomes(work / maker):,} ok" if not cells[maker, checker] else "FAILED" for checker in names]
        lines.append([maker, *outcomes])
    return "\n".join("".join(f"{text:<20}" if at == 0 else f"{text:>12}" for at, text in enumerate(line)) for line in lines)


def main(work, *names):
    work = Path(work).resolve()
    all_ran = not names
    names = list(names or PARTICIPANTS)
    cells = run(work, names)
    print(f"\n{table(work, names, cells)}\n")
    failed = sum(bool(found) for found in cells.values())
    sound = [name for name in names if not any(cells[maker, name] for maker in names)]
    if sound:
        self_test.run(work, sound[0], {name: HERE / name / "participant" for name in sound})
    print(f"{len(cells) - failed} passed, {failed} failed")
    return 0 if all_ran and not failed and len(cells) == len(PARTICIPANTS) ** 2 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
