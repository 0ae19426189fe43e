"""The npm package, from its declarations."""

from __future__ import annotations

import re

from braces import Declaration, declarations, parameters
from surface import OPTIONAL, REQUIRED, Option, Surface, stated_default

HEAD = re.compile(r"export (?:declare )?(?:abstract )?(?:class|interface) (\w+)(?: extends (.*))?", re.DOTALL)
FUNCTION = re.compile(r"export declare function (\w+)")
ALIAS = re.compile(r"export type (\w+) =\s*(.*)", re.DOTALL)
METHOD = re.compile(r"(?:static )?(\w+)\s*(?:<[^(]*>)?\(")
PROPERTY = re.compile(r"(?:static )?(?:readonly )?(\w+)(\?)?:\s*(.*)", re.DOTALL)


def surface(texts: list[str]) -> Surface:
    found = [declaration for text in texts for declaration in declarations(text, ends=";")]
    types: dict[str, list[Declaration]] = {}
    for declaration in found:
        if (head := HEAD.match(declaration.head)) and declaration.body is not None:
            types.setdefault(head[1], []).append(declaration)
    language = TypeScript(types)
    for declaration in found:
        if function := FUNCTION.match(declaration.head):
            language.surface.add("", function[1], language.options(declaration))
    for name, parts in types.items():
        language.surface.types.setdefault(name, {})
        for part in parts:
            language.members(name, part)
    return language.surface


class TypeScript:
    def __init__(self, types: dict[str, list[Declaration]]) -> None:
        self.types = types
        self.surface = Surface()

    def members(self, name: str, declaration: Declaration) -> None:
        head = HEAD.match(declaration.head)
        for base in re.findall(r"\w+", head[2] or "") if head else ():
            if base in self.types and base not in ("Keyring", "KmsError"):
                for part in self.types[base]:
                    self.members(name, part)
        for item in declarations(declaration.body or "", ends=";"):
            if item.head.startswith(("private", "protected", "[")):
                continue
            if item.head.startswith("constructor"):
                self.surface.add(name, "new", self.options(item))
            elif method := METHOD.match(item.head):
                self.surface.add(name, method[1], self.options(item))
            elif property := PROPERTY.match(item.head):
                callback = METHOD.match(property[1] + property[3].lstrip("| \n("))
                self.surface.add(name, property[1], self.options(Declaration("", callback.string, None)) if callback else None)

    def options(self, item: Declaration) -> dict[str, Option]:
        found: dict[str, Option] = {}
        for _, parameter in parameters(item.head):
            property = PROPERTY.match(parameter)
            assert property, parameter
            flat = self.flattened(property[3])
            doc = re.search(rf"@param {property[1]} ([^@]*)", item.doc)
            need = OPTIONAL if property[2] else REQUIRED
            found |= flat or {property[1]: Option(need, stated_default(doc[1] if doc else ""))}
        return found

    def flattened(self, type: str) -> dict[str, Option]:
        """The members of an object that stands for named arguments; nothing if the type is none."""
        found: dict[str, Option] = {}
        if type.startswith("{"):
            for item in declarations(type[1:-1], ends=";"):
                if property := PROPERTY.match(item.head):
                    found[property[1]] = Option(OPTIONAL if property[2] else REQUIRED, stated_default(item.doc))
            return found
        for name in re.findall(r"\w+", type):
            if name in self.types and re.search(r"Options$|^CacheLimits$", name):
                for part in self.types[name]:
                    head = HEAD.match(part.head)
                    found |= self.flattened((head[2] or "") if head else "") | self.flattened("{" + (part.body or "") + "}")
        inline = re.search(r"&\s*(\{.*\})", type, re.DOTALL)
        return found | (self.flattened(inline[1]) if inline else {})
