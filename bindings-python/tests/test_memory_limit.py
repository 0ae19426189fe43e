"""Where there is no memory, a call raises, and the process goes on."""

from __future__ import annotations

import subprocess
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("only Linux limits a process's address space in this way", allow_module_level=True)

import memory_limit

# What no memory is needed for to refuse it.
REFUSED = {
    "operation_bytes": "ValidationException",
    "operation_bytearray": "ValidationException",
    "operation_memoryview": "ValidationException",
    # An answer with the status 413.
    "wire": "nothing",
}


@pytest.mark.parametrize("kind", memory_limit.KINDS)
def test_no_memory(kind: str) -> None:
    command = [sys.executable, memory_limit.__file__, kind]
    child = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.returncode == 0, child.stderr
    # An abort, or a panic on its way through Python, would be none of these.
    assert child.stdout.strip() == REFUSED.get(kind, "MemoryError")
