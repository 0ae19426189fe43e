"""What was given up is no message: whatever wraps the writer, and however it ends."""

from __future__ import annotations

import asyncio
import bz2
import codecs
import contextlib
import csv
import gc
import gzip
import io
import json
import logging
import lzma
import pickle
import shutil
import sys
import tarfile
import threading
import zipfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from pocketkms import (
    EncryptionClient,
    EncryptWriter,
    InvalidMessageException,
    RawAesKeyring,
    StreamStateException,
)

LINES = [f"line {number}: {'x' * 100}\n" for number in range(3_000)]
TEXT = "".join(LINES)


class Broken(Exception):
    """What a source raises half-way."""


def lines(fails: bool) -> Iterator[str]:
    for number, line in enumerate(LINES):
        if fails and number == len(LINES) // 2:
            raise Broken
        yield line


class Source(io.BytesIO):
    """A file of the lines, which may fail half-way."""

    def __init__(self, fails: bool) -> None:
        super().__init__(TEXT.encode())
        self.fails = fails

    def read(self, size: int | None = -1, /) -> bytes:
        if self.fails and self.tell() > len(TEXT) // 2:
            raise Broken
        return super().read(size)


def text(writer: EncryptWriter, fails: bool) -> None:
    with io.TextIOWrapper(writer, encoding="utf-8") as wrapper:
        wrapper.writelines(lines(fails))


def text_left_open(writer: EncryptWriter, fails: bool) -> None:
    wrapper = io.TextIOWrapper(writer, encoding="utf-8")
    for line in lines(fails):
        wrapper.write(line)
    wrapper.flush()


def text_detached(writer: EncryptWriter, fails: bool) -> None:
    wrapper = io.TextIOWrapper(writer, encoding="utf-8")
    wrapper.writelines(lines(fails))
    assert wrapper.detach() is writer


def text_over_buffer(writer: Any, fails: bool) -> None:
    with io.TextIOWrapper(io.BufferedWriter(writer), encoding="utf-8", write_through=True) as wrapper:
        print(*lines(fails), sep="", end="", file=wrapper)


def buffered(writer: Any, fails: bool) -> None:
    with io.BufferedWriter(writer, 1_000_000) as wrapper:
        for line in lines(fails):
            wrapper.write(line.encode())


def stream_writer(writer: EncryptWriter, fails: bool) -> None:
    with codecs.getwriter("utf-8")(writer) as wrapper:
        wrapper.writelines(lines(fails))


def compressed(writer: EncryptWriter, fails: bool) -> None:
    with gzip.GzipFile(fileobj=writer, mode="wb") as wrapper:
        shutil.copyfileobj(Source(fails), wrapper, 10_000)


def compressed_text(writer: EncryptWriter, fails: bool) -> None:
    with gzip.open(writer, "wt", encoding="utf-8") as wrapper:
        wrapper.writelines(lines(fails))


def bzip2(writer: EncryptWriter, fails: bool) -> None:
    with bz2.open(writer, "wt", encoding="utf-8", compresslevel=1) as wrapper:
        wrapper.writelines(lines(fails))


def xz(writer: Any, fails: bool) -> None:
    with lzma.open(writer, "w", preset=0) as wrapper:
        wrapper.writelines(line.encode() for line in lines(fails))


def tar(writer: EncryptWriter, fails: bool) -> None:
    with tarfile.open(fileobj=writer, mode="w|") as archive:
        entry = tarfile.TarInfo("lines")
        entry.size = len(TEXT)
        archive.addfile(entry, Source(fails))


def tar_gz(writer: EncryptWriter, fails: bool) -> None:
    with tarfile.open(fileobj=writer, mode="w|gz") as archive:
        entry = tarfile.TarInfo("lines")
        entry.size = len(TEXT)
        archive.addfile(entry, Source(fails))


def zip_archive(writer: EncryptWriter, fails: bool) -> None:
    with zipfile.ZipFile(writer, "w") as archive:
        archive.writestr("first", "whole")
        with archive.open("lines", "w") as entry:
            shutil.copyfileobj(Source(fails), entry, 10_000)


def table(writer: EncryptWriter, fails: bool) -> None:
    with io.TextIOWrapper(writer, encoding="utf-8", newline="") as wrapper:
        csv.writer(wrapper).writerows([line] for line in lines(fails))


def as_json(writer: EncryptWriter, fails: bool) -> None:
    with io.TextIOWrapper(writer, encoding="utf-8") as wrapper:
        for line in lines(fails):
            json.dump({"line": line}, wrapper)


def pickled(writer: EncryptWriter, fails: bool) -> None:
    pickler = pickle.Pickler(writer)
    for line in lines(fails):
        pickler.dump(line)


def logged(writer: EncryptWriter, fails: bool) -> None:
    with io.TextIOWrapper(writer, encoding="utf-8") as wrapper:
        handler = logging.StreamHandler(wrapper)
        for line in lines(fails):
            handler.emit(logging.LogRecord("tests", logging.INFO, "", 0, line, None, None))


def copied(writer: EncryptWriter, fails: bool) -> None:
    shutil.copyfileobj(Source(fails), writer, 10_000)


def closing(writer: EncryptWriter, fails: bool) -> None:
    with contextlib.closing(writer):
        shutil.copyfileobj(Source(fails), writer, 10_000)


def stacked(writer: Any, fails: bool) -> None:
    with contextlib.ExitStack() as stack:
        wrapper = stack.enter_context(io.TextIOWrapper(stack.enter_context(io.BufferedWriter(writer)), encoding="utf-8"))
        wrapper.writelines(lines(fails))


def nested(writer: EncryptWriter, fails: bool) -> None:
    with writer, writer as inner:
        inner.write(TEXT[: len(TEXT) // 2].encode())
    assert writer.closed
    for _ in lines(fails):
        pass


def driven_by_a_generator(writer: EncryptWriter, fails: bool) -> None:
    def consume() -> Iterator[None]:
        with writer:
            for line in lines(fails):
                writer.write(line.encode())
                yield

    for _ in consume():
        pass


USES = [
    text,
    text_left_open,
    text_detached,
    text_over_buffer,
    buffered,
    stream_writer,
    compressed,
    compressed_text,
    bzip2,
    xz,
    tar,
    tar_gz,
    zip_archive,
    table,
    as_json,
    pickled,
    logged,
    copied,
    closing,
    stacked,
    nested,
    driven_by_a_generator,
]
Use = Callable[[EncryptWriter, bool], None]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Warnings about what was given up are looked at where a test is about them."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


def opens(client: EncryptionClient, keyring: RawAesKeyring, message: bytes) -> bool:
    try:
        client.decrypt(keyring, message)
    except InvalidMessageException as error:
        assert error.explanation is not None and "truncated" in error.explanation
        return False
    return True


@pytest.mark.parametrize("use", USES)
def test_a_source_that_fails_half_way(client: EncryptionClient, keyring: RawAesKeyring, use: Use) -> None:
    sink = io.BytesIO()
    with pytest.raises(Broken), client.encrypt_writer(keyring, sink) as writer:
        use(writer, True)
    gc.collect()
    assert writer.closed and not sink.closed
    assert not opens(client, keyring, sink.getvalue())


@pytest.mark.parametrize("use", USES)
def test_a_statement_that_is_left_normally(client: EncryptionClient, keyring: RawAesKeyring, use: Use) -> None:
    sink = io.BytesIO()
    with client.encrypt_writer(keyring, sink) as writer:
        use(writer, False)
    assert writer.closed and not sink.closed
    assert opens(client, keyring, sink.getvalue())


@pytest.mark.parametrize("use", [use for use in USES if use not in (nested, driven_by_a_generator)])
@pytest.mark.parametrize("fails", [True, False])
def test_without_a_statement_nothing_ends(
    client: EncryptionClient, keyring: RawAesKeyring, use: Use, fails: bool
) -> None:
    """Closed by the wrapper, by no one, or by the garbage collector: it is not known whether that was all."""
    sink = io.BytesIO()
    writer = client.encrypt_writer(keyring, sink)
    with contextlib.suppress(Broken, StreamStateException):
        use(writer, fails)
    del writer
    gc.collect()
    assert not opens(client, keyring, sink.getvalue())


@pytest.mark.parametrize("use", [text, buffered, stream_writer, closing, stacked, table])
def test_closing_what_is_not_finished_says_so(client: EncryptionClient, keyring: RawAesKeyring, use: Use) -> None:
    writer = client.encrypt_writer(keyring, io.BytesIO())
    with pytest.raises(StreamStateException, match="^StreamStateException: EncryptWriter was closed and not finished"):
        use(writer, False)
    assert writer.closed
    # And hides no exception that is on its way.
    writer = client.encrypt_writer(keyring, io.BytesIO())
    with pytest.raises(Broken):
        use(writer, True)
    assert writer.closed


def test_closing_says_so_while_another_exception_is_handled(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    try:
        raise Broken
    except Broken:
        writer = client.encrypt_writer(keyring, io.BytesIO())
        with pytest.raises(StreamStateException):
            writer.close()


def test_finishing_by_hand(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    sink = io.BytesIO()
    wrapper = io.TextIOWrapper(writer := client.encrypt_writer(keyring, sink), encoding="utf-8")
    wrapper.write(TEXT)
    wrapper.flush()
    writer.finish()
    assert writer.closed and wrapper.closed
    wrapper.close()
    writer.close()
    writer.finish()
    assert client.decrypt(keyring, sink.getvalue()).plaintext == TEXT.encode()


def test_finishing_what_was_given_up(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    def close(writer: EncryptWriter) -> None:
        with pytest.raises(StreamStateException):
            writer.close()

    def fail(writer: EncryptWriter) -> None:
        untyped: Any = writer
        untyped._sink = None
        with pytest.raises(AttributeError):
            writer.write(bytes(200_000))

    for give_up in (EncryptWriter.abort, close, fail):
        sink = io.BytesIO()
        writer = client.encrypt_writer(keyring, sink)
        writer.write(b"x")
        give_up(writer)
        with pytest.raises(StreamStateException):
            writer.finish()
        assert not opens(client, keyring, sink.getvalue())


def test_an_exception_that_was_swallowed_inside(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    """What failed in the writer itself has no end, and leaving the statement says so."""

    class Full(io.BytesIO):
        def write(self, data: Any, /) -> int:
            raise Broken

    with pytest.raises(StreamStateException), client.encrypt_writer(keyring, Full()) as writer:
        with contextlib.suppress(Broken):
            writer.write(TEXT.encode())


def test_a_wrapper_that_cannot_give_all(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    """The last that a buffer holds is lost when it is flushed: then there is no end either."""

    class Full(io.BytesIO):
        full = False

        def write(self, data: Any, /) -> int:
            if self.full:
                raise Broken
            return super().write(data)

    sink = Full()
    with pytest.raises(Broken), client.encrypt_writer(keyring, sink, frame_length=100) as writer:
        with io.TextIOWrapper(writer, encoding="utf-8") as wrapper:
            wrapper.write("x" * 1000)
            sink.full = True
    sink.full = False
    assert not opens(client, keyring, sink.getvalue())


def test_a_cancelled_task(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    async def produce(sink: io.BytesIO, started: asyncio.Event) -> None:
        with client.encrypt_writer(keyring, sink) as writer, io.TextIOWrapper(writer, encoding="utf-8") as wrapper:
            for line in LINES:
                wrapper.write(line)
                started.set()
                await asyncio.sleep(0)

    async def cancel(sink: io.BytesIO) -> None:
        started = asyncio.Event()
        task = asyncio.create_task(produce(sink, started))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def leave(sink: io.BytesIO) -> None:
        started = asyncio.Event()
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        task = asyncio.create_task(produce(sink, started))
        await started.wait()
        del task  # `asyncio.run` cancels what is left.

    for end in (cancel, leave):
        sink = io.BytesIO()
        asyncio.run(end(sink))
        assert not opens(client, keyring, sink.getvalue())


def test_a_generator_that_is_closed_early(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    def collect(sink: io.BytesIO) -> Generator[None]:
        with client.encrypt_writer(keyring, sink) as writer, io.TextIOWrapper(writer, encoding="utf-8") as wrapper:
            for line in LINES:
                wrapper.write(line)
                yield

    for close in (True, False):
        sink = io.BytesIO()
        generator = collect(sink)
        next(generator)
        if close:
            generator.close()
        del generator
        gc.collect()
        assert not opens(client, keyring, sink.getvalue())


def test_a_thread_that_ends(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    sink = io.BytesIO()

    def produce() -> None:
        with (
            contextlib.suppress(SystemExit),
            client.encrypt_writer(keyring, sink) as writer,
            io.TextIOWrapper(writer, encoding="utf-8") as wrapper,
        ):
            wrapper.writelines(lines(fails=False))
            sys.exit()

    thread = threading.Thread(target=produce)
    thread.start()
    thread.join()
    assert not opens(client, keyring, sink.getvalue())


def test_a_reference_cycle(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    sink = io.BytesIO()
    wrapper: Any = io.TextIOWrapper(client.encrypt_writer(keyring, sink), encoding="utf-8")
    wrapper.write(TEXT)
    wrapper.itself = wrapper
    del wrapper
    gc.collect()
    assert not opens(client, keyring, sink.getvalue())


def test_the_garbage_collector_warns(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    writer = client.encrypt_writer(keyring, io.BytesIO())
    with pytest.warns(ResourceWarning, match="EncryptWriter was never finished"):
        del writer
        gc.collect()


@pytest.mark.parametrize("use", USES)
def test_the_other_writers_end_alike(client: EncryptionClient, keyring: RawAesKeyring, use: Use) -> None:
    """Each over the next: what was given up at the front ends nowhere."""
    for fails in (True, False):
        sink = io.BytesIO()
        with contextlib.suppress(Broken):
            with client.reencrypt_writer(keyring, keyring, sink) as new:
                with client.encrypt_writer(keyring, new) as old:
                    use(old, fails)
        assert opens(client, keyring, sink.getvalue()) is not fails


def test_a_verified_plaintext_ends_by_an_act_only(client: EncryptionClient, keyring: RawAesKeyring) -> None:
    message = client.encrypt(keyring, TEXT.encode()).message
    with client.decrypt_writer(keyring, io.BytesIO()) as writer:
        writer.write(message)
    writer = client.decrypt_writer(keyring, io.BytesIO())
    writer.write(message)
    with pytest.raises(StreamStateException, match="DecryptWriter was closed and not finished"):
        writer.close()


def test_a_destination_file_is_not_there(client: EncryptionClient, keyring: RawAesKeyring, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(TEXT.encode())

    def fail(done: int, total: int) -> None:
        raise Broken

    with pytest.raises(Broken):
        client.encrypt_file(keyring, tmp_path / "source", tmp_path / "message", progress=fail)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]
