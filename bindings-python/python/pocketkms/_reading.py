"""Binary files to read, with all that `io.BytesIO` has of reading."""

from __future__ import annotations

import io
import operator
from abc import abstractmethod
from typing import Any, NoReturn

__all__: list[str] = []

# How much of a line is looked for at first.
_LINE = 512
# How much each read asks for, where all is wanted.
_ALL = 1 << 20


def count(size: int | None) -> int:
    """How many bytes are wanted, as `io` has it: negative where it is not limited."""
    return -1 if size is None else operator.index(size)


class BinaryFile(io.BufferedIOBase):
    """What reads, above a method that gives some bytes."""

    # For type checkers, who ask it of whatever is wrapped. As with `io.BytesIO`, there is none.
    name: Any

    @abstractmethod
    def _some(self, most: int) -> bytes:
        """The next bytes, at most so many, or what is available where that is negative; none only at the end."""

    @abstractmethod
    def _unread(self, count: int) -> None:
        """Takes back so many of the bytes that `_some` gave last."""

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file.")

    def readable(self) -> bool:
        """Whether it can be read: always, until it is closed."""
        self._check_open()
        return True

    def writable(self) -> bool:
        """Whether it can be written to: never."""
        self._check_open()
        return False

    def read(self, size: int | None = -1, /) -> bytes:
        """So many bytes, and fewer only at the end; all that is left where no size is given."""
        self._check_open()
        missing = count(size)
        pieces: list[bytes] = []
        while missing:
            piece = self._some(missing if missing > 0 else _ALL)
            if not piece:
                break
            pieces.append(piece)
            if missing > 0:
                missing -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def readall(self) -> bytes:
        """All that is left."""
        return self.read()

    def read1(self, size: int | None = -1, /) -> bytes:
        """Up to so many bytes, as far as they are available; none only at the end."""
        self._check_open()
        most = count(size)
        return self._some(most) if most else b""

    # Typed as in typeshed, which cannot be named at run time: anything that has a writable buffer.
    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Fills a buffer from its beginning; returns how many bytes it wrote, fewer than it holds only at the end."""
        return self._into(buffer, whole=True)

    def readinto1(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Fills a buffer as far as `read1` can; returns how many bytes it wrote, 0 only at the end."""
        return self._into(buffer, whole=False)

    def _into(self, buffer: bytearray | memoryview, *, whole: bool) -> int:
        self._check_open()
        with memoryview(buffer) as given:
            # Before anything is read, which would be lost.
            if given.readonly or not given.c_contiguous:
                raise TypeError("'buffer' must be writable and contiguous")
            if not given.nbytes:
                return 0
            with given.cast("B") as view:
                data = self.read(len(view)) if whole else self.read1(len(view))
                view[: len(data)] = data
        return len(data)

    def readline(self, size: int | None = -1, /) -> bytes:
        """The next line, its end included, or so many bytes of it."""
        self._check_open()
        missing = count(size)
        pieces: list[bytes] = []
        wanted = _LINE
        while missing:
            piece = self._some(min(wanted, missing) if missing > 0 else wanted)
            end = piece.find(b"\n") + 1
            if end:
                self._unread(len(piece) - end)
                pieces.append(piece[:end])
                break
            if not piece:
                break
            pieces.append(piece)
            wanted = min(2 * wanted, _ALL)
            if missing > 0:
                missing -= len(piece)
        return b"".join(pieces)

    def readlines(self, hint: int | None = -1, /) -> list[bytes]:
        """The lines that are left, or those that together have so many bytes."""
        self._check_open()
        enough, total = count(hint), 0
        lines: list[bytes] = []
        for line in iter(self.readline, b""):
            lines.append(line)
            total += len(line)
            if 0 < enough <= total:
                break
        return lines

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuses: two of it would share one stream."""
        raise TypeError(f"cannot copy or pickle {type(self).__name__!r} object")

    def __next__(self) -> bytes:
        line = self.readline()
        if not line:
            raise StopIteration
        return line
