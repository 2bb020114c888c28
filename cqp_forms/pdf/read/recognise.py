"""Which page of the guide each page of a document is: recognised by its own text.

Before anything on a page is read, it must be known which page it is: sheets are added, doubled,
lost and swapped, and scanned, turned and shrunk by printers. All wording of the guide's page
counts, what fills its places aside; wording that several pages have counts little. Two pages that
are equally good candidates are left undecided unless the order of their neighbours decides.
"""

from __future__ import annotations

import cmath
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from cqp_forms import limits
from cqp_forms.errors import DocumentError, ScannedError
from cqp_forms.findings import Code, Finding, Severity, finding
from cqp_forms.pdf.geometry import IDENTITY, Matrix
from cqp_forms.pdf.page.items import UNSEEN, Item, TextRun
from cqp_forms.pdf.page.pages import PlacedText, placed

_GRAM = 6  # letters of a piece of wording
_FEW = 6  # pieces of wording; a page with fewer has no text to be known by
_SAME = 0.98  # of the text at its place: the page as it was issued
_ALIKE = 0.6  # of the wording: the same page, laid out otherwise
_TIE = 0.03
#: To take coordinates over exactly: share of the lines found, and how far they may be off (points).
_FOUND, _OFF, _LEAST_LINES = 0.5, 0.75, 4
_STILL = 0.1

#: A line of text without spaces, and where it begins, as a complex number.
Line: TypeAlias = tuple[str, complex]

_FROM_ORIGINAL = "Retrouvez ses réponses sur l’original, puis complétez la fiche."


@dataclass(frozen=True)
class PageText:
    """The text that is seen on a page.

    Attributes:
        placed: each run with its place.
        lines: runs put together that go on from one another.
        grams: all sequences of :data:`_GRAM` letters.
    """

    placed: frozenset[PlacedText]
    lines: tuple[Line, ...]
    grams: frozenset[str]

    @property
    def bare(self) -> bool:
        """Whether there is too little to know the page by."""
        return len(self.grams) < _FEW


def page_text(
    items: Iterable[Item], outside: Callable[[TextRun], bool] = lambda _: True
) -> PageText:
    """The text of a page.

    Args:
        outside: whether a run belongs to the page, not to one of its places.
    """
    runs = [one for one in items if isinstance(one, TextRun) and one.light < UNSEEN]
    runs = [one for one in runs if one.text.strip() and outside(one)]
    lines = tuple(_lines(runs))
    whole = (text[start : start + _GRAM] for text, _ in lines for start in range(len(text)))
    grams = frozenset(one for one in whole if len(one) == _GRAM)
    return PageText(frozenset(map(placed, runs)), lines, grams)


def _lines(runs: Sequence[TextRun]) -> Iterable[Line]:
    text, start, before = "", 0j, None
    for run in runs:
        if before is not None and _goes_on(before, run):
            text += "".join(run.text.split())
        else:
            if text:
                yield text, start
            text, start = "".join(run.text.split()), complex(run.x, run.y)
        before = run
    if text:
        yield text, start


def _goes_on(before: TextRun, run: TextRun) -> bool:
    ax, ay = before.along
    dx, dy = run.x - before.end_x, run.y - before.end_y
    along, across = dx * ax + dy * ay, dy * ax - dx * ay
    return -0.3 * run.size < along < 0.6 * run.size and abs(across) < 0.3 * run.size


@dataclass(frozen=True, slots=True)
class Copy:
    """A page of the document that is a page of the guide.

    Attributes:
        number: of the page in the document, from 0.
        matrix: from its space to the guide's page; ``None`` when nothing gives it exactly.
    """

    number: int
    matrix: Matrix | None = IDENTITY


@dataclass(frozen=True)
class Recognised:
    """What each page of a document is; all page numbers from 0.

    Attributes:
        copies: by page of the guide, its copies in the document, in order.
        undecided: by page of the document, the pages of the guide that it may be.
        strange: the pages of the document that are none of the guide.
    """

    copies: Mapping[int, tuple[Copy, ...]]
    undecided: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    strange: tuple[int, ...] = ()


class GuidePages:
    """The pages of a blank, to recognise those of a document by."""

    def __init__(self, pages: Sequence[PageText]) -> None:
        self.pages = pages
        often = Counter(gram for page in pages for gram in page.grams)
        # What many pages have, such as a running header, tells little.
        self._weights = {gram: 1 / times for gram, times in often.items()}
        self._totals = [self._weigh(page.grams) for page in pages]

    def as_issued(self, wordings: Sequence[frozenset[PlacedText]]) -> bool:
        """Whether a document begins with all pages, in order, each as it was issued.

        Args:
            wordings: of the document's pages; enough of it is seen in the page's own content.
        """
        total = len(self.pages)
        if len(wordings) < total or all(page.bare for page in self.pages):
            return False
        first = zip(self.pages, wordings, strict=False)
        return all(page.bare or page.placed <= wording for page, wording in first)

    def recognise(self, found: Sequence[PageText], annex: Sequence[bool]) -> Recognised:
        """Recognise the pages of a document.

        Args:
            found: their texts.
            annex: whether they are of an annex, and so none of the guide's.
        """
        candidates = [
            [] if is_annex else self._candidates(page)
            for page, is_annex in zip(found, annex, strict=True)
        ]
        chosen, undecided = _in_order(candidates)
        self._place_bare(chosen, annex, undecided)
        copies: dict[int, tuple[Copy, ...]] = {}
        for number, page in sorted(chosen.items()):
            same = self.pages[page].bare or self._is_same(page, found[number])
            matrix = IDENTITY if same else _fitted(found[number].lines, self.pages[page].lines)
            copies[page] = (*copies.get(page, ()), Copy(number, matrix))
        strange = (
            number
            for number, is_annex in enumerate(annex)
            if not is_annex and number not in chosen and number not in undecided
        )
        return Recognised(copies, undecided, tuple(strange))

    def _weigh(self, grams: frozenset[str]) -> float:
        return sum(self._weights.get(one, 0.0) for one in grams)

    def _is_same(self, page: int, found: PageText) -> bool:
        expected = self.pages[page].placed
        return len(expected & found.placed) >= _SAME * len(expected)

    def _candidates(self, found: PageText) -> list[int]:
        """The pages of the guide that a page may be."""
        shared = [0.0 if one.bare else self._weigh(one.grams & found.grams) for one in self.pages]
        alike = {
            page: share * share / self._totals[page]
            for page, share in enumerate(shared)
            if share and share >= _ALIKE * self._totals[page]
        }
        exact = {page: score for page, score in alike.items() if self._is_same(page, found)}
        # The page that says most; one that says little is found in many others.
        best = max(alike.values(), default=0.0)
        if exact and max(exact.values()) >= best / 2:
            alike, best = exact, max(exact.values())
        return [page for page, score in alike.items() if score >= (1 - _TIE) * best]

    def _place_bare(
        self, chosen: dict[int, int], annex: Sequence[bool], undecided: Collection[int]
    ) -> None:
        """Pages without text are known by their neighbours: all between two, or none."""
        total = len(annex) - sum(annex)
        spots = {
            -1: -1,
            **{page: number for number, page in chosen.items()},
            len(self.pages): total,
        }
        page = 0
        while page < len(self.pages):
            end = page
            while end < len(self.pages) and self.pages[end].bare:
                end += 1
            before, after = spots.get(page - 1), spots.get(end)
            if end > page and before is not None and after is not None:
                taken = {*chosen, *undecided}
                between = [one for one in range(before + 1, after) if one not in taken]
                if len(between) == end - page == after - before - 1:
                    chosen.update(zip(between, range(page, end), strict=True))
            page = max(end, page + 1)


def _in_order(
    candidates: Sequence[Sequence[int]],
) -> tuple[dict[int, int], dict[int, tuple[int, ...]]]:
    """Choose among candidates by the order of the neighbours; what is left is undecided."""
    chosen = {number: one[0] for number, one in enumerate(candidates) if len(one) == 1}
    anchors = sorted(chosen)
    claimed = set(chosen.values())
    left: dict[int, tuple[int, ...]] = {}
    for number, several in enumerate(candidates):
        if len(several) > 1:
            low = max((chosen[one] for one in anchors if one < number), default=-1)
            high = min((chosen[one] for one in anchors if one > number), default=limits.PDF_PAGES)
            free = tuple(one for one in several if one not in claimed)
            between = tuple(one for one in free if low < one < high)
            left[number] = between or free or tuple(several)
    undecided: dict[int, tuple[int, ...]] = {}
    for options in dict.fromkeys(left.values()):
        numbers = [number for number, some in left.items() if some == options]
        if len(numbers) == len(options) and not claimed.intersection(options):
            chosen.update(zip(numbers, options, strict=True))
        else:
            undecided.update(dict.fromkeys(numbers, options))
    return chosen, undecided


def _fitted(found: Sequence[Line], expected: Sequence[Line]) -> Matrix | None:
    """The matrix that brings each line to its place, ``None`` when none brings them all.

    It turns by quarters, scales evenly, and moves.
    """
    here, there = _unique(found), _unique(expected)
    pairs = [(here[text], there[text]) for text in here.keys() & there.keys()]
    if len(pairs) < max(_LEAST_LINES, _FOUND * len(there)):
        return None
    for _ in range(3):
        turn, move = _similarity(pairs)
        off = [abs(turn * one + move - two) for one, two in pairs]
        kept = [pair for pair, far in zip(pairs, off, strict=True) if far <= _OFF]
        if len(kept) == len(pairs):
            if turn == 1 and abs(move) < _STILL:
                return IDENTITY
            return turn.real, turn.imag, -turn.imag, turn.real, move.real, move.imag
        # A line may have been written over; the others must not move at all.
        middle = sorted(off)[len(off) // 2]
        nearest = [pair for pair, far in zip(pairs, off, strict=True) if far <= 2 * middle + 0.01]
        if len(nearest) < 0.9 * len(pairs):
            return None
        pairs = nearest
    return None


def _unique(lines: Sequence[Line]) -> dict[str, complex]:
    often = Counter(text for text, _ in lines)
    return {text: start for text, start in lines if len(text) > 3 and often[text] == 1}


def _similarity(pairs: Sequence[tuple[complex, complex]]) -> tuple[complex, complex]:
    """The best turn (with its scale) and move, by least squares."""
    count = len(pairs)
    one, two = sum(pair[0] for pair in pairs) / count, sum(pair[1] for pair in pairs) / count
    spread = sum(abs(here - one) ** 2 for here, _ in pairs) or 1.0
    turn = sum((here - one).conjugate() * (there - two) for here, there in pairs) / spread
    size, angle = cmath.polar(turn)
    quarter = round(angle / (cmath.pi / 2))
    turn = (1.0 if abs(size - 1) < 1e-3 else size) * 1j**quarter
    return turn, two - turn * one


def page_remarks(
    recognised: Recognised, total: int, pictures: Collection[int], turned: Collection[int]
) -> tuple[Finding, ...]:
    """One finding for each way in which the pages are not those of the guide.

    Args:
        total: how many pages the guide has.
        pictures: the pages of the document that are but a picture, from 0.
        turned: the pages of the document that are turned, shrunk or moved, from 0.
    """
    return tuple(_remarks(recognised, total, pictures, turned))


def _remarks(
    recognised: Recognised, total: int, pictures: Collection[int], turned: Collection[int]
) -> Iterator[Finding]:
    copies = recognised.copies
    scanned = [one for one in recognised.strange if one in pictures]
    strange = [one for one in recognised.strange if one not in pictures]
    if scanned:
        yield _remark(
            f"{pages(scanned)} du fichier : image sans texte (page numérisée), non lue.",
            _FROM_ORIGINAL,
        )
    if strange:
        yield _remark(
            f"{pages(strange)} du fichier : texte qui n’est pas celui du guide (page ajoutée), "
            "non lue.",
            "Vérifiez qu’elle ne porte aucune réponse.",
        )
    for number, options in recognised.undecided.items():
        either = " ou ".join(str(one + 1) for one in options)
        yield _remark(
            f"page {number + 1} du fichier : c’est la page {either} du guide, rien ne dit "
            "laquelle ; elle n’est pas lue.",
            _FROM_ORIGINAL,
        )
    maybe = {one for options in recognised.undecided.values() for one in options}
    if missing := [one for one in range(total) if one not in copies and one not in maybe]:
        yield _remark(f"{pages(missing)} du guide : absente du document.", _FROM_ORIGINAL)
    for page, several in copies.items():
        if len(several) > 1:
            yield _remark(
                f"page {page + 1} du guide : en double ({pages([one.number for one in several])} "
                "du fichier).",
                "Retirez l’exemplaire en trop, ou vérifiez que les deux disent la même chose.",
            )
    if lost := [one.number for several in copies.values() for one in several if not one.matrix]:
        yield _remark(
            f"{pages(lost)} du fichier : mise en page autrement que dans le guide, non lue.",
            _FROM_ORIGINAL,
        )
    order = [one.number for _, several in sorted(copies.items()) for one in several]
    if order != sorted(order):
        moved = [one for one, two in zip(order, sorted(order), strict=True) if one != two]
        yield _remark(
            f"{pages(sorted(moved))} du fichier : dans un autre ordre que le guide ; chacune est "
            "lue à sa place.",
            "Remettez les pages dans l’ordre avant d’archiver le document.",
        )
    if shown := [one for one in sorted(turned) if one not in lost]:
        yield finding(
            Code.CHANGED_PAGES,
            Severity.INFORMATION,
            f"{pages(shown)} du fichier : tournée, réduite ou déplacée ; ses réponses sont lues à "
            "leur place.",
            "Vérifiez quelques réponses sur l’original.",
        )


def _remark(message: str, remedy: str) -> Finding:
    return finding(Code.CHANGED_PAGES, Severity.WARNING, message, remedy)


def pages(numbers: Sequence[int]) -> str:
    """« page 3 », « pages 3, 4 et 7 », from numbers that begin with 0."""
    told = [str(one + 1) for one in numbers]
    if len(told) == 1:
        return f"page {told[0]}"
    return f"pages {', '.join(told[:-1])} et {told[-1]}"


def refuse_other(recognised: Recognised, pictures: Collection[int], total: int) -> None:
    """Refuse a document of which no page can be read.

    Args:
        pictures: its pages that are but a picture; ``total``: how many pages it has.

    Raises:
        DocumentError: with what it is instead.
    """
    copies = [one for several in recognised.copies.values() for one in several]
    if any(one.matrix for one in copies) or recognised.undecided:
        return
    if copies:
        raise DocumentError(
            "ce PDF a le texte du guide, mis en page autrement : il a été exporté de Word ou d’un "
            "autre traitement de texte, ou fait d’après un autre document vierge.",
            remedy="Donnez le PDF tel qu’il a été émis, le DOCX dont il vient, ou le document "
            "vierge d’origine : --document FICHIER --mapping FICHIER.",
        )
    if total and len(pictures) == total:
        raise ScannedError(
            "ce PDF est numérisé : ses pages sont des images, sans texte ; ses cases ne peuvent "
            "pas être lues.",
            remedy="Donnez le document d’avant la numérisation (PDF ou DOCX), ou saisissez les "
            "réponses dans une fiche.",
        )
    raise DocumentError(
        "ce document n’est pas fait d’après ce guide : aucune de ses pages n’y correspond.",
        remedy="Donnez le document vierge d’origine : --document FICHIER --mapping FICHIER.",
    )
