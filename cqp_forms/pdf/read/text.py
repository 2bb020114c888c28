"""Read back the text of an area: typed lines as typed, the annex followed.

Text stamped by this program says in its marked content what begins a typed line (``/P``), what
continues one (``/Span``) and what the program added (``/Reference``). Other text, typed over the
page in a viewer, is put in lines by its place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cqp_forms.mapping import Rect
from cqp_forms.pdf.page.items import UNSEEN, Drawing, Item, Painting, TextRun
from cqp_forms.pdf.read.marks import Signature, signature
from cqp_forms.plan import UNSETTLED_TITLE

_CONTINUED = re.compile(r"^\(suite en annexe (\d+), page \d+\)$")
_REPEATED = re.compile(r"^…\s\(voir annexe (\d+)\)$")
_HEADING = re.compile(r"^Annexe (\d+) – ")
_LEADERS = re.compile(r"^[.…_·\s-]*$")
#: Documents issued before the last page was told have the page's number alone.
_FOOT = re.compile(r"Annexe–page(\d+)(?:/(\d+))?")
_SLACK = 2.0


@dataclass
class Passage:
    """Text in the order shown, with whether its first line continues the one before."""

    text: str = ""
    continues: bool = False
    started: bool = False

    def add(self, tag: str, text: str) -> None:
        """Add one marked-content sequence."""
        if not self.started:
            self.started, self.continues, self.text = True, tag == "Span", text
        else:
            self.text += text if tag == "Span" else "\n" + text

    def after(self, head: str) -> str:
        """The whole text, of which this is what follows ``head``."""
        return head + self.text if self.continues or not head else f"{head}\n{self.text}"


@dataclass
class _Area:
    """What an area shows, by kind."""

    typed: Passage = field(default_factory=Passage)
    notes: list[str] = field(default_factory=list)
    loose: list[TextRun] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Comb:
    """An upright area cut in cells of one character (12.7.5.3).

    Attributes:
        cells: the middle of each, from 0 at the left to 1.
    """

    rect: Rect
    cells: Sequence[float]

    def read(self, runs: Iterable[TextRun]) -> str:
        """The text of the cells; one that is empty between others is a space."""
        found: dict[int, str] = {}
        for run in runs:
            # Spaces stand for the gaps from cell to cell.
            letters = "".join(run.text.split())
            for rank, letter in enumerate(letters):
                x = run.x + (run.end_x - run.x) * (rank + 0.5) / len(letters)
                cell = self._cell((x - self.rect.x0) / self.rect.width)
                found[cell] = found.get(cell, "") + letter
        if not found:
            return ""
        return "".join(found.get(cell, " ") for cell in range(min(found), max(found) + 1))

    def _cell(self, at: float) -> int:
        return min(range(len(self.cells)), key=lambda one: abs(self.cells[one] - at))


def text_of(
    items: Sequence[Item],
    annex: AnnexTexts,
    rotate: int,
    blank: Collection[Signature] = (),
    comb: Comb | None = None,
) -> str:
    """The text of an area.

    Args:
        items: what :func:`may_write` lets through, in the order of painting.
        annex: where it may go on.
        rotate: how the page is turned.
        blank: what the blank shows there.
        comb: how the area is cut in cells of one character, if it is.

    Raises:
        LostTextError: it goes on in an annex that is not there, or not whole.
    """
    runs = [run for run in _visible(items) if not (blank and signature(run) in blank)]
    area = _sorted(runs)
    text = area.typed.text
    for note in area.notes:
        text = _followed(text, note, annex)
    loose = comb.read(area.loose) if comb else lines_of(area.loose, rotate)
    return "\n".join(one for one in (text, loose) if one)


def may_write(item: Item, rect: Rect, rotate: int) -> bool:
    """Whether an item that touches an area is its text, or may hide it.

    Args:
        rotate: how the page is turned: a draft's mark runs across, and is no answer.
    """
    if isinstance(item, TextRun):
        return rect.contains(item.x, item.y, _SLACK) and _along(item, rotate)
    return item.opaque and item.painting is not Painting.STROKE


def _visible(items: Sequence[Item]) -> list[TextRun]:
    """The text that is seen: not white, not under something opaque painted later."""
    found: list[TextRun] = []
    for item in items:
        if isinstance(item, TextRun):
            if item.light < UNSEEN:
                found.append(item)
        elif item.opaque and item.painting is not Painting.STROKE:
            found = [run for run in found if not _covered(run, item)]
    return found


def _covered(run: TextRun, by: Drawing) -> bool:
    x, y = (run.x + run.end_x) / 2, (run.y + run.end_y) / 2
    x += -run.along[1] * run.size * 0.3
    y += run.along[0] * run.size * 0.3
    return by.x0 <= x <= by.x1 and by.y0 <= y <= by.y1


def _along(run: TextRun, rotate: int) -> bool:
    """Whether the text runs as the page is read."""
    x, y = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}.get(rotate, (1, 0))
    return run.along[0] * x + run.along[1] * y > 0.99


def _sorted(runs: Iterable[TextRun]) -> _Area:
    area = _Area()
    last: tuple[str, int] | None = None
    for run in runs:
        here = run.tag, run.sequence
        if run.tag in {"P", "Span"}:
            if here == last:
                area.typed.text += run.text
            else:
                area.typed.add(run.tag, run.text)
        elif run.tag == "Reference":
            if here == last:
                area.notes[-1] += run.text
            else:
                area.notes.append(run.text)
        elif run.tag != "Artifact":
            area.loose.append(run)
        last = here
    return area


class LostTextError(Exception):
    """A text goes on where nothing is; the message says why, in French."""


def _followed(text: str, note: str, annex: AnnexTexts) -> str:
    """The text with what its mention of the annex stands for."""
    continued, repeated = _CONTINUED.match(note), _REPEATED.match(note)
    if not continued and not repeated:
        return f"{text} {note}".strip()
    number = int(continued[1]) if continued else int(repeated[1])  # type: ignore[index]
    passage = annex.passages.get(number)
    if passage is None:
        raise LostTextError(annex.problem or f"la suite du texte, annexe {number}, est absente")
    if continued:
        return passage.after(text)
    # The beginning shown and the annex must say the same; else both are told.
    return passage.text if passage.text.startswith(text) else f"{text} {note}".strip()


def lines_of(runs: Sequence[TextRun], rotate: int) -> str:
    """Text without marks, in lines by its place; leaders (dots, underscores) aside."""
    placed = [(*_upright(run, rotate), run) for run in runs if not _LEADERS.match(run.text)]
    placed.sort(key=lambda one: (-one[1], one[0]))
    lines: list[list[tuple[float, float, TextRun]]] = []
    for one in placed:
        if lines and abs(lines[-1][0][1] - one[1]) < 0.5 * max(one[2].size, 1.0):
            lines[-1].append(one)
        else:
            lines.append([one])
    text = ""
    for line in lines:
        # A space at the end of a line is one where it was wrapped.
        text += "" if not text or text[-1] == " " else "\n"
        text += _line(sorted(line, key=lambda one: one[0]))
    return text.rstrip()


def _line(line: Sequence[tuple[float, float, TextRun]]) -> str:
    parts: list[str] = []
    end = None
    for x, _, run in line:
        if end is not None and x - end > 0.15 * run.size and parts[-1][-1:] != " ":
            parts.append(" ")
        parts.append(run.text)
        end = x + ((run.end_x - run.x) ** 2 + (run.end_y - run.y) ** 2) ** 0.5
    return "".join(parts)


def _upright(run: TextRun, rotate: int) -> tuple[float, float]:
    """A run's place as the page is read."""
    match rotate:
        case 90:
            return run.y, -run.x
        case 180:
            return -run.x, -run.y
        case 270:
            return -run.y, run.x
        case _:
            return run.x, run.y


@dataclass(frozen=True)
class AnnexTexts:
    """What the annex says.

    Attributes:
        passages: its texts, by number.
        problem: why it cannot be relied on, in French; empty when it is whole.
    """

    passages: Mapping[int, Passage] = field(default_factory=dict)
    problem: str = ""


def is_annex(items: Iterable[Item]) -> bool:
    """Whether a page is of an annex that this program wrote."""
    return _foot(items) is not None


def annex_of(pages: Iterable[Sequence[Item]], first: int) -> AnnexTexts:
    """The annex, from its pages.

    Args:
        first: the number of its first page, as its foot says it.
    """
    by_number: dict[int, list[tuple[str, str]]] = {}
    last = 0
    for items in pages:
        number, told = _foot(items) or (0, 0)
        sequences = _sequences(_visible(items))
        if by_number.setdefault(number, sequences) != sequences:
            return AnnexTexts(problem=f"la page {number}, de l’annexe, est en double et diffère")
        last = max(last, number, told)
    for number in range(first, last + 1):
        if number not in by_number:
            return AnnexTexts(problem=f"page {number}, de l’annexe, absente")
    found: dict[int, Passage] = {}
    current: Passage | None = None
    for _, sequences in sorted(by_number.items()):
        for tag, text in sequences:
            if (tag, text.strip()) == ("H1", UNSETTLED_TITLE):
                # What a draft lists after its annex is no answer.
                current = None
            elif tag == "H2":
                heading = _HEADING.match(text)
                current = found.setdefault(int(heading[1]), Passage()) if heading else None
            elif current is not None and tag != "Artifact":
                # Text without mark in an annex was added: it must show as a difference.
                current.add("P" if tag not in {"P", "Span"} else tag, text)
    return AnnexTexts(found)


def _foot(items: Iterable[Item]) -> tuple[int, int] | None:
    """The number of an annex page, and of the last one, 0 where it is not said."""
    runs = (one for one in items if isinstance(one, TextRun) and one.tag == "Artifact")
    for _, text in _sequences(runs):
        if found := _FOOT.fullmatch("".join(text.split())):
            return int(found[1]), int(found[2] or 0)
    return None


def _sequences(runs: Iterable[TextRun]) -> list[tuple[str, str]]:
    """The text of each marked-content sequence, in order."""
    found: list[tuple[str, str]] = []
    last: tuple[str, int] | None = None
    for run in runs:
        here = run.tag, run.sequence
        if here == last:
            found[-1] = run.tag, found[-1][1] + run.text
        else:
            found.append((run.tag, run.text))
        last = here
    return found
