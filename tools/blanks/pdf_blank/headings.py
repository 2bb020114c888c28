"""The headings of the blank PDF, and the bookmarks that they set."""

from __future__ import annotations

from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Paragraph

from pdf_blank import style as look


class Heading(Paragraph):  # type: ignore[misc]
    """A heading, its lines of about the same length; a bookmark of the outline where asked.

    Args:
        text: marked up for reportlab.
        style: its look.
        bookmark: what the outline says, empty to stay out of it.
        level: of the bookmark, from 0.
    """

    #: Room around the text; whether a rule stands under it, and lines are of even length.
    side = above = below = 0.0
    ruled = False
    even = True

    def __init__(
        self, text: str, style: ParagraphStyle, bookmark: str = "", level: int = 0
    ) -> None:
        super().__init__(text, style)
        self.bookmark, self.level = bookmark, level
        self.text_height = 0.0

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """The whole width, and the text's height with the room around it."""
        room = self._room(width - 2 * self.side)
        _, self.text_height = super().wrap(room, height)
        self.width, self.height = width, self.text_height + self.above + self.below
        return self.width, self.height

    def _room(self, width: float) -> float:
        """A room that needs no more lines, and leaves no lone word on the last one."""

        def lines(room: float) -> int:
            return len(self.breakLines(room).lines)

        wanted, low, high = lines(width), width / 3, width
        if not self.even or wanted < 2:
            return width
        while high - low > 2:
            middle = (low + high) / 2
            low, high = (low, middle) if lines(middle) <= wanted else (middle, high)
        # A little more than the least: the first line is then the longer one.
        return high + (width - high) / 5

    def split(self, *_size: float) -> list[Flowable]:
        """Never: it goes to the next page whole."""
        return []

    def draw(self) -> None:
        """Draw the text, the rule under it, and set the bookmark."""
        canvas, height = self.canv, self.height
        canvas.saveState()
        canvas.translate(self.side, self.below)
        self.height = self.text_height
        super().draw()
        canvas.restoreState()
        if self.ruled:
            canvas.setStrokeColor(look.ACCENT)
            canvas.setLineWidth(1.6)
            canvas.line(0, -5, self.width, -5)
        if self.bookmark:
            key = f"part-{canvas.getPageNumber()}-{self.bookmark}"
            top = canvas.absolutePosition(0, height)[1] + 12
            canvas.bookmarkPage(key, fit="XYZ", left=0, top=round(top, 2), zoom=0)
            canvas.addOutlineEntry(self.bookmark, key, self.level, closed=0)


class PartTitle(Heading):
    """The title of a part, with a rule under it as wide as the text: its first line is full."""

    ruled = True
    even = False


class Banner(Heading):
    """A heading on a coloured ground, as wide as the text."""

    side, above, below = 13.0, 8.0, 9.5

    def draw(self) -> None:
        """Draw the ground, then the text on it."""
        canvas = self.canv
        canvas.setFillColor(look.NAVY)
        canvas.rect(0, 0, self.width, self.height, stroke=0, fill=1)
        canvas.setFillColor(look.ACCENT)
        canvas.rect(0, 0, 4, self.height, stroke=0, fill=1)
        super().draw()
