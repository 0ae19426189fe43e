"""The facts of each operation (core/src/api/facts) are those of AWS's service model and of its documentation, which the model
has in prose."""

from __future__ import annotations

import re

import pytest
from comparison import Model

# How the model's documentation names what an action is carried out on.
POLICY = {"Key": {"key policy"}, "AliasAndKey": {"key policy", "IAM policy"}, "None": {"IAM policy"}}

KEY_MEMBERS = ("KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId")


def prose(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def section(documentation: str, title: str) -> str:
    """What stands after a title in bold, up to the next one."""
    found = re.search(rf"<b>\s*{title}\s*:?\s*</b>\s*:?(.*?)(?:<b>|$)", documentation, re.DOTALL)
    assert found, f"no section {title}"
    return prose(found[1]).strip()


@pytest.fixture(scope="module")
def operations(core: Model, aws: Model) -> list[tuple[str, Model, Model]]:
    found = [(operation["name"], operation["facts"], aws["operations"][operation["name"]]) for operation in core["operations"]]
    assert found, "nothing was compared"
    return found


def test_permissions(operations: list[tuple[str, Model, Model]]) -> None:
    for name, facts, aws in operations:
        text = section(aws["documentation"], "Required permissions")
        needed = list(dict.fromkeys(re.findall(r"kms:[A-Z]\w+", text)))
        # RetireGrant is decided by the grant before any permission, so that the documentation names none.
        if name == "RetireGrant":
            assert not needed
            continue
        # Others are mentioned behind those that are needed, as condition keys are.
        assert needed[: len(facts["permissions"])] == facts["permissions"], f"{name}: {text}"
        if name != "CreateKey":
            assert facts["permission"] == "Required: " + ", ".join(f"`{action}`" for action in needed[: len(facts["permissions"])]) + "."
        policies = set(re.findall(r"\((key policy|IAM policy)\)", text))
        # What is done in two Regions has sentences in place of the brackets.
        if "key's Region)" in text:
            assert not policies and "key policy" in text and facts["resource"] == "Key", f"{name}: {text}"
            continue
        assert policies == POLICY[facts["resource"]], f"{name}: {text}"


def test_use_across_accounts(operations: list[tuple[str, Model, Model]]) -> None:
    for name, facts, aws in operations:
        text = section(aws["documentation"], "Cross-account use")
        assert text.startswith("Yes") == facts["crossesAccounts"], f"{name}: {text}"


def test_dry_run(operations: list[tuple[str, Model, Model]], aws: Model) -> None:
    for name, facts, operation in operations:
        members = aws["shapes"][operation["input"]["shape"]]["members"]
        assert facts["dryRun"] == ("DryRun" in members), name


def test_forms_of_key_ids(operations: list[tuple[str, Model, Model]], aws: Model) -> None:
    compared = 0
    for name, facts, operation in operations:
        members = aws["shapes"][operation["input"]["shape"]]["members"]
        named = [prose(members[member].get("documentation", "")) for member in KEY_MEMBERS if member in members]
        assert (facts["keyIdForm"] == "None") == (not named), name
        for text in named:
            # Of some keys the documentation does not say how they are named.
            if "alias name" in text or "alias ARN" in text:
                assert facts["keyIdForm"] == "Any", f"{name}: {text}"
                compared += 1
            elif "key ID or key ARN" in text:
                assert facts["keyIdForm"] == "KeyOnly", f"{name}: {text}"
                compared += 1
    assert compared > 20, "hardly any form was compared"


def test_pages(operations: list[tuple[str, Model, Model]]) -> None:
    for name, facts, _ in operations:
        assert facts["reference"] == f"https://docs.aws.amazon.com/kms/latest/APIReference/API_{name}.html"


def test_read_only_and_quotas(operations: list[tuple[str, Model, Model]], aws: Model) -> None:
    """The model has neither. What only reads is named so or is cryptographic, and that is what takes data or gives random bytes."""
    for name, facts, _ in operations:
        reads = name.startswith(("Describe", "Get", "List"))
        assert facts["readOnly"] == (reads or facts["quotaClass"] == "Cryptographic"), name
        assert not (reads and facts["quotaClass"] == "Cryptographic"), name
        if facts["dryRun"] and name not in ("CreateGrant", "RetireGrant", "RevokeGrant"):
            assert facts["quotaClass"] == "Cryptographic", name


def test_actions(core: Model, aws: Model) -> None:
    """Each operation is an action of its own name, but for ReEncrypt, which is two; grants name some of them."""
    names = {action["name"] for action in core["actions"]}
    assert names == set(aws["operations"]) - {"ReEncrypt"} | {"ReEncryptFrom", "ReEncryptTo"}
    grantable = {action["name"] for action in core["actions"] if action["grantable"]}
    assert grantable == set(aws["shapes"]["GrantOperation"]["enum"])
    # Of those that are not offered yet, too, since policies name them.
    for action in core["actions"]:
        operation = "ReEncrypt" if action["name"].startswith("ReEncrypt") else action["name"]
        documentation = aws["operations"][operation]["documentation"]
        text = section(documentation, "Cross-account use")
        assert text.startswith(("Yes", "You must")) == action["crossesAccounts"] or operation == "ListRetirableGrants", f"{operation}: {text}"
