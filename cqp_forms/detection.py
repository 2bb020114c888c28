"""What detection finds in a blank that the program has never seen, the same for both formats."""

from __future__ import annotations

from dataclasses import dataclass

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import Locator
from cqp_forms.shown import Mark


@dataclass(frozen=True, slots=True)
class Detected:
    """A tick box, a text area or a signature area found in a document.

    Attributes:
        kind: what it can hold.
        locator: where it is.
        order: its rank in reading order, from 0, over the whole document.
        label: the wording it belongs to (the row's text, the text after the box, before the line).
        column: the header above it in its table (« OUI »), empty outside tables.
        heading: the nearest title above it (group, table, section).
        state: for tick boxes, what it shows now.
        text: for areas, what it holds now.
        multiline: whether an area takes several lines.
    """

    kind: PlacementKind
    locator: Locator
    order: int
    label: str = ""
    column: str = ""
    heading: str = ""
    state: Mark = Mark.OFF
    text: str = ""
    multiline: bool = False
