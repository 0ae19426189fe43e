"""The Python examples of the READMEs, the guide and the page for those who come from moto, as programs.

As a program itself, writes each of them to a file in the folder that it is given.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOM = Path(__file__).resolve().parent.parent
DOCS = ROOM.parent / "docs"
DOCUMENTS = {
    "readme": ROOM / "README.md",
    "project": ROOM.parent / "README.md",
    "guide_python": DOCS / "guide-python.md",
}


def examples() -> dict[str, str]:
    """The examples by name. Each runs as it stands; none may be missing."""
    found: dict[str, str] = {}
    for name, document in DOCUMENTS.items():
        blocks: list[str] = re.findall(r"^```python\n(.*?)^```$", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        assert blocks, f"{document} has no example"
        for number, block in enumerate(blocks, 1):
            found[f"{name}_{number}"] = block
    return found


def needs_boto3(program: str) -> bool:
    """It runs beside AWS's clients: aws-tests."""
    return "import boto3" in program


if __name__ == "__main__":
    (directory,) = map(Path, sys.argv[1:])
    directory.mkdir(parents=True, exist_ok=True)
    for name, program in examples().items():
        (directory / f"{name}.py").write_text(program, encoding="utf-8")
