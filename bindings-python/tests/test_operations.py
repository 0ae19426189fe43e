"""Every operation can be called with every member, and answers what its annotation says."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest
from calls import CALLS, OPERATIONS, Members, World, members_of, world
from runtime_types import check

from pocketkms import KeyMetadata, Kms, KmsError, Tag, ValidationException, Vault, VaultClosedException
from pocketkms._generated import PAGINATED


@pytest.fixture
def given(kms: Kms) -> World:
    return world(kms)


class Anything:
    """Of a type that nothing takes."""


def test_every_member_of_every_operation_is_called(given: World) -> None:
    called: dict[str, set[str]] = {operation: set() for operation in OPERATIONS}
    for operation, members, _ in CALLS:
        called[operation] |= set(members(given))
    assert called == {operation: set(members_of(operation)) for operation in OPERATIONS}
    assert len(OPERATIONS) >= 26


@pytest.mark.parametrize(
    ("operation", "members", "exception"), CALLS, ids=[f"{name}-{index}" for index, (name, _, _) in enumerate(CALLS)]
)
def test_call(given: World, operation: str, members: Members, exception: type[Exception] | None) -> None:
    call = getattr(given.kms, operation)
    if exception is not None:
        with pytest.raises(exception) as raised:
            call(**members(given))
        assert type(raised.value) is exception
        return
    response = call(**members(given))
    annotation = get_type_hints(OPERATIONS[operation])["return"]
    if annotation is type(None):
        assert response is None
    else:
        check(response, annotation)


@pytest.mark.parametrize(
    ("operation", "member"),
    [(operation, member) for operation in OPERATIONS for member in members_of(operation)],
)
def test_each_member_is_read_under_its_own_name(given: World, operation: str, member: str) -> None:
    calls = [members(given) for name, members, _ in CALLS if name == operation]
    sound = next(members for members in calls if member in members)
    with pytest.raises(TypeError, match=rf"^'{member}' must be .+, not Anything$"):
        getattr(given.kms, operation)(**{**sound, member: Anything()})


VALUES: list[object] = [
    None, True, -1, 2**70, 1.5, "", "x", "x" * 10_000, b"", b"x", bytes(10_000), [], [[]], {}, {"a": {}}, (), set(), int,
]  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "member"),
    [(operation, member) for operation in OPERATIONS for member in members_of(operation)],
)
def test_whatever_is_given_the_answer_is_an_ordinary_exception(given: World, operation: str, member: str) -> None:
    calls = [members(given) for name, members, _ in CALLS if name == operation]
    sound = next(members for members in calls if member in members)
    for value in VALUES:
        try:
            getattr(given.kms, operation)(**{**sound, member: value})
        except (TypeError, KmsError):
            pass  # A panic of the native part is neither.


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_typing_error_is_never_ignored(given: World, operation: str) -> None:
    sound = next(members(given) for name, members, _ in CALLS if name == operation)
    with pytest.raises(TypeError, match="encryption_contxt"):
        getattr(given.kms, operation)(**sound, encryption_contxt={"order": "4711"})


@pytest.mark.parametrize("operation", OPERATIONS)
def test_arguments_have_names(given: World, operation: str) -> None:
    with pytest.raises(TypeError, match="positional argument"):
        getattr(given.kms, operation)(given.key)


def test_lists_come_in_pages(kms: Kms, key: KeyMetadata) -> None:
    keys = {kms.create_key().key_metadata.key_id for _ in range(4)} | {key.key_id}
    pages = list(kms.paginate("list_keys", limit=2))
    assert [len(page.keys) for page in pages] == [2, 2, 1] and [page.truncated for page in pages] == [True, True, False]
    assert {entry.key_id for page in pages for entry in page.keys} == keys
    # From a marker on, as the operation itself.
    assert [len(page.keys) for page in kms.paginate("list_keys", limit=2, marker=pages[0].next_marker)] == [2, 1]
    for number in range(3):
        kms.create_alias(alias_name=f"alias/{number}", target_key_id=key.key_id)
        kms.rotate_key_on_demand(key_id=key.key_id)
        kms.create_branch_key(kms_key_id=key.key_id)
    kms.tag_resource(key_id=key.key_id, tags=[Tag(tag_key=name, tag_value="") for name in "abc"])
    assert [len(page.aliases) for page in kms.paginate("list_aliases", key_id=key.key_id, limit=2)] == [2, 1]
    assert [len(page.rotations) for page in kms.paginate("list_key_rotations", key_id=key.key_id, limit=1)] == [1, 1, 1]
    assert [len(page.tags) for page in kms.paginate("list_resource_tags", key_id=key.key_id, limit=2)] == [2, 1]
    assert [len(page.branch_keys) for page in kms.paginate("list_branch_keys", limit=2)] == [2, 1]
    (page,) = kms.paginate("list_key_policies", key_id=key.key_id)
    assert page.policy_names == ("default",)


def test_pages_are_asked_for_as_they_are_needed(vault: Vault) -> None:
    kms = vault.client()
    for _ in range(2):
        kms.create_key()
    pages = kms.paginate("list_keys", limit=1)
    assert len(next(pages).keys) == 1
    untyped: Any = kms
    for name in ("encrypt", "caller", "_call", "list_nothing"):
        with pytest.raises(ValueError, match="^these come in pages: list_keys, "):
            untyped.paginate(name)
    refused = kms.paginate("list_keys", limit=0)
    with pytest.raises(ValidationException):
        next(refused)
    vault.close()
    with pytest.raises(VaultClosedException):
        next(pages)


def test_every_list_has_pages(kms: Kms) -> None:
    lists = {name for name in dir(kms) if name.startswith("list_")} | {"describe_custom_key_stores"}
    assert lists == set(PAGINATED)
