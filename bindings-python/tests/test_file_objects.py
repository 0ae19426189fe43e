"""The streams as file objects: whatever `io.BytesIO` does, they do, as far as they can be read, written or sought at all."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pocketkms import EncryptionClient, RawAesKeyring

CLIENT = EncryptionClient()
KEYRING = RawAesKeyring(namespace="tests", name="one", wrapping_key=bytes(range(32)))

# Lines of any length, over any number of frames.
plaintexts = st.lists(
    st.one_of(st.binary(max_size=20), st.integers(0, 3000).map(lambda length: b"x" * length), st.just(b"\n")), max_size=12
).map(b"".join)
sizes = st.one_of(st.none(), st.integers(-3, 40), st.sampled_from([100, 511, 512, 513, 1024, 5000, 1 << 20]), st.just(1.5))
whences = st.sampled_from([0, 1, 2, 3, -1, True, "x"])
offsets = st.one_of(st.integers(-50, 4000), st.sampled_from([1 << 63, -(1 << 63), 1.5, None]))

READS = st.one_of(
    st.tuples(st.sampled_from(["read", "read1", "readline", "readlines"]), st.one_of(st.tuples(), st.tuples(sizes))),
    st.tuples(
        st.sampled_from(["readinto", "readinto1"]),
        st.tuples(st.one_of(st.integers(0, 3000).map(bytearray), st.sampled_from([b"read only", "text", None, 7]))),
    ),
    st.tuples(
        st.sampled_from(["__next__", "__iter__", "readable", "writable", "isatty", "fileno", "detach", "flush"]), st.tuples()
    ),
    st.tuples(st.sampled_from(["write", "truncate"]), st.sampled_from([(7,), (b"x",)])),
    st.tuples(st.just("close"), st.tuples()),
)
SEEKS = st.one_of(
    st.tuples(st.just("seek"), st.one_of(st.tuples(offsets), st.tuples(offsets, whences))),
    st.tuples(st.just("tell"), st.tuples()),
)
Call = tuple[str, tuple[Any, ...]]

# What only says in other words that this cannot be done, or how.
REFUSALS: tuple[type[Exception], ...] = (TypeError, ValueError, OverflowError, BufferError, OSError)


def outcome(file: Any, name: str, arguments: tuple[Any, ...]) -> Any:
    """What a call returns, or which kind of exception it raises."""
    try:
        answer = getattr(file, name)(*arguments)
    except StopIteration:
        return StopIteration
    except REFUSALS as refusal:
        return next(kind for kind in REFUSALS if isinstance(refusal, kind))
    return file is answer if name in ("__iter__", "__enter__") else answer


def same(actual: Any, expected: Any, call: Call, *, closed: bool, writable: bool = False) -> None:
    name, arguments = call
    if closed and name == "__iter__":
        # `BytesIO` refuses with the first line only, other files at once.
        pass
    elif expected in REFUSALS and (closed or name == "seek"):
        # Which of two mistakes is reported is no matter.
        assert actual in REFUSALS
    elif name == "writable" and expected is True:
        assert actual is writable
    elif expected is None and name in ("write", "truncate"):
        # `BytesIO` takes them; what is only read does not.
        assert actual in REFUSALS
    elif expected is OverflowError and name.startswith("read"):
        pass
    else:
        assert actual == expected, f"{name}{arguments}"


def compare(actual: Any, plaintext: bytes, calls: list[Call], *, seekable: bool) -> None:
    """Makes the same calls of both."""
    expected = io.BytesIO(plaintext)
    for name, arguments in calls:
        copied = tuple(bytearray(value) if isinstance(value, bytearray) else value for value in arguments)
        if name in ("read1", "readinto1") and not actual.closed:
            # As much as can be had at once: something, but at the end, and the next of the plaintext.
            position = expected.tell()
            found = outcome(actual, name, copied)
            wanted = outcome(expected, name, arguments)
            if isinstance(wanted, (bytes, int)) and not isinstance(wanted, type):
                taken = len(found) if isinstance(found, bytes) else found
                most = len(wanted) if isinstance(wanted, bytes) else wanted
                assert (taken > 0) == (most > 0) and taken <= most
                read = found if isinstance(found, bytes) else bytes(copied[0][:taken])
                assert read == plaintext[position : position + taken]
                expected.seek(position + taken)
            else:
                assert found == wanted
            continue
        if name in ("write", "truncate") and not expected.closed:
            wanted = None
        else:
            wanted = outcome(expected, name, arguments)
        closed = actual.closed
        same(outcome(actual, name, copied), wanted, (name, arguments), closed=closed)
        assert copied == arguments
        assert actual.closed == expected.closed
        if seekable and not expected.closed:
            assert actual.tell() == expected.tell()


def readers(plaintext: bytes) -> list[Callable[[], Any]]:
    """All that gives the same plaintext; what encrypts gives a message of its own each time."""
    message = CLIENT.encrypt(KEYRING, plaintext, frame_length=100).message

    def pieces() -> Any:
        return CLIENT.decrypt_stream(KEYRING, (message[start : start + 77] for start in range(0, len(message), 77)))

    def again() -> Any:
        return CLIENT.decrypt_stream(KEYRING, CLIENT.reencrypt_stream(KEYRING, KEYRING, io.BytesIO(message)))

    return [lambda: CLIENT.decrypt_stream(KEYRING, io.BytesIO(message)), pieces, again]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plaintexts, st.lists(READS, max_size=12))
@example(b"one\ntwo\n\nthree", [("readlines", ())])
@example(b"one\ntwo\n\nthree", [("readlines", (3,)), ("readlines", (0,)), ("readlines", (None,))])
@example(b"one\n" * 1000, [("readlines", (4,)), ("readline", (2,)), ("__next__", ()), ("read", ()), ("__next__", ())])
@example(b"x" * 5000, [("readinto", (b"read only",)), ("read", (10,))])
@example(b"x", [("close", ()), ("read", (0,)), ("__iter__", ()), ("isatty", ()), ("readable", ()), ("flush", ())])
def test_readers(plaintext: bytes, calls: list[Call]) -> None:
    for reader in readers(plaintext):
        compare(reader(), plaintext, calls, seekable=False)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plaintexts, st.lists(st.one_of(READS, SEEKS), max_size=16))
@example(b"one\ntwo", [("seek", (-100, 1)), ("seek", (-100, 2)), ("seek", (-1, 0)), ("seek", (1 << 63,)), ("read", ())])
@example(b"one\ntwo", [("seek", (5, 2)), ("readline", ()), ("tell", ())])
def test_range_readers(plaintext: bytes, calls: list[Call]) -> None:
    message = CLIENT.encrypt(KEYRING, plaintext, frame_length=100).message
    compare(CLIENT.range_reader(KEYRING, message), plaintext, calls, seekable=True)


WRITES = st.one_of(
    st.tuples(
        st.just("write"),
        st.tuples(
            st.one_of(
                st.binary(max_size=300),
                st.binary(max_size=300).map(bytearray),
                st.binary(max_size=300).map(lambda data: memoryview(data)[::-1][::-1]),
                st.sampled_from(["text", None, 7, 1.5, [b"x"]]),
            )
        ),
    ),
    st.tuples(
        st.just("writelines"),
        st.tuples(st.one_of(st.lists(st.binary(max_size=50), max_size=5), st.sampled_from([["text"], None, 7, b"", (b"x",)]))),
    ),
    st.tuples(st.sampled_from(["readable", "writable", "isatty", "fileno", "flush", "__iter__", "__enter__"]), st.tuples()),
)
REFUSED = st.tuples(
    st.sampled_from(["read", "readline", "readlines", "readall", "readinto", "seek", "tell", "truncate", "__next__"]),
    st.just(()),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(WRITES, REFUSED), max_size=12), st.booleans())
@example([("write", (b"x",)), ("writelines", ([b"one", b"two"],)), ("flush", ())], True)
def test_writers(calls: list[Call], finish: bool) -> None:
    sink, expected = io.BytesIO(), io.BytesIO()
    writer: Any = CLIENT.encrypt_writer(KEYRING, sink, frame_length=100)
    written = b""
    try:
        refused = {"read", "readline", "readlines", "readall", "readinto", "seek", "tell", "truncate", "__next__"}
        for open_ in (True, False):
            for name, arguments in calls:
                arguments = (bytearray(7),) if name == "readinto" else (0,) if name == "seek" else arguments
                if name in refused:
                    assert issubclass(outcome(writer, name, arguments), REFUSALS), name
                elif name == "readable" and open_:
                    assert writer.readable() is False
                else:
                    found, wanted = outcome(writer, name, arguments), outcome(expected, name, arguments)
                    same(found, wanted, (name, arguments), closed=not open_, writable=True)
                assert writer.closed == expected.closed
            if open_:
                written = expected.getvalue()
                expected.close()
                writer.finish() if finish else writer.abort()
                writer.close()
    finally:
        writer.abort()
    if finish:
        assert CLIENT.decrypt(KEYRING, sink.getvalue()).plaintext == written


def test_what_is_given_to_a_stream_may_not_be_copied_or_pickled() -> None:
    import copy
    import pickle

    for stream in (
        CLIENT.encrypt_stream(KEYRING, io.BytesIO(b"x")),
        CLIENT.encrypt_writer(KEYRING, io.BytesIO()),
        CLIENT.range_reader(KEYRING, CLIENT.encrypt(KEYRING, b"x").message),
    ):
        for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError):
                attempt(stream)
        getattr(stream, "abort", stream.close)()


def test_a_buffer_cannot_be_resized_while_it_is_filled() -> None:
    message = CLIENT.encrypt(KEYRING, bytes(1000)).message
    buffer = bytearray(1000)

    class Source(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            with pytest.raises(BufferError):
                buffer.clear()
            return super().read(size)

    assert CLIENT.decrypt_stream(KEYRING, Source(message)).readinto(buffer) == 1000


def test_as_tools_take_it() -> None:
    import gzip
    import tarfile
    import zipfile

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("lines")
        entry.size = 100_000
        archive.addfile(entry, io.BytesIO(b"line\n" * 20_000))
    message = CLIENT.encrypt(KEYRING, packed.getvalue()).message
    with tarfile.open(fileobj=CLIENT.decrypt_stream(KEYRING, io.BytesIO(message)), mode="r|gz") as archive:
        for member in archive:
            extracted = archive.extractfile(member)
            assert extracted is not None and extracted.read() == b"line\n" * 20_000
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive_:
        archive_.writestr("lines", b"line\n" * 20_000)
    message = CLIENT.encrypt(KEYRING, zipped.getvalue()).message
    with zipfile.ZipFile(CLIENT.range_reader(KEYRING, message)) as archive_:
        assert archive_.read("lines") == b"line\n" * 20_000
    for nothing in (b"", b"no archive"):
        with pytest.raises(zipfile.BadZipFile):
            zipfile.ZipFile(CLIENT.range_reader(KEYRING, CLIENT.encrypt(KEYRING, nothing).message))
    message = CLIENT.encrypt(KEYRING, gzip.compress(b"one\ntwo\n")).message
    with gzip.open(CLIENT.decrypt_stream(KEYRING, io.BytesIO(message)), "rt") as unpacked:
        assert list(unpacked) == ["one\n", "two\n"]


def test_lines_and_chunks() -> None:
    plaintext = b"one\n" + b"x" * 300_000 + b"\nend"
    message = CLIENT.encrypt(KEYRING, plaintext).message
    assert list(CLIENT.decrypt_stream(KEYRING, io.BytesIO(message))) == plaintext.splitlines(keepends=True)
    chunks = list(CLIENT.decrypt_stream(KEYRING, io.BytesIO(message)).chunks())
    assert b"".join(chunks) == plaintext and all(chunks) and max(map(len, chunks)) < 200_000
