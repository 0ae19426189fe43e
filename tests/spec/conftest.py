"""What the independent decryptor is tried on: vaults that the Rust participant of the interop matrix has just made."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
INTEROP = TESTS / "interop"


@pytest.fixture(scope="session")
def fresh(tmp_path_factory):
    """A folder with a plan, a manifest, and two snapshots (tests/interop/README.md)."""
    directory = tmp_path_factory.mktemp("fresh")
    shutil.copy(INTEROP / "plan.json", directory)
    subprocess.run([INTEROP / "rust/participant", "make", directory], check=True)
    return directory


@pytest.fixture(scope="session")
def plan(fresh):
    return json.loads((fresh / "plan.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def manifest(fresh):
    content = json.loads((fresh / "manifest.json").read_text(encoding="utf-8"))
    for case in (*content["cases"], *content["messages"]):
        for name in case.keys() & {"blob", "plaintext", "message"}:
            case[name] = base64.b64decode(case[name])
    return content
