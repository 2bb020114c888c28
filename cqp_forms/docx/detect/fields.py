"""Fields found while a part is read, their wording not yet sure, and the container they are in."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cqp_forms.docx import wml
from cqp_forms.guide import DatePart, PlacementKind
from cqp_forms.mapping import Detected, DocxKind, DocxLocator
from cqp_forms.matching.units import DATE_PARTS
from cqp_forms.matching.wording import (
    bare,
    doubt_of,
    is_degree,
    is_signed,
    is_worded_degree,
    says_several,
)
from cqp_forms.shown import Mark

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from cqp_forms.docx.detect.grid import GridCell


@dataclass(slots=True, eq=False)
class FoundField:
    """A box or an area, while its surroundings are still being read.

    Attributes:
        element: what the locator will point at.
        ticks: whether it is a tick box.
        kept: false once its surroundings showed that it is nothing.
        caption: the wording beside it in its own paragraph.
        rounded: whether it is a circle, which excludes its neighbours, or is a list's mark.
        items: of a drop-down list.
        row: what its likes of one question share, where a table's row or rounds tell.
        lead: the wording above the list that it stands in, and ``listed``, what tells the list.
        signs: whether somebody signs there, whatever its label says.
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
    rounded: bool = False
    row: str = ""
    items: tuple[str, ...] = ()
    lead: str = ""
    listed: str = ""
    signs: bool = False
    group: str = ""
    doubt: str = ""
    unfillable: str = ""

    @property
    def solid(self) -> bool:
        """Whether it is a filled square, that nothing can be put in."""
        return bool(self.unfillable) and self.kind in (DocxKind.GLYPH, DocxKind.SYMBOL)


@dataclass(frozen=True, slots=True)
class TableColumns:
    """A table's columns: a table cut by a page goes on with the same ones, without its header.

    Attributes:
        widths: as the table's grid gives them.
        captions: what heads boxes.
        words: how many paragraphs of wording its container had behind it.
    """

    widths: tuple[int, ...]
    captions: tuple[GridCell, ...]
    words: int


@dataclass(slots=True)
class Container:
    """One container being read.

    Attributes:
        last: the last wording read, that an area without one of its own belongs to.
        lead: the last wording without boxes, that a list of tick boxes below it belongs to, and
            ``listed``, what tells that list.
        tabs: the wordings that tabs part it into.
        words: all its wording, one string a paragraph.
        fields: what was found in it, in order.
        waiting: an area at the end of a « Nom : », dropped when what follows takes the answer.
        labels: how many « Nom : » follow one another: a long paragraph answers none of several.
        room: how many blank lines below the last wording answer it; 0 for none.
        blanks: paragraphs without wording since the last one that had some.
        area: the last bordered blank area, that the next bordered blank paragraph prolongs.
        floating: text boxes that begin some lines below their paragraph, and how many.
        lone: the line to write on just above, without words of its own.
        beside: the titles of blocks that stand side by side, tabs between them; and ``blocks``,
            their areas, each with the rank of its block.
        rounds: what the circles of the lines just above share.
        columns: what the last table's columns are, for one that goes on behind it.
        floats: whether it is a text box.
    """

    last: str = ""
    floats: bool = False
    lead: str = ""
    listed: str = ""
    tabs: list[str] = dataclasses.field(default_factory=list)
    words: list[str] = dataclasses.field(default_factory=list)
    fields: list[FoundField] = dataclasses.field(default_factory=list)
    waiting: FoundField | None = None
    labels: int = 0
    room: int = 0
    blanks: list[Element] = dataclasses.field(default_factory=list)
    area: FoundField | None = None
    floating: list[tuple[FoundField, int]] = dataclasses.field(default_factory=list)
    lone: FoundField | None = None
    beside: list[str] = dataclasses.field(default_factory=list)
    blocks: list[tuple[int, FoundField]] = dataclasses.field(default_factory=list)
    rounds: str = ""
    columns: TableColumns | None = None

    @property
    def text(self) -> str:
        """All its wording."""
        return " ".join(self.words)

    def restart(self) -> None:
        """Nothing is waited for any more: something else begins."""
        self.waiting, self.blanks, self.room, self.area = None, [], 0, None


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
        self._numbered = 0

    def new_number(self) -> str:
        """What tells a table, or a list of boxes, from every other of the document."""
        self._numbered += 1
        return f"{self.name}#{self._numbered}"

    def by_block(self, blocks: Sequence[tuple[int, FoundField]]) -> None:
        """Put the areas of blocks side by side block after block, not line by line across them."""
        members = {id(field) for _, field in blocks}
        places = [at for at, one in enumerate(self.found) if id(one) in members] if blocks else []
        ordered = sorted(blocks, key=lambda one: one[0])
        for at, (_, field) in zip(places, ordered, strict=True):
            self.found[at] = field

    def add(self, one: FoundField, container: Container) -> None:
        """Note a field found in a container."""
        one.heading = one.heading or self.heading
        self.found.append(one)
        container.fields.append(one)


def tidy(text: str) -> str:
    """A wording on one line, without the marks that only lead to a box."""
    line = " ".join(text.replace("\u00ad", "").split()).strip("\u2022\u00b7\uf0b7 ")
    return line if any(one.isalnum() for one in line) else ""


def sign_or_words(text: str) -> str:
    """A caption on one line: signs such as « ++ » have no word to tidy."""
    return tidy(text) or " ".join(text.split())


def detected(fields: Iterable[FoundField], roots: Iterable[Element]) -> tuple[Detected, ...]:
    """The fields that were kept, in order, with their locators."""
    tags = Counter(wml.tag_of(one) for root in roots for one in wml.all_words(root, "sdt"))
    fields = [one for one in fields if one.kept]
    _lists(fields)
    rows = Counter(one.row for one in fields)
    # One circle alone is the mark of a list.
    kept = [one for one in fields if not one.rounded or rows[one.row] > 1]
    _group(kept)
    _share(kept)
    paths = _Paths()
    return tuple(_detected(one, order, tags, paths) for order, one in enumerate(kept))


def date_part(text: str) -> DatePart | None:
    """The part of a date that heads a column: « JJ », « Mois »."""
    words = bare(text)
    known = zip(DatePart, DATE_PARTS, strict=True)
    return next((part for part, likes in known if words in likes), None)


def _group(fields: Sequence[FoundField]) -> None:
    """Find the boxes that are the answers to one question, and the three areas of one date.

    A table's row tells, or rounds; else answers such as « oui » and « non », or degrees of one
    scale, that follow one another and answer the same words.
    """
    sets: list[list[FoundField]] = []
    for one in fields:
        if one.unfillable or not (one.row or (one.ticks and is_degree(one.column))):
            continue
        last = sets[-1][-1] if sets else None
        same = last is not None and (last.row, last.label) == (one.row, one.label)
        if same and one.column.casefold() not in {each.column.casefold() for each in sets[-1]}:
            sets[-1].append(one)
        else:
            sets.append([one])
    for number, members in enumerate(sets, start=1):
        if not members[0].ticks:
            parts = [date_part(one.column) for one in members]
            if parts != list(DatePart):
                continue
            for one, part in zip(members, DatePart, strict=True):
                one.column = part
        known = sum(is_degree(one.column) for one in members) > 1
        for one in members if len(members) > 1 else ():
            one.group = f"{one.part}#{number}"
            if one.rounded and known:
                one.doubt = ""


def _lists(fields: Sequence[FoundField]) -> None:
    """Boxes one under the other: the degrees of one question, or items under its title."""
    lists: dict[str, list[FoundField]] = defaultdict(list)
    for one in fields:
        if one.listed:
            lists[one.listed].append(one)
    for number, members in lists.items():
        if all(one.column for one in members):
            continue  # « Oui », « Non »: they have their question
        captions = {bare(one.caption) for one in members}
        scale = len(captions) == len(members) > 1 and not says_several(members[0].lead)
        scale = scale and all(is_worded_degree(one.caption) for one in members)
        for one in members:
            if scale:
                one.column, one.label, one.row = one.caption, one.lead, number
            elif not one.column:
                one.heading = one.lead


def _share(fields: Sequence[FoundField]) -> None:
    """Find the controls bound to the same data: Word shows one value in all (ECMA-376-1, 17.5.2.6).

    A tag tells nothing of the kind: a block that is copied for a second person keeps its tags.
    """
    shown: dict[tuple[str, ...], list[FoundField]] = defaultdict(list)
    for one in fields:
        if one.kind is DocxKind.CONTROL and not (one.ticks or one.group or one.unfillable):
            shown[_binding(one.element)].append(one)
    shown.pop((), None)
    for number, alike in enumerate(shown.values(), start=1):
        for one in alike if len(alike) > 1 else ():
            one.group = f"{alike[0].part}={number}"


def _binding(control: Element) -> tuple[str, ...]:
    """The data that a control is bound to: its store, the path in it and what its prefixes mean."""
    properties = wml.child(control, "sdtPr")
    for one in () if properties is None else properties:
        # In rich text the element is Word 2013's (w15), with the same attributes.
        if wml.local(one) == "dataBinding" and (path := wml.attribute(one, "xpath")):
            known = (wml.attribute(one, name) or "" for name in ("storeItemID", "prefixMappings"))
            store, prefixes = known
            return store.upper(), path, " ".join(prefixes.split())
    return ()


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
    placement = _placement_kind(field, label)
    several = doubt_of(label) if placement is PlacementKind.TEXT_AREA else ""
    return Detected(
        kind=placement,
        locator=DocxLocator(kind, target or paths.of(field.element), field.part, field.offset),
        order=order,
        label=label,
        column=sign_or_words(field.column),
        heading=tidy(field.heading),
        state=field.state,
        text=field.text,
        multiline=field.multiline,
        group=field.group,
        option=sign_or_words(field.column or field.caption) if field.group else "",
        items=field.items,
        doubt=field.doubt or several,
        unfillable=field.unfillable,
    )


def _placement_kind(field: FoundField, label: str) -> PlacementKind:
    if field.ticks:
        return PlacementKind.TICK_BOX
    signs = field.signs or is_signed(label) or is_signed(field.column)
    return PlacementKind.SIGNATURE_AREA if signs else PlacementKind.TEXT_AREA
