"""Pages of a form drawn for a test, and what is drafted of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from drafted import outline_of
from reportlab.pdfgen.canvas import Canvas
from samples import drawn_page

from cqp_forms.mapping import Format

Draw = Callable[[Canvas], None]


def outline(draw: Draw) -> list[tuple[str, str]]:
    """See :func:`drafted.outline_of`."""
    return outline_of(drawn_page(draw), Format.PDF)


def labels(draw: Draw) -> list[str]:
    return [label for _, label in outline(draw)]


def bold(canvas: Canvas, x: float, y: float, text: str, size: float = 10) -> None:
    canvas.setFont("Helvetica-Bold", size)
    canvas.drawString(x, y, text)
    canvas.setFont("Helvetica", 10)


def boxes(canvas: Canvas, x: float, y: float, words: Sequence[str], step: float = 60) -> None:
    for rank, word in enumerate(words):
        canvas.rect(x + rank * step, y - 1, 9, 9)
        canvas.drawString(x + rank * step + 13, y, word)


def table(
    canvas: Canvas, top: float, edges: Sequence[float], rows: Sequence[Sequence[str]]
) -> None:
    for rank, row in enumerate(rows):
        y = top - 22 * rank
        spans = pairwise(edges) if len(row) > 1 else [(edges[0], edges[-1])]
        for text, (left, right) in zip(row, spans, strict=True):
            canvas.rect(left, y, right - left, 22)
            if text == "☐":
                canvas.rect(left + 8, y + 6, 9, 9)
            else:
                canvas.drawString(left + 4, y + 7, text)
