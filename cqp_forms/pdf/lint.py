"""Hold a mapping against its document: what is wrong with it that the YAML alone cannot tell."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf

from cqp_forms.mapping import PdfKind, PdfLocator, PdfMapping, Rect
from cqp_forms.pdf.detect.open import opened
from cqp_forms.pdf.detect.widgets import Widget, widgets_of

#: Coordinates are written with two decimals; producers round as well.
_SLACK = 1.0


def lint(document: bytes, mapping: PdfMapping) -> list[str]:
    """What does not hold in the document, in French; empty when all does.

    Raises:
        DocumentError: the document cannot be read.
    """
    with opened(document) as pdf:
        boxes = [_box(page) for page in pdf.pages]
        widgets = {(one.name, one.index): one for one in widgets_of(pdf)}
    return [
        f"« {placement} » : {problem}"
        for placement, one in mapping.locators.items()
        for problem in _problems(one, boxes, widgets)
    ]


def _box(page: pikepdf.Page) -> Rect:
    corners = [float(one) for one in page.cropbox]
    return Rect(
        min(corners[0], corners[2]),
        min(corners[1], corners[3]),
        max(corners[0], corners[2]),
        max(corners[1], corners[3]),
    )


def _problems(
    one: PdfLocator, boxes: list[Rect], widgets: dict[tuple[str, int], Widget]
) -> Iterator[str]:
    if not 1 <= one.page <= len(boxes):
        yield f"le document n’a pas de page {one.page} (il en a {len(boxes)})"
        return
    box = boxes[one.page - 1]
    corners = ((one.rect.x0, one.rect.y0), (one.rect.x1, one.rect.y1))
    if not all(box.contains(x, y, _SLACK) for x, y in corners):
        yield f"son rectangle sort de la page {one.page}"
    if one.kind is not PdfKind.WIDGET:
        return
    widget = widgets.get((one.name, one.index))
    if widget is None:
        yield f"le formulaire n’a pas de champ « {one.name} » (rang {one.index})"
    elif widget.page != one.page:
        yield f"le champ « {one.name} » est page {widget.page}, pas page {one.page}"
    elif one.on_state and widget.on_state and one.on_state != widget.on_state:
        yield f"l’état coché de « {one.name} » est « {widget.on_state} », pas « {one.on_state} »"
