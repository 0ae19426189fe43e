"""Every operation can be called with every member, and answers what its annotation says."""

from __future__ import annotations

from typing import get_type_hints

import pytest
from calls import CALLS, OPERATIONS, Members, World, members_of, world
from runtime_types import check

from pocketkms import Kms, KmsError


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
