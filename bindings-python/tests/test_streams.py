"""Streams: piece by piece, as file objects, and what becomes of them when something goes wrong."""

from __future__ import annotations

import gc
import io
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pocketkms import (
    AlgorithmSuite,
    DecryptReader,
    Decryptor,
    DecryptWriter,
    EncryptionClient,
    Encryptor,
    EncryptReader,
    EncryptWriter,
    InvalidMessageException,
    LimitExceededException,
    RawAesKeyring,
    StreamStateException,
    ValidationException,
)

PLAINTEXT = bytes(index % 251 for index in range(1_500_000))
DEAD = "^StreamStateException: the stream has ended or failed: start a new one$"


@pytest.fixture(scope="module")
def message() -> bytes:
    keyring = RawAesKeyring(namespace="tests", name="one", wrapping_key=bytes(range(32)))
    return EncryptionClient().encrypt(keyring, PLAINTEXT, encryption_context={"order": "4711"}).message


class Broken(Exception):
    """What a source or a sink of a test raises."""


def pieces(data: bytes, length: int) -> Iterator[bytes]:
    return (data[start : start + length] for start in range(0, len(data), length))


# --- piece by piece


def test_after_an_error_a_stream_is_dead(client: EncryptionClient, keyring: RawAesKeyring, message: bytes) -> None:
    decryptor = client.decryptor(keyring)
    altered = bytearray(message)
    altered[-1] ^= 1
    with pytest.raises(InvalidMessageException):
        decryptor.update(altered)
    for piece in (message, b""):
        with pytest.raises(StreamStateException, match=DEAD):
            decryptor.update(piece)
    with pytest.raises(StreamStateException, match=DEAD):
        decryptor.finish()

    encryptor = client.encryptor(keyring, plaintext_length=1)
    with pytest.raises(LimitExceededException):
        encryptor.update(b"xx")
    with pytest.raises(StreamStateException, match=DEAD):
        encryptor.update(b"")
    with pytest.raises(StreamStateException, match=DEAD):
        encryptor.finish()


def test_a_stream_that_is_cut_off(client: EncryptionClient, keyring: RawAesKeyring, message: bytes) -> None:
    for length in (0, 1, 50, len(message) // 2, len(message) - 1):
        decryptor = client.decryptor(keyring)
        plaintext = decryptor.update(message[:length])
        # What came out is verified, but not the whole.
        assert PLAINTEXT.startswith(plaintext) and len(plaintext) < len(PLAINTEXT)
        with pytest.raises(InvalidMessageException, match="truncated"):
            decryptor.finish()


def test_an_end_ends(client: EncryptionClient, keyring: RawAesKeyring, message: bytes) -> None:
    encryptor = client.encryptor(keyring)
    encryptor.finish()
    with pytest.raises(StreamStateException, match=DEAD):
        encryptor.update(b"more")
    decryptor = client.decryptor(keyring)
    assert decryptor.update(message) == PLAINTEXT
    with pytest.raises(InvalidMessageException, match="bytes follow the end"):
        decryptor.update(b"more")


def test_another_length_than_announced(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    encryptor = client.encryptor(keyring, plaintext_length=3)
    encryptor.update(b"xx")
    with pytest.raises(ValidationException, match="shorter than the plaintext length announced"):
        encryptor.finish()


def test_signed_messages_can_be_refused(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    suite: AlgorithmSuite = "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384"
    signed = client.encrypt(keyring, b"x", algorithm_suite=suite).message
    with pytest.raises(ValidationException, match="the message is signed"):
        client.decryptor(keyring, unsigned_only=True).update(signed)
    with pytest.raises(ValidationException, match="the message is signed"):
        client.decrypt_stream(keyring, io.BytesIO(signed), unsigned_only=True).read()
    with client.decrypt_stream(keyring, io.BytesIO(signed)) as reader:
        assert reader.read() == b"x"
    # The plaintext is there before the signature, which is why one may want to refuse.
    altered = bytearray(signed)
    altered[-1] ^= 1
    decryptor = client.decryptor(keyring)
    assert decryptor.update(altered[:-1]) == b"x"
    with pytest.raises(InvalidMessageException, match="signature"):
        decryptor.update(altered[-1:])


def test_wrong_arguments(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    untyped: Any = client
    with pytest.raises(TypeError, match="^'plaintext' must be bytes, bytearray or memoryview, not str$"):
        untyped.encryptor(keyring).update("text")
    with pytest.raises(TypeError, match="^'message' must be bytes, bytearray or memoryview, not NoneType$"):
        untyped.decryptor(keyring).update(None)
    with pytest.raises(TypeError, match="^'unsigned_only' must be bool, not int$"):
        untyped.decryptor(keyring, unsigned_only=1)
    with pytest.raises(TypeError, match="^'keyring' must be Keyring"):
        untyped.decryptor(None)
    for source in (b"bytes", "text", 7, None):
        with pytest.raises(TypeError, match="^'source' must be a binary file or an iterable of bytes, not "):
            untyped.encrypt_stream(keyring, source)
    with pytest.raises(TypeError, match="^'sink' must be a binary file, not bytes$"):
        untyped.encrypt_writer(keyring, b"")
    for class_ in (Encryptor, Decryptor):
        with pytest.raises(TypeError):
            class_()


def test_headers_and_contexts(client: EncryptionClient, keyring: RawAesKeyring, message: bytes) -> None:
    encryptor = client.encryptor(keyring, frame_length=1000, encryption_context={"order": "4711"})
    assert encryptor.header.frame_length == 1000
    decryptor = client.decryptor(keyring)
    assert decryptor.header is None and decryptor.encryption_context is None
    decryptor.update(message[:1000])
    assert decryptor.header is not None and decryptor.header.encryption_context == {"order": "4711"}
    assert decryptor.encryption_context == {"order": "4711"}


@pytest.mark.parametrize("length", [1, 7, 70_000, 10_000_000])
def test_pieces_of_any_length(client: EncryptionClient, keyring: RawAesKeyring, length: int) -> None:
    plaintext = PLAINTEXT[: 400 * length]
    encryptor = client.encryptor(keyring, frame_length=1000)
    message = b"".join(encryptor.update(piece) for piece in pieces(plaintext, length)) + encryptor.finish()
    decryptor = client.decryptor(keyring)
    assert b"".join(decryptor.update(piece) for piece in pieces(message, length)) + decryptor.finish() == plaintext
    assert client.decrypt(keyring, message).plaintext == plaintext


# --- reading


def test_what_a_source_raises_comes_through_and_the_stream_is_dead(
    client: EncryptionClient, keyring: RawAesKeyring, message: bytes
) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 0:
                raise Broken
            return super().read(size)

    def failing() -> Iterator[bytes]:
        yield message[:1000]
        raise Broken

    for read in (client.encrypt_stream, client.decrypt_stream):
        for source in (Failing(message), failing()):
            reader = read(keyring, source)
            with pytest.raises(Broken):
                reader.read()
            # Else the generator, which has ended now, would look like the end of the message.
            for length in (-1, 1):
                with pytest.raises(StreamStateException, match=DEAD):
                    reader.read(length)
            with pytest.raises(StreamStateException, match=DEAD):
                next(reader)


def test_a_source_of_no_bytes(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    untyped: Any = client
    for source in (io.StringIO("text"), ["text"], [b"x", None], iter([1])):
        with pytest.raises(TypeError, match=" must be bytes, bytearray or memoryview, not "):
            untyped.encrypt_stream(keyring, source).read()
    with client.encrypt_writer(keyring, io.BytesIO()) as writer:
        untyped = writer
        with pytest.raises(TypeError, match="^'data' must be bytes, bytearray or memoryview, not str$"):
            untyped.write("text")


def test_a_source_that_does_not_wait(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        with ours.makefile("rb", buffering=0) as source:
            reader = client.encrypt_stream(keyring, source)
            with pytest.raises(BlockingIOError):
                reader.read()
            with pytest.raises(StreamStateException):
                reader.read()


def test_a_message_that_is_cut_off_is_an_error_of_the_read_that_meets_the_end(
    client: EncryptionClient, keyring: RawAesKeyring, message: bytes
) -> None:
    for length in (0, 1, 50, len(message) // 2, len(message) - 1):
        reader = client.decrypt_stream(keyring, io.BytesIO(message[:length]))
        plaintext = b""
        with pytest.raises(InvalidMessageException, match="truncated"):
            while True:
                piece = reader.read(100_000)
                assert piece
                plaintext += piece
        assert PLAINTEXT.startswith(plaintext) and len(plaintext) < len(PLAINTEXT)
        with pytest.raises(StreamStateException, match=DEAD):
            reader.read()
        reader.close()


def test_an_altered_frame_never_comes_out(client: EncryptionClient, keyring: RawAesKeyring, message: bytes) -> None:
    altered = bytearray(message)
    altered[len(message) // 2] ^= 1
    reader = client.decrypt_stream(keyring, pieces(bytes(altered), 100_000))
    plaintext = b""
    with pytest.raises(InvalidMessageException):
        for piece in reader:
            plaintext += piece
    assert PLAINTEXT.startswith(plaintext) and len(plaintext) < len(PLAINTEXT) // 2
    with pytest.raises(StreamStateException, match=DEAD):
        next(reader)


def test_closing_before_the_end_asks_no_more(client: EncryptionClient, keyring: RawAesKeyring, message: bytes) -> None:
    source = io.BytesIO(message[: len(message) // 2])
    with client.decrypt_stream(keyring, source) as reader:
        assert reader.read(1000) == PLAINTEXT[:1000]
    assert reader.closed and not source.closed
    for length in (-1, 1):
        with pytest.raises(ValueError, match="closed file"):
            reader.read(length)
    with pytest.raises(ValueError, match="closed file"):
        reader.readinto(bytearray(1))
    with pytest.raises(ValueError, match="closed file"):
        next(reader)
    reader.close()


def test_an_exception_of_the_with_statement_comes_through(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    with pytest.raises(Broken), client.encrypt_stream(keyring, io.BytesIO(PLAINTEXT)) as reader:
        reader.read(10)
        raise Broken


@pytest.mark.parametrize("length", [1, 1000, 65_536, 1 << 20, 10_000_000])
def test_reading_so_much_at_a_time(client: EncryptionClient, keyring: RawAesKeyring, length: int) -> None:
    plaintext = PLAINTEXT[: 400 * length]
    reader = client.encrypt_stream(keyring, io.BytesIO(plaintext), frame_length=1000)
    message = b"".join(iter(lambda: reader.read(length), b""))
    assert reader.read(length) == reader.read() == b""
    with client.decrypt_stream(keyring, io.BytesIO(message)) as decrypting:
        read = list(iter(lambda: decrypting.read(length), b""))
    assert max(map(len, read)) <= length
    assert b"".join(read) == plaintext


def test_a_reader_is_a_binary_file(client: EncryptionClient, keyring: RawAesKeyring, message: bytes) -> None:
    reader = client.decrypt_stream(keyring, io.BytesIO(message))
    assert isinstance(reader, DecryptReader) and isinstance(reader, io.BufferedIOBase)
    assert reader.readable() and not reader.writable() and not reader.seekable() and not reader.closed
    assert reader.header is None
    assert reader.read(0) == b""
    buffer = bytearray(10)
    assert reader.readinto(buffer) == 10 and buffer == PLAINTEXT[:10]
    assert reader.readinto(memoryview(buffer)[2:5]) == 3 and buffer[2:5] == PLAINTEXT[10:13]
    assert reader.header is not None and reader.encryption_context == {"order": "4711"}
    assert reader.read(None) == PLAINTEXT[13:]
    assert reader.readinto(buffer) == 0
    with pytest.raises(io.UnsupportedOperation):
        reader.write(b"")
    # And so whatever takes one: here, lines of a text.
    text = "one\ntwo\nthree".encode()
    encrypted = client.encrypt_stream(keyring, [text])
    assert isinstance(encrypted, EncryptReader) and encrypted.header.version == 2
    lines = io.TextIOWrapper(io.BufferedReader(client.decrypt_stream(keyring, encrypted)), encoding="utf-8")
    assert lines.readlines() == ["one\n", "two\n", "three"]


def test_a_reader_is_an_iterator(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    sources: list[list[bytes | bytearray | memoryview]] = [
        [],
        [b""],
        [b"", b"one", bytearray(b"two"), memoryview(b"three"), b""],
        [*pieces(PLAINTEXT, 100_000)],
    ]
    for given in sources:
        reader = client.decrypt_stream(keyring, client.encrypt_stream(keyring, given))
        read = list(reader.chunks())
        assert b"".join(read) == b"".join(bytes(piece) for piece in given)
        assert b"" not in read
        assert list(reader) == []


def test_a_long_piece_of_an_iterable_is_taken_in_short_ones(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    rows = memoryview(PLAINTEXT).cast("B", (500, 3000))
    for piece in (PLAINTEXT, bytearray(PLAINTEXT), memoryview(PLAINTEXT), memoryview(PLAINTEXT[::-1])[::-1], rows):
        message = list(client.encrypt_stream(keyring, [piece]).chunks())
        assert max(map(len, message)) < 2_000_000
        assert client.decrypt(keyring, b"".join(message)).plaintext == PLAINTEXT


def test_files(client: EncryptionClient, keyring: RawAesKeyring, tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(PLAINTEXT)
    with open(tmp_path / "plain", "rb") as source, open(tmp_path / "message", "wb") as sink:
        for piece in client.encrypt_stream(keyring, source):
            sink.write(piece)
    with open(tmp_path / "message", "rb", buffering=0) as source:
        assert client.decrypt_stream(keyring, source).read() == PLAINTEXT


# --- writing


def test_what_a_sink_raises_comes_through_and_the_stream_is_dead(
    client: EncryptionClient, keyring: RawAesKeyring, message: bytes
) -> None:
    class Failing(io.BytesIO):
        full = False

        def write(self, data: Any, /) -> int:
            if self.full:
                raise Broken
            return super().write(data)

    for open_ in (client.encrypt_writer, client.decrypt_writer):
        sink = Failing()
        writer = open_(keyring, sink)
        writer.write(message[:100_000])
        before = sink.getvalue()
        sink.full = True
        with pytest.raises(Broken):
            writer.write(message[100_000:600_000])
        sink.full = False
        with pytest.raises(StreamStateException, match=DEAD):
            writer.write(b"")
        # No end is written after a failure, so that no part looks like the whole.
        with pytest.raises(StreamStateException, match=DEAD):
            writer.finish()
        writer.close()
        assert writer.closed and sink.getvalue() == before


def test_a_failure_at_the_end(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    class Full(io.BytesIO):
        def write(self, data: Any, /) -> int:
            raise Broken

    writer = client.encrypt_writer(keyring, Full())
    with pytest.raises(Broken):
        writer.finish()
    assert writer.closed
    writer.close()


def test_a_message_that_is_cut_off_is_an_error_of_finish(
    client: EncryptionClient, keyring: RawAesKeyring, message: bytes
) -> None:
    for length in (0, 1, len(message) - 1):
        sink = io.BytesIO()
        writer = client.decrypt_writer(keyring, sink)
        writer.write(message[:length])
        with pytest.raises(InvalidMessageException, match="truncated"):
            writer.finish()
        assert writer.closed and PLAINTEXT.startswith(sink.getvalue())
    with pytest.raises(InvalidMessageException, match="truncated"), client.decrypt_writer(keyring, io.BytesIO()):
        pass


def test_an_altered_message_is_an_error_of_write(
    client: EncryptionClient, keyring: RawAesKeyring, message: bytes
) -> None:
    altered = bytearray(message)
    altered[len(message) // 2] ^= 1
    sink = io.BytesIO()
    with pytest.raises(InvalidMessageException), client.decrypt_writer(keyring, sink) as writer:
        writer.write(altered)
    assert PLAINTEXT.startswith(sink.getvalue()) and len(sink.getvalue()) < len(PLAINTEXT) // 2


def test_an_exception_of_the_with_statement_leaves_no_whole_message(
    client: EncryptionClient, keyring: RawAesKeyring
) -> None:
    sink = io.BytesIO()
    with pytest.raises(Broken), client.encrypt_writer(keyring, sink) as writer:
        writer.write(PLAINTEXT)
        raise Broken
    assert writer.closed
    with pytest.raises(InvalidMessageException, match="truncated"):
        client.decrypt(keyring, sink.getvalue())


def test_what_was_given_up_gets_no_end(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    sink = io.BytesIO()
    writer = client.encrypt_writer(keyring, sink)
    writer.write(PLAINTEXT)
    with pytest.warns(ResourceWarning, match="EncryptWriter was never finished"):
        del writer
        gc.collect()
    with pytest.raises(InvalidMessageException, match="truncated"):
        client.decrypt(keyring, sink.getvalue())
    sink = io.BytesIO()
    writer = client.encrypt_writer(keyring, sink)
    writer.abort()
    assert writer.closed and sink.getvalue() == b""


def test_a_closed_writer(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    sink = io.BytesIO()
    with client.encrypt_writer(keyring, sink) as writer:
        writer.write(b"x")
    whole = sink.getvalue()
    with pytest.raises(ValueError, match="closed file"):
        writer.write(b"x")
    writer.close()
    writer.abort()
    assert sink.getvalue() == whole and not sink.closed


def test_a_writer_is_a_binary_file(client: EncryptionClient, keyring: RawAesKeyring, tmp_path: Path) -> None:
    rows = memoryview(PLAINTEXT).cast("B", (500, 3000))
    for given in (PLAINTEXT, bytearray(PLAINTEXT), memoryview(PLAINTEXT)[::-1][::-1], rows):
        with open(tmp_path / "message", "wb") as sink, client.encrypt_writer(keyring, sink) as writer:
            assert isinstance(writer, EncryptWriter) and isinstance(writer, io.RawIOBase)
            assert writer.writable() and not writer.readable() and not writer.seekable()
            assert writer.write(given) == len(PLAINTEXT)
            assert writer.write(b"") == 0
            writer.flush()
            assert (tmp_path / "message").stat().st_size > len(PLAINTEXT) - 100_000
            with pytest.raises(io.UnsupportedOperation):
                writer.read()
        sunk = io.BytesIO()
        with client.decrypt_writer(keyring, sunk) as decrypting:
            assert isinstance(decrypting, DecryptWriter) and decrypting.header is None
            for piece in pieces((tmp_path / "message").read_bytes(), 700_001):
                assert decrypting.write(piece) == len(piece)
            assert decrypting.header == writer.header and decrypting.encryption_context == {}
        assert sunk.getvalue() == PLAINTEXT


def test_a_sink_that_takes_little_at_a_time(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    class Narrow(io.RawIOBase):
        def __init__(self) -> None:
            self.taken = bytearray()

        def write(self, data: Any, /) -> int:
            self.taken += data[:1000]
            return min(len(data), 1000)

    class Silent:
        """Answers nothing, as some do."""

        def __init__(self) -> None:
            self.taken = bytearray()

        def write(self, data: bytes, /) -> None:
            self.taken += data

    for sink in (Narrow(), Silent()):
        with client.encrypt_writer(keyring, sink) as writer:
            writer.write(PLAINTEXT)
        assert client.decrypt(keyring, sink.taken).plaintext == PLAINTEXT


def test_a_sink_that_does_not_wait(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        with ours.makefile("wb", buffering=0) as sink:
            writer = client.encrypt_writer(keyring, sink)
            with pytest.raises(BlockingIOError):
                while True:
                    writer.write(PLAINTEXT)
            with pytest.raises(StreamStateException, match=DEAD):
                writer.write(b"")
            writer.close()
