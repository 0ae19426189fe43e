"""What sinks and sources return: taken at its word, or refused; never taken for more than it says."""

from __future__ import annotations

import array
import io
import mmap
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import Mock

import pytest

from pocketkms import (
    BinaryReader,
    DecryptReader,
    EncryptReader,
    EncryptionClient,
    InvalidMessageException,
    Kms,
    RawAesKeyring,
    RootKey,
    StreamStateException,
    Vault,
)

PLAINTEXT = bytes(index % 251 for index in range(500_000))


class Index:
    """A number that is no `int`, as numpy's are."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


class Sink:
    """Takes what it says, and says what a test wants."""

    def __init__(self, takes: Callable[[bytes], Any]) -> None:
        self.takes = takes
        self.taken = bytearray()

    def write(self, data: bytes, /) -> object:
        returned = self.takes(data)
        self.taken += data if returned is None else data[: max(returned.__index__(), 0)]
        return returned


def test_a_sink_that_takes_a_part(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    ways: list[Callable[[bytes], Any]] = [
        lambda data: Index(min(len(data), 1000)),
        lambda data: min(len(data), 999),
        lambda data: Index(len(data)),
        lambda data: None,
        len,
    ]
    for takes in ways:
        sink = Sink(takes)
        with client.encrypt_writer(keyring, sink) as writer:
            writer.write(PLAINTEXT)
        assert client.decrypt(keyring, sink.taken).plaintext == PLAINTEXT


async def coroutine() -> None:
    pass


@pytest.mark.parametrize(
    "returned", [-1, Index(-1), 0, Index(0), 1 << 70, True, False, 1.0, "1", b"1", [1], object(), complex(1), "more"]
)
def test_a_sink_that_says_what_cannot_be(client: EncryptionClient, keyring: RawAesKeyring, returned: Any) -> None:
    class Odd:
        def __init__(self) -> None:
            self.taken = b""

        def write(self, data: bytes, /) -> object:
            self.taken += data
            return len(data) + 1 if returned == "more" else returned

    for open_ in (client.encrypt_writer, client.decrypt_writer):
        sink = Odd()
        writer = open_(keyring, sink)
        given = PLAINTEXT if open_ == client.encrypt_writer else client.encrypt(keyring, PLAINTEXT).message
        with pytest.raises((TypeError, OSError), match="'write' (must return int or None, not|returned)"):
            writer.write(given)
        for act in (lambda: writer.write(b"x"), writer.finish):
            with pytest.raises((StreamStateException, ValueError)):
                act()
        writer.close()


def test_a_sink_of_asyncio(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    """`write` of `aiofiles` gives something to await: nothing was written."""
    never = coroutine()
    sink: Any = Sink(len)
    sink.write = Mock(return_value=never)
    writer = client.encrypt_writer(keyring, sink)
    with pytest.raises(TypeError, match="^the sink's 'write' must return int or None, not coroutine$"):
        writer.write(PLAINTEXT)
    never.close()
    writer.close()


class Source:
    """Reads what a test wants."""

    def __init__(self, *returned: Any) -> None:
        self.returned = iter(returned)

    def read(self, size: int, /) -> Any:
        return next(self.returned)


class Empty:
    """Equal to no bytes, and to anything else."""

    def __eq__(self, other: object) -> bool:
        return True

    def __len__(self) -> int:
        return 0


@pytest.mark.parametrize("returned", [None, "", "text", 0, 7, [], (), Empty(), object(), False, array.array("B")])
def test_a_source_that_reads_no_bytes(client: EncryptionClient, keyring: RawAesKeyring, returned: Any) -> None:
    """Above all it is not taken for the end."""
    untyped: Any = client
    for source in (Source(b"x", returned), iter([b"x", returned])):
        reader = untyped.encrypt_stream(keyring, source)
        with pytest.raises(TypeError, match="must be bytes, bytearray or memoryview, not "):
            reader.read()
        with pytest.raises(StreamStateException):
            reader.read()


def test_a_source_that_reads_bytes_of_any_kind(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    class Bytes(bytes):
        pass

    numbers = memoryview(array.array("i", [1, 2, 3]))
    for end in (b"", bytearray(), memoryview(b""), Bytes()):
        source: Any = Source(b"one", bytearray(b"two"), memoryview(b"abcdef")[::2], numbers, Bytes(b"five"), end)
        opened: BinaryReader = source
        message = client.encrypt_stream(keyring, opened).read()
        assert client.decrypt(keyring, message).plaintext == b"onetwoace" + numbers.tobytes() + b"five"


def test_what_does_not_wait(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        with ours.makefile("rb", buffering=0) as source:
            reader = client.encrypt_stream(keyring, source)
            with pytest.raises(BlockingIOError):
                reader.read()
            with pytest.raises(StreamStateException):
                reader.read()


def test_what_changes_while_it_is_written(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    """The bytes are those of the moment of the call, whatever the sink does with them."""
    data = bytearray(PLAINTEXT)

    class Meddling(io.BytesIO):
        def write(self, written: Any, /) -> int:
            data[:] = bytes(len(PLAINTEXT) // 2)
            return super().write(written)

    sink = Meddling()
    with client.encrypt_writer(keyring, sink) as writer:
        assert writer.write(data) == len(PLAINTEXT)
    assert client.decrypt(keyring, sink.getvalue()).plaintext == PLAINTEXT


def test_a_source_that_uses_one_buffer(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    def fill() -> Iterator[bytearray]:
        buffer = bytearray(200_000)
        for number in range(5):
            buffer[:] = bytes([number]) * 200_000
            yield buffer

    reader = client.encrypt_stream(keyring, fill())
    message = b"".join(iter(lambda: reader.read(1000), b""))
    assert client.decrypt(keyring, message).plaintext == b"".join(bytes([number]) * 200_000 for number in range(5))


def test_what_is_closed_already(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    message = client.encrypt(keyring, b"x").message
    closed: list[Any] = [
        io.BytesIO(message),
        client.encrypt_stream(keyring, io.BytesIO(b"x")),
        client.decrypt_stream(keyring, io.BytesIO(message)),
        client.range_reader(keyring, message),
    ]

    def encrypting(source: BinaryReader) -> EncryptReader:
        return client.encrypt_stream(keyring, source)

    def decrypting(source: BinaryReader) -> DecryptReader:
        return client.decrypt_stream(keyring, source)

    for source in closed:
        source.close()
        for use in (
            lambda: decrypting(source).read(),
            lambda: encrypting(source).read(),
            lambda: client.inspect(source),
            lambda: client.range_reader(keyring, source),
            lambda: client.rewrap(keyring, keyring, source),
        ):
            with pytest.raises(ValueError):
                use()
    sinks: list[Any] = [io.BytesIO(), client.decrypt_writer(keyring, io.BytesIO())]
    for sink in sinks:
        getattr(sink, "abort", sink.close)()
        with pytest.raises(ValueError), client.encrypt_writer(keyring, sink, frame_length=1) as writer:
            writer.write(b"xx")
        assert writer.closed


# Everything that takes bytes, and returns what it took, or what shows it.
def everything(client: EncryptionClient, keyring: RawAesKeyring, kms: Kms) -> dict[str, Callable[[Any], object]]:
    key_id = kms.create_key().key_metadata.key_id
    message = client.encrypt(keyring, PLAINTEXT).message

    def write(data: Any) -> bytes:
        sink = io.BytesIO()
        with client.encrypt_writer(keyring, sink) as writer:
            writer.write(data)
        return client.decrypt(keyring, sink.getvalue()).plaintext

    def update(data: Any) -> bytes:
        encryptor = client.encryptor(keyring)
        return client.decrypt(keyring, encryptor.update(data) + encryptor.finish()).plaintext

    return {
        "encrypt": lambda data: client.decrypt(keyring, client.encrypt(keyring, data).message).plaintext,
        "update": update,
        "write": write,
        "stream": lambda data: client.decrypt(keyring, client.encrypt_stream(keyring, [data]).read()).plaintext,
        "kms": lambda data: kms.decrypt(
            ciphertext_blob=kms.encrypt(key_id=key_id, plaintext=data).ciphertext_blob
        ).plaintext,
        "decrypt": lambda data: client.decrypt(keyring, data),
        "decryptor": lambda data: client.decryptor(keyring).update(data),
        "inspect": lambda data: client.inspect(data),
        "range_reader": lambda data: client.range_reader(keyring, data),
        "rewrap": lambda data: client.rewrap(keyring, keyring, data),
        "reencrypt": lambda data: client.reencrypt(keyring, keyring, data),
        "sidecar": lambda data: client.decrypt(keyring, message, sidecar=data),
        "blob": lambda data: kms.decrypt(ciphertext_blob=data),
        "root": lambda data: RootKey.from_bytes(data),
        "passphrase": lambda data: RootKey.from_passphrase(data),
        "snapshot": lambda data: Vault.open_snapshot(data, RootKey.from_bytes(bytes(32))),
        "wrapping_key": lambda data: RawAesKeyring(namespace="a", name="b", wrapping_key=data),
    }


def test_buffers_that_are_refused(client: EncryptionClient, keyring: RawAesKeyring, kms: Kms) -> None:
    released = memoryview(bytearray(32))
    released.release()
    closed = io.BytesIO(bytes(32)).getbuffer()
    closed.release()
    with mmap.mmap(-1, 32) as mapped:
        wrong: list[Any] = [released, closed, mapped, array.array("B", bytes(32)), "text", 32, None, [1, 2], Index(32)]
        for name, work in everything(client, keyring, kms).items():
            for value in wrong:
                if (name, value) in (("sidecar", None), ("blob", None), ("passphrase", "text")):
                    continue
                if value is mapped and name in ("inspect", "range_reader", "rewrap"):
                    continue  # It is a binary file, too.
                with pytest.raises((TypeError, BufferError, ValueError)):
                    work(value)
                    raise AssertionError(f"{name} took {type(value)}")


def test_buffers_that_are_taken(client: EncryptionClient, keyring: RawAesKeyring, kms: Kms) -> None:
    plain = [work for name, work in everything(client, keyring, kms).items() if name in ("encrypt", "update", "write", "stream", "kms")]
    assert len(plain) == 5
    numbers = array.array("i", range(100))
    with mmap.mmap(-1, 1000) as mapped:
        mapped[:5] = b"mmaps"
        with memoryview(mapped) as view:
            for given, expected in [
                (bytearray(b"bytes"), b"bytes"),
                (memoryview(b"bytes")[::-1], b"setyb"),
                (memoryview(bytes(range(100)))[::7], bytes(range(100))[::7]),
                (memoryview(numbers), numbers.tobytes()),
                (memoryview(bytes(range(100))).cast("B", (10, 10)), bytes(range(100))),
                (view, mapped[:]),
            ]:
                for work in plain:
                    assert work(given) == expected


@pytest.mark.parametrize("length", [100, 300_000])
def test_buffers_that_another_thread_changes(
    client: EncryptionClient, keyring: RawAesKeyring, kms: Kms, length: int
) -> None:
    """Each result is of one moment: what is encrypted decrypts, and nothing of the process is read or lost."""
    works = everything(client, keyring, kms)
    data = bytearray(length)
    stop = threading.Event()

    def meddle() -> None:
        while not stop.is_set():
            data[:] = b"x" * 3
            data[:] = bytes(length)

    thread = threading.Thread(target=meddle)
    thread.start()
    try:
        for _ in range(30):
            for name in ("encrypt", "update", "write", "stream") + (("kms",) if length <= 4096 else ()):
                assert works[name](data) in (b"xxx", bytes(length))
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("altered", ["sink", "keyring"])
def test_a_message_that_is_altered_during_the_call(
    client: EncryptionClient, keyring: RawAesKeyring, altered: str
) -> None:
    message = bytearray(client.encrypt(keyring, PLAINTEXT).message)
    whole = bytes(message)
    if altered == "sink":

        class Meddling(io.BytesIO):
            def write(self, written: Any, /) -> int:
                message[:] = bytes(10)
                return super().write(written)

        sink = Meddling()
        with client.decrypt_writer(keyring, sink) as writer:
            writer.write(message)
        assert sink.getvalue() == PLAINTEXT
    else:
        from pocketkms import CallbackKeyring, EncryptedDataKey, WrappedDataKey

        kept: list[bytes] = []

        def wrap(data_key: bytes, context: Any, suite: str) -> WrappedDataKey:
            kept.append(data_key)
            return WrappedDataKey(provider_info=b"", ciphertext=b"x")

        def unwrap(key: EncryptedDataKey, context: Any, suite: str) -> bytes:
            message.clear()
            return kept[0]

        meddling = CallbackKeyring("tests", wrap=wrap, unwrap=unwrap)
        message[:] = client.encrypt(meddling, PLAINTEXT).message
        assert client.decrypt(meddling, message).plaintext == PLAINTEXT
        assert not message
    assert client.decrypt(keyring, whole).plaintext == PLAINTEXT
    with pytest.raises(InvalidMessageException):
        client.decrypt(keyring, message)
