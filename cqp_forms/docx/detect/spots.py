"""What detection holds while it reads: places found, not yet sure of their wording."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cqp_forms.detection import Detected
from cqp_forms.docx import wml
from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import DocxKind, DocxLocator
from cqp_forms.shown import Mark

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_SIGNING = re.compile(r"\b(signatures?|visas?|paraphes?|émargements?)\b", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Spot:
    """A box or an area, while its surroundings are still being read.

    Attributes:
        element: what the locator will point at.
        ticks: whether it is a tick box.
        kept: false once its surroundings showed that it is nothing.
        caption: the wording beside it in its own paragraph.
    """

    kind: DocxKind
    element: Element
    part: str
    ticks: bool
    offset: int = 0
    state: Mark = Mark.OFF
    text: str = ""
    multiline: bool = False
    kept: bool = True
    caption: str = ""
    label: str = ""
    column: str = ""
    heading: str = ""


def tidy(text: str) -> str:
    """A wording on one line, without the marks that only lead to a box."""
    line = " ".join(text.replace("\u00ad", "").split()).strip("\u2022\u00b7\uf0b7 ")
    return line if any(one.isalnum() for one in line) else ""


def detected(spots: Iterable[Spot], roots: Iterable[Element]) -> tuple[Detected, ...]:
    """The spots that were kept, in order, with their locators."""
    tags = Counter(wml.tag_of(one) for root in roots for one in wml.all_words(root, "sdt"))
    kept = [one for one in spots if one.kept]
    paths = _Paths()
    return tuple(_detected(one, order, tags, paths) for order, one in enumerate(kept))


class _Paths:
    """:func:`wml.path_of` for many elements: the children of each parent are counted once."""

    def __init__(self) -> None:
        self._steps: dict[Element, dict[Element, str]] = {}

    def of(self, element: Element) -> str:
        """The path of an element from its part's root."""
        steps: list[str] = []
        parent = element.getparent()
        while parent is not None:
            if parent not in self._steps:
                self._steps[parent] = self._numbered(parent)
            steps.append(self._steps[parent][element])
            element, parent = parent, parent.getparent()
        return "/".join(reversed(steps))

    def _numbered(self, parent: Element) -> dict[Element, str]:
        totals = Counter(wml.local(one) for one in parent)
        ranks: Counter[str] = Counter()
        steps = {}
        for one in parent:
            name = wml.local(one)
            ranks[name] += 1
            steps[one] = name if totals[name] == 1 else f"{name}[{ranks[name]}]"
        return steps


def _detected(spot: Spot, order: int, tags: Counter[str], paths: _Paths) -> Detected:
    kind, target = spot.kind, ""
    if kind is DocxKind.CONTROL:
        target = wml.tag_of(spot.element)
        if not target or tags[target] > 1:
            kind, target = DocxKind.CONTROL_AT, ""
    # A box that answers nothing is named by its own word.
    label = tidy(spot.label) or tidy(spot.caption or spot.column if spot.ticks else "")
    return Detected(
        kind=_placement_kind(spot, label),
        locator=DocxLocator(kind, target or paths.of(spot.element), spot.part, spot.offset),
        order=order,
        label=label,
        column=tidy(spot.column),
        heading=tidy(spot.heading),
        state=spot.state,
        text=spot.text,
        multiline=spot.multiline,
    )


def _placement_kind(spot: Spot, label: str) -> PlacementKind:
    if spot.ticks:
        return PlacementKind.TICK_BOX
    signs = _SIGNING.search(label) if len(label) <= 80 else None
    return PlacementKind.SIGNATURE_AREA if signs else PlacementKind.TEXT_AREA
