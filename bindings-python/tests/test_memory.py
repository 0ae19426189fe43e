"""Memory does not grow with the message."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("the operating system does not report a process's peak in this way", allow_module_level=True)

import memory

SMALL, LARGE = 16, 256
BOUND = 64


def test_memory_is_bounded(tmp_path: Path) -> None:
    # Through a process in between: on Linux a peak is handed down, and that of this one may be large.
    command = [sys.executable, memory.__file__, str(SMALL), str(LARGE), "--in", str(tmp_path)]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    peaks = {(kind, int(size)): float(peak) for kind, size, peak in map(str.split, lines)}
    assert set(peaks) == {(kind, size) for kind in memory.KINDS for size in (SMALL, LARGE)}
    for kind in memory.KINDS:
        small, large = peaks[kind, SMALL], peaks[kind, LARGE]
        assert 0 < small < LARGE, f"{kind}: {small} MiB for {SMALL} MiB"
        assert large - small < BOUND, f"{kind}: {small} MiB for {SMALL} MiB, {large} MiB for {LARGE} MiB"
