"""Declarations of a language with braces: what stands before a body or the end of a line, and the documentation above it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"""(?P<doc>/\*\*.*?\*/|///[^\n]*) | (?P<comment>/\*.*?\*/|//[^\n]*) | (?P<text>"(?:\\.|[^"\\\n])*")
      | (?P<arrow>=>|->) | (?P<open>[(\[]) | (?P<close>[)\]]) | (?P<brace>[{]) | (?P<end>[;\n]) | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass
class Declaration:
    doc: str
    head: str
    body: str | None


def declarations(text: str, *, ends: str = ";\n") -> Iterator[Declaration]:
    """What a body holds. A declaration ends with its own body, or at one of `ends` outside of all brackets."""
    doc, head, at, depth = "", "", 0, 0
    while found := TOKEN.match(text, at):
        at = found.end()
        if found["doc"] and not head.strip():
            doc += "\n" + found["doc"]
        elif found["doc"] and depth:
            head += found["doc"]
        elif found["brace"] and depth == 0 and not re.search(r"(:|=|\||&|<|,)\s*$", head):
            end = closing(text, at)
            yield Declaration(plain(doc), head.strip(), text[at : end - 1])
            doc, head, at = "", "", end
        elif found["brace"]:
            end = closing(text, at)
            head, at = head + text[found.start() : end], end
        elif found["end"] and depth == 0 and (found["end"] in ends):
            if head.strip():
                yield Declaration(plain(doc), head.strip(), None)
                doc, head = "", ""
        elif not found["comment"]:
            depth += bool(found["open"]) - bool(found["close"])
            head += found[0]
    if head.strip():
        yield Declaration(plain(doc), head.strip(), None)


def closing(text: str, at: int) -> int:
    """Behind the brace that closes the one before `at`."""
    depth = 1
    while depth and (found := TOKEN.match(text, at)):
        at = found.end()
        depth += (found[0] == "{") - (found[0] == "}")
    return at


def plain(doc: str) -> str:
    return " ".join(re.sub(r"/\*\*|\*/|///|^\s*\*", " ", doc, flags=re.MULTILINE).split())


def parameters(head: str) -> list[tuple[str, str]]:
    """The parameters between the first round brackets of a head, each with the documentation before it."""
    start = head.index("(") + 1
    depth, angle, at, parts, part = 1, 0, start, [], ""
    while depth and (found := TOKEN.match(head, at)):
        at = found.end()
        depth += (found[0] in "([{") - (found[0] in ")]}")
        angle += (found[0] == "<") - (found[0] == ">")
        if depth == 0 or (found[0] == "," and depth == 1 and angle == 0):
            parts.append(part)
            part = ""
        else:
            part += found[0]
    split = (re.fullmatch(r"((?:\s*(?:/\*\*.*?\*/|///[^\n]*))*)(.*)", part, re.DOTALL) for part in parts if part.strip())
    return [(plain(found[1]), found[2].strip()) for found in split if found]
