"""The blank PDF's own flowables: each draws something to fill in, and records where it lies."""

from __future__ import annotations

from dataclasses import dataclass, field

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from cqp_forms.mapping import Rect
from cqp_forms.typography import NBSP
from pdf_blank import style as look

#: Height of a row « label : ruled line »; the text's part of it stands above the rule.
LINE_ROW = 22.0
LINE_FOOT = 3.0
LINE_AREA = 16.2
#: The same for two lines of 8 points, the smallest that is stamped.
TWO_LINES_AREA = 24.2


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a placement was drawn.

    Attributes:
        page: from 1.
        rect: what can be filled, in points, default user space.
        multiline: for text areas.
    """

    page: int
    rect: Rect
    multiline: bool = False


@dataclass
class Recorder:
    """Collects the placements while pages are drawn, in reading order."""

    spots: dict[str, Spot] = field(default_factory=dict)

    def record(
        self,
        canvas: Canvas,
        placement: str,
        corner: tuple[float, float],
        size: tuple[float, float],
        *,
        multiline: bool = False,
    ) -> None:
        """Record a rectangle given in the canvas's present coordinates.

        Args:
            canvas: what is drawn on.
            placement: its id.
            corner: the lower left corner.
            size: width and height.
            multiline: whether the area takes several lines.
        """
        x, y = canvas.absolutePosition(*corner)
        rect = Rect(*(round(one, 2) for one in (x, y, x + size[0], y + size[1])))
        self.spots[placement] = Spot(canvas.getPageNumber(), rect, multiline)


class TickBox(Flowable):  # type: ignore[misc]
    """A drawn square to tick."""

    def __init__(self, recorder: Recorder, placement: str) -> None:
        super().__init__()
        self.recorder, self.placement = recorder, placement
        self.width = self.height = look.TICK_SIDE

    def draw(self) -> None:
        """Draw the square: the page has it, the widget only has the mark."""
        canvas, side = self.canv, look.TICK_SIDE
        canvas.setStrokeColor(look.INK)
        canvas.setFillColor(look.PAPER)
        canvas.setLineWidth(look.STROKE)
        canvas.rect(0, 0, side, side, stroke=1, fill=1)
        self.recorder.record(canvas, self.placement, (0, 0), (side, side))


class Chip(Flowable):  # type: ignore[misc]
    """A word on a coloured ground, as on the buttons that it names."""

    def __init__(self, text: str, size: float = 9.0) -> None:
        super().__init__()
        self.text, self.size = text, size
        self.width = max(30.0, stringWidth(text, look.BOLD, size) + 12)
        self.height = size + 5

    def draw(self) -> None:
        """Draw the ground, then the word in its middle."""
        canvas = self.canv
        canvas.setFillColor(look.NAVY)
        canvas.roundRect(0, 0, self.width, self.height, 2.5, stroke=0, fill=1)
        canvas.setFillColor(look.PAPER)
        canvas.setFont(look.BOLD, self.size)
        canvas.drawCentredString(self.width / 2, self.height / 2 - self.size * 0.31, self.text)


def colon(label: str) -> str:
    """The label with its colon, unless its own mark ends it."""
    return label if label.rstrip().endswith((":", "?", "!", ".")) else f"{label}{NBSP}:"


def label_width(labels: list[str], size: float = 10.5) -> float:
    """The room that aligned labels need before their lines."""
    return max((stringWidth(colon(one), look.BOLD, size) for one in labels), default=0.0) + 7


class FieldLine(Flowable):  # type: ignore[misc]
    """« Label : » and a ruled line to write on.

    Args:
        recorder: told where the line lies.
        placement: the text area's id.
        label: without its colon.
        indent: where the line begins, the same for lines that stand together.
        size: the label's font size.
        length: of the line, where it does not go to the right edge.
        tall: whether there is room for two lines of text.
    """

    def __init__(
        self,
        recorder: Recorder,
        placement: str,
        label: str,
        indent: float,
        size: float = 10.5,
        length: float = 0.0,
        *,
        tall: bool = False,
    ) -> None:
        super().__init__()
        self.recorder, self.placement, self.label = recorder, placement, label
        self.indent, self.size, self.length = indent, size, length
        self.tall, self.area = tall, TWO_LINES_AREA if tall else LINE_AREA
        self.width = 0.0
        self.height = max(LINE_ROW * size / 10.5, LINE_FOOT + self.area + 1.0)

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Take the whole width."""
        self.width = width
        return width, self.height

    def draw(self) -> None:
        """Draw the label and the rule; text goes between the rule and the row's top."""
        canvas = self.canv
        canvas.setFillColor(look.NAVY)
        canvas.setFont(look.BOLD, self.size)
        # On the line that capitals centred in the area stand on.
        canvas.drawString(0, LINE_FOOT + self.area / 2 - 0.33 * self.size, colon(self.label))
        canvas.setStrokeColor(look.QUIET)
        canvas.setLineWidth(look.RULE)
        length = min(self.length or self.width, self.width - self.indent)
        rule = LINE_FOOT - 0.8
        canvas.line(self.indent, rule, self.indent + length, rule)
        self.recorder.record(
            canvas,
            self.placement,
            (self.indent + 1, LINE_FOOT),
            (length - 2, self.area),
            multiline=self.tall,
        )


class WritingBox(Flowable):  # type: ignore[misc]
    """A dashed box for a comment.

    Args:
        recorder: told where the inside lies.
        placement: the text area's id.
        lines: its height, in lines of 10 pt text.
        more: what to add to it, in points.
    """

    INSET = 4.0

    def __init__(self, recorder: Recorder, placement: str, lines: int, more: float) -> None:
        super().__init__()
        self.recorder, self.placement = recorder, placement
        self.width, self.height = 0.0, lines * 13.6 + 2 * self.INSET + more

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Take the whole width."""
        self.width = width
        return width, self.height

    def draw(self) -> None:
        """Draw the dashes; text stays clear of them."""
        canvas, inset = self.canv, self.INSET
        canvas.setStrokeColor(look.QUIET)
        canvas.setFillColor(look.PAPER)
        canvas.setLineWidth(look.STROKE)
        canvas.setDash(3.5, 2.5)
        canvas.rect(0, 0, self.width, self.height, stroke=1, fill=1)
        canvas.setDash()
        self.recorder.record(
            canvas,
            self.placement,
            (inset, inset),
            (self.width - 2 * inset, self.height - 2 * inset),
            multiline=True,
        )


class SignatureBox(Flowable):  # type: ignore[misc]
    """An area to sign and stamp in, its label at the top.

    Args:
        recorder: told where one signs: the box without its label.
        placement: the signature area's id.
        label: without its colon.
        height: of the whole box.
    """

    LABEL_HEIGHT = 17.0

    def __init__(self, recorder: Recorder, placement: str, label: str, height: float) -> None:
        super().__init__()
        self.recorder, self.placement, self.label = recorder, placement, label
        self.width, self.height = 0.0, height

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Take the whole width."""
        self.width = width
        return width, self.height

    def draw(self) -> None:
        """Draw the frame and the label."""
        canvas, top = self.canv, self.height - self.LABEL_HEIGHT
        canvas.setStrokeColor(look.QUIET)
        canvas.setFillColor(look.PAPER)
        canvas.setLineWidth(look.STROKE)
        canvas.rect(0, 0, self.width, self.height, stroke=1, fill=1)
        canvas.setFillColor(look.NAVY)
        canvas.setFont(look.BOLD, 9.5)
        canvas.drawString(6, top + 4.5, colon(self.label))
        self.recorder.record(canvas, self.placement, (3, 3), (self.width - 6, top - 4))
