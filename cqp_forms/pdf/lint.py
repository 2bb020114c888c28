"""Hold a mapping against its document: what is wrong with it that the YAML alone cannot tell."""

from __future__ import annotations

from collections.abc import Iterator

from cqp_forms.mapping import PdfKind, PdfLocator, PdfMapping, Rect
from cqp_forms.pdf.detect.open import opened
from cqp_forms.pdf.detect.widgets import Fillable, fillable
from cqp_forms.pdf.geometry import view_of

#: Coordinates are written with two decimals; producers round as well.
_SLACK = 1.0


def lint(document: bytes, mapping: PdfMapping) -> list[str]:
    """What does not hold in the document, in French; empty when all does.

    Raises:
        DocumentError: the document cannot be read.
    """
    with opened(document) as pdf:
        boxes = [view_of(page.obj).crop for page in pdf.pages]
        widgets = {(one.name, one.index): one for one in fillable(pdf)}
    return [
        f"« {placement} » : {problem}"
        for placement, one in mapping.locators.items()
        for problem in _problems(one, boxes, widgets)
    ]


def _problems(
    one: PdfLocator, boxes: list[Rect], widgets: dict[tuple[str, int], Fillable]
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
