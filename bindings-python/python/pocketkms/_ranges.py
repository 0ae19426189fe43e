"""Random access: any part of a message, without what comes before it.

Below stands a native `Ranges`, which knows where in a message the parts of its plaintext are, and opens them. What is here
reads them: from a file, from bytes, or from whatever gives ranges of bytes.
"""

from __future__ import annotations

import io
import operator
from collections.abc import Mapping
from typing import Any, Literal, Protocol, final

from pocketkms._generated import MessageHeader, ReadableBuffer
from pocketkms._native import Ranges
from pocketkms._reading import BinaryFile
from pocketkms._streams import taken

__all__ = ["RangeReader", "RangeSource", "SeekableReader"]

# Beyond the end of any plaintext.
_FAR = (1 << 63) - 1
# The least that is asked for when reading on: each request may go to a store far away.
_WINDOW = 1 << 20


class SeekableReader(Protocol):
    """A message that can be read from any place: a file that was opened with `"rb"`, an `mmap`."""

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes; none at the end."""
        ...

    def seek(self, offset: int, whence: Literal[0, 2], /) -> object:
        """Goes to a place: from the beginning (0), or from the end (2)."""
        ...

    def tell(self) -> int:
        """Where it stands."""
        ...


class RangeSource(Protocol):
    """A message that something else gives in ranges: an object store, an HTTP server."""

    @property
    def size(self) -> int:
        """The length of the whole message in bytes."""
        ...

    def read_range(self, start: int, end: int, /) -> bytes:
        """The bytes from `start` up to, but not including `end`."""
        ...


@final
class _File:
    """A file as a source of ranges. Where it stands is of no matter, and changes."""

    def __init__(self, file: SeekableReader) -> None:
        self._file = file
        file.seek(0, 2)
        self.size = file.tell()

    def read_range(self, start: int, end: int, /) -> bytes:
        self._file.seek(start, 0)
        pieces: list[bytes] = []
        missing = end - start
        while missing > 0:
            piece = taken("what the file reads", self._file.read(missing))
            if not piece:
                break
            pieces.append(piece)
            missing -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def range_source(message: ReadableBuffer | SeekableReader | RangeSource) -> RangeSource:
    """Whatever a message is in, as a source of ranges."""
    if isinstance(message, (bytes, bytearray, memoryview)):
        return _File(io.BytesIO(taken("'message'", message)))
    given: Any = message
    if hasattr(given, "read_range"):
        source: RangeSource = given
        return source
    if hasattr(given, "seek"):
        return _File(given)
    raise TypeError(
        "'message' must be bytes, bytearray, memoryview, a seekable binary file or an object with 'size' and "
        f"'read_range', not {type(message).__name__}"
    )


@final
class Front:
    """A message to be read from its beginning, as a file is, from a source of ranges."""

    def __init__(self, source: RangeSource) -> None:
        self._source = source
        self._position = 0

    def read(self, size: int, /) -> bytes:
        start = self._position
        end = min(start + size, self._source.size)
        data = self._source.read_range(start, end) if start < end else b""
        self._position += len(data)
        return data


class RangeReader(BinaryFile):
    """The plaintext of a framed message as a binary file to read, from any place on.

    A read fetches and decrypts the frames that hold what it asks for, and no others; it keeps the last ones. All that it gives is
    verified. That the plaintext ends somewhere is believed only when the final frame was verified there: by a read beyond the
    end, or a seek from it.

    A frame that was altered is an exception of each read that touches it; the others can still be read. One thread at a time
    can use it.
    """

    def __init__(self, ranges: Ranges, source: RangeSource) -> None:
        super().__init__()
        self._ranges = ranges
        self._source = source
        self._frame_length: int = ranges.header.frame_length
        self._position = 0
        # The verified length of the plaintext, once it is known.
        self._end: int | None = None
        self._window, self._window_start = b"", 0

    @property
    def header(self) -> MessageHeader:
        """The message's header, verified."""
        header: MessageHeader = self._ranges.header
        return header

    @property
    def encryption_context(self) -> Mapping[str, str]:
        """The encryption context, verified: the pairs that the message stores, and those that were given again."""
        context: Mapping[str, str] = self._ranges.encryption_context
        return context

    @property
    def plaintext_length(self) -> int | None:
        """The length of the plaintext in bytes, as it follows from the message's length: no more certain than that, before the
        end was read. Unknown of a signed message until then.
        """
        return self._ranges.plaintext_length if self._end is None else self._end

    def seekable(self) -> bool:
        """Whether it can be read from any place: always, until it is closed."""
        self._check_open()
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Goes to a place: from the beginning, from where it stands, or from the end, which is verified first. It may be beyond
        the end, where there is nothing to read. What would be before the beginning is the beginning, as in `io.BytesIO`,
        unless it is counted from there: `ValueError`.
        """
        self._check_open()
        offset, whence = operator.index(offset), operator.index(whence)
        if whence == io.SEEK_CUR:
            offset = max(offset + self._position, 0)
        elif whence == io.SEEK_END:
            offset = max(offset + self._verified_end(), 0)
        elif whence != io.SEEK_SET:
            raise ValueError(f"'whence' must be 0, 1 or 2, not {whence}")
        if offset < 0:
            raise ValueError("a position before the beginning")
        if offset > _FAR:
            raise OverflowError("a position beyond the end of any plaintext")
        self._position = offset
        return offset

    def tell(self) -> int:
        """Where it stands."""
        self._check_open()
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        """So many bytes, and fewer only at the end; all that is left where no size is given. If it fails, it stands where it
        stood.
        """
        before = self._position
        try:
            return super().read(size)
        except BaseException:
            self._position = before
            raise

    def readline(self, size: int | None = -1, /) -> bytes:
        """The next line, its end included, or so many bytes of it. If it fails, it stands where it stood."""
        before = self._position
        try:
            return super().readline(size)
        except BaseException:
            self._position = before
            raise

    def close(self) -> None:
        """Ends the reading. The source stays open."""
        self._window = b""
        super().close()

    def _some(self, most: int) -> bytes:
        """From where it stands; none only at the verified end."""
        position, wanted = self._position, _WINDOW if most < 0 else most
        if self._end is not None and position >= self._end:
            return b""
        offset = position - self._window_start
        if not 0 <= offset < len(self._window):
            # Whole frames: a part of one is decrypted no faster. And of many no more in one request than is little beside a
            # program's memory.
            frame = self._frame_length
            start = position // frame * frame
            end = min(position + wanted, start + max(_WINDOW, frame))
            self._window = b""
            self._window = self._fetch(start, -(-end // frame) * frame)
            self._window_start = start
            offset = position - start
        data = self._window[offset : offset + wanted]
        self._position = position + len(data)
        return data

    def _unread(self, count: int) -> None:
        self._position -= count

    def _fetch(self, start: int, end: int) -> bytes:
        message = taken("what 'read_range' returns", self._source.read_range(*self._ranges.locate(start, end)))
        plaintext, verified = self._ranges.open(start, end, message)
        if verified is not None:
            self._end = verified
        return plaintext

    def _verified_end(self) -> int:
        if self._end is None:
            # What the final frame holds, or nothing if it is empty: wherever it is, it is read.
            beyond = self._ranges.plaintext_length
            beyond = _FAR if beyond is None else beyond
            self._fetch(beyond, beyond + 1)
        assert self._end is not None
        return self._end
