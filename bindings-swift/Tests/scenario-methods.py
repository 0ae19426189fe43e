"""Prints how the scenarios of all languages call the methods of `Kms`: Swift cannot do it by names at run time.

    scenario-methods.py MODEL.json Api.swift    the core's description of the types, and the Swift that UniFFI makes of them
"""

import json
import re
import sys
from pathlib import Path

HEAD = """\
import Foundation
import PocketKMS

private typealias Object = [String: Any]

private func all<T>(_ value: Any, _ one: (Any) throws -> T) rethrows -> [T] { try (value as! [Any]).map(one) }
private func only(_ members: [(String, Any?)]) -> [String: Any] {
    Dictionary(uniqueKeysWithValues: members.compactMap { name, value in value.map { (name, $0) } })
}

/// Performs an operation by its method; input and answer are as on the wire.
func callMethod(_ operation: String, on kms: Kms, _ input: [String: Any]) throws -> Any? {
    switch operation {
"""


# What is true of a caller's session, and the methods of a vault that are the host's.
HOST = """
/// What is true of a caller's session, as on the wire.
func sessionContext(_ value: Any) -> SessionContext { givenSessionContext(value as! Object) }

/// Calls a method of the vault that is the host's; the argument is as on the wire.
func callHost(_ method: String, on vault: Vault, _ argument: Any) throws {
    switch method {
"""

SCHEMA = Path(__file__).parents[2] / "tests/scenario/schema.json"


class Swift:
    def __init__(self, model, swift):
        self.model = {**model, "structures": {**model["structures"], **model["ownStructures"]}}
        # The cases of an enumeration, in the order of its values.
        enums = re.findall(r"^public enum (\w+)[^{]*\{(.*?)^\}", swift, re.MULTILINE | re.DOTALL)
        self.cases = {name: re.findall(r"^    case `?(\w+)`?$", body, re.MULTILINE) for name, body in enums}

    def given(self, shape, value):
        """An expression for a value of the wire."""
        match shape:
            case "bytes" | "secret":
                return f"Data(base64Encoded: {value} as! String)!"
            case "timestamp":
                return f"Date(timeIntervalSince1970: ({value} as! NSNumber).doubleValue)"
            case {"unsigned": _}:
                return f"({value} as! NSNumber).uint32Value"
            case {"list": item}:
                return f"all({value}) {{ item in {self.given(item, 'item')} }}"
            case {"enumeration": name}:
                return f"given{name}({value})"
            case {"structure": name}:
                return f"given{name}({value} as! Object)"
        kinds = {"string": "String", "secretText": "String", "integer": "Int32", "boolean": "Bool", "map": "[String: String]"}
        return f"({value} as! NSNumber).int32Value" if shape == "integer" else f"{value} as! {kinds[shape]}"

    def answered(self, shape, value):
        match shape:
            case "bytes" | "secret":
                return f"{value}.base64EncodedString()"
            case "timestamp":
                return f"{value}.timeIntervalSince1970"
            case {"list": item}:
                return f"{value}.map {{ item in {self.answered(item, 'item')} }}"
            case {"enumeration": name} | {"structure": name}:
                return f"answered{name}({value})"
        return value

    def structure(self, name, direction):
        members = self.model["structures"][name]["members"]
        if direction == "given":
            parts = [
                f'{member["camelName"]}: '
                + (self.given(member["type"], f'value["{member["wireName"]}"]!') if member["required"]
                   else f'value["{member["wireName"]}"].map {{ item in {self.given(member["type"], "item")} }}')
                for member in members
            ]  # fmt: skip
            return f"private func given{name}(_ value: Object) -> {name} {{\n    {name}({', '.join(parts)})\n}}\n"
        parts = [
            f'("{member["wireName"]}", '
            + (self.answered(member["type"], f'value.{member["camelName"]}') if member["required"]
               else f'value.{member["camelName"]}.map {{ item in {self.answered(member["type"], "item")} }}')
            + ")"
            for member in members
        ]  # fmt: skip
        return f"private func answered{name}(_ value: {name}) -> [String: Any] {{\n    only([{', '.join(parts)}])\n}}\n"

    def enumeration(self, name, direction):
        values = [value["value"] for value in self.model["enumerations"][name]["values"]]
        pairs = list(zip(values, self.cases[name], strict=True))
        if direction == "given":
            rows = "".join(f'    case "{value}": .{case}\n' for value, case in pairs)
            return f"private func given{name}(_ value: Any) -> {name} {{\n    switch value as! String {{\n{rows}    default: fatalError()\n    }}\n}}\n"
        rows = "".join(f'    case .{case}: "{value}"\n' for value, case in pairs)
        return f"private func answered{name}(_ value: {name}) -> String {{\n    switch value {{\n{rows}    }}\n}}\n"

    def needed(self, names, kind):
        """These structures and all that stands in them."""
        found, waiting = {}, [("structure", name) for name in names]
        while waiting:
            sort, name = waiting.pop()
            if (sort, name) in found:
                continue
            found[sort, name] = True
            for member in self.model["structures"][name]["members"] if sort == "structure" else ():
                shape = member["type"]
                while isinstance(shape, dict) and "list" in shape:
                    shape = shape["list"]
                if isinstance(shape, dict) and "unsigned" not in shape:
                    waiting += shape.items()
        return [getattr(self, sort)(name, kind) for sort, name in sorted(found)]

    def source(self):
        operations = self.model["operations"]
        rows = ""
        for operation in operations:
            call = f'try kms.{operation["camelName"]}(request: given{operation["request"]}(input))'
            answer = f'return answered{operation["response"]}({call})' if operation["response"] else f"{call}; return nil"
            rows += f'    case "{operation["name"]}": {answer}\n'
        host = json.loads(SCHEMA.read_text())["$defs"]["hostMethod"]["x-arguments"]
        of_the_host = "".join(
            f'    case "{method}": try vault.{method}({argument["name"]}: {self.given(argument["type"], "argument")})\n'
            for method, argument in host.items()
        )
        requests = [operation["request"] for operation in operations]
        given = self.needed([*requests, "SessionContext", "IamEntity", "RequestQuota", "ResourceQuotas"], "given")
        answered = self.needed([operation["response"] for operation in operations if operation["response"]], "answered")
        ending = "    }\n}\n"
        head = HEAD + rows + "    default: fatalError(operation)\n" + ending
        head += HOST + of_the_host + "    default: fatalError(method)\n" + ending
        return "\n".join([head, *given, *answered])


print(Swift(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]).read_text()).source(), end="")
