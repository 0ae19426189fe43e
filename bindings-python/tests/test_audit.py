"""The audit trail: asked, written out, verified, pinned."""

import io
import json
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from pocketkms import (
    AuditEvent,
    InvalidMarkerException,
    Kms,
    KmsError,
    ManualClock,
    RolledBackException,
    RootKey,
    ValidationException,
    Vault,
)

MALLORY = "arn:aws:iam::444455556666:user/Mallory"
START = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def audited(root: RootKey) -> tuple[Vault, Kms, ManualClock]:
    """A vault that has seen some calls: three of its caller, one that was denied."""
    clock = ManualClock(START)
    vault = Vault.in_memory(root, clock=clock)
    kms = vault.client()
    key = kms.create_key().key_metadata
    blob = kms.encrypt(key_id=key.key_id, plaintext=b"secret", encryption_context={"tenant": "7"}).ciphertext_blob
    kms.decrypt(ciphertext_blob=blob, encryption_context={"tenant": "7"})
    with pytest.raises(KmsError):
        vault.client(principal=MALLORY, account_id="444455556666").describe_key(key_id=key.arn)
    return vault, kms, clock


def names(events: object) -> list[str]:
    return [event.event_name for event in events]  # type: ignore[attr-defined]


def test_events_are_those_of_the_calls(audited: tuple[Vault, Kms, ManualClock]) -> None:
    vault, _, _ = audited
    events = list(vault.audit_events(oldest_first=True))
    assert names(events) == ["CreateKey", "Encrypt", "Decrypt", "DescribeKey"]
    assert all(isinstance(event, AuditEvent) for event in events)
    assert events[1].event_time == START and events[1].read_only and events[1].error_code is None
    denied = events[3]
    assert (denied.error_code, denied.principal, denied.recipient_account_id) == ("AccessDenied", MALLORY, "444455556666")
    record = json.loads(events[1].cloud_trail_event)
    assert record["requestParameters"]["encryptionContext"] == {"tenant": "7"}
    assert record["eventSource"] == "kms.amazonaws.com"
    assert not any("secret" in event.cloud_trail_event for event in events)


def test_a_filter_takes_what_it_says(audited: tuple[Vault, Kms, ManualClock]) -> None:
    vault, kms, clock = audited
    clock.advance(timedelta(days=1))
    kms.list_keys()
    assert names(vault.audit_events(principal=MALLORY)) == ["DescribeKey"]
    assert names(vault.audit_events(errors_only=True)) == ["DescribeKey"]
    assert names(vault.audit_events(event_name="Encrypt")) == ["Encrypt"]
    assert names(vault.audit_events(start_time=START + timedelta(hours=1))) == ["ListKeys"]
    assert len(names(vault.audit_events(end_time=START + timedelta(hours=1)))) == 4
    key = kms.list_keys().keys[0].key_id
    assert "ListKeys" not in names(vault.audit_events(key_id=key))


def test_pages_come_to_the_same(audited: tuple[Vault, Kms, ManualClock]) -> None:
    vault, _, _ = audited
    whole = list(vault.audit_events())
    assert list(vault.audit_events(max_results=1)) == whole
    page = vault.lookup_events(max_results=3)
    assert page.truncated and page.next_marker
    assert list(page.events) + list(vault.lookup_events(marker=page.next_marker).events) == whole
    with pytest.raises(InvalidMarkerException):
        vault.lookup_events(marker="none")
    with pytest.raises(ValidationException):
        vault.lookup_events(max_results=0)
    with pytest.raises(TypeError):
        vault.lookup_events(nothing="x")  # type: ignore[call-arg]


def test_files_have_every_event(audited: tuple[Vault, Kms, ManualClock], tmp_path: Path) -> None:
    vault, _, _ = audited
    path = tmp_path / "trail.json"
    with path.open("w", encoding="utf-8") as file:
        assert vault.export_audit(file) == 4
    records = json.loads(path.read_text(encoding="utf-8"))["Records"]
    assert [record["eventName"] for record in records] == ["CreateKey", "Encrypt", "Decrypt", "DescribeKey"]
    lines = io.StringIO()
    assert vault.export_audit(lines, format="JSON_LINES", errors_only=True) == 1
    assert json.loads(lines.getvalue())["errorCode"] == "AccessDenied"
    with pytest.raises(TypeError):
        vault.export_audit(lines, format="CSV")  # type: ignore[arg-type]


def test_what_a_file_raises_ends_the_export(audited: tuple[Vault, Kms, ManualClock]) -> None:
    vault, _, _ = audited

    class Full(io.StringIO):
        def write(self, text: str) -> int:
            if self.tell() > 500:
                raise OSError("no space left")
            return super().write(text)

    with pytest.raises(OSError, match="no space left"):
        vault.export_audit(Full())


def test_a_trail_is_verified_flushed_and_shortened(audited: tuple[Vault, Kms, ManualClock]) -> None:
    vault, kms, clock = audited
    vault.flush_audit()
    report = vault.verify_audit()
    assert report.events == 4 and report.problems == ()
    clock.advance(timedelta(days=1))
    kms.create_key()
    assert vault.remove_audit_before(START + timedelta(hours=1)) == 4
    assert names(vault.audit_events()) == ["CreateKey"]
    assert vault.verify_audit().problems == ()


def test_a_head_tells_a_store_that_was_put_back(root: RootKey, tmp_path: Path) -> None:
    path, copy = tmp_path / "keys.vault", tmp_path / "copy.vault"
    with Vault.create(path, root) as vault:
        vault.client().create_key()
        vault.backup(copy)
        vault.client().create_key()
        head = vault.head()
    Vault.open(path, root, expected_head=head).close()
    for opening in (Vault.open, Vault.open_or_create):
        with pytest.raises(RolledBackException):
            opening(copy, root, expected_head=head)
    # None is made where one is expected.
    with pytest.raises(RolledBackException):
        Vault.open_or_create(tmp_path / "none.vault", root, expected_head=head)
    with pytest.raises(RolledBackException):
        Vault.in_memory(root, expected_head=head)


@pytest.mark.parametrize(
    ("audit", "count"), [("OFF", 0), ("STRICT", 2), (timedelta(0), 2), (timedelta(seconds=5), 2), (None, 2)]
)
def test_a_host_says_how_calls_are_audited(root: RootKey, audit: object, count: int) -> None:
    vault = Vault.in_memory(root, audit=audit)  # type: ignore[arg-type]
    vault.client().create_key()
    vault.client().list_keys()
    assert len(list(vault.audit_events())) == count


@pytest.mark.parametrize("audit", ["off", "NONE", 5, b"STRICT"])
def test_what_is_no_way_to_audit_is_refused(root: RootKey, audit: object) -> None:
    with pytest.raises(TypeError, match="audit"):
        Vault.in_memory(root, audit=audit)  # type: ignore[arg-type]


class Sink:
    """Keeps what it is shown, and then does something."""

    def __init__(self, then: Callable[[], object] = lambda: None) -> None:
        self.shown: list[AuditEvent] = []
        self.then = then

    def __call__(self, events: tuple[AuditEvent, ...]) -> None:
        self.shown += events
        self.then()


def test_a_sink_is_shown_what_was_stored(root: RootKey) -> None:
    sink = Sink()
    with Vault.in_memory(root, audit=timedelta(seconds=1000), audit_sink=sink) as vault:
        kms = vault.client()
        key_id = kms.create_key().key_metadata.key_id
        assert names(sink.shown) == ["CreateKey"]
        kms.encrypt(key_id=key_id, plaintext=b"x")
        assert len(sink.shown) == 1, "it waits"
        vault.flush_audit()
        assert sink.shown == list(vault.audit_events(oldest_first=True))
        kms.list_keys()
    assert names(sink.shown) == ["CreateKey", "Encrypt", "ListKeys"], "when it was closed, too"


def test_what_a_sink_raises_breaks_no_call(root: RootKey, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []

    def hook(unraisable: "sys.UnraisableHookArgs") -> None:
        told.append(unraisable.exc_value)

    monkeypatch.setattr(sys, "unraisablehook", hook)
    for error in (OSError("no network"), KeyboardInterrupt()):

        def fail(error: BaseException = error) -> None:
            raise error

        sink = Sink(fail)
        vault = Vault.in_memory(root, audit="STRICT", audit_sink=sink)
        vault.client().create_key()
        vault.client().list_keys()
        assert names(sink.shown) == ["CreateKey", "ListKeys"]
        assert told == [error, error]
        assert vault.verify_audit().problems == ()
        told.clear()


def test_a_sink_may_call_the_vault(root: RootKey) -> None:
    def call() -> None:
        if len(sink.shown) < 5:
            vault.client().list_keys()

    sink = Sink(call)
    vault = Vault.in_memory(root, audit="STRICT", audit_sink=sink)
    vault.client().create_key()
    assert names(sink.shown)[:2] == ["CreateKey", "ListKeys"]
    assert sink.shown == list(vault.audit_events(oldest_first=True))


def test_what_is_no_sink_is_refused(root: RootKey) -> None:
    with pytest.raises(TypeError, match="audit_sink"):
        Vault.in_memory(root, audit_sink=[])  # type: ignore[arg-type]
