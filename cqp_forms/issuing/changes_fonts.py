"""The bundled fonts, as reportlab takes them: Carlito, and Noto Sans for what Carlito lacks."""

from __future__ import annotations

import io
import struct
import unicodedata
import zlib
from functools import cache
from itertools import groupby
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from cqp_forms import fonts
from cqp_forms.fonts import Style
from cqp_forms.typography import NBSP

REGULAR, BOLD = "CqpCarlito", "CqpCarlito-Bold"


@cache
def register_fonts() -> dict[str, TTFont]:
    """Make Carlito known to reportlab, once a process; by name."""
    found = {
        REGULAR: TTFont(REGULAR, io.BytesIO(fonts.blank_font(Style.REGULAR))),
        BOLD: TTFont(BOLD, io.BytesIO(fonts.blank_font(Style.BOLD))),
    }
    for one in found.values():
        pdfmetrics.registerFont(one)
    pdfmetrics.registerFontFamily(
        REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD
    )
    return found


@cache
def _registered_face(key: str) -> str:
    name = f"Cqp{key}"
    face = fonts.face(key)
    pdfmetrics.registerFont(TTFont(name, io.BytesIO(_with_names(face.name, face.font_file))))
    return name


def markup(text: str) -> str:
    """A text as reportlab's paragraph markup: escaped, lines kept, each letter in a font it has.

    Args:
        text: printable; lines separated by ``\\n``.

    Raises:
        AnswersError: a character that no bundled font has.
    """
    return "<br/>".join(_line(line) for line in unicodedata.normalize("NFC", text).split("\n"))


def _line(line: str) -> str:
    # Spaces would be run together, and a change that is one space more could not be seen.
    line = line.replace("  ", f" {NBSP}")
    known = register_fonts()[REGULAR].face.charWidths
    stretches = groupby(fonts.clusters(line), lambda one: all(ord(char) in known for char in one))
    return "".join(
        escape("".join(texts)) if covered else _in_faces("".join(texts))
        for covered, texts in stretches
    )


def _in_faces(text: str) -> str:
    return "".join(
        f'<font name="{_registered_face(run.face.key)}">{escape(run.text)}</font>'
        for run in fonts.runs(text)
    )


def _with_names(name: str, compressed: bytes) -> bytes:
    """Complete a face for reportlab, which wants the tables « name » and « post ».

    A font inside a PDF needs neither, so the faces have none (ISO 32000-2, 9.9.2).
    """
    font = zlib.decompress(compressed)
    count = struct.unpack(">H", font[4:6])[0]
    tables: dict[bytes, bytes] = {}
    for start in range(12, 12 + 16 * count, 16):
        tag, _, offset, length = struct.unpack(">4sLLL", font[start : start + 16])
        tables[tag] = font[offset : offset + length]
    encoded = name.encode("utf-16-be")
    # One record: Windows, Unicode BMP, en-US, PostScript name.
    tables[b"name"] = struct.pack(">9H", 0, 1, 18, 3, 1, 0x409, 6, len(encoded), 0) + encoded
    tables[b"post"] = struct.pack(">LLhhLLLLL", 0x00030000, 0, -100, 50, 0, 0, 0, 0, 0)
    return _font_file(font[:4], tables)


def _font_file(version: bytes, tables: dict[bytes, bytes]) -> bytes:
    power = len(tables).bit_length() - 1
    search = 16 << power
    head = version + struct.pack(">4H", len(tables), search, power, 16 * len(tables) - search)
    offset = len(head) + 16 * len(tables)
    directory, body = b"", b""
    for tag, content in sorted(tables.items()):
        directory += struct.pack(">4sLLL", tag, _checksum(content), offset, len(content))
        padded = content + b"\0" * (-len(content) % 4)
        body += padded
        offset += len(padded)
    return head + directory + body


def _checksum(content: bytes) -> int:
    padded = content + b"\0" * (-len(content) % 4)
    total: int = sum(struct.unpack(f">{len(padded) // 4}L", padded))
    return total & 0xFFFFFFFF
