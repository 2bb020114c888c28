"""The blocks that a blank guide is made of, read from its YAML: both builders lay them out.

Texts carry a minimal inline markup, ``**bold**`` and ``*italic*``; ``\\n`` is a line break.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from cqp_forms.typography import typeset
from cqp_forms.yaml_data import Node

#: What XML cannot hold (XML 1.0, 2.2), tabs and line ends aside.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


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


def wording(node: Node, key: str, default: str | None = None) -> str:
    """The text under ``key``, typeset; ``default`` when the key is optional."""
    text = node.text(key, default)
    _require_shown(node, text)
    return typeset(text)


def wordings(node: Node, key: str) -> tuple[str, ...]:
    """The texts listed under ``key``, typeset; none when the key is absent."""
    items = node.items(key)
    for item in items:
        _require_shown(item, item.as_text())
    return tuple(typeset(item.as_text()) for item in items)


def _require_shown(node: Node, text: str) -> None:
    """Refuse what neither a workbook nor a document can hold."""
    if found := _CONTROL.search(text):
        raise node.fail(
            f"un caractère de contrôle (U+{ord(found[0]):04X}) se cache dans ce texte.",
            "Effacez-le : il ne se voit pas, et ni un classeur ni un document ne le gardent.",
        )


def read_blocks(node: Node, key: str) -> tuple[Block, ...]:
    """The blocks listed under ``key``; none when it is absent.

    Raises:
        GuideError: with the YAML path of what is no block.
    """
    return tuple(_block(one) for one in node.items(key))


def _block(node: Node) -> Block:
    if isinstance(node.value, str) and node.value in _BARE:
        return _BARE[node.value]
    keys = node.keys()
    if len(keys) != 1 or keys[0] not in _MAKERS:
        known = ", ".join([*_MAKERS, *_BARE])
        raise node.fail("ce n’est pas un bloc.", f"Un bloc est l’un de : {known}.")
    return _MAKERS[keys[0]](node, keys[0])


def _keyed(make: Callable[[Node], Block]) -> Callable[[Node, str], Block]:
    """What reads a block that has keys of its own, and refuses the others."""

    def read(node: Node, key: str) -> Block:
        body = node.get(key)
        block = make(body)
        body.done()
        return block

    return read


def _cover(body: Node) -> Block:
    return Cover(
        wording(body, "certificate"),
        wording(body, "tool"),
        wording(body, "title"),
        wording(body, "fields_title"),
        _ids(body, "fields"),
    )


def _bullet_item(node: Node) -> BulletItem:
    if isinstance(node.value, str):
        return BulletItem(typeset(node.value))
    item = BulletItem(wording(node, "text"), wordings(node, "items"))
    node.done()
    return item


def _signature(body: Node) -> Block:
    return SignatureBlock(
        wording(body, "title"),
        _ids(body, "fields"),
        body.text("declarant", ""),
        wording(body, "declaration", ""),
        body.text("date", ""),
        body.text("signature"),
    )


def _ids(node: Node, key: str) -> tuple[str, ...]:
    return tuple(one.as_text() for one in node.items(key))


_MAKERS: dict[str, Callable[[Node, str], Block]] = {
    "cover": _keyed(_cover),
    "heading": _keyed(lambda body: Heading(body.whole("level"), wording(body, "text"))),
    "paragraph": lambda node, key: Paragraph(wording(node, key)),
    "bullets": lambda node, key: Bullets(tuple(map(_bullet_item, node.items(key)))),
    "callout": _keyed(
        lambda body: Callout(wording(body, "title", ""), wordings(body, "paragraphs"))
    ),
    "field_lines": lambda node, key: FieldLines(_ids(node, key)),
    "tick_list": lambda node, key: TickList(_ids(node, key)),
    "comment_box": _keyed(lambda body: CommentBox(body.text("field"), body.whole("lines", 8))),
    "signature": _keyed(_signature),
}

_BARE: dict[str, Block] = {
    "modalities": Modalities(),
    "competences": Competences(),
    "page_break": PageBreak(),
}
