"""Take the mark out of a drawn box that comes ticked: out of the content, not painted over.

What a reader copies or a machine reads must not hold the mark either; so the instructions that
paint it go. The frame stays; where frame and mark are one glyph or one drawing, an equal empty
square takes its place. The result is rendered and compared: a box that is not clean afterwards, or
a page that has changed elsewhere, refuses the blank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO

import pikepdf

from cqp_forms.errors import DocumentError
from cqp_forms.mapping import PdfKind, PdfLocator, PdfMapping, Rect
from cqp_forms.pdf.stamp.base import Extras, Sheet
from cqp_forms.pdf.stamp.edit import Edits
from cqp_forms.pdf.stamp.marked import Raster, grown, rasters
from cqp_forms.pdf.stamp.marks import REACH, marks_in
from cqp_forms.pdf.stamp.objects import numbers
from cqp_forms.pdf.stamp.trace import Tracer


def unmark(
    pdf: pikepdf.Pdf,
    document: bytes,
    mapping: PdfMapping,
    boxes: Mapping[str, PdfLocator],
    sheets: Sequence[Sheet],
) -> Extras:
    """Clear the drawn boxes that are marked in a blank.

    Args:
        pdf: the blank, opened: its pages' content is changed.
        document: its bytes.
        boxes: the tick boxes that no form field carries, by placement.

    Returns:
        What to draw on each page (from 0) in their stead: content operators in default user space.

    Raises:
        DocumentError: a mark that cannot be taken away, naming the box and its page.
    """
    before = rasters(document, sheets, {one.page - 1 for one in boxes.values()})
    marked = {
        key: one for key, one in boxes.items() if before[one.page - 1].marked(one.rect, one.kind)
    }  # fmt: skip
    if not marked:
        return lambda _number: b""
    try:
        _clear(pdf, marked)
        after = rasters(_saved(pdf), sheets, {one.page - 1 for one in marked.values()})
    except pikepdf.PdfError as problem:
        raise _refused(mapping, *next(iter(marked.items()))) from problem
    _require_clean(mapping, marked, before, after)
    drawn: dict[int, bytes] = {}
    for one in marked.values():
        if one.kind is PdfKind.BOX and not after[one.page - 1].framed(one.rect):
            drawn[one.page - 1] = drawn.get(one.page - 1, b"") + _square(one.rect)
    return lambda number: drawn.get(number, b"")


def _clear(pdf: pikepdf.Pdf, marked: Mapping[str, PdfLocator]) -> None:
    tracer, edits = Tracer(), Edits()
    # All pages are traced: a form that another page shows as well must not be changed.
    painted = [tracer.page(page) for page in pdf.pages]
    for one in marked.values():
        edits.drop_all(marks_in(painted[one.page - 1], one.rect, one.kind, tracer.editable))
    edits.write(pdf)


def _saved(pdf: pikepdf.Pdf) -> bytes:
    buffer = BytesIO()
    pdf.save(buffer, encryption=False, static_id=True)
    return buffer.getvalue()


def _require_clean(
    mapping: PdfMapping,
    marked: Mapping[str, PdfLocator],
    before: Mapping[int, Raster],
    after: Mapping[int, Raster],
) -> None:
    for key, one in marked.items():
        if after[one.page - 1].marked(one.rect, one.kind):
            raise _refused(mapping, key, one)
    for number, page in after.items():
        here = {key: one for key, one in marked.items() if one.page - 1 == number}
        around = [
            grown(one.rect, REACH * min(one.rect.width, one.rect.height) + 1)
            for one in here.values()
        ]
        if not page.same_but(before[number], around):
            raise _refused(mapping, *next(iter(here.items())))


def _refused(mapping: PdfMapping, key: str, one: PdfLocator) -> DocumentError:
    return DocumentError(
        f"la case « {key} » est déjà cochée dans le document vierge, et son dessin ne peut pas "
        "être retiré.",
        where=f"{mapping.document}, page {one.page}",
        remedy="Partez d’un exemplaire vierge de ce document.",
    )


def _square(rect: Rect) -> bytes:
    """An empty square in a box's place."""
    width = max(0.5, 0.07 * min(rect.width, rect.height))
    inner = grown(rect, -width / 2)
    box = numbers(inner.x0, inner.y0, inner.width, inner.height)
    return f"q 0 G {numbers(width)} w {box} re S Q\n".encode()
