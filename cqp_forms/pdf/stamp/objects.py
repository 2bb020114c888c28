"""Write PDF objects, and files made of a fixed part and a few objects (ISO 32000-2, 7.3, 7.5).

A :class:`Base` is a saved PDF cut at its objects. Those that depend on the candidate are *slots*: a
dictionary that carries :data:`SLOT`, left out of the fixed part and written for each candidate. So
a candidate's file is one copy of the fixed part, the slots, and one cross-reference table over all:
no second revision, nothing hidden behind it.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

#: The key that marks a slot in a prepared document; its value names it.
SLOT = "/CqpFormsSlot"

#: The key of the catalog that keeps slots alive until the file is cut.
HELD = "CqpFormsHeld"

_HELD = re.compile(rb"/CqpFormsHeld \[[^\]]*\]\s*")
_SLOT = re.compile(rb"/CqpFormsSlot /([A-Za-z0-9_]+)\s*")
_ROOT = re.compile(rb"/Root (\d+) 0 R")


def number(value: float) -> str:
    """A real number, as short as two decimals allow (7.3.3).

    >>> number(12.5), number(3.0), number(-0.001)
    ('12.5', '3', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def numbers(*values: float) -> str:
    """Several numbers, separated by spaces."""
    return " ".join(map(number, values))


def text_string(text: str) -> bytes:
    """A text string (7.9.2.2), as UTF-16BE in hexadecimal: safe whatever it holds."""
    return b"<FEFF" + text.encode("utf-16-be").hex().upper().encode() + b">"


def stream(data: bytes, entries: bytes = b"", *, level: int = 6) -> bytes:
    """A stream object's body, compressed; ``entries`` go into its dictionary (7.3.8)."""
    packed = zlib.compress(data, level)
    return b"<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (
        entries,
        len(packed),
        packed,
    )


def packed_stream(packed: bytes, entries: bytes) -> bytes:
    """The same for data that is compressed already, with zlib."""
    return b"<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (
        entries,
        len(packed),
        packed,
    )


@dataclass(frozen=True, slots=True)
class Base:
    """The fixed part of every candidate's file.

    Attributes:
        body: from the header on, all objects but the slots.
        entries: the cross-reference entry of each object number; slots have an empty one.
        slots: each slot's object number, by name.
        templates: the slot's own text in the prepared document, without the mark.
        root: the catalog's object number; its text is a template too, named ``catalog``.
        digest: SHA-256 of the fixed part.
    """

    body: bytes
    entries: tuple[bytes, ...]
    slots: Mapping[str, int]
    templates: Mapping[str, bytes]
    root: int
    digest: bytes


def cut(saved: bytes) -> Base:
    """Cut a PDF saved with a plain cross-reference table and no object streams into a base."""
    table = int(saved[saved.rindex(b"startxref") + 9 :].split(None, 1)[0])
    offsets, trailer = _table(saved, table)
    found = _ROOT.search(trailer)
    root = int(found[1]) if found else 0
    ordered = sorted((offset, number_) for number_, offset in offsets.items())
    ends = [offset for offset, _ in ordered[1:]] + [table]
    pieces = [saved[: ordered[0][0]]]
    entries = [b""] * (max(offsets) + 1)
    entries[0] = b"0000000000 65535 f \n"
    slots: dict[str, int] = {}
    templates: dict[str, bytes] = {}
    position = len(pieces[0])
    for (offset, number_), end in zip(ordered, ends, strict=True):
        piece = saved[offset:end]
        name = b"catalog" if number_ == root else _slot(piece)
        if name:
            slots[name.decode()] = number_
            templates[name.decode()] = _template(piece)
            continue
        entries[number_] = b"%010d 00000 n \n" % position
        pieces.append(piece)
        position += len(piece)
    body = b"".join(pieces)
    digest = hashlib.sha256(body).digest()
    return Base(body, tuple(entries), slots, templates, root, digest)


def _slot(piece: bytes) -> bytes | None:
    head, _, _ = piece.partition(b"stream\n")
    found = _SLOT.search(head)
    return found[1] if found else None


def _template(piece: bytes) -> bytes:
    start = piece.index(b"obj") + 3
    return _HELD.sub(b"", _SLOT.sub(b"", piece[start : piece.rindex(b"endobj")].strip()))


def _table(saved: bytes, start: int) -> tuple[dict[int, int], bytes]:
    """The offsets of the objects in use, and the trailer, of a one-section table (7.5.4)."""
    lines = saved[start : saved.index(b"trailer", start)].split(b"\n")
    first, count = (int(one) for one in lines[1].split())
    offsets = {}
    for rank in range(count):
        offset, _, state = lines[2 + rank].split()[:3]
        if state == b"n":
            offsets[first + rank] = int(offset)
    return offsets, saved[saved.index(b"trailer", start) :]


class Assembly:
    """A file in the making: the base, then objects, then one cross-reference table."""

    def __init__(self, base: Base) -> None:
        self._base = base
        self._bodies: dict[int, bytes] = {}
        self._next = len(base.entries)

    def reserve(self) -> int:
        """A new object number."""
        taken = self._next
        self._next += 1
        return taken

    def add(self, body: bytes) -> int:
        """Add an object; gives its number."""
        taken = self.reserve()
        self._bodies[taken] = body
        return taken

    def put(self, number_: int, body: bytes) -> None:
        """Give a reserved object its body."""
        self._bodies[number_] = body

    def fill(self, slot: str, body: bytes) -> int:
        """Give a slot its body; gives its number."""
        taken = self._base.slots[slot]
        self._bodies[taken] = body
        return taken

    def file(self, info: int) -> bytes:
        """The whole file. The identifier is made from the content: same content, same bytes.

        Args:
            info: the number of the document information dictionary.
        """
        base = self._base
        entries = list(base.entries)
        entries.extend([b""] * (self._next - len(entries)))
        parts = [base.body]
        position = len(base.body)
        for number_, body in self._bodies.items():
            piece = b"%d 0 obj\n%s\nendobj\n" % (number_, body)
            entries[number_] = b"%010d 00000 n \n" % position
            position += len(piece)
            parts.append(piece)
        # A number without object would be a hole in the table: say that it is free (7.5.4).
        entries = [one or b"0000000000 65535 f \n" for one in entries]
        digest = hashlib.sha256(base.digest)
        for part in parts[1:]:
            digest.update(part)
        identity = digest.hexdigest()[:32].upper().encode()
        parts.append(b"xref\n0 %d\n" % len(entries))
        parts.extend(entries)
        parts.append(
            b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%s> <%s>] >>\n"
            b"startxref\n%d\n%%%%EOF\n"
            % (len(entries), base.root, info, identity, identity, position)
        )
        return b"".join(parts)
