"""The Python examples of the README and the guide, as programs.

As a program itself, writes each of them to a file in the folder that it is given.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOM = Path(__file__).resolve().parent.parent
DOCUMENTS = (ROOM / "README.md", ROOM.parent / "docs" / "guide-python.md")


def examples() -> dict[str, str]:
    """The examples by name. Each runs as it stands; none may be missing."""
    found: dict[str, str] = {}
    for document in DOCUMENTS:
        blocks: list[str] = re.findall(r"^```python\n(.*?)^```$", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        assert blocks, f"{document} has no example"
        stem = document.stem.lower().replace("-", "_")
        for number, block in enumerate(blocks, 1):
            found[f"{stem}_{number}"] = block
    return found


if __name__ == "__main__":
    (directory,) = map(Path, sys.argv[1:])
    directory.mkdir(parents=True, exist_ok=True)
    for name, program in examples().items():
        (directory / f"{name}.py").write_text(program, encoding="utf-8")
