"""Fields found while a part is read, their wording not yet sure, and the container they are in."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cqp_forms.docx import wml
from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import Detected, DocxKind, DocxLocator
from cqp_forms.shown import Mark

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_SIGNING = re.compile(r"\b(signatures?|visas?|paraphes?|émargements?)\b", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class FoundField:
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


@dataclass(slots=True)
class Container:
    """One container being read.

    Attributes:
        last: the last wording read, that an area without one of its own belongs to.
        lead: the last wording without boxes, that a list of tick boxes below it belongs to.
        words: all its wording, one string a paragraph.
        fields: what was found in it, in order.
        waiting: an area at the end of a « Nom : », dropped when what follows takes the answer.
        labels: how many « Nom : » follow one another: a long paragraph answers none of several.
        item: whether the last wording is a short item of a list, that blank lines may answer.
        blanks: paragraphs without wording since the last one that had some.
        area: the last bordered blank area, that the next bordered blank paragraph prolongs.
    """

    last: str = ""
    lead: str = ""
    words: list[str] = dataclasses.field(default_factory=list)
    fields: list[FoundField] = dataclasses.field(default_factory=list)
    waiting: FoundField | None = None
    labels: int = 0
    item: bool = False
    blanks: list[Element] = dataclasses.field(default_factory=list)
    area: FoundField | None = None

    @property
    def text(self) -> str:
        """All its wording."""
        return " ".join(self.words)

    def restart(self) -> None:
        """Nothing is waited for any more: something else begins."""
        self.waiting, self.blanks, self.item, self.area = None, [], False, None


class PartFields:
    """The fields of one part.

    Attributes:
        name: the part's name in the package.
        found: in reading order.
        heading: the title above what is being read.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.heading = ""
        self.found: list[FoundField] = []

    def add(self, one: FoundField, container: Container) -> None:
        """Note a field found in a container."""
        one.heading = one.heading or self.heading
        self.found.append(one)
        container.fields.append(one)


def tidy(text: str) -> str:
    """A wording on one line, without the marks that only lead to a box."""
    line = " ".join(text.replace("\u00ad", "").split()).strip("\u2022\u00b7\uf0b7 ")
    return line if any(one.isalnum() for one in line) else ""


def detected(fields: Iterable[FoundField], roots: Iterable[Element]) -> tuple[Detected, ...]:
    """The fields that were kept, in order, with their locators."""
    tags = Counter(wml.tag_of(one) for root in roots for one in wml.all_words(root, "sdt"))
    kept = [one for one in fields if one.kept]
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


def _detected(field: FoundField, order: int, tags: Counter[str], paths: _Paths) -> Detected:
    kind, target = field.kind, ""
    if kind is DocxKind.CONTROL:
        target = wml.tag_of(field.element)
        if not target or tags[target] > 1:
            kind, target = DocxKind.CONTROL_AT, ""
    # A box that answers nothing is named by its own word.
    label = tidy(field.label) or tidy(field.caption or field.column if field.ticks else "")
    return Detected(
        kind=_placement_kind(field, label),
        locator=DocxLocator(kind, target or paths.of(field.element), field.part, field.offset),
        order=order,
        label=label,
        column=tidy(field.column),
        heading=tidy(field.heading),
        state=field.state,
        text=field.text,
        multiline=field.multiline,
    )


def _placement_kind(field: FoundField, label: str) -> PlacementKind:
    if field.ticks:
        return PlacementKind.TICK_BOX
    signs = _SIGNING.search(label) if len(label) <= 80 else None
    return PlacementKind.SIGNATURE_AREA if signs else PlacementKind.TEXT_AREA
