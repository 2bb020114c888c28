"""Text areas: what each shows of its text, and what it hands to the annex."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import pairwise

from cqp_forms import fonts
from cqp_forms.errors import AnswersError, NoRoomError, NotListedError
from cqp_forms.mapping import PdfKind
from cqp_forms.pdf.layout import NARROW_SIZES, SIZES, Fitted, Line, capacity, fit, fit_line
from cqp_forms.pdf.stamp.overlay import (
    FontUsage,
    Frame,
    comb,
    measure,
    mention,
    middle_baseline,
    paragraphs,
    written,
)

_SIDE = 2.0
#: A place narrower than this, in points, is printed for small type.
_NARROW = 56.0
#: What « … (voir annexe 12) » takes at its smallest, in points: else it covers the neighbours.
_MENTION = 36.0
_BOX_SIDE = 4.0
_BOX_TOP = 3.0
#: A mention that says where the text goes on is made no smaller than this, in points.
_SMALLEST = 4.0


class Flow(Enum):
    """How an area takes its text."""

    ONE_LINE = "one line"
    WRAPPED = "wrapped"
    COMB = "comb"  # a character a cell


class Align(Enum):
    """Where a text stands in its field: /Q (ISO 32000-2, 12.7.4.3)."""

    LEFT = 0
    CENTRE = 1
    RIGHT = 2


class Overflow(Enum):
    """What becomes of a text that does not fit."""

    NONE = "none"
    CONTINUED = "continued"  # the annex goes on where the area stops
    REPEATED = "repeated"  # the area shows the beginning, the annex has the whole


@dataclass(frozen=True, slots=True)
class Area:
    """A text area as the stamper knows it.

    Attributes:
        page: from 0.
        frame: as the reader sees it.
        field: the field's id; title: its readable label.
        cells: of a comb, the middle of each along the frame, from 0 to 1; else empty.
        align: where a comb's text stands.
        choices: of a list that takes nothing else, its items; else empty.
        covers: whether an invitation to write is printed there, which the answer covers.
    """

    page: int
    frame: Frame
    flow: Flow
    field: str
    title: str
    cells: tuple[float, ...] = ()
    align: Align = Align.LEFT
    choices: tuple[str, ...] = ()
    covers: bool = False

    def require_choice(self, text: str) -> None:
        """Refuse a text that a viewer's list would not take.

        Raises:
            AnswersError: it is none of the list's items.
        """
        if text and self.choices and text not in self.choices:
            raise NotListedError.of(self.title, text, self.choices, f"page {self.page + 1} du PDF")


@dataclass(frozen=True, slots=True)
class Setting:
    """A text set in its area.

    Attributes:
        flow: the area's, except for a text that is too long for its comb: it runs over the cells.
        number: the annex entry that it goes on in, 0 when none.
    """

    area: Area
    flow: Flow
    fitted: Fitted
    overflow: Overflow = Overflow.NONE
    number: int = 0


def flow_of(kind: PdfKind, frame: Frame, *, multiline: bool, cells: Sequence[float]) -> Flow:
    """How an area takes its text: in several lines if it is meant to, and high enough for two."""
    if cells:
        return Flow.COMB
    one_line = kind in (PdfKind.LINE, PdfKind.INVITE)
    meant = multiline if kind is PdfKind.WIDGET else not one_line
    roomy = capacity(frame.height - 2 * _BOX_TOP, SIZES[-1]) >= 2
    return Flow.WRAPPED if meant and roomy else Flow.ONE_LINE


def set_text(area: Area, text: str, number: int) -> Setting:
    """Set a text in an area.

    Args:
        text: in form NFC.
        number: that of the annex entry, should one be needed.

    Raises:
        AnswersError: the area is a list without that item, or too narrow for the text.
    """
    area.require_choice(text)
    if area.flow is Flow.COMB and (size := _comb_size(area, text)):
        return Setting(area, Flow.COMB, Fitted(size, (Line(text, True),)))
    if area.flow is Flow.WRAPPED and not _fits_on_a_line(area, text):
        room = area.frame.height - 2 * _BOX_TOP
        fitted = fit(measure(text), area.frame.width - 2 * _BOX_SIDE, room)
        overflow = Overflow.CONTINUED if fitted.rest else Overflow.NONE
        return Setting(area, area.flow, fitted, overflow, number if fitted.rest else 0)
    narrow = area.frame.width < _NARROW
    width = area.frame.width - 2 * _SIDE
    fitted = fit_line(measure(text), width, _tail(number), NARROW_SIZES if narrow else SIZES)
    if fitted.rest and area.frame.width < _MENTION:
        raise _too_long(area, text)
    overflow = Overflow.REPEATED if fitted.rest else Overflow.NONE
    return Setting(area, Flow.ONE_LINE, fitted, overflow, number if fitted.rest else 0)


def _too_long(area: Area, text: str) -> AnswersError:
    """A text for a place that has no room to say where it would go on is refused."""
    error = NoRoomError(
        f"{area.title} : « {text} » ne tient pas dans sa place "
        f"({area.frame.width:.0f} points de large).",
        where=f"page {area.page + 1} du PDF",
        remedy="Abrégez la réponse.",
    )
    error.text = text
    return error


def letters_beyond(setting: Setting) -> int:
    """How many letters of a text go on in the annex."""
    rest = sum(len(one.text) for one in setting.fitted.rest)
    if setting.overflow is Overflow.REPEATED:
        return max(1, rest - sum(len(one.text) for one in setting.fitted.lines))
    return rest if setting.overflow is Overflow.CONTINUED else 0


def _fits_on_a_line(area: Area, text: str) -> bool:
    """Whether a text stands in the middle of a low area, on one line as on a rule."""
    low = capacity(area.frame.height - 2 * _BOX_TOP, SIZES[-1]) < 3
    return low and not fit_line(measure(text), area.frame.width - 2 * _SIDE).rest


def _comb_size(area: Area, text: str) -> float:
    """The largest size at which each character fits its cell; 0 when they do not."""
    characters = list(fonts.clusters(text))
    if "\n" in text or len(characters) > len(area.cells):
        return 0.0
    room = area.frame.width * min((b - a for a, b in pairwise(area.cells)), default=1.0)
    widest = max((measure(one).width(1) for one in characters), default=0.0)
    return next(
        (one for one in SIZES if widest * one <= room and capacity(area.frame.height, one)), 0.0
    )


def _see(number: int) -> str:
    return f"… (voir annexe {number})"


@lru_cache(maxsize=64)
def _tail(number: int) -> float:
    """The width of that mention, in thousandths of an em."""
    return measure(_see(number)).width(1000)


def draw(setting: Setting, where: Frame, annex_page: int, usage: FontUsage) -> str:
    """The operators that show a set text.

    Args:
        where: the area's frame, in the space that is drawn in.
        annex_page: the page where the annex entry starts, from 1.

    Raises:
        AnswersError: a character cannot be printed.
    """
    if setting.area.covers:
        edges = where.whole
        box = written(edges.x0, edges.y0, edges.width, edges.height)
        return f"q 1 g {box} re f Q\n" + _one_line(setting, where, usage)
    match setting.flow:
        case Flow.WRAPPED:
            return _wrapped(setting, where, annex_page, usage)
        case Flow.COMB:
            return _cells(setting, where, usage)
        case Flow.ONE_LINE:
            return _one_line(setting, where, usage)


def _wrapped(setting: Setting, where: Frame, annex_page: int, usage: FontUsage) -> str:
    fitted = setting.fitted
    first = where.height - _BOX_TOP - fitted.size
    shown = paragraphs(fitted.lines, fitted.size, where, _BOX_SIDE, first, usage)
    if setting.overflow is Overflow.NONE:
        return shown
    note = f"(suite en annexe {setting.number}, page {annex_page})"
    size = _shrunk(note, where.width - 2 * _BOX_SIDE, fitted.size)
    below = first - len(fitted.lines) * fitted.leading
    return shown + mention(note, size, where, _BOX_SIDE, below, usage, "Reference")


def _one_line(setting: Setting, where: Frame, usage: FontUsage) -> str:
    fitted = setting.fitted
    baseline = middle_baseline(where.height, fitted.size)
    shown = paragraphs(fitted.lines, fitted.size, where, _SIDE, baseline, usage)
    if setting.overflow is Overflow.NONE:
        return shown
    note = _see(setting.number)
    start = measure(fitted.lines[0].text).width(fitted.size)
    size = _shrunk(note, where.width - 2 * _SIDE - start, fitted.size)
    return shown + mention(note, size, where, _SIDE + start, baseline, usage, "Reference")


def _cells(setting: Setting, where: Frame, usage: FontUsage) -> str:
    area, (line,) = setting.area, setting.fitted.lines
    free = len(area.cells) - sum(1 for _ in fonts.clusters(line.text))
    first = {Align.LEFT: 0, Align.CENTRE: free // 2, Align.RIGHT: free}[area.align]
    return comb(line.text, setting.fitted.size, area.cells, first, where, usage)


def _shrunk(text: str, width: float, size: float) -> float:
    """The size at which a mention fits, no larger than the text around it."""
    wide = measure(text).width(size)
    # The mention says where the text is: better small than cut.
    return size if wide <= width else max(_SMALLEST, int(size * width / wide * 10) / 10)
