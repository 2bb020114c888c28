"""The wording of a DOCX part, every answer in it replaced by the same sign."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from cqp_forms.docx import wml
from cqp_forms.mapping import DocxKind

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: What stands for an answer.
MASK = "□"
_NO_WORDING = frozenset(MASK + ".…‥·_/")

#: Where something stands: the rank of an element, then an offset in its paragraph's text.
At: TypeAlias = tuple[int, int]
Token: TypeAlias = tuple[At, str]
_END = 1 << 60


def compact(text: str) -> str:
    """Without spaces, which editors change."""
    return "".join(text.split())


def is_wording(text: str) -> bool:
    """Whether a text without spaces is more than answers and lines to write on."""
    return not set(text) <= _NO_WORDING


def before(tokens: Sequence[Token], at: At) -> str:
    """The text up to a place, spaces included: an offset counts them."""
    return "".join(text for one, text in tokens if one < at)


def after(tokens: Sequence[Token], at: At) -> str:
    """The text from a place on, without spaces."""
    return compact("".join(text for one, text in tokens if one > at))


class Text:
    """The text of a part, paragraph by paragraph.

    Args:
        root: the part.
        masked: elements that hold answers, whole.
        offsets: paragraphs that hold some in their text: the kind, by offset.
    """

    def __init__(
        self,
        root: Element,
        masked: Iterable[Element],
        offsets: Mapping[Element, Mapping[int, DocxKind]],
    ) -> None:
        self._root = root
        self._ranks = {one: rank for rank, one in enumerate(root.iter())}
        self._masked = set(masked)
        self._offsets = offsets
        self._inside: dict[Element, list[Element]] = {}
        for one in self._masked:
            host = next((up for up in one.iterancestors() if wml.is_word(up, "p")), None)
            if host is not None:
                self._inside.setdefault(host, []).append(one)
        self._known: dict[Element, list[Token]] = {}

    def at(self, place: Element) -> At:
        """Where an element is."""
        return (self._ranks[place], 0)

    def at_offset(self, paragraph: Element, offset: int) -> At:
        """Where an offset in a paragraph's text is."""
        for piece in wml.pieces(paragraph):
            if piece.end > offset:
                return (self._ranks[piece.element], offset)
        return (_END, offset)

    def span(self, element: Element) -> tuple[int, int]:
        """The ranks of an element and of the last one inside it."""
        first = self._ranks[element]
        return first, first + sum(1 for _ in element.iter()) - 1

    def lines(self) -> Iterator[tuple[int, str]]:
        """Each paragraph's rank and text, without spaces."""
        for one in wml.all_words(self._root, "p"):
            if not self._is_hidden(one):
                yield self._ranks[one], self.line(one)

    def line(self, paragraph: Element) -> str:
        """A paragraph's text, without spaces."""
        return compact("".join(text for _, text in self.tokens(paragraph)))

    def cells(self, row: Element) -> list[str]:
        """The text of each cell of a row, without spaces."""
        return [self._cell(one) for one in _own(row, "tc")]

    def column(self, row: Element, place: Element) -> int:
        """Which cell of a row holds a place, or is it; -1 for none."""
        around = {*place.iter(), *place.iterancestors()}
        return next((n for n, one in enumerate(_own(row, "tc")) if one in around), -1)

    def _cell(self, cell: Element) -> str:
        if self._is_masked(cell):
            return MASK
        paragraphs = (one for one in _own(cell, "p") if not self._is_hidden(one))
        return "".join(self.line(one) if one not in self._masked else MASK for one in paragraphs)

    def tokens(self, paragraph: Element) -> list[Token]:
        """A paragraph's text, in pieces, each with its place; in the order of the document."""
        known = self._known.get(paragraph)
        if known is None:
            known = self._known[paragraph] = sorted(self._tokens(paragraph))
        return known

    def _tokens(self, paragraph: Element) -> Iterator[Token]:
        if self._is_masked(paragraph):
            return
        for one in self._inside.get(paragraph, ()):
            yield self.at(one), MASK
        places = self._offsets.get(paragraph, {})
        leaders = [offset for offset, kind in places.items() if kind is DocxKind.LEADER]
        end = min(leaders, default=_END)
        if leaders:
            yield self.at_offset(paragraph, end), MASK
        for piece in wml.pieces(paragraph):
            if self._is_masked(piece.element, paragraph):
                continue
            rank = self._ranks[piece.element]
            if not places:
                yield (rank, piece.start), piece.text
                continue
            for offset, sign in enumerate(piece.text, piece.start):
                if offset < end:
                    yield (rank, offset), MASK if offset in places else sign

    def _is_masked(self, element: Element, upto: Element | None = None) -> bool:
        if element in self._masked:
            return True
        for one in element.iterancestors():
            if one is upto:
                return False
            if one in self._masked:
                return True
        return False

    def _is_hidden(self, paragraph: Element) -> bool:
        """Whether it repeats what stands in ``mc:Choice``."""
        return any(one.tag == wml.qn("mc:Fallback") for one in paragraph.iterancestors())


def _own(element: Element, name: str) -> list[Element]:
    """The cells of a row, or the paragraphs of a cell, those of nested tables left out."""
    kind = "tr" if name == "tc" else "tc"
    return [
        one
        for one in wml.all_words(element, name)
        if next((up for up in one.iterancestors() if wml.is_word(up, kind)), None) is element
    ]
