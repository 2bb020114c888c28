"""What one page shows, in a form that two documents can be compared by: lines, drawings, marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cqp_forms.alterations import DRAFT, OwnMarks
from cqp_forms.mapping import Rect
from cqp_forms.pdf.page import Drawing, Painting, TextRun, bounds_of

#: Ink lighter than this is not seen on white paper.
_UNSEEN = 0.9
#: How far a mention's frame stands from its text, in points.
_FRAME = 40.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text that is no answer, in points of the page as it is read.

    Attributes:
        text: spaces of every kind are one.
        y: its baseline.
    """

    text: str
    y: float


@dataclass(frozen=True, slots=True)
class PageView:
    """One page, its answers and the edition's own marks left out.

    Attributes:
        lines: from the top.
        drawings: how often each is painted: what it is, and its box to a point.
        cover: whether the mention of the cover was seen; ``margin``: that of the margin.
    """

    lines: tuple[Line, ...]
    drawings: Counter[tuple[str, int, int, int, int]]
    cover: bool
    margin: bool


def view(
    items: Sequence[Drawing | TextRun],
    rotate: int,
    places: Mapping[str, Rect],
    printed: frozenset[tuple[object, ...]],
    marks: OwnMarks,
) -> PageView:
    """Sort what a page shows.

    Args:
        items: in the order of painting.
        rotate: how the page is turned.
        places: of the placements on it; what a document adds there is an answer.
        printed: what the blank prints, by :func:`fingerprint`; that is never an answer.
        marks: the edition's own.
    """
    own = _Own(items, marks)
    answers = [
        one for one in items if fingerprint(one) not in printed and _inside(one, places.values())
    ]
    aside = {id(one) for one in (*own.runs, *answers)}
    kept = [one for one in items if id(one) not in aside and not own.frames(one)]
    runs = [one for one in _seen(kept, items) if one.text.strip()]
    return PageView(
        tuple(_lines(runs, rotate)),
        Counter(_drawing(one) for one in kept if isinstance(one, Drawing)),
        own.cover,
        own.margin,
    )


def fingerprint(item: Drawing | TextRun) -> tuple[object, ...]:
    """What tells an item from another, to half a point."""
    box = tuple(round(2 * one) for one in bounds_of(item))
    if isinstance(item, TextRun):
        return ("text", item.text, *box)
    return (item.painting, round(item.light, 1), *box)


class _Own:
    """The edition's marks on a page: recognised by all that they say, never by a tag alone."""

    def __init__(self, items: Sequence[Drawing | TextRun], marks: OwnMarks) -> None:
        self.runs: list[TextRun] = []
        self.cover = self.margin = False
        self._frame: Rect | None = None
        for group in _sequences(items):
            text = "".join(one.text for one in group)
            if marks.is_margin(text):
                self.margin = True
            elif marks.is_cover(text):
                self.cover = True
                self._frame = _around(group)
            elif not (marks.draft and text == DRAFT and _slants(group[0])):
                continue
            self.runs.extend(group)

    def frames(self, item: Drawing | TextRun) -> bool:
        """Whether the item is the frame of the cover's mention."""
        if (
            self._frame is None
            or not isinstance(item, Drawing)
            or item.painting is not Painting.STROKE
        ):
            return False
        inner, outer = self._frame, (item.x0, item.y0, item.x1, item.y1)
        gaps = (inner.x0 - outer[0], inner.y0 - outer[1], outer[2] - inner.x1, outer[3] - inner.y1)
        # As wide as the text column, but no higher than its text: whichever way the page is turned.
        across = min(max(gaps[0], gaps[2]), max(gaps[1], gaps[3]))
        return item.straight and min(gaps) >= 0 and across <= _FRAME


def _sequences(items: Sequence[Drawing | TextRun]) -> Iterator[list[TextRun]]:
    """The runs of each marked-content sequence that the program may have added."""
    group: list[TextRun] = []
    for item in items:
        if not isinstance(item, TextRun) or item.tag != "Artifact":
            continue
        if group and group[-1].sequence != item.sequence:
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def _slants(run: TextRun) -> bool:
    return abs(run.along[0]) > 0.02 and abs(run.along[1]) > 0.02


def _around(group: Sequence[TextRun]) -> Rect:
    boxes = [bounds_of(one) for one in group]
    return Rect(
        min(one[0] for one in boxes),
        min(one[1] for one in boxes),
        max(one[2] for one in boxes),
        max(one[3] for one in boxes),
    )


def _inside(item: Drawing | TextRun, rects: Iterable[Rect]) -> bool:
    """Whether an item lies in a placement: text that begins there, a drawing within."""
    for rect in rects:
        if isinstance(item, TextRun):
            if rect.contains(item.x, item.y, slack=2.0):
                return True
        elif rect.contains(item.x0, item.y0, 2.0) and rect.contains(item.x1, item.y1, 2.0):
            return True
    return False


def _seen(kept: Sequence[Drawing | TextRun], items: Sequence[Drawing | TextRun]) -> list[TextRun]:
    """The runs that nothing opaque was painted over."""
    rank = {id(one): number for number, one in enumerate(items)}
    covers = [
        (rank[id(one)], one)
        for one in items
        if isinstance(one, Drawing) and one.opaque and one.painting is not Painting.STROKE
    ]
    return [
        run
        for run in kept
        if isinstance(run, TextRun)
        and not any(number > rank[id(run)] and _covers(mark, run) for number, mark in covers)
    ]


def _covers(mark: Drawing, run: TextRun) -> bool:
    """Whether a mark hides a good part of a run."""
    x0, y0, x1, y1 = bounds_of(run)
    wide = min(mark.x1, x1) - max(mark.x0, x0)
    high = min(mark.y1, y1) - max(mark.y0, y0)
    area = (x1 - x0) * (y1 - y0)
    return wide > 0 and high > 0 and area > 0 and wide * high > 0.08 * area


def _lines(runs: Sequence[TextRun], rotate: int) -> Iterator[Line]:
    placed = sorted(((*_upright(run, rotate), run) for run in runs), key=lambda one: -one[1])
    rows: list[list[tuple[float, float, TextRun]]] = []
    for one in placed:
        if rows and rows[-1][0][1] - one[1] < 0.35 * max(one[2].size, 4.0):
            rows[-1].append(one)
        else:
            rows.append([one])
    for row in rows:
        ordered = sorted(row, key=lambda one: one[0])
        text = " ".join(" ".join(_text(run) for _, _, run in ordered).split())
        yield Line(text, row[0][1])


def _text(run: TextRun) -> str:
    # Ink too pale to be read is a change even where the words are the same.
    return f"[pâle : {run.text}]" if run.light >= _UNSEEN else run.text


def _upright(run: TextRun, rotate: int) -> tuple[float, float]:
    match rotate % 360:
        case 90:
            return run.y, -run.x
        case 180:
            return -run.x, -run.y
        case 270:
            return -run.y, run.x
        case _:
            return run.x, run.y


def _drawing(mark: Drawing) -> tuple[str, int, int, int, int]:
    if mark.painting is Painting.IMAGE:
        kind = "image"
    elif mark.painting is Painting.STROKE:
        kind = "trait"
    else:
        kind = "aplat blanc" if mark.light >= 0.95 else "aplat"
    return (kind, round(mark.x0), round(mark.y0), round(mark.x1), round(mark.y1))
