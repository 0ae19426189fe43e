"""Messages out of asynchronous sources."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import Any

import pytest

from pocketkms import (
    AsyncDecryptReader,
    AsyncEncryptReader,
    EncryptionClient,
    InvalidMessageException,
    RawAesKeyring,
    ReadableBuffer,
    StreamStateException,
)

PLAINTEXT = bytes(range(256)) * 1000


async def source(data: bytes, length: int = 10_000, form: Callable[[bytes], ReadableBuffer] = bytes) -> AsyncIterator[ReadableBuffer]:
    for start in range(0, len(data), length):
        await asyncio.sleep(0)
        yield form(data[start : start + length])


async def collected(pieces: AsyncIterable[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


@pytest.mark.parametrize("form", [bytes, bytearray, memoryview])
@pytest.mark.parametrize("length", [1000, 10_000, 1 << 20])
def test_there_and_back(client: EncryptionClient, keyring: RawAesKeyring, length: int, form: Any) -> None:
    async def work() -> None:
        encrypting = client.encrypt_stream(keyring, source(PLAINTEXT, length, form), encryption_context={"a": "b"})
        assert isinstance(encrypting, AsyncEncryptReader)
        message = await collected(encrypting)
        assert client.decrypt(keyring, message).plaintext == PLAINTEXT
        assert client.inspect(message) is not None and encrypting.header.encryption_context["a"] == "b"
        reencrypting = client.reencrypt_stream(keyring, keyring, source(message, length, form))
        assert reencrypting.header is None
        # One stream is the source of the next.
        decrypting = client.decrypt_stream(keyring, reencrypting, encryption_context={"a": "b"})
        assert isinstance(decrypting, AsyncDecryptReader) and decrypting.header is None
        assert await decrypting.read() == PLAINTEXT and await decrypting.read() == b""
        assert decrypting.header is not None and decrypting.header == reencrypting.header
        assert decrypting.encryption_context is not None and decrypting.encryption_context["a"] == "b"

    asyncio.run(work())


def test_an_empty_source(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    async def work() -> None:
        message = await collected(client.encrypt_stream(keyring, source(b"")))
        assert client.decrypt(keyring, message).plaintext == b""
        assert await collected(client.decrypt_stream(keyring, source(message))) == b""
        with pytest.raises(InvalidMessageException):
            await collected(client.decrypt_stream(keyring, source(b"")))

    asyncio.run(work())


def test_what_ends_a_stream(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    message = client.encrypt(keyring, PLAINTEXT).message

    class Broken(Exception):
        pass

    async def failing() -> AsyncIterator[bytes]:
        yield message[:100_000]
        raise Broken

    async def waiting() -> AsyncIterator[bytes]:
        yield message[:100_000]
        await asyncio.Event().wait()

    async def untyped() -> AsyncIterator[Any]:
        yield "text"

    async def work() -> None:
        # What seemed to be the end of a source that failed once would make a part look like the whole.
        decrypting = client.decrypt_stream(keyring, failing())
        with pytest.raises(Broken):
            await decrypting.read()
        with pytest.raises(StreamStateException):
            await decrypting.read()
        decrypting = client.decrypt_stream(keyring, waiting())
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(decrypting.read(), 0.1)
        with pytest.raises(StreamStateException):
            await decrypting.read()
        with pytest.raises(InvalidMessageException):
            await client.decrypt_stream(keyring, source(message[:-1])).read()
        for name, stream in (
            ("source", client.encrypt_stream(keyring, untyped())),
            ("message", client.reencrypt_stream(keyring, keyring, untyped())),
        ):
            with pytest.raises(TypeError, match=f"^a piece of '{name}' must be bytes, bytearray or memoryview, not str$"):
                await anext(stream)

    asyncio.run(work())


def test_a_piece_is_there_before_the_source_has_ended(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    async def work() -> None:
        gate = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield bytes(1 << 20)
            await gate.wait()
            yield b"end"

        stream = client.decrypt_stream(keyring, client.encrypt_stream(keyring, slow()))
        first = await asyncio.wait_for(anext(stream), 60)
        assert first and not first.strip(b"\0")
        gate.set()
        assert (await stream.read()).endswith(b"end")

    asyncio.run(work())
