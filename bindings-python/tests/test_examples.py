"""The examples of the documentation run as they stand, in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from examples import examples


@pytest.mark.parametrize("name", examples())
def test_example(name: str, tmp_path: Path) -> None:
    program = tmp_path / f"{name}.py"
    program.write_text(examples()[name], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
