"""The examples of the documentation that use AWS's clients, unchanged, without credentials, a Region or a network."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))

from examples import examples, needs_boto3
from test_examples import run

# Whatever tries to reach a network in such a process.
OFFLINE = """
import socket

def refuse(*_):
    raise AssertionError("something went to the network")

socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
"""


@pytest.mark.parametrize("name", [name for name, program in examples().items() if needs_boto3(program)])
def test_example(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(OFFLINE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    run(name, tmp_path)
