"""The form's widgets: the one walk over them, for detection, reading and stamping.

They are found through the pages' annotations rather than through ``/AcroForm``, which may be absent
or list others; what a widget does not say itself, its field says (ISO 32000-2, 12.7.4.1).
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from cqp_forms import limits
from cqp_forms.errors import DocumentError
from cqp_forms.mapping import PdfLocator, Rect
from cqp_forms.pdf.geometry import IDENTITY, Matrix, chain, inherited, moved, number, rect_of
from cqp_forms.pdf.opening import unpacked
from cqp_forms.shown import Mark

#: Annotation flags (table 167): a reader of the page does not see it.
UNSEEN = (1 << 1) | (1 << 5)  # Hidden, NoView
#: Field flags (tables 229, 231 and 233).
MULTILINE = 1 << 12
RADIO = 1 << 15
PUSH_BUTTON = 1 << 16
COMBO = 1 << 17
EDIT = 1 << 18
COMB = 1 << 24

_NOWHERE = Rect(0, 0, 0, 0)
#: Characters that a name holds as they are.
_REGULAR = frozenset((string.ascii_letters + string.digits + "_-.").encode())


@dataclass(frozen=True, slots=True)
class Widget:
    """A form field's place on a page.

    Attributes:
        page: from 1.
        index: its rank among the field's widgets, from 0.
        name: the field's fully qualified name (12.7.4.2); empty when no one gave it any.
        kind: ``/Btn``, ``/Tx``, ``/Ch`` or ``/Sig``; empty when the field says none.
        flags: the field's flags.
        rect: in user space; empty when the widget has none.
        annotation: the widget's own dictionary.
        field: the dictionary that holds the value: the widget itself, or its parent.
        value: the field's /V, ``None`` when absent.
    """

    page: int
    index: int
    name: str
    kind: str
    flags: int
    rect: Rect
    annotation: Object
    field: Object
    value: Any

    @property
    def shows(self) -> bool:
        """Whether a reader of the page sees it."""
        return is_seen(self.annotation)

    @property
    def appearance(self) -> Object | None:
        """What it shows, or the dictionary of its states: /AP /N."""
        looks = self.annotation.get("/AP")
        found: Object | None = looks.get("/N") if isinstance(looks, Dictionary) else None
        return found

    @property
    def states(self) -> Object | None:
        """The appearances of a tick box by state, ``None`` when it has none."""
        found = self.appearance
        return found if isinstance(found, Dictionary) else None

    @property
    def on_state(self) -> str:
        """A tick box's own on-state, with its slash; empty when nothing names it.

        The states are the keys of /AP /N, « Off » aside (12.7.5.2.3). Without appearances, the
        state that the widget or the field is in says it, when it is on.
        """
        looks = self.annotation.get("/AP")
        for which in ("/N", "/D"):
            states = looks.get(which) if isinstance(looks, Dictionary) else None
            for one in states.keys() if isinstance(states, Dictionary) else ():
                if one != "/Off":
                    return str(one)
        for value in (self.annotation.get("/AS"), self.value):
            if _is_on(value):
                return str(value)
        return ""

    @property
    def mark(self) -> Mark:
        """Whether a check box or radio button is on; in doubt when its parts disagree.

        What shows is the appearance that /AS names; the field's /V must say the same
        (12.7.5.2.3), and the appearance must exist.
        """
        shows, value, looks = self.annotation.get("/AS"), self.value, self.states
        if not _is_on(shows):
            # Meant for another of the field's buttons, unless this one has such a state.
            mine = _is_on(value) and (looks is None or value in looks)
            return Mark.DOUBTFUL if mine else Mark.OFF
        # Told from its bytes: the name of a state may be no text.
        same = _is_on(value) and value.unparse() == shows.unparse()
        if looks is None or not self.shows or not same:
            return Mark.DOUBTFUL
        shown, plain = _packed(looks.get(shows)), _packed(looks.get("/Off"))
        return Mark.ON if shown and shown != plain else Mark.DOUBTFUL

    @property
    def cells(self) -> int:
        """How many cells of one character the field has; 0 when it is no comb (12.7.5.3)."""
        comb = self.kind == "/Tx" and self.flags & COMB and not self.flags & MULTILINE
        return max(0, int(number(inherited(self.annotation, "/MaxLen")))) if comb else 0

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """A choice field's items: what /V says for each, and what is shown (12.7.5.4)."""
        listed = inherited(self.annotation, "/Opt") if self.kind == "/Ch" else None
        if not isinstance(listed, Array):
            return ()
        pairs = [one if isinstance(one, Array) and len(one) == 2 else (one, one) for one in listed]
        return tuple((text_of(one), text_of(two)) for one, two in pairs)

    @property
    def closed(self) -> bool:
        """Whether the field takes none but its items."""
        return self.kind == "/Ch" and not (self.flags & COMBO and self.flags & EDIT)

    @property
    def outside_list(self) -> bool:
        """Whether the field has a value that it does not take: viewers show it, or do not."""
        values = list(self.value) if isinstance(self.value, Array) else [self.value]
        known = {one for pair in self.options for one in pair} | {""}
        return self.closed and not known.issuperset(map(text_of, values))

    @property
    def text(self) -> str:
        """What the field shows of its value: the items' own wording for a choice."""
        values = list(self.value) if isinstance(self.value, Array) else [self.value]
        shown = dict(self.options)
        return "\n".join(shown.get(one, one) for one in map(text_of, values))

    @property
    def may_print(self) -> bool:
        """Whether its text belongs to the form: its default (/DV, 12.7.4.1), or a prompt.

        Another value is somebody's answer, and the default of a list a choice that nobody made.
        """
        return self.kind == "/Tx" and (
            not self.text.strip() or self.value == inherited(self.annotation, "/DV")
        )


def _is_on(state: object) -> TypeGuard[Name]:
    return isinstance(state, Name) and state.unparse() != b"/Off"


def _packed(appearance: Object | None) -> bytes:
    return appearance.read_raw_bytes() if isinstance(appearance, pikepdf.Stream) else b""


def widgets_of(pdf: pikepdf.Pdf) -> list[Widget]:
    """All widgets of all pages, page by page, in the order of the annotations.

    Raises:
        DocumentError: there are more than any form has.
    """
    found: list[Widget] = []
    ranks = _Ranks()
    for page, listed in enumerate(pdf.pages, start=1):
        for annotation in annotations_of(listed.obj):
            if annotation.get("/Subtype") == Name.Widget:
                found.append(_widget(page, annotation, ranks))
                if len(found) > limits.PDF_WIDGETS:
                    raise DocumentError(
                        f"ce PDF a plus de {limits.PDF_WIDGETS} champs de formulaire.",
                        remedy="Donnez le guide lui-même.",
                    )
    return found


def annotations_of(page: Object) -> Iterator[Object]:
    """The annotations of a page; what is none is passed over."""
    listed = page["/Annots"] if "/Annots" in page else None  # noqa: SIM401
    if isinstance(listed, Array):
        for one in listed:
            if isinstance(one, Dictionary):
                yield one


def is_seen(annotation: Object) -> bool:
    """Whether an annotation's flags let a reader see it."""
    return not int(number(annotation.get("/F", 0))) & UNSEEN


def _widget(page: int, annotation: Object, ranks: _Ranks) -> Widget:
    names: list[str] = []
    kind = flags = value = holder = None
    for node in chain(annotation):
        if "/T" in node:
            names.append(text_of(node["/T"])[: limits.PDF_FIELD_NAME])
            holder = node if holder is None else holder
        if kind is None and "/FT" in node:
            kind = node["/FT"]
        if flags is None and "/Ff" in node:
            flags = node["/Ff"]
        if value is None and "/V" in node:
            value = node["/V"]
    name = ".".join(reversed(names))
    return Widget(
        page,
        ranks.of(annotation, name),
        name,
        str(kind) if isinstance(kind, Name) else "",
        flags if isinstance(flags, int) else 0,
        rect_of(annotation.get("/Rect")) or _NOWHERE,
        annotation,
        annotation if holder is None else holder,
        value,
    )


class _Ranks:
    """The rank of each widget among its field's kids, else among the widgets of its name."""

    def __init__(self) -> None:
        self._kids: dict[tuple[int, int], dict[tuple[int, int], int]] = {}
        self._next: dict[str, int] = {}

    def of(self, annotation: Object, name: str) -> int:
        """Give a widget its rank."""
        parent = annotation.get("/Parent")
        if "/T" not in annotation and isinstance(parent, Dictionary) and annotation.is_indirect:
            if parent.objgen not in self._kids:
                kids = parent.get("/Kids")
                listed = kids if isinstance(kids, Array) else ()
                self._kids[parent.objgen] = {
                    one.objgen: rank
                    for rank, one in enumerate(listed)
                    if isinstance(one, Dictionary)
                }
            rank = self._kids[parent.objgen].get(annotation.objgen)
            if rank is not None:
                return rank
        rank = self._next.get(name, 0)
        self._next[name] = rank + 1
        return rank


def by_name(found: Sequence[Widget]) -> dict[str, list[Widget]]:
    """Widgets by the name of their field."""
    named: dict[str, list[Widget]] = {}
    for one in found:
        named.setdefault(one.name, []).append(one)
    return named


def widget_for(
    locator: PdfLocator,
    named: dict[str, list[Widget]],
    page: int = 0,
    matrix: Matrix = IDENTITY,
) -> Widget | None:
    """The widget that a locator means: among those of its name, the one at its place.

    The place decides, not the rank: writers order the widgets of a field as they like.

    Args:
        page: where the locator's page stands in this document, from 1; 0 for the same.
        matrix: from that page's space to the locator's.
    """
    for one in named.get(locator.name, ()):
        if one.page == (page or locator.page):
            rect = one.rect if matrix is IDENTITY else moved(matrix, one.rect)
            inside = locator.rect.contains(*rect.centre, slack=1.0)
            if inside or rect.contains(*locator.rect.centre):
                return one
    return None


def state_name(state: str) -> Name:
    """The name object of a state, whatever bytes its name holds (7.3.5)."""
    raw = state[1:].encode("utf-8", "surrogateescape")
    escaped = (bytes([one]) if one in _REGULAR else b"#%02X" % one for one in raw)
    name = Object.parse(b"/" + b"".join(escaped))
    assert isinstance(name, Name)
    return name


def is_signed(pdf: pikepdf.Pdf) -> bool:
    """Whether one of the form's signature fields holds a signature (12.8)."""
    form = pdf.Root.get("/AcroForm")
    stack = [form.get("/Fields")] if isinstance(form, Dictionary) else []
    seen: set[tuple[int, int]] = set()
    while stack:
        listed = stack.pop()
        for one in listed if isinstance(listed, Array) else ():
            if not isinstance(one, Dictionary) or (one.is_indirect and one.objgen in seen):
                continue
            seen.add(one.objgen)
            if one.get("/FT") == Name.Sig and one.get("/V") is not None:
                return True
            stack.append(one.get("/Kids"))
    return False


def text_of(value: object) -> str:
    """A text string, or a stream of text (7.9.2.2, 12.7.5.3); empty for anything else.

    Lines are separated by ``\\n``, whatever separates them in the file.
    """
    if isinstance(value, pikepdf.Stream):
        value = pikepdf.String(unpacked(value))
    if isinstance(value, Name):
        text = str(value).removeprefix("/")
    else:
        text = str(value) if isinstance(value, pikepdf.String | str) else ""
    return text.replace("\r\n", "\n").replace("\r", "\n")
