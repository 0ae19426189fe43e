"""Swift and Kotlin: what UniFFI generates, and what stands beside it by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from braces import Declaration, declarations, parameters
from surface import OPTIONAL, REQUIRED, Option, Surface, stated_default


@dataclass
class Language:
    type: re.Pattern[str]
    """A type, or what adds to one; the second group is what it adds to or inherits."""
    method: re.Pattern[str]
    """A function; the first group is what it is added to, if anything."""
    property: re.Pattern[str]
    parameter: re.Pattern[str]
    hidden: re.Pattern[str]
    """A declaration that users do not see."""


SWIFT = Language(
    type=re.compile(r"(?:public |open |final |indirect )*(?:class|struct|enum|protocol|extension) (\w+)"),
    method=re.compile(r"(?:(?:public|open|convenience|required|static|class|override|mutating|final) )*(?:func ()`?(\w+)`?|(init))[(<?]"),
    property=re.compile(r"(?:(?:public|open|static) )*(?:var|let|case) (\w+)"),
    parameter=re.compile(r"(\w+)(?: (\w+))?\s*:\s*(.*?)(?:\s=\s(.*))?", re.DOTALL),
    hidden=re.compile(r"(?:private|fileprivate|internal|@_|struct Ffi|fileprivate)"),
)
KOTLIN = Language(
    type=re.compile(r"(?:public |open |sealed |abstract |data |enum |fun )*(?:class|interface|object) (\w+)"),
    method=re.compile(r"(?:(?:@\w+(?:\([^)]*\))?|public|open|override|inline|operator|suspend)\s+)*(?:fun (?:<[^>]*> )?(?:(\w+)(?:\.Companion)?\.)?`?(\w+)`?|(constructor))\s*\("),
    property=re.compile(r"(?:(?:public|open|override|const)\s+)*va[lr] (?:\w+\.)?`?(\w+)`?"),
    parameter=re.compile(r"(?:(?:override|var|val|public|open|private) )*`?(\w+)`?()\s*:\s*(.*?)(?:\s*=\s*(.*))?", re.DOTALL),
    hidden=re.compile(r"(?:private|internal|@Deprecated)"),
)


# A brace on a line of its own belongs to the line before; an annotation says nothing of the API.
BRACE = re.compile(r"\n\s*\{")
# What Kotlin writes where a constructor has an annotation, and leaves out elsewhere.
CONSTRUCTOR = re.compile(r"(\bclass \w+) @JvmOverloads constructor(?=\()")
ANNOTATION = re.compile(r"@(?:Throws|Suppress|JvmOverloads|JvmStatic|JvmName)(?:\([^)]*\))?")


def surface(texts: list[str], language: Language) -> Surface:
    reader = Reader(language)
    found = [declaration for text in texts for declaration in declarations(ANNOTATION.sub("", CONSTRUCTOR.sub(r"\1 ", BRACE.sub(" {", text))), ends="\n")]
    for declaration in found:
        reader.structure(declaration)
    for declaration in found:
        reader.read(declaration)
    return reader.surface


class Reader:
    def __init__(self, language: Language) -> None:
        self.language = language
        self.surface = Surface()
        self.structures: dict[str, dict[str, Option]] = {}

    def structure(self, declaration: Declaration) -> None:
        """Remembers what an options structure holds, which stands for named arguments."""
        head = self.language.type.match(declaration.head)
        if not head or not re.search(r"Options$", head[1]):
            return
        for item in [declaration, *declarations(declaration.body or "", ends="\n")]:
            if "(" in item.head and (item is declaration or "init(" in item.head):
                self.structures[head[1]] = self.options(item)

    def read(self, declaration: Declaration, within: str = "") -> None:
        head = declaration.head
        if self.language.hidden.match(head):
            return
        if method := self.language.method.match(head):
            name = "new" if method[3] else method[2]
            self.surface.add(method[1] or within, name, self.options(Declaration(declaration.doc, head[method.end() - 1 :], None)))
        elif head == "companion object":
            for item in declarations(declaration.body or "", ends="\n"):
                self.read(item, within)
        elif type := self.language.type.match(head):
            name = re.sub(r"(Protocol|Interface)$", "", type[1])
            if within and name != within:
                return
            self.surface.types.setdefault(name, {})
            if "(" in head and head[type.end() :].lstrip().startswith("(") and "data " in head[: type.end()]:
                for option in self.options(declaration):
                    self.surface.add(name, option)
            for item in declarations(declaration.body or "", ends="\n"):
                self.read(item, name)
        elif (property := self.language.property.match(head)) and within:
            self.surface.add(within, property[1])

    def options(self, item: Declaration) -> dict[str, Option]:
        found: dict[str, Option] = {}
        for doc, text in parameters(item.head):
            parameter = self.language.parameter.fullmatch(text)
            if not parameter:
                continue
            name = parameter[2] if parameter[1] == "_" else parameter[1]
            type = parameter[3].strip("?")
            need = REQUIRED if parameter[4] is None else OPTIONAL
            found |= self.structures.get(type) or {name: Option(need, stated_default(doc))}
        return found
