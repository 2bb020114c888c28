"""The list of changes that comes with a corrected version: a PDF, one page or more.

Set by reportlab with the bundled fonts: Carlito, and Noto Sans for what Carlito lacks.
"""

from __future__ import annotations

import io
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby, zip_longest
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from cqp_forms import fonts
from cqp_forms.fonts import Style
from cqp_forms.guide import Guide
from cqp_forms.issuing.history import NOTHING, Change
from cqp_forms.issuing.version import Version, trail_of
from cqp_forms.pdf.archive import claimed
from cqp_forms.typography import NBSP, typeset

_INK, _ACCENT, _MUTED = HexColor("#1F2933"), HexColor("#1F4E79"), HexColor("#5F6B76")
_SHADE, _RULE, _BAND = HexColor("#E8EEF4"), HexColor("#B8C4CF"), HexColor("#F6F8FA")
_MARGIN = 18 * mm
_PADDING = 5
#: From this many characters on, before and after get half the page each.
_LONG = 240
_MANY_LINES = 8
# The wording is long and read once; before and after are compared, and get the same room.
_COLUMNS = (30 * mm, 52 * mm, 46 * mm, 46 * mm)

REGULAR, BOLD = "CqpCarlito", "CqpCarlito-Bold"


def changes_pdf(
    guide: Guide, previous: Version, version: Version, changes: Iterable[Change]
) -> bytes:
    """Set the list of changes.

    Args:
        guide: gives the title.
        previous: the version that is replaced.
        version: the one that replaces it, with its reason and its date.
        changes: what differs; may be empty for a copy.

    Returns:
        A PDF/A-3u in A4. The same arguments give the same bytes.
    """
    register_fonts()
    target = io.BytesIO()
    title = f"Liste des modifications – {version.candidate} – version {version.number}"
    document = SimpleDocTemplate(
        target,
        pagesize=A4,
        # The frame adds 6 points inside its margins.
        leftMargin=_MARGIN - 6,
        rightMargin=_MARGIN - 6,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN + 4 * mm,
        title=title,
        author="",
        subject=_source(guide),
        creator="cqp-forms",
        lang=guide.language,
        invariant=1,
    )
    story = [*_head(guide, previous, version), *_body(tuple(changes))]
    document.build(story, canvasmaker=_canvas(version, guide))
    return claimed(target.getvalue(), guide.language, version.issued_at)


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    plain = {"fontName": REGULAR, "fontSize": size, "leading": size * 1.28, "textColor": _INK}
    return ParagraphStyle(name, **(plain | {"splitLongWords": 1} | more))


_SMALL = _style("small", 8, textColor=_MUTED)
_CELL = _style("cell", 9)
_SLICE = 4 * _CELL.leading
_EMPTY = _style("empty", 9, textColor=_MUTED)
_HEADER = _style("header", 9, fontName=BOLD, textColor=_ACCENT)
_TITLE = _style("title", 20, fontName=BOLD, textColor=_ACCENT, spaceAfter=1 * mm)
_TEXT = _style("text", 11)


def _source(guide: Guide) -> str:
    return " – ".join(part for part in (guide.tool, guide.certificate) if part)


def _head(guide: Guide, previous: Version, version: Version) -> list[Flowable]:
    facts = [
        ("Candidat", _cut(version.candidate, 200)),
        ("Version", trail_of(version, previous).margin_note.removeprefix("Version ")),
        ("Émise le", f"{version.day} à {version.issued_at:%H:%M}"),
        ("Motif", version.reason),
    ]
    table = Table(
        [
            [Paragraph(markup(typeset(name)), _HEADER), Paragraph(markup(value), _TEXT)]
            for name, value in facts
        ],
        colWidths=(26 * mm, A4[0] - 2 * _MARGIN - 26 * mm),
        style=TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LINEABOVE", (0, 0), (-1, 0), 1.2, _ACCENT),
                ("LINEBELOW", (0, -1), (-1, -1), 0.5, _RULE),
                ("BACKGROUND", (0, 0), (-1, -1), _BAND),
            ]
        ),
    )
    return [
        Paragraph(markup(_source(guide)), _SMALL),
        Paragraph("Liste des modifications", _TITLE),
        Spacer(0, 3 * mm),
        table,
        Spacer(0, 7 * mm),
    ]


def _body(changes: tuple[Change, ...]) -> list[Flowable]:
    if not changes:
        text = "Copie : aucune réponse ne diffère de la version remplacée."
        return [Paragraph(markup(typeset(text)), _TEXT)]
    count = "1 réponse diffère." if len(changes) == 1 else f"{len(changes)} réponses diffèrent."
    story: list[Flowable] = [Paragraph(markup(typeset(count)), _TEXT), Spacer(0, 3 * mm)]
    for is_long, group in groupby(changes, _is_long):
        if is_long:
            story.extend(_long_table(one) for one in group)
        else:
            story.append(_short_table(group))
    return story


def _is_long(change: Change) -> bool:
    return any(
        len(one) > _LONG or one.count("\n") > _MANY_LINES for one in (change.before, change.after)
    )


def _cut(text: str, length: int) -> str:
    """A name in a title may be cut: it stands whole in the documents themselves."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


_PADS = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), _PADDING),
    ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
    ("LINEABOVE", (0, 0), (-1, 0), 0.8, _ACCENT),
    ("BACKGROUND", (0, 0), (-1, 0), _SHADE),
]


def _short_table(changes: Iterable[Change]) -> Table:
    """A row a change: field, wording, before, after."""
    rows: list[list[Flowable]] = [
        [Paragraph(one, _HEADER) for one in ("Champ", "Libellé", "Avant", "Après")]
    ]
    rows.extend(
        [
            Paragraph(markup(_id(one.field)), _SMALL),
            Paragraph(markup(one.wording), _CELL),
            _value(one.before),
            _value(one.after),
        ]
        for one in changes
    )
    style = [
        *_PADS,
        ("TOPPADDING", (0, 1), (-1, -1), 4),
        ("BOTTOMPADDING", (0, 1), (-1, -1), 5),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, _RULE),
        ("LINEAFTER", (2, 0), (2, -1), 0.4, _RULE),
    ]
    return Table(rows, colWidths=_COLUMNS, repeatRows=1, style=TableStyle(style))


def _long_table(change: Change) -> Table:
    """Before and after over the whole width, in rows of a few lines, so that they go on."""
    half = sum(_COLUMNS) / 2
    title = Paragraph(f"{markup(change.wording)} ({markup(change.field)})", _HEADER)
    columns = (_slices(_value(one), half) for one in (change.before, change.after))
    rows: list[list[Flowable | str]] = [
        [title, ""],
        [Paragraph("Avant", _HEADER), Paragraph("Après", _HEADER)],
        *(list(row) for row in zip_longest(*columns, fillvalue="")),
    ]
    style = [
        *_PADS,
        ("SPAN", (0, 0), (1, 0)),
        ("BACKGROUND", (0, 1), (-1, 1), _BAND),
        ("TOPPADDING", (0, 2), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 2), (-1, -1), 0),
        ("TOPPADDING", (0, 2), (-1, 2), 4),
        ("BOTTOMPADDING", (0, -1), (-1, -1), 5),
        ("LINEBELOW", (0, -1), (-1, -1), 0.4, _RULE),
        ("LINEAFTER", (0, 1), (0, -1), 0.4, _RULE),
    ]
    return Table(rows, colWidths=(half, half), repeatRows=2, style=TableStyle(style))


def _slices(paragraph: Paragraph, width: float) -> Iterator[Paragraph]:
    room = width - 2 * _PADDING
    while len(parts := paragraph.split(room, _SLICE)) == 2:
        yield parts[0]
        paragraph = parts[1]
    yield paragraph


def _id(field: str) -> str:
    """A long id goes on two lines, broken after its last dot rather than anywhere."""
    head, dot, tail = field.replace(":", ": ").rpartition(".")
    return f"{head}{dot}\n{tail}" if dot and len(field) > 18 else f"{head}{dot}{tail}"


def _value(text: str) -> Paragraph:
    return Paragraph(markup(text), _EMPTY if text == NOTHING else _CELL)


def _canvas(version: Version, guide: Guide) -> type[Canvas]:
    """A canvas that knows how many pages there are, and the day the version was issued."""

    class Numbered(Canvas):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **(kwargs | {"initialFontName": REGULAR}))
            self._pages: list[dict[str, Any]] = []
            stamp = f"{version.issued_at:D:%Y%m%d%H%M%S%z}"
            self.setDateFormatter(lambda *_: f"{stamp[:-2]}'{stamp[-2:]}'")

        def showPage(self) -> None:  # noqa: N802 (reportlab's name)
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                self._foot(number, len(self._pages))
                super().showPage()
            super().save()

        def _foot(self, number: int, count: int) -> None:
            self.setStrokeColor(_RULE)
            self.line(_MARGIN, 15 * mm, A4[0] - _MARGIN, 15 * mm)
            said = (guide.tool, "Liste des modifications", _cut(version.candidate, 60))
            left = " – ".join(part for part in said if part)
            note = Paragraph(markup(left), _SMALL)
            note.wrapOn(self, A4[0] - 2 * _MARGIN - 30 * mm, 20 * mm)
            note.drawOn(self, _MARGIN, 14 * mm - note.height)
            self.setFont(REGULAR, 8)
            self.setFillColor(_MUTED)
            self.drawRightString(A4[0] - _MARGIN, 11 * mm, f"page {number} / {count}")

    return Numbered


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
