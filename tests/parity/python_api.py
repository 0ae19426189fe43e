"""The Python package, from its sources and stubs: nothing has to be built or imported."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from surface import OPTIONAL, REQUIRED, Option, Surface, stated_default


def surface(package: Path, generated: str) -> Surface:
    # The native part first: where a class above it has the same name, that is the one that users see.
    modules = [ast.parse(file.read_text()) for file in [package / "_native.pyi", *sorted(package.rglob("*.py"))]]
    modules.append(ast.parse(generated))
    public = {name for module in modules for name in exported(module)}
    classes = {node.name: node for module in modules for node in module.body if isinstance(node, ast.ClassDef)}
    found = Surface()
    for name in sorted(public & set(classes)):
        found.types.setdefault(name, {})
        for base in lineage(classes[name], classes):
            members(found, name, base, classes)
    for module in modules:
        for node in module.body:
            if isinstance(node, ast.FunctionDef) and node.name in public:
                found.add("", node.name, options(node, classes))
    return found


def exported(module: ast.Module) -> list[str]:
    for node in module.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            return [str(item) for item in ast.literal_eval(node.value)]
    return []


def lineage(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> list[ast.ClassDef]:
    """A class and those that it inherits from, the furthest first, but for the keyrings' common one."""
    names = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id in classes]
    return [*(found for name in names for found in lineage(classes[name], classes)), node]


def members(found: Surface, name: str, node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> None:
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and not item.target.id.startswith("_"):
            found.add(name, item.target.id)
        if not isinstance(item, ast.FunctionDef):
            continue
        decorators = {ast.unparse(decorator) for decorator in item.decorator_list}
        if item.name in ("__init__", "__new__"):
            found.add(name, "new", options(item, classes))
        elif not item.name.startswith("_"):
            found.add(name, item.name, None if "property" in decorators else options(item, classes))


def options(node: ast.FunctionDef, classes: dict[str, ast.ClassDef]) -> dict[str, Option]:
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + [*arguments.defaults]
    pairs = [*zip(positional, defaults), *zip(arguments.kwonlyargs, arguments.kw_defaults)]
    docs = argument_docs(ast.get_docstring(node) or "")
    found = {
        argument.arg: Option(REQUIRED if default is None else OPTIONAL, stated_default(docs.get(argument.arg, "")))
        for argument, default in pairs
        if argument.arg not in ("self", "cls")
    }
    return found | unpacked(arguments.kwarg, classes)


def unpacked(argument: ast.arg | None, classes: dict[str, ast.ClassDef]) -> dict[str, Option]:
    """The options that `**options: Unpack[...]` stands for."""
    match argument and argument.annotation:
        case ast.Subscript(value=ast.Name("Unpack"), slice=ast.Name(name)):
            body = classes[name].body
        case _:
            return {}
    return {
        item.target.id: Option(OPTIONAL, stated_default(doc.value.value))
        for item, doc in zip(body, body[1:])
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        and isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant)
    }


def argument_docs(docstring: str) -> dict[str, str]:
    _, _, arguments = docstring.partition("Args:\n")
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {6,}.*)*)", arguments, re.MULTILINE)
    return dict(found)
