"""Write a large PDF object by object, straight to its file; equal objects are written once.

Only what the objects look like is kept in memory (a digest and a number each), so that a bundle of
a thousand documents costs little more than one of ten: a PDF library would hold all of it, 0.13 MB
a document, until it is saved.
"""

from __future__ import annotations

import hashlib
from typing import IO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

#: Keys that lead out of what a page shows: to the page tree, the structure, metadata, files.
_LEFT_OUT = frozenset(
    {
        "/Parent",
        "/P",
        "/StructParent",
        "/StructParents",
        "/Metadata",
        "/PieceInfo",
        "/AF",
        "/Length",  # written anew
    }
)


class Writer:
    """A PDF 1.7 file in the making (ISO 32000-2, 7.5).

    Args:
        file: opened for writing, at its start.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._offsets: list[int] = [0]
        self._known: dict[bytes, int] = {}
        self._position = 0
        self._hash = hashlib.sha256()
        # A comment of high bytes tells transfer programs that the file is binary (7.5.2).
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self._position += len(data)

    def reserve(self) -> int:
        """A new object number, to be given its body later."""
        self._offsets.append(0)
        return len(self._offsets) - 1

    def put(self, number: int, body: bytes) -> int:
        """Write a reserved object; gives its number back."""
        self._offsets[number] = self._position
        self._write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        return number

    def add(self, body: bytes) -> int:
        """Write an object; gives its number."""
        return self.put(self.reserve(), body)

    def shared(self, body: bytes) -> int:
        """Write an object unless an equal one was written; gives the number of either."""
        digest = hashlib.sha256(body).digest()[:16]
        number = self._known.get(digest)
        if number is None:
            number = self._known[digest] = self.add(body)
        return number

    def finish(self, root: int, info: int) -> None:
        """Write the cross-reference table and the trailer (7.5.4, 7.5.5).

        Args:
            root: the catalog's number.
            info: the document information dictionary's.
        """
        start, size = self._position, len(self._offsets)
        identity = self._hash.hexdigest()[:32].upper().encode()
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
        for offset in self._offsets[1:]:
            self._write(b"%010d 00000 n \n" % offset)
        self._write(
            b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%s> <%s>] >>\n"
            b"startxref\n%d\n%%%%EOF\n" % (size, root, info, identity, identity, start)
        )


class Copier:
    """Copies objects of one source document into the file, with all that they refer to.

    What leads elsewhere than to what a page shows is left out (:data:`_LEFT_OUT`).
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._done: dict[tuple[int, int], int] = {}
        self._open: dict[tuple[int, int], int | None] = {}

    def value(self, value: object) -> bytes:
        """A value as it is written in the new file; objects that it refers to are written first."""
        if not isinstance(value, Object):
            return _scalar(value)
        if value.is_indirect and isinstance(value, Array | Dictionary | pikepdf.Stream):
            return b"%d 0 R" % self._number(value)
        return self._direct(value)

    def _direct(self, value: Object) -> bytes:
        if isinstance(value, Dictionary):
            return b"<< %s >>" % self._entries(value)
        if isinstance(value, Array):
            plain = value.unparse()
            if b" R" not in plain:  # widths and the like: no reference to follow
                return plain
            return b"[%s]" % b" ".join(self.value(one) for one in value)
        return value.unparse()

    def _entries(self, value: Object) -> bytes:
        return b" ".join(
            Name(key).unparse() + b" " + self.value(value.get(key))
            for key in sorted(value.keys())
            if key not in _LEFT_OUT
        )

    def _number(self, value: Object) -> int:
        key = value.objgen
        if key in self._done:
            return self._done[key]
        if key in self._open:  # it refers to itself: its number is wanted before its body is known
            number = self._open[key]
            if number is None:
                number = self._open[key] = self._writer.reserve()
            return number
        self._open[key] = None
        body = self._stream(value) if isinstance(value, pikepdf.Stream) else self._direct(value)
        number = self._open.pop(key)
        if number is None:
            number = self._writer.shared(body)
        else:
            self._writer.put(number, body)
        self._done[key] = number
        return number

    def _stream(self, value: pikepdf.Stream) -> bytes:
        data = value.read_raw_bytes()
        head = b"<< %s /Length %d >>" % (self._entries(value), len(data))
        return b"%s\nstream\n%s\nendstream" % (head, data)


def _scalar(value: object) -> bytes:
    """A number, truth value or null, which pikepdf gives as Python's own."""
    if value is None:
        return b"null"
    if isinstance(value, bool):
        return b"true" if value else b"false"
    return str(value).encode("ascii")
