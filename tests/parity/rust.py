"""The Rust crates, from what rustdoc knows of them."""

from __future__ import annotations

from typing import Any

from surface import OPTIONAL, REQUIRED, Option, Surface, stated_default

Item = dict[str, Any]


def surface(*crates: Item) -> Surface:
    found = Surface()
    for crate in crates:
        reader = Reader(crate, found)
        reader.module(crate["index"][str(crate["root"])])
    return found


class Reader:
    def __init__(self, crate: Item, surface: Surface) -> None:
        self.index: dict[str, Item] = crate["index"]
        self.surface = surface

    def item(self, id: int | None) -> Item | None:
        return self.index.get(str(id))

    def module(self, item: Item) -> None:
        for id in item["inner"]["module"]["items"]:
            self.public(self.item(id))

    def public(self, item: Item | None) -> None:
        match item and item["inner"]:
            case {"use": use}:
                self.public(self.item(use["id"]))
            case {"module": _}:
                self.module(item)
            case {"function": _}:
                self.surface.add("", item["name"], self.options(item))
            case {"struct": kind} if item["name"] not in self.surface.types:
                self.structure(item, kind)
            case {"trait": trait} if item["name"] not in self.surface.types:
                self.surface.types[item["name"]] = {}
                for id in trait["items"]:
                    self.method(item["name"], self.item(id))

    def structure(self, item: Item, kind: Item) -> None:
        self.surface.types[item["name"]] = {}
        for field in self.fields(item):
            self.surface.add(item["name"], field["name"])
        for id in kind["impls"]:
            found = self.item(id)
            if found and found["inner"]["impl"]["trait"] is None:
                for id in found["inner"]["impl"]["items"]:
                    self.method(item["name"], self.item(id))

    def fields(self, item: Item) -> list[Item]:
        match item["inner"]:
            case {"struct": {"kind": {"plain": {"fields": ids}}}}:
                fields = [self.item(id) for id in ids]
                return [field for field in fields if field and field["visibility"] == "public"]
        return []

    def method(self, name: str, item: Item | None) -> None:
        if not item or "function" not in item["inner"] or item["visibility"] not in ("public", "default"):
            return
        function = item["inner"]["function"]["sig"]
        # What takes `self` by value and gives it back sets an option.
        if function["inputs"] and function["inputs"][0] == ["self", {"generic": "Self"}] and function["output"] == {"generic": "Self"}:
            option = Option(OPTIONAL, stated_default(item["docs"] or ""))
            self.surface.add(name, "new", self.flattened(function["inputs"][-1][1]) or {item["name"]: option})
        else:
            self.surface.add(name, item["name"], self.options(item))

    def options(self, item: Item) -> dict[str, Option]:
        found: dict[str, Option] = {}
        for name, type in item["inner"]["function"]["sig"]["inputs"]:
            if name != "self":
                found |= self.flattened(type) or {name: Option(OPTIONAL if path(type) == "Option" else REQUIRED)}
        return found

    def flattened(self, type: Item) -> dict[str, Option]:
        """The members of an options structure, which stands for named arguments."""
        type = type["borrowed_ref"]["type"] if "borrowed_ref" in type else type
        name = path(type)
        if not (name and (name.endswith("Options") or name in ("Limits", "CacheLimits"))):
            return {}
        item = self.item(type["resolved_path"]["id"])
        found: dict[str, Option] = {}
        for field in self.fields(item) if item else ():
            inner = self.flattened(field["inner"]["struct_field"])  # `decrypt: DecryptOptions`
            found |= inner or {field["name"]: Option(OPTIONAL, stated_default(field["docs"] or ""))}
        return found


def path(type: Item) -> str | None:
    """The name of a type, without what it is generic over."""
    return type["resolved_path"]["path"].rsplit("::", 1)[-1] if "resolved_path" in type else None
