"""Drawn boxes must be empty in the blank: a printed mark cannot honestly be taken away.

A box of the form is unticked by its state. One that is only drawn, and drawn ticked, could be
painted over; but what a reader copies or a machine reads would still hold the mark. Such a blank is
refused, by name of the box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cqp_forms.errors import DocumentError
from cqp_forms.mapping import PdfLocator, PdfMapping, Rect
from cqp_forms.pdf.frames import frame
from cqp_forms.pdf.stamp_base import Sheet

_SCALE = 3.0
#: How far from the box's edge its own frame may reach, of its smaller side.
_INSET = 0.28
#: Grey levels apart from the paper around that count as ink.
_CONTRAST = 90
#: The part of the inside that ink must cover to be a mark.
_INKED = 0.06


def require_unmarked(
    document: bytes,
    mapping: PdfMapping,
    boxes: Mapping[str, PdfLocator],
    sheets: Sequence[Sheet],
) -> None:
    """Refuse a blank in which a drawn box is marked.

    Args:
        boxes: the tick boxes that no form field carries, by placement.

    Raises:
        DocumentError: naming the box and its page.
    """
    if not boxes:
        return
    import pypdfium2

    with pypdfium2.PdfDocument(document) as pdf:
        for number in sorted({one.page - 1 for one in boxes.values()}):
            bitmap = pdf[number].render(scale=_SCALE, grayscale=True, may_draw_forms=False)
            raw, stride = bytes(bitmap.buffer), bitmap.stride
            for key, one in boxes.items():
                if one.page - 1 == number:
                    pixels = _inside(raw, stride, bitmap.height, one.rect, sheets[number])
                    if _marked(pixels):
                        raise DocumentError(
                            f"la case « {key} » est déjà cochée dans le document vierge, et son "
                            "dessin ne peut pas être retiré.",
                            where=f"{mapping.document}, page {one.page}",
                            remedy="Partez d’un exemplaire vierge de ce document.",
                        )


def _inside(raw: bytes, stride: int, height: int, rect: Rect, sheet: Sheet) -> list[int]:
    """The grey levels inside a box, frame left out."""
    page = frame(sheet.visible, sheet.rotate)
    inset = _INSET * min(rect.width, rect.height)
    xs, ys = [], []
    for x, y in ((rect.x0 + inset, rect.y0 + inset), (rect.x1 - inset, rect.y1 - inset)):
        dx, dy = x - page.e, y - page.f
        xs.append(int((page.a * dx + page.b * dy) * _SCALE))
        ys.append(height - int((page.c * dx + page.d * dy) * _SCALE))
    rows = range(max(0, min(ys)), min(height, max(ys) + 1))
    left, right = max(0, min(xs)), min(stride, max(xs) + 1)
    return [level for row in rows for level in raw[row * stride + left : row * stride + right]]


def _marked(pixels: Sequence[int]) -> bool:
    if not pixels:
        return False
    paper = max(pixels)
    inked = sum(1 for one in pixels if paper - one > _CONTRAST)
    return inked > _INKED * len(pixels)
