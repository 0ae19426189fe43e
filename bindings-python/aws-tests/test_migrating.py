"""The examples of docs/migrating-from-moto.md, each a test file of its own, unchanged: with moto those of before, and with the
plugin's fixtures those of after."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_plugin import pytest_in

PAGE = Path(__file__).resolve().parents[2] / "docs" / "migrating-from-moto.md"
BLOCKS: list[tuple[str, str]] = re.findall(
    r"^<!-- with (\w+) -->\n```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_example(number: int, tmp_path: Path) -> None:
    beside, program = BLOCKS[number]
    (tmp_path / "test_example.py").write_text(program, encoding="utf-8")
    output = pytest_in(tmp_path, *(["-p", "no:pocketkms"] if beside == "moto" else []))
    count = len(re.findall(r"^def test_", program, re.MULTILINE))
    assert count and f"{count} passed" in output, output


def test_the_same_test() -> None:
    """Before and after differ in the fixture alone."""
    assert [beside for beside, _ in BLOCKS[:2]] == ["moto", "pocketkms"]
    assert PAGE.read_text(encoding="utf-8").count("```python") == len(BLOCKS)
    before, after = (re.sub(r"@pytest.fixture.*?(?=\n\n\n)", "", program, flags=re.DOTALL) for _, program in BLOCKS[:2])
    assert before.replace("from moto import mock_aws\n", "") == after
