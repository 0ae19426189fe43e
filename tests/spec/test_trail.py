"""The audit trail of what the product has just written is whole, and a changed one is found, by a reader of the page alone."""

import copy
import json

import pytest
from decryptor import Snapshot
from trail import verify


@pytest.fixture(scope="module")
def snapshot(fresh, plan):
    return Snapshot((fresh / "raw.snapshot").read_bytes(), bytes.fromhex(plan["root_key"]))


def test_the_trail_is_whole_and_names_every_record(snapshot):
    trail = verify(snapshot)
    assert trail.problems == []
    assert trail.entries[0] == 1
    assert len(trail.entries) > 5


def altered(snapshot, change):
    other = copy.copy(snapshot)
    other.records, other.sealed, other.revisions = dict(snapshot.records), dict(snapshot.sealed), dict(snapshot.revisions)
    change(other)
    return verify(other).problems


def entries(snapshot):
    return sorted(name for name in snapshot.records if name.startswith("audit/"))


def test_an_entry_that_is_gone_or_other_is_found(snapshot):
    for name in entries(snapshot):

        def remove(other, name=name):
            del other.records[name]

        def edit(other, name=name):
            header, *events = other.records[name].split(b"\n")
            changed = {**json.loads(header), "time": 1}
            other.records[name] = b"\n".join([json.dumps(changed).encode(), *events])

        assert altered(snapshot, remove)
        assert altered(snapshot, edit)


def test_a_record_that_is_gone_or_older_is_found(snapshot):
    names = [name for name in snapshot.records if name != "generation" and not name.startswith("audit/")]
    assert len(names) > 10
    for name in names:

        def remove(other, name=name):
            del other.sealed[name]

        def put_back(other, name=name):
            other.revisions[name] -= 1

        assert any(name in problem for problem in altered(snapshot, remove))
        assert any(name in problem for problem in altered(snapshot, put_back))
