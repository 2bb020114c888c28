"""Text areas: what each shows of its text, and what it hands to the annex."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.pdf.layout import SIZES, Fitted, Measured, capacity, fit, fit_line
from cqp_forms.pdf.stamp import fonts as stamp_fonts
from cqp_forms.pdf.stamp.frames import Frame
from cqp_forms.pdf.stamp.ink import (
    Used,
    bottom_of,
    mention,
    middle_baseline,
    paragraphs,
    top_baseline,
)

_SIDE = 2.0
_BOX_SIDE = 4.0
_BOX_TOP = 3.0


class Flow(Enum):
    """How an area takes its text."""

    ONE_LINE = "one line"
    WRAPPED = "wrapped"


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
    """

    page: int
    frame: Frame
    flow: Flow
    field: str
    title: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A text set in its area; ``number`` is the annex entry it goes on in, 0 when none."""

    area: Area
    fitted: Fitted
    overflow: Overflow
    number: int = 0


def flow_of(kind: PdfKind, frame: Frame, *, multiline: bool) -> Flow:
    """Whether an area takes several lines: it is meant to, and is high enough for two."""
    meant = multiline if kind is PdfKind.WIDGET else kind is not PdfKind.LINE
    roomy = capacity(frame.height - 2 * _BOX_TOP, SIZES[-1]) >= 2
    return Flow.WRAPPED if meant and roomy else Flow.ONE_LINE


def set_text(area: Area, text: str, number: int) -> Setting:
    """Set a text in an area.

    Args:
        text: in form NFC.
        number: that of the annex entry, should one be needed.
    """
    measured = Measured(text, stamp_fonts.advances())
    if area.flow is Flow.WRAPPED:
        room = area.frame.height - 2 * _BOX_TOP
        fitted = fit(measured, area.frame.width - 2 * _BOX_SIDE, room)
        if not fitted.rest:
            return Setting(area, fitted, Overflow.NONE)
        return Setting(area, fitted, Overflow.CONTINUED, number)
    tail = Measured(_see(number), stamp_fonts.advances()).width(1000)
    fitted = fit_line(measured, area.frame.width - 2 * _SIDE, tail)
    if not fitted.rest:
        return Setting(area, fitted, Overflow.NONE)
    return Setting(area, fitted, Overflow.REPEATED, number)


def _see(number: int) -> str:
    return f"… (voir annexe {number})"


def draw(setting: Setting, where: Frame, annex_page: int, used: Used) -> str:
    """The operators that show a set text.

    Args:
        where: the area's frame, in the space that is drawn in.
        annex_page: the page where the annex entry starts, from 1.
    """
    fitted = setting.fitted
    if setting.area.flow is Flow.WRAPPED:
        first = top_baseline(where.height, fitted.size, _BOX_TOP)
        shown = paragraphs(fitted.lines, fitted.size, where, _BOX_SIDE, first, used)
        if setting.overflow is Overflow.NONE:
            return shown
        note = f"(suite en annexe {setting.number}, page {annex_page})"
        size = _shrunk(note, where.width - 2 * _BOX_SIDE, fitted.size)
        below = bottom_of(fitted, first)
        return shown + mention(note, size, where, _BOX_SIDE, below, used, "Reference")
    baseline = middle_baseline(where.height, fitted.size)
    shown = paragraphs(fitted.lines, fitted.size, where, _SIDE, baseline, used)
    if setting.overflow is Overflow.NONE:
        return shown
    note = _see(setting.number)
    start = Measured(fitted.lines[0].text, stamp_fonts.advances()).width(fitted.size)
    size = _shrunk(note, where.width - 2 * _SIDE - start, fitted.size)
    return shown + mention(note, size, where, _SIDE + start, baseline, used, "Reference")


def _shrunk(text: str, width: float, size: float) -> float:
    """The size at which a mention fits, no larger than the text around it."""
    wide = Measured(text, stamp_fonts.advances()).width(size)
    # The mention says where the text is: better small than cut.
    return size if wide <= width else max(4.0, int(size * width / wide * 10) / 10)


def local(area: Area) -> Frame:
    """The area's frame in the space of its own appearance, whose origin is the widget's corner."""
    frame = area.frame
    box = frame.rect(0, 0, frame.width, frame.height)
    return Frame(
        frame.a,
        frame.b,
        frame.c,
        frame.d,
        frame.e - box.x0,
        frame.f - box.y0,
        frame.width,
        frame.height,
    )


def box_of(area: Area) -> Rect:
    """The area in default user space."""
    return area.frame.rect(0, 0, area.frame.width, area.frame.height)
