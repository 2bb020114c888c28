"""A spot: what detection knows of one box or area while it works, upright."""

from __future__ import annotations

from dataclasses import dataclass

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.pdf.detect.widgets import Fillable
from cqp_forms.shown import Mark


@dataclass(slots=True)
class Spot:
    """A box or an area; its label is found after its place.

    Attributes:
        page: from 1.
        rect: upright.
        carrier: what carries it.
        group: the question that the box is an option of; empty when it stands for itself.
        option: its own wording in its group, where that is no column's caption.
        words: which printed phrases name it, as rectangles: they are no titles.
    """

    page: int
    rect: Rect
    kind: PlacementKind
    carrier: PdfKind
    label: str = ""
    column: str = ""
    heading: str = ""
    state: Mark = Mark.OFF
    text: str = ""
    multiline: bool = False
    group: str = ""
    option: str = ""
    doubt: str = ""
    unfillable: str = ""
    widget: Fillable | None = None
    words: tuple[Rect, ...] = ()
