"""Find every tick box, text area and signature area of a PDF that the program has never seen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from cqp_forms import ticksigns
from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import Detected, PdfKind, PdfLocator, Rect
from cqp_forms.matching.wording import asks, bare, doubt_of
from cqp_forms.pdf.detect.areas import signature_spaces, tinted_places, widget_labels
from cqp_forms.pdf.detect.blocks import headed_by_cells, headed_by_lists, headed_by_rows
from cqp_forms.pdf.detect.boxes import faces, printed_boxes
from cqp_forms.pdf.detect.cells import TALL, CellReader, kind_of
from cqp_forms.pdf.detect.combs import comb_areas, is_typed
from cqp_forms.pdf.detect.lines import writing_lines
from cqp_forms.pdf.detect.model import PageContent, Paint, shared_area, shared_height, shared_width
from cqp_forms.pdf.detect.open import opened, read_pages, refuse_scan
from cqp_forms.pdf.detect.paragraphs import label_above, label_left
from cqp_forms.pdf.detect.rooms import invites, rooms
from cqp_forms.pdf.detect.ruled import ruled_grids
from cqp_forms.pdf.detect.tables import TableCell, cells_of, holding
from cqp_forms.pdf.detect.text import Phrase, is_leader, phrases
from cqp_forms.pdf.detect.ticks import TickReader
from cqp_forms.pdf.detect.titles import SideBySide, columns_of, give_headings, in_order
from cqp_forms.pdf.detect.widgets import Fillable, Spot, fillable
from cqp_forms.pdf.geometry import View

#: A list's sign is no part of the wording.
_BULLET = re.compile(r"^[\s•·▪■□●○◦‣➢➤►▶✓✔*–—-]+(?=\w)")
_FOOTER = 50.0  # what is printed lower, in points, belongs to the page
_LONGEST_LABEL = 120
_CLOSE_LEFT = 40.0
_CLOSE_ABOVE = 10.0  # a title farther over a tall area names it only if nothing asks beside it
_WIDE = 60.0  # a narrower frame alone is a place only after « Note : »
_TEXT = PlacementKind.TEXT_AREA
#: How the wording before a place, a date or a name ends, bare.
_PLACED = re.compile(r"\b(fait a|a|le|date|soussignee?|soussigne e)$")
_SAME = 1.5  # two places whose edges are no further apart, in points, are one


def detect(document: bytes) -> tuple[Detected, ...]:
    """Find the boxes and areas of a PDF.

    Args:
        document: the file's content.

    Returns:
        What was found, in reading order; rectangles are in default user space, in points. Empty for
        a document with nothing to fill.

    Raises:
        DocumentError: the file is empty, not a PDF, cut short, damaged, locked by a password,
            signed, an XFA form, or the picture of a form.
    """
    with opened(document) as pdf:
        widgets = fillable(pdf)
    pages = read_pages(document)
    if not widgets:
        refuse_scan(pages)
    spots = _Reader(pages, widgets).run()
    views = {page.number: page.view for page in pages}
    return tuple(_detected(spot, order, views[spot.page]) for order, spot in enumerate(spots))


class _Reader:
    """Goes through the pages; a table may go on from one to the next."""

    def __init__(self, pages: Sequence[PageContent], widgets: Sequence[Fillable]) -> None:
        self._pages = pages
        self._widgets = widgets
        self._kinds = {one.kind for one in widgets}
        self._cells = CellReader()
        self._printed: dict[int, Sequence[Phrase]] = {}
        self._tables: dict[int, Sequence[TableCell]] = {}
        self._blocks: dict[int, Sequence[Rect]] = {}
        #: Where the wording stands that names something already.
        self._owned: set[Rect] = set()

    def run(self) -> list[Spot]:
        """The spots of the document, labelled, in reading order."""
        found = {page.number: self._page(page) for page in self._pages}
        alone = {page: self._columns(page, spots, ()) for page, spots in found.items()}
        columns = {
            page: alone[page]
            if alone[page].regions
            else self._columns(page, spots, list(alone.values()))
            for page, spots in found.items()
        }
        spots = [one for page, each in found.items() for one in in_order(each, columns[page])]
        give_headings(spots, self._printed, columns)
        return spots

    def _columns(
        self, page: int, spots: Sequence[Spot], others: Sequence[SideBySide]
    ) -> SideBySide:
        cells, blocks = self._tables[page], self._blocks[page]
        return columns_of(spots, self._printed[page], others, cells, blocks)

    def _carried_by_widgets(self, kind: PlacementKind) -> bool:
        """Whether the form has fields of a kind: then no blank of that kind is meant to be filled.

        Printed boxes are another matter: forms are often made fillable in part.
        """
        return kind in self._kinds

    def _page(self, page: PageContent) -> list[Spot]:
        own = [_widget_spot(one, page.view) for one in self._widgets if one.page == page.number]
        height = page.view.size[1]
        filled = _apart([one for one in own if not _is_furniture(one, height)])
        taken = [spot.rect for spot in own]
        boxes, decoys = printed_boxes(page)
        ticks = [spot for spot in filled if spot.kind is PlacementKind.TICK_BOX]
        ticks += [
            Spot(
                page.number,
                one.rect,
                PlacementKind.TICK_BOX,
                PdfKind.BOX,
                state=one.state,
                doubt=one.doubt,
                unfillable=one.unfillable,
                rounded=one.rounded,
            )
            for one in boxes
            if not _under(one.rect, taken)
        ]
        squares = [*(one.rect for one in ticks), *decoys]
        printed = _phrases_of(page, [*(one.rect for one in boxes), *taken, *decoys])
        self._printed[page.number] = printed
        pictured = [*printed, *faces(page)]
        cells = cells_of(page, pictured, squares)
        self._tables[page.number] = cells
        known = [*taken, *squares]
        self._cells.turn(cells, pictured)
        empty = self._cells.ticks(page.number, known)
        if self._carried_by_widgets(PlacementKind.TICK_BOX):
            empty = []
        walls = [one.rect for one in page.rules if not one.flat]
        TickReader(self._cells).name(ticks, cells, printed, [*known, *walls])
        if not self._carried_by_widgets(PlacementKind.TICK_BOX):
            named = {rect for one in ticks for rect in one.words}
            empty += ruled_grids(page, printed, [*known, *(one.rect for one in cells)], named)
        areas = [spot for spot in filled if spot.kind is not PlacementKind.TICK_BOX]
        widget_labels(areas, cells, printed, squares)
        known += [spot.rect for spot in empty]
        rows = [one for one in cells if not self._cells.caption(one)]
        combs = comb_areas(page, printed, decoys, rows, [one for one in known if one not in decoys])
        known += [spot.rect for spot in combs]
        areas += [
            spot
            for spot in [*combs, *self._areas(page, cells, printed, known)]
            if not self._carried_by_widgets(spot.kind) or _asked_before(spot)
        ]
        self._blocks[page.number] = headed_by_cells(areas, cells)
        areas = [one for one in areas if not _leads_to_a_box(one, [*ticks, *empty])]
        headed_by_lists(ticks, areas)
        found = [*ticks, *empty, *areas]
        headed_by_rows(found, cells)
        self._owned = {rect for spot in found for rect in spot.words}
        return found

    def _areas(
        self,
        page: PageContent,
        cells: Sequence[TableCell],
        printed: Sequence[Phrase],
        known: list[Rect],
    ) -> list[Spot]:
        dotted = [word.rect for word in page.words if is_leader(word)]
        lines = invites(page, printed, cells)
        known = known + [spot.rect for spot in lines]
        found = self._cells.areas(page.number, known, dotted)
        for spot in found:
            if not spot.label:
                self._name_area(spot, printed)
            if not spot.words or spot.kind is PlacementKind.TEXT_AREA:
                spot.kind = kind_of(spot.label)
        found = [spot for spot in found if _is_place(spot)]
        known = known + [spot.rect for spot in found]
        lines += writing_lines(page, printed, cells, known)
        known += [spot.rect for spot in lines]
        named = {rect for spot in [*found, *lines] for rect in spot.words}
        signed = signature_spaces(page, printed, cells, known, named)
        for spot in signed:
            around = holding(spot.rect, cells)
            spot.column = self._cells.head(around) if around is not None else ""
        lines += signed
        known += [spot.rect for spot in lines]
        lines += tinted_places(page, printed, [*known, *(one.rect for one in cells)])
        known += [spot.rect for spot in lines]
        return [*found, *lines, *rooms(page, printed, cells, known)]

    def _name_area(self, spot: Spot, printed: Sequence[Phrase]) -> None:
        """What stands left of a low area, above a tall one; else the page before ends with it."""
        left, above = label_left(spot.rect, printed), label_above(spot.rect, printed)
        far = any(one.y0 - spot.rect.y1 > _CLOSE_ABOVE for one in above[1])
        beside = asks(left[0]) and all(spot.rect.x0 - one.x1 < _CLOSE_LEFT for one in left[1])
        first_left = spot.rect.height < TALL or (far and beside)
        spot.label, spot.words = next(
            (one for one in ((left, above) if first_left else (above, left)) if one[0]), ("", ())
        )
        if spot.label:
            return
        if all(one.rect.y1 < spot.rect.centre[1] for one in printed):
            before = self._printed.get(spot.page - 1, ())
            body = [one for one in before if one.rect.y0 > _FOOTER]
            last = min(body, key=lambda one: one.rect.y0, default=None)
            if last and len(last.text) < _LONGEST_LABEL and last.rect not in self._owned:
                spot.label = last.text


def _leads_to_a_box(area: Spot, ticks: Sequence[Spot]) -> bool:
    """Whether dots lead the eye from a wording to the boxes that it names."""
    if area.carrier is not PdfKind.LINE or not area.words or asks(area.label):
        return False
    return any(
        area.words[0] in one.words
        and one.rect.x0 >= area.rect.x1 - 2
        and shared_height(one.rect, area.rect) > 0.3 * one.rect.height
        for one in ticks
    )


def _is_place(spot: Spot) -> bool:
    """Whether a frame is large enough to be one whatever it says, or a label asks for it."""
    if spot.carrier is PdfKind.AREA and spot.rect.width < _WIDE and spot.kind is _TEXT:
        left = any(one.x1 <= spot.rect.x0 + 2 for one in spot.words)
        return left and asks(spot.label)
    return bool(spot.label) or spot.rect.height > TALL


def _is_furniture(spot: Spot, height: float) -> bool:
    """Whether a field of the head or foot of a page holds something: it is no question."""
    outside = spot.rect.y1 <= _FOOTER or spot.rect.y0 >= height - _FOOTER
    return outside and spot.kind is PlacementKind.TEXT_AREA and bool(spot.text.strip())


def _widget_spot(widget: Fillable, view: View) -> Spot:
    return Spot(
        widget.page,
        view.rect(widget.rect),
        widget.kind,
        PdfKind.WIDGET,
        state=widget.state,
        text=widget.text,
        multiline=widget.multiline,
        widget=widget,
    )


def _apart(spots: Sequence[Spot]) -> list[Spot]:
    """Widgets that share a place: one for each place, and none that reaches into another.

    Of areas at one place the last is on top, and is what a person fills. Fields of two names at
    the very same place are both kept: nothing says which of them is meant.
    """
    kept: list[Spot] = []
    for spot in reversed(spots):
        over = [one for one in kept if one.rect.overlaps(spot.rect)]
        if any(_rivals(one, spot) for one in over):
            kept.append(spot)
            continue
        same = spot.kind is not PlacementKind.TICK_BOX and any(
            shared_area(one.rect, spot.rect) > 0.8 * spot.rect.width * spot.rect.height
            for one in over
        )
        if same:
            continue
        for one in over:
            spot.rect, one.rect = _parted(spot.rect, one.rect)
        kept.append(spot)
    return kept[::-1]


def _rivals(one: Spot, other: Spot) -> bool:
    """Whether two fields of one kind have one place and two names."""
    if one.kind is not other.kind or one.widget is None or other.widget is None:
        return False
    a, b = one.rect, other.rect
    edges = ((a.x0, b.x0), (a.y0, b.y0), (a.x1, b.x1), (a.y1, b.y1))
    same = all(abs(here - there) <= _SAME for here, there in edges)
    return same and one.widget.name != other.widget.name


def _parted(one: Rect, other: Rect) -> tuple[Rect, Rect]:
    """Two rectangles that overlap a little, cut where they meet."""
    if shared_height(one, other) > shared_width(one, other):
        left, right = sorted((one, other), key=lambda rect: rect.x0)
        x = (right.x0 + left.x1) / 2
        left, right = replace(left, x1=x), replace(right, x0=x)
        return (left, right) if one.x0 <= other.x0 else (right, left)
    low, high = sorted((one, other), key=lambda rect: rect.y0)
    y = (high.y0 + low.y1) / 2
    low, high = replace(low, y1=y), replace(high, y0=y)
    return (low, high) if one.y0 <= other.y0 else (high, low)


def _under(rect: Rect, widgets: Sequence[Rect]) -> bool:
    """Whether a printed box lies under a widget: they are one box."""
    return any(
        one.contains(*rect.centre, 2)
        or rect.contains(*one.centre, 2)
        or shared_area(rect, one) > 0.3 * rect.width * rect.height
        for one in widgets
    )


def _phrases_of(page: PageContent, boxes: Sequence[Rect]) -> tuple[Phrase, ...]:
    """The page's wording: without box glyphs, lines of dots, and what a widget's look shows."""
    leaders = [word.rect for word in page.words if is_leader(word)]
    walls = [rule.rect for rule in page.rules if not rule.flat]
    frames = [one.rect for one in page.shapes if one.boxy and one.paint is Paint.FRAME]
    walls += [replace(one, x1=one.x0) for one in frames]
    walls += [replace(one, x0=one.x1) for one in frames]
    words = [
        word
        for word in page.words
        if not is_leader(word)
        and ticksigns.box(word.text, word.font) is None
        and not is_typed(word)
        and word.text.strip("_")
        and not any(box.contains(*word.rect.centre) and box.height < 40 for box in boxes)
    ]
    return phrases(words, [*boxes, *leaders, *walls])


def _asked_before(spot: Spot) -> bool:
    """Whether a line follows its label: such a line is no decoration.

    « Nom : ____ », « Fait à ____ le ____ ».
    """
    label = spot.label.rstrip()
    told = label.endswith(":") or bool(_PLACED.search(bare(label)))
    before = all(one.x1 <= spot.rect.x0 + 4 for one in spot.words)
    return spot.carrier is PdfKind.LINE and not spot.doubt and told and before


def _printable(text: str) -> str:
    """A wording without the control characters that broken fonts give, its spaces single."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _detected(spot: Spot, order: int, view: View) -> Detected:
    widget = spot.widget
    locator = PdfLocator(
        spot.carrier,
        spot.page,
        view.user(spot.rect),
        name=widget.name if widget else "",
        on_state=widget.on_state if widget else "",
        index=widget.index if widget else 0,
        cells=spot.cells,
    )
    label = _BULLET.sub("", _printable(spot.label))
    several = doubt_of(label) if spot.kind is PlacementKind.TEXT_AREA else ""
    return Detected(
        spot.kind,
        locator,
        order,
        label=label,
        column=_printable(spot.column),
        heading=_printable(spot.heading),
        state=spot.state,
        text=spot.text,
        multiline=spot.multiline,
        group=spot.group,
        items=spot.widget.items if spot.widget else (),
        doubt=spot.doubt or several,
        unfillable=spot.unfillable,
        option=(spot.option or _printable(spot.column) or label) if spot.group else "",
    )
