"""Random access: parts of a message, without what comes before them."""

from __future__ import annotations

import io
import mmap
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketkms import (
    AlgorithmSuite,
    CallbackKeyring,
    CommitmentPolicyException,
    EncryptedDataKey,
    EncryptionClient,
    InvalidMessageException,
    KmsError,
    LimitExceededException,
    RangeReader,
    RawAesKeyring,
    RewrappedSidecar,
    UnableToDecryptDataKeyException,
    UnsupportedOperationException,
    ValidationException,
    WrappedDataKey,
)

SIGNED: AlgorithmSuite = "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384"
FRAME = 1000
PLAINTEXT = random.Random(4711).randbytes(3_456_789)
KEYRING = RawAesKeyring(namespace="tests", name="one", wrapping_key=bytes(range(32)))
CLIENT = EncryptionClient()
# Of an odd length, of whole frames, of none, of less than one, and signed, where the end cannot be computed.
MESSAGES = {
    length: CLIENT.encrypt(KEYRING, PLAINTEXT[:length], frame_length=FRAME).message
    for length in (len(PLAINTEXT), 5 * FRAME, 0, 1, FRAME - 1, FRAME, FRAME + 1)
}
SIGNED_MESSAGE = CLIENT.encrypt(KEYRING, PLAINTEXT[:7777], frame_length=FRAME, algorithm_suite=SIGNED).message


class Ranges:
    """A store that gives ranges, and writes down which."""

    def __init__(self, message: bytes) -> None:
        self.message = message
        self.asked: list[tuple[int, int]] = []

    @property
    def size(self) -> int:
        return len(self.message)

    def read_range(self, start: int, end: int, /) -> bytes:
        assert 0 <= start < end <= self.size
        self.asked.append((start, end))
        return self.message[start:end]


def frame_start(message: bytes, index: int) -> int:
    """Where in a message a frame of `FRAME` bytes is."""
    return CLIENT.inspect(message).header_length + index * (4 + 12 + FRAME + 16)


# --- what is refused


def test_what_is_refused_immediately(client: EncryptionClient) -> None:
    message = MESSAGES[FRAME]
    other = RawAesKeyring(namespace="tests", name="other", wrapping_key=bytes(32))
    with pytest.raises(UnableToDecryptDataKeyException):
        client.range_reader(other, message)
    for cut in (0, 1, 20, client.inspect(message).header_length - 1):
        with pytest.raises(InvalidMessageException):
            client.range_reader(KEYRING, message[:cut])
    # A length at which no message can end.
    for odd in (message[:-1] + b"x" * 30, message[: frame_start(message, 0) + 3]):
        with pytest.raises(InvalidMessageException, match="fits no number of frames"):
            client.range_reader(KEYRING, odd)
    for index in range(client.inspect(message).header_length):
        altered = bytearray(message)
        altered[index] ^= 1
        # Which of them depends on what the byte means; all are the package's own.
        with pytest.raises(KmsError):
            client.range_reader(KEYRING, altered)
    with pytest.raises(LimitExceededException):
        EncryptionClient(max_frame_length=FRAME - 1).range_reader(KEYRING, message)
    old = EncryptionClient(commitment_policy="FORBID_ENCRYPT_ALLOW_DECRYPT")
    with pytest.raises(CommitmentPolicyException):
        client.range_reader(KEYRING, old.encrypt(KEYRING, b"x").message)


def test_a_signature_that_is_not_verified(client: EncryptionClient) -> None:
    with pytest.raises(UnsupportedOperationException, match="the message is signed"):
        client.range_reader(KEYRING, SIGNED_MESSAGE)
    # It is what it says: also a message whose signature is wrong is read.
    altered = SIGNED_MESSAGE[:-1] + bytes([SIGNED_MESSAGE[-1] ^ 1])
    with pytest.raises(InvalidMessageException):
        client.decrypt(KEYRING, altered)
    for message in (SIGNED_MESSAGE, altered):
        reader = client.range_reader(KEYRING, message, accept_unverified_signature=True)
        assert reader.plaintext_length is None
        assert reader.read() == PLAINTEXT[:7777]
        assert reader.plaintext_length == 7777


def test_wrong_arguments(client: EncryptionClient) -> None:
    untyped: Any = client
    kinds = "bytes, bytearray, memoryview, a seekable binary file or an object with 'size' and 'read_range'"
    for wrong in (None, 7, "text", [b"piece"]):
        with pytest.raises(TypeError, match=f"^'message' must be {kinds}, not "):
            untyped.range_reader(KEYRING, wrong)
    with pytest.raises(TypeError, match="^'keyring' must be Keyring or CachingMaterialsManager, not bytes$"):
        untyped.range_reader(b"key", MESSAGES[0])
    with pytest.raises(TypeError, match="^'accept_unverified_signature' must be bool, not int$"):
        untyped.range_reader(KEYRING, MESSAGES[0], accept_unverified_signature=1)
    with pytest.raises(TypeError):
        untyped.range_reader(KEYRING, io.StringIO("text"))
    reader: Any = client.range_reader(KEYRING, MESSAGES[0])
    for place in ("1", 1.5, None):
        with pytest.raises(TypeError):
            reader.seek(place)
    with pytest.raises(ValueError, match="'whence'"):
        reader.seek(0, 3)
    for buffer in ("text", 7, None):
        with pytest.raises(TypeError):
            reader.readinto(buffer)
    with pytest.raises(io.UnsupportedOperation):
        reader.write(b"x")


def test_a_frame_that_was_altered(client: EncryptionClient) -> None:
    message = bytearray(MESSAGES[len(PLAINTEXT)])
    message[frame_start(bytes(message), 2000) + 500] ^= 1
    reader = client.range_reader(KEYRING, message)
    for start, size in ((2000 * FRAME, 1), (2001 * FRAME - 1, 1), (1999 * FRAME, 1001), (0, -1)):
        reader.seek(start)
        with pytest.raises(InvalidMessageException) as raised:
            reader.read(size)
        assert raised.value.message == "" and reader.tell() == start
    # Every other frame can be read all the same.
    for index in (0, 1999, 2001, 3456):
        reader.seek(index * FRAME)
        assert reader.read(10) == PLAINTEXT[index * FRAME :][:10]


def test_frames_in_another_order(client: EncryptionClient) -> None:
    whole = MESSAGES[5 * FRAME]
    one, two, three = (frame_start(whole, index) for index in (1, 2, 3))
    moved = whole[:one] + whole[two:three] + whole[one:two] + whole[three:]
    reader = client.range_reader(KEYRING, moved)
    assert reader.read(FRAME) == PLAINTEXT[:FRAME]
    for _ in range(2):
        with pytest.raises(InvalidMessageException):
            reader.read(1)


def test_an_end_that_is_not_the_end(client: EncryptionClient) -> None:
    # Where the whole frames end, a shorter message would end, if its last frame were the final one.
    message = MESSAGES[len(PLAINTEXT)]
    cut = message[: frame_start(message, 10) + 4]
    reader = client.range_reader(KEYRING, cut)
    assert reader.plaintext_length is not None and reader.plaintext_length < 10 * FRAME
    assert reader.read(FRAME) == PLAINTEXT[:FRAME]
    with pytest.raises(InvalidMessageException):
        reader.seek(0, io.SEEK_END)
    with pytest.raises(InvalidMessageException):
        reader.read()
    reader.seek(1 << 40)
    with pytest.raises(InvalidMessageException):
        reader.read(1)


def test_a_source_that_gives_less(client: EncryptionClient) -> None:
    message = MESSAGES[5 * FRAME]

    class Short(Ranges):
        def read_range(self, start: int, end: int, /) -> bytes:
            found = super().read_range(start, end)
            return found if start == 0 else found[:-1]

    class Wrong(Ranges):
        def read_range(self, start: int, end: int, /) -> Any:
            return super().read_range(start, end) if start == 0 else "text"

    class Broken(Ranges):
        def read_range(self, start: int, end: int, /) -> bytes:
            if start > 0:
                raise ConnectionError("far away")
            return super().read_range(start, end)

    def read(source: Ranges) -> None:
        reader = client.range_reader(KEYRING, source)
        reader.seek(2 * FRAME)
        reader.read(1)

    with pytest.raises(InvalidMessageException, match="truncated"):
        read(Short(message))
    with pytest.raises(TypeError, match="^what 'read_range' returns must be bytes, bytearray or memoryview, not str$"):
        read(Wrong(message))
    with pytest.raises(ConnectionError, match="^far away$"):
        read(Broken(message))


def test_after_closing(client: EncryptionClient, tmp_path: Path) -> None:
    path = tmp_path / "message"
    path.write_bytes(MESSAGES[FRAME])
    with path.open("rb") as file:
        with client.range_reader(KEYRING, file) as reader:
            assert reader.read(3) == PLAINTEXT[:3]
        assert reader.closed and not file.closed
        calls = (lambda: reader.read(1), reader.read, reader.readall, reader.tell, lambda: reader.seek(0))
        for call in (*calls, lambda: reader.readinto(bytearray(1)), lambda: next(reader)):
            with pytest.raises(ValueError, match="closed file"):
                call()
        reader.close()


def test_what_a_keyring_raises_comes_through(client: EncryptionClient) -> None:
    class Broken(Exception):
        pass

    def wrap(*_: object) -> WrappedDataKey:
        return WrappedDataKey(provider_info=b"x", ciphertext=b"x")

    def unwrap(key: EncryptedDataKey, *_: object) -> bytes:
        raise Broken("elsewhere")

    keyring = CallbackKeyring("elsewhere", wrap=wrap, unwrap=unwrap)
    with pytest.raises(UnableToDecryptDataKeyException) as raised:
        client.range_reader(keyring, client.encrypt(keyring, b"x").message)
    assert isinstance(raised.value.__cause__, Broken)


# --- what is read


@settings(max_examples=300, deadline=None)
@given(
    length=st.sampled_from(sorted(MESSAGES)),
    steps=st.lists(st.tuples(st.floats(0, 1.2), st.integers(0, 5 * FRAME) | st.just(-1)), min_size=1, max_size=8),
)
def test_any_part_is_that_of_the_plaintext(length: int, steps: list[tuple[float, int]]) -> None:
    reader = CLIENT.range_reader(KEYRING, MESSAGES[length])
    expected = io.BytesIO(PLAINTEXT[:length])
    assert reader.plaintext_length == length
    for place, size in steps:
        start = int(place * length)
        assert reader.seek(start) == expected.seek(start) == reader.tell()
        assert reader.read(size) == expected.read(size)
        assert reader.tell() == expected.tell()


@settings(max_examples=100, deadline=None)
@given(start=st.integers(0, 9000), size=st.integers(0, 9000))
def test_any_part_of_a_signed_message(start: int, size: int) -> None:
    reader = CLIENT.range_reader(KEYRING, SIGNED_MESSAGE, accept_unverified_signature=True)
    reader.seek(start)
    assert reader.read(size) == PLAINTEXT[:7777][start : start + size]


def test_only_what_is_needed_is_fetched(client: EncryptionClient) -> None:
    message = MESSAGES[len(PLAINTEXT)]
    source = Ranges(message)
    reader = client.range_reader(KEYRING, source)
    assert source.asked == [(0, 1024)]
    source.asked.clear()
    reader.seek(2_000_500)
    assert source.asked == []
    assert reader.read(100) == PLAINTEXT[2_000_500:2_000_600]
    # One frame, and what is left of it is there already.
    one = (frame_start(message, 2000), frame_start(message, 2001))
    assert source.asked == [one]
    assert reader.read(400) == PLAINTEXT[2_000_600:2_001_000]
    reader.seek(2_000_000)
    assert reader.read(1000) == PLAINTEXT[2_000_000:2_001_000]
    assert source.asked == [one]
    # A part that touches two frames takes both.
    assert reader.seek(-1, io.SEEK_CUR) == 2_000_999
    source.asked.clear()
    assert reader.read(2) == PLAINTEXT[2_000_999:2_001_001]
    assert sum(end - start for start, end in source.asked) <= 2 * (one[1] - one[0])
    # The end is the final frame, and once known it is asked for no more.
    source.asked.clear()
    assert reader.seek(0, io.SEEK_END) == len(PLAINTEXT)
    assert source.asked == [(frame_start(message, 3456), len(message))]
    assert reader.read(1) == b"" and reader.seek(-789, io.SEEK_END) == 3456 * FRAME
    assert len(source.asked) == 1


def test_reading_on_takes_larger_parts(client: EncryptionClient) -> None:
    source = Ranges(MESSAGES[len(PLAINTEXT)])
    with client.range_reader(KEYRING, source) as reader:
        assert reader.read() == PLAINTEXT
    # About a megabyte each, however short the frames, and one that finds the end if it is not known by then.
    assert len(source.asked) <= 6 and max(end - start for start, end in source.asked) < 1_100_000


def test_as_a_file(client: EncryptionClient, tmp_path: Path) -> None:
    lines = [f"line {number}\n".encode() for number in range(10_000)]
    path = tmp_path / "message"
    path.write_bytes(client.encrypt(KEYRING, b"".join(lines)).message)
    with path.open("rb") as file, client.range_reader(KEYRING, file) as raw:
        assert raw.readable() and raw.seekable() and not raw.writable()
        assert isinstance(raw, io.BufferedIOBase) and type(raw) is RangeReader
        buffered = io.BufferedReader(raw)
        assert list(buffered) == lines
        buffered.seek(-len(lines[-1]), io.SEEK_END)
        assert buffered.readline() == lines[-1]
        text = io.TextIOWrapper(io.BufferedReader(client.range_reader(KEYRING, file)), encoding="ascii")
        assert text.readline() == "line 0\n"
        buffer = bytearray(20)
        raw.seek(0)
        assert raw.readinto(buffer) == 20 and buffer == b"".join(lines)[:20]
        raw.seek(-5, io.SEEK_END)
        assert raw.readinto(memoryview(buffer)) == 5 and buffer[:5] == b"9999\n"
        assert raw.readinto(buffer) == 0 and raw.read(0) == b"" == raw.read(1)


def test_places(client: EncryptionClient) -> None:
    reader = client.range_reader(KEYRING, MESSAGES[FRAME + 1])
    assert reader.tell() == 0
    assert reader.seek(10) == 10 and reader.seek(5, io.SEEK_CUR) == 15 and reader.seek(-1, io.SEEK_END) == FRAME
    with pytest.raises(ValueError, match="before the beginning"):
        reader.seek(-1)
    assert reader.tell() == FRAME
    # As in `io.BytesIO`.
    for offset, whence in ((-FRAME - 1, io.SEEK_CUR), (-FRAME - 2, io.SEEK_END)):
        assert reader.seek(offset, whence) == 0 == reader.tell()
    assert reader.seek(1 << 62) == 1 << 62 and reader.read(1) == b"" == reader.read()
    with pytest.raises(OverflowError):
        reader.seek(1 << 63)
    fresh = client.range_reader(KEYRING, MESSAGES[FRAME + 1])
    assert fresh.seek((1 << 63) - 1) == (1 << 63) - 1 and fresh.read() == b""


def test_whatever_has_the_message(client: EncryptionClient, tmp_path: Path) -> None:
    message = MESSAGES[5 * FRAME]
    path = tmp_path / "message"
    path.write_bytes(message)
    with path.open("rb") as file, path.open("rb", buffering=0) as raw, path.open("rb") as mapped:
        file.seek(77)
        with mmap.mmap(mapped.fileno(), 0, access=mmap.ACCESS_READ) as memory:
            alike = (message, bytearray(message), memoryview(message))
            for source in (*alike, io.BytesIO(message), file, raw, memory, Ranges(message)):
                reader = client.range_reader(KEYRING, source)
                reader.seek(1234)
                assert reader.read(567) == PLAINTEXT[1234:1801]


def test_headers_contexts_and_sidecars(client: EncryptionClient) -> None:
    context = {"tenant": "one", "order": "4711"}
    encrypted = client.encrypt(
        KEYRING, PLAINTEXT[:5000], encryption_context=context, required_encryption_context_keys=["tenant"]
    )
    with pytest.raises(UnableToDecryptDataKeyException):
        client.range_reader(KEYRING, encrypted.message)
    names = ["tenant"]
    with pytest.raises(ValidationException, match="'tenant' must be given again"):
        client.range_reader(KEYRING, encrypted.message, required_encryption_context_keys=names)
    again = {"tenant": "one"}
    reader = client.range_reader(
        KEYRING, encrypted.message, encryption_context=again, required_encryption_context_keys=names
    )
    assert reader.header == encrypted.header and reader.encryption_context == context

    other = RawAesKeyring(namespace="tests", name="other", wrapping_key=bytes(32))
    rewrapped = client.rewrap(KEYRING, other, encrypted.message, encryption_context=again)
    assert isinstance(rewrapped, RewrappedSidecar)
    with pytest.raises(UnableToDecryptDataKeyException):
        client.range_reader(other, encrypted.message, encryption_context=again)
    moved = client.range_reader(other, encrypted.message, encryption_context=again, sidecar=rewrapped.sidecar)
    moved.seek(4000)
    assert moved.read(10) == PLAINTEXT[4000:4010]
