"""The blocks that a blank guide is made of: what both builders lay out, each in its format.

Texts carry a minimal inline markup, ``**bold**`` and ``*italic*``; ``\\n`` is a line break.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text in one style."""

    text: str
    bold: bool = False
    italic: bool = False


_MARK = re.compile(r"(\*\*.+?\*\*|\*.+?\*)", re.DOTALL)


def spans(text: str) -> tuple[Span, ...]:
    """Split marked-up text into styled spans.

    >>> [span.text for span in spans("la **compétence** n°1") if span.bold]
    ['compétence']
    """
    found = []
    for piece in _MARK.split(text):
        if piece.startswith("**") and len(piece) > 4:
            found.append(Span(piece[2:-2], bold=True))
        elif piece.startswith("*") and len(piece) > 2:
            found.append(Span(piece[1:-1], italic=True))
        elif piece:
            found.append(Span(piece))
    return tuple(found)


def plain(text: str) -> str:
    """The text without its markup."""
    return "".join(span.text for span in spans(text))


@dataclass(frozen=True, slots=True)
class Cover:
    """The first page: certificate, tool, title, and the candidate's identity lines."""

    certificate: str
    tool: str
    title: str
    fields_title: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 makes a part, 2 a chapter within it, 3 a rubric."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of running text."""

    text: str


@dataclass(frozen=True, slots=True)
class BulletItem:
    """An item of a list, with the items below it."""

    text: str
    children: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list with one style of bullets (a second one for the items below)."""

    items: tuple[BulletItem, ...]


@dataclass(frozen=True, slots=True)
class Callout:
    """A tinted box: a title and paragraphs."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldLines:
    """« Label : ruled line » rows, one for each text field."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TickList:
    """Tick boxes, each followed by its label."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CommentBox:
    """A dashed box for a comment, its label above it; ``lines`` is its height in lines of 10 pt."""

    field: str
    lines: int


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """Who signs: a title, identity lines, a declaration, a date and a roomy signature area.

    Attributes:
        fields: identity lines, above the declaration.
        declarant: the « Je soussigné(e) » field, empty when there is none.
        declaration: what the declarant declares.
        date: the date field, empty when there is none.
        signature: the signature field.
    """

    title: str
    fields: tuple[str, ...]
    declarant: str
    declaration: str
    date: str
    signature: str


@dataclass(frozen=True, slots=True)
class Modalities:
    """Stands for the list of the competences with their modalities."""


@dataclass(frozen=True, slots=True)
class Competences:
    """Stands for the competences in full, each on a new page."""


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows starts on a new page."""


Block: TypeAlias = (
    Cover
    | Heading
    | Paragraph
    | Bullets
    | Callout
    | FieldLines
    | TickList
    | CommentBox
    | SignatureBlock
    | Modalities
    | Competences
    | PageBreak
)
