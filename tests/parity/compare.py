"""Holds the public APIs of the five languages against each other.

    compare.py RUST.json... PYTHON.py TYPESCRIPT.d.ts MODEL.json SWIFT-FOLDER KOTLIN-FOLDER

A type, member, option or stated default that one language has and another lacks must stand in differences.md, with the reason.
A row that is no longer needed fails as well. What the core describes for all languages alike (requests, responses, enumerations) is not
compared again here: tests/contract holds it against AWS.
"""

from __future__ import annotations

import fnmatch
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import python_api
import rust
import typescript
import uniffi
from names import LANGUAGES, NOT_COMPARED, RENAMED
from surface import Surface, snake

ROOT = Path(__file__).parents[2]
SKIPPED = re.compile("|".join(f"(?:{pattern})" for pattern in NOT_COMPARED))

Items = dict[str, str | None]
"""What a language has: `Type`, `Type.member`, `Type.member(option)`, each with the default that its documentation states."""


def items(language: str, surface: Surface, generated: set[str]) -> Items:
    found: Items = {}
    for type, members in surface.types.items():
        if type in generated or SKIPPED.fullmatch(type):
            continue
        if type:
            found[renamed(language, type)] = None
        for member, value in members.items():
            options = value.options or {}
            made_by_members = options and set(options) <= set(members)
            name = renamed(language, f"{type}.{member}")
            if SKIPPED.fullmatch(name) or (member == "new" and (made_by_members or all(map(is_handle, options)))):
                continue
            found |= {owner: None for owner in [name.partition(".")[0]] if owner}
            found[name] = None
            for option, how in options.items() if not name.startswith("Kms.") else ():
                place = renamed(language, f"{name}({option})")
                if not SKIPPED.fullmatch(place):
                    found[place] = how.stated
    return found


def is_handle(option: str) -> bool:
    return "handle" in option or option == "provider"


def renamed(language: str, name: str) -> str:
    for pattern, replacement in RENAMED[language].items():
        name = re.sub(f"^{pattern}", replacement, name)
    return name


def differences(all: dict[str, Items]) -> Iterator[tuple[str, frozenset[str]]]:
    """Each item that some languages lack, with those; of nested ones only the outermost."""
    for name in sorted({name for items in all.values() for name in items}):
        having = {language for language, items in all.items() if name in items}
        # The core offers more than the bindings do: providers, stores, plans, what a binding is made of.
        if having == {"rust"}:
            continue
        outer = name.partition("(")[0] if "(" in name else name.partition(".")[0]
        lacking = {language for language in LANGUAGES if name not in all[language] and (outer == name or not outer or outer in all[language])}
        if lacking:
            yield name, frozenset(lacking)
        stated = {language: all[language][name] for language in having if all[language][name]}
        if len(set(stated.values())) > 1:
            yield f"{name} = " + ", ".join(f"{value} ({language})" for language, value in sorted(stated.items())), frozenset()


def explained(table: str) -> list[tuple[str, frozenset[str], str]]:
    """The rows of differences.md: which items, which languages lack them, and why."""
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.splitlines() if line.startswith("| `")]
    return [(item.strip("`"), frozenset(lacking.split()), reason) for item, lacking, reason in rows]


def judge(all: dict[str, Items], table: str) -> list[str]:
    """A sentence for everything that is wrong."""
    rows = explained(table)
    used: set[int] = set()
    wrong = [f"differences.md: '{item}' has no reason" for item, _, reason in rows if not reason]
    for name, lacking in differences(all):
        fits = [index for index, (item, languages, _) in enumerate(rows) if languages == lacking and fnmatch.fnmatchcase(name, item)]
        used.update(fits)
        if not fits:
            wrong.append(f"{name}: " + (f"not in {' '.join(sorted(lacking))}" if lacking else "stated defaults differ"))
    unused = [row for index, row in enumerate(rows) if index not in used]
    wrong += [f"differences.md: '{item}' not in '{' '.join(sorted(lacking))}' is no difference any more" for item, lacking, _ in unused]
    return wrong


def read(arguments: list[str]) -> dict[str, Items]:
    *crates, python, declarations, model, swift, kotlin = map(Path, arguments)
    described = json.loads(model.read_text())
    errors = {snake(error["name"].removesuffix("Exception")) for error in described["errors"]}
    generated = {*described["structures"], *described["enumerations"], *(error["name"] for error in described["errors"])}
    own = ROOT / "bindings-kotlin/src/main/kotlin"

    def sources(*folders: Path) -> list[str]:
        files = {file.resolve() for folder in folders for file in folder.rglob("*") if file.suffix in (".swift", ".kt")}
        return [file.read_text() for file in sorted(files)]

    npm = [(ROOT / "bindings-wasm/js" / name).read_text() for name in ("index.d.ts", "key-stores.d.ts", "messages.d.ts")]
    surfaces = {
        "rust": rust.surface(*(json.loads(crate.read_text()) for crate in crates)),
        "python": python_api.surface(ROOT / "bindings-python/python/pocketkms", python.read_text()),
        "typescript": typescript.surface([*npm, declarations.read_text()]),
        "swift": uniffi.surface(sources(swift), uniffi.SWIFT),
        "kotlin": uniffi.surface(sources(kotlin, own), uniffi.KOTLIN),
    }
    for surface in surfaces.values():
        for name in ("KmsError", "KmsException", "FileError", "FileException"):  # each error is a case, or a class of its own
            for error in errors & set(surface.types.get(name, ())):
                del surface.types[name][error]
    return {language: items(language, surface, generated) for language, surface in surfaces.items()}


if __name__ == "__main__":
    all = read(sys.argv[1:])
    for language, found in all.items():
        if len(found) < 100:
            sys.exit(f"parity: the API of {language} was not understood")
    problems = judge(all, (ROOT / "tests/parity/differences.md").read_text())
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f"parity: {len(problems)} rows of differences.md are missing or needless")
    print(f"parity: {', '.join(f'{len(found)} items in {language}' for language, found in all.items())}")
