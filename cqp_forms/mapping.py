"""The mapping: where each placement lies in a document, and whether that can be used.

A mapping belongs to one document, named with its SHA-256: stamping another one is refused, never
guessed. Its file is the room of :mod:`cqp_forms.mapping_yaml`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeAlias, TypeVar

from cqp_forms.errors import MappingError
from cqp_forms.guide import PlacementKind
from cqp_forms.shown import Mark

#: The zip member that holds the body of a DOCX (ECMA-376, part 1, 11.3.10), as producers name it.
MAIN_PART = "word/document.xml"


class Format(StrEnum):
    """A document's format; the value is its file-name extension."""

    DOCX = "docx"
    PDF = "pdf"


class DocxKind(StrEnum):
    """What carries a placement in a DOCX; the value is its key in the YAML."""

    CONTROL = "control"  # w:sdt found by its w:tag
    CONTROL_AT = "control_at"  # w:sdt found by its path: it has no tag, or shares it
    FORM_CHECKBOX = "formcheckbox"  # w:ffData/w:checkBox (legacy form field)
    FORM_TEXT = "formtext"  # w:ffData/w:textInput
    SYMBOL = "symbol"  # w:sym in a pictorial font
    GLYPH = "glyph"  # a box character in a run's text, at `offset` of the paragraph's text
    CELL = "cell"  # an empty w:tc
    PARAGRAPH = "paragraph"  # an empty w:p
    LEADER = "leader"  # dots, underscores or a tab leader after a label, at `offset`
    TEXT_BOX = "textbox"  # w:txbxContent, in mc:Choice and its mc:Fallback
    DRAWING = "drawing"  # a drawn rectangle (wps:wsp, v:rect) used as a tick box


class PdfKind(StrEnum):
    """What carries a placement in a PDF; the value is its key in the YAML."""

    WIDGET = "widget"  # an AcroForm widget annotation: the value is the field's full name
    BOX = "box"  # a drawn square or a box glyph: the mark is drawn inside `rect`
    CELL = "cell"  # an empty table cell: an X is set, centred in `rect`
    AREA = "area"  # a bordered or blank area that takes several lines
    LINE = "line"  # a ruled or dotted line that takes one line of text
    INVITE = "invite"  # a printed invitation to write, which the answer covers
    COMB = "comb"  # a row of printed cells that take a character each


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in points, in PDF default user space (y upwards, before page rotation)."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Horizontal extent, in points."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Vertical extent, in points."""
        return self.y1 - self.y0

    @property
    def centre(self) -> tuple[float, float]:
        """The middle."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def overlaps(self, other: Rect) -> bool:
        """Whether the two share more than an edge."""
        return (
            min(self.x1, other.x1) - max(self.x0, other.x0) > 0.5
            and min(self.y1, other.y1) - max(self.y0, other.y0) > 0.5
        )

    def contains(self, x: float, y: float, slack: float = 0.0) -> bool:
        """Whether the point is inside, ``slack`` points around included."""
        return self.x0 - slack <= x <= self.x1 + slack and self.y0 - slack <= y <= self.y1 + slack


@dataclass(frozen=True, slots=True)
class DocxLocator:
    """Where a placement lies in a DOCX.

    The element that ``target`` names, kind by kind:

    ==================== ========================================================================
    ``CONTROL``          no path: the ``w:tag`` of the ``w:sdt``
    ``CONTROL_AT``       the ``w:sdt``, wherever it stands (in a paragraph, around paragraphs, a
                         cell or a row)
    ``FORM_CHECKBOX``    the ``w:fldChar`` (begin) that holds the ``w:ffData``
    ``FORM_TEXT``        the same; the text goes between its ``separate`` and its ``end``
    ``SYMBOL``           the ``w:sym``
    ``GLYPH``            the ``w:p``; the box is the one character at ``offset``
    ``LEADER``           the ``w:p``; the leader starts at ``offset`` and is the longest run of
                         dots, ellipses, underscores, tabs and spaces from there, or the two slashes
                         of a date with those around them; at the end of the paragraph's text there
                         is none and the answer is appended
    ``CELL``             the ``w:tc``
    ``PARAGRAPH``        the ``w:p``, empty
    ``TEXT_BOX``         the ``w:txbxContent``, the one in ``mc:Choice`` where there are two
    ``DRAWING``          the ``wps:wsp`` (in ``mc:Choice``), or the VML shape (``v:rect``,
                         ``v:shape``…) where there is no other
    ==================== ========================================================================

    Attributes:
        target: the ``w:tag`` for ``CONTROL``; else the path of the element from the part's root,
            such as ``body/tbl[3]/tr[2]/tc[2]`` (local names, 1-based among siblings of the same
            name, the number left out for an only one).
        part: the zip member.
        offset: index in the paragraph's text (:func:`cqp_forms.docx.wml.text_of`), for ``GLYPH``
            and ``LEADER``.
        confidence: 0 to 1; 1 for what a person or a name decided.
        reason: why ``map`` chose it, in French; empty for our own blanks.
        confirmed: whether it may be filled; a place that was supposed waits for a person.
        candidates: the numbers (:attr:`Detected.number`) of the places it may be, the best first.
    """

    kind: DocxKind
    target: str
    part: str = MAIN_PART
    offset: int = 0
    confidence: float = 1.0
    reason: str = ""
    confirmed: bool = True
    candidates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PdfLocator:
    """Where a placement lies in a PDF.

    Attributes:
        page: from 1.
        rect: in points, default user space of that page.
        name: the field's fully qualified name, for ``WIDGET``; else empty.
        on_state: the widget's on-state, with its slash, for tick boxes (ISO 32000-2, 12.7.5.2.3).
        index: which of the field's widgets, from 0, for fields with several.
        cells: for ``COMB``, the middle of each cell along the line of text: 0 is where ``rect``
            begins, 1 where it ends.
        confidence: 0 to 1.
        reason: why ``map`` chose it, in French.
        confirmed: whether it may be filled; a place that was supposed waits for a person.
        candidates: the numbers (:attr:`Detected.number`) of the places it may be, the best first.
    """

    kind: PdfKind
    page: int
    rect: Rect
    name: str = ""
    on_state: str = ""
    index: int = 0
    confidence: float = 1.0
    reason: str = ""
    confirmed: bool = True
    candidates: tuple[int, ...] = ()
    cells: tuple[float, ...] = ()


def even_cells(count: int) -> tuple[float, ...]:
    """The middles of cells of one width, along a line that begins at 0 and ends at 1."""
    return tuple((rank + 0.5) / count for rank in range(count))


Locator: TypeAlias = DocxLocator | PdfLocator
L = TypeVar("L", DocxLocator, PdfLocator)


@dataclass(frozen=True, slots=True)
class Detected:
    """A tick box, a text area or a signature area found in a document.

    Attributes:
        kind: what it can hold.
        locator: where it is.
        order: its rank in reading order, from 0, over the whole document.
        label: the wording it belongs to (the row's text, the text after the box, before the line).
        column: the header above it in its table (« OUI »), empty outside tables.
        heading: the nearest title above it (group, table, section).
        state: for tick boxes, what it shows now.
        text: for areas, what it holds now.
        multiline: whether an area takes several lines.
        group: boxes that bear the same name are the options of one question, of which exactly one
            is ticked (a row of a grid, a radio group, « ☐ Oui ☐ Non »); empty for a box that
            stands for itself. Areas that bear the same name take one answer: all of it each, or,
            with the options JJ, MM and AAAA, a part of a date each.
        option: the box's own wording in its group (the caption of its column, the word after it).
        doubt: why its label or its place is not sure, in French; empty when it was seen to be
            right.
        items: of an area that takes nothing else, the items of its drop-down list.
        unfillable: why nothing can be put there, in French (« carré plein », « image »,
            « contrôle ActiveX »); such a place is named, never placed nor drafted.
    """

    kind: PlacementKind
    locator: Locator
    order: int
    label: str = ""
    column: str = ""
    heading: str = ""
    state: Mark = Mark.OFF
    text: str = ""
    multiline: bool = False
    group: str = ""
    option: str = ""
    items: tuple[str, ...] = ()
    doubt: str = ""
    unfillable: str = ""

    @property
    def number(self) -> int:
        """What people call it by: « n° 37 » in lists and previews, ``"#37"`` in a mapping."""
        return self.order + 1


@dataclass(frozen=True, slots=True)
class PageTotal:
    """Where a PDF leaves the total of « Page n / total » to who stamps it.

    Attributes:
        first: the first page with a number, from 1; all that follow have theirs at the same place.
        rect: in points, default user space: as high as the letters, its lower side the baseline.
    """

    first: int
    rect: Rect


@dataclass(frozen=True, slots=True)
class PageCodes:
    """Where a PDF leaves room for the code of its pages, so that it need not be looked for.

    Attributes:
        starts: from which page on, from 1, in rising order, and the lower left corner of the code
            as the reader sees the page, in points; its quiet zone lies around it.
    """

    starts: tuple[tuple[int, float, float], ...]

    def corner(self, page: int) -> tuple[float, float] | None:
        """The lower left corner of a page's code; ``None`` where there is no room."""
        here = [(x, y) for first, x, y in self.starts if first <= page]
        return here[-1] if here else None


@dataclass(frozen=True)
class DocumentMapping(Generic[L]):
    """Where each placement of a guide lies in one document.

    Attributes:
        guide: the guide's id.
        document: the document's file name.
        sha256: the document's SHA-256, in hexadecimal.
        locators: by placement id.
        todo: placements still to be found.
        numbered: placements that a person gave by the number of their place; ``map --confirm``
            turns them into locators.
        total: where the number of pages goes; ``None`` where the document prints its own.
        codes: where the pages' codes go; ``None`` where room for them has to be looked for.
    """

    guide: str
    format: Format
    document: str
    sha256: str
    locators: Mapping[str, L]
    todo: tuple[str, ...] = field(default=())
    numbered: Mapping[str, int] = field(default_factory=dict)
    total: PageTotal | None = None
    codes: PageCodes | None = None

    def __post_init__(self) -> None:
        for name in ("locators", "numbered"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __reduce__(self) -> tuple[object, ...]:
        head: tuple[str, ...] = (self.guide, self.format, self.document, self.sha256)
        places: tuple[object, ...] = (dict(self.locators), self.todo, dict(self.numbered))
        return (DocumentMapping, (*head, *places, self.total, self.codes))

    def without(self, placements: Collection[str]) -> DocumentMapping[L]:
        """The same without some of its placements."""
        kept = {key: one for key, one in self.locators.items() if key not in placements}
        return replace(self, locators=kept, todo=(), numbered={})

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """The placements that nothing may be put in before a person looked: in their order."""
        return tuple(key for key, one in self.locators.items() if not one.confirmed)

    def require_document(self, content: bytes, where: str = "") -> None:
        """Refuse a document that is not the mapped one.

        Args:
            where: the document's path, for the message; the mapping knows its name alone.

        Raises:
            MappingError: the SHA-256 differs.
        """
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise MappingError(
                "ce document n’est pas celui que décrit le fichier de correspondance "
                "(son empreinte SHA-256 diffère).",
                where=where or self.document,
                remedy="Reprenez le document d’origine, ou refaites la correspondance : "
                "cqp-forms map DOCUMENT --against CORRESPONDANCE.",
            )


DocxMapping: TypeAlias = DocumentMapping[DocxLocator]
PdfMapping: TypeAlias = DocumentMapping[PdfLocator]
AnyMapping: TypeAlias = DocxMapping | PdfMapping


def mapping_of(
    guide_id: str,
    kind: Format,
    document: str,
    sha256: str,
    locators: Mapping[str, Locator],
    todo: tuple[str, ...] = (),
) -> AnyMapping:
    """A mapping with the locators that are of its format."""
    head = (guide_id, kind, document, sha256)
    if kind is Format.DOCX:
        docx = {key: one for key, one in locators.items() if isinstance(one, DocxLocator)}
        return DocumentMapping[DocxLocator](*head, docx, todo)
    pdf = {key: one for key, one in locators.items() if isinstance(one, PdfLocator)}
    return DocumentMapping[PdfLocator](*head, pdf, todo)


def with_places(
    mapping: AnyMapping,
    locators: Mapping[str, Locator],
    todo: tuple[str, ...] = (),
    numbered: Mapping[str, int] | None = None,
) -> AnyMapping:
    """The same mapping with other places; what it says of the pages stays."""
    head = (mapping.guide, mapping.format, mapping.document, mapping.sha256)
    made = mapping_of(*head, locators, todo)
    return replace(made, numbered=numbered or {}, total=mapping.total, codes=mapping.codes)
