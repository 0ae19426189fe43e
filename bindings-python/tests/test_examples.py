"""The examples of the documentation run as they stand, in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from examples import examples, needs_boto3


@pytest.mark.parametrize("name", [name for name, program in examples().items() if not needs_boto3(program)])
def test_example(name: str, tmp_path: Path) -> None:
    run(name, tmp_path)


def run(name: str, folder: Path) -> None:
    program = folder / f"{name}.py"
    program.write_text(examples()[name], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", program], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
