"""Writes the programs of a page of docs to files: each block of code whose fence names a file (```` ```python app.py ````).

    extract.py PAGE FOLDER
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

FENCE = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def extract(page: Path, folder: Path) -> list[Path]:
    """The files that were written. A page without any is a mistake, and so is a name that comes twice or leads out of the folder."""
    written: list[Path] = []
    for name, text in FENCE.findall(page.read_text(encoding="utf-8")):
        path = folder / name
        assert path not in written, f"{page} has {name} twice"
        assert ".." not in path.parts and not Path(name).is_absolute(), f"{page} names {name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    assert written, f"{page} has no program"
    return written


if __name__ == "__main__":
    page, folder = map(Path, sys.argv[1:])
    extract(page, folder)
