"""Open a blank for stamping, and find its form widgets: what cannot be stamped is refused here."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf
from pikepdf import Dictionary, Name, Object

from cqp_forms.errors import DocumentError
from cqp_forms.mapping import PdfLocator, Rect
from cqp_forms.pdf.opening import open_pdf, unreadable

#: Bit positions of annotation and field flags (ISO 32000-2, tables 167 and 230).
HIDDEN = 1 << 1
NO_VIEW = 1 << 5
MULTILINE = 1 << 12

#: Characters that a name holds as they are.
_REGULAR = frozenset((string.ascii_letters + string.digits + "_-.").encode())

_ORIGINAL = "Reprenez le document d’origine, ou enregistrez-le à nouveau en PDF."

#: No sane field tree is deeper; a deeper one is a loop.
_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Widget:
    """A form field's place on a page.

    Attributes:
        page: from 0.
        annotation: the widget's own dictionary.
        field: the dictionary that holds the value: the widget itself, or its parent.
        name: the field's fully qualified name (ISO 32000-2, 12.7.4.2).
        kind: ``/Btn``, ``/Tx``, ``/Ch`` or ``/Sig``; empty when the field says none.
        flags: the field's flags.
    """

    page: int
    annotation: Object
    field: Object
    name: str
    kind: str
    flags: int
    rect: Rect

    @property
    def shows(self) -> bool:
        """Whether a reader of the page sees it."""
        return not int(self.annotation.get(Name.F, 0)) & (HIDDEN | NO_VIEW)


def open_blank(document: bytes, name: str) -> pikepdf.Pdf:
    """Open a blank that can be stamped.

    Args:
        document: the PDF.
        name: its file name, for messages.

    Raises:
        DocumentError: not a PDF, encrypted with a password, an XFA form, or signed.
    """
    pdf = open_pdf(document, name, _ORIGINAL)
    try:
        pages = len(pdf.pages)
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError) as problem:
        raise unreadable(name, _ORIGINAL) from problem
    if not pages:
        raise unreadable(name, _ORIGINAL)
    _refuse_special(pdf, name)
    return pdf


def _refuse_special(pdf: pikepdf.Pdf, name: str) -> None:
    form = pdf.Root.get(Name.AcroForm)
    if not isinstance(form, Dictionary):
        return
    if Name.XFA in form:
        raise DocumentError(
            "ce PDF est un formulaire XFA, qui ne peut pas être rempli page à page.",
            where=name,
            remedy="Imprimez-le vers un PDF ordinaire, puis refaites la correspondance.",
        )
    if any(field.get(Name.V) is not None for field in _signatures(form)):
        raise DocumentError(
            "ce PDF est déjà signé : le remplir romprait la signature.",
            where=name,
            remedy="Partez du document vierge, non signé.",
        )


def _signatures(form: Object) -> Iterator[Object]:
    stack = [(field, 0) for field in form.get(Name.Fields, [])]
    while stack:
        field, depth = stack.pop()
        if not isinstance(field, Dictionary) or depth > _DEPTH:
            continue
        if field.get(Name.FT) == Name.Sig:
            yield field
        stack.extend((kid, depth + 1) for kid in field.get(Name.Kids, []))


def widgets(pdf: pikepdf.Pdf) -> list[Widget]:
    """All widgets of all pages, page by page."""
    return [
        _widget(number, annotation)
        for number, page in enumerate(pdf.pages)
        for annotation in page.obj.get(Name.Annots, [])
        if isinstance(annotation, Dictionary) and annotation.get(Name.Subtype) == Name.Widget
    ]


def _widget(page: int, annotation: Object) -> Widget:
    names: list[str] = []
    kind, flags = "", None
    holder = annotation if Name.T in annotation else annotation.get(Name.Parent, annotation)
    node: Object | None = annotation
    for _ in range(_DEPTH):
        if not isinstance(node, Dictionary):
            break
        if Name.T in node:
            names.append(str(node.T))
        if not kind and Name.FT in node:
            kind = str(node.FT)
        if flags is None and Name.Ff in node:
            flags = int(node.Ff)
        node = node.get(Name.Parent)
    corners = [float(one) for one in annotation.get(Name.Rect, [0, 0, 0, 0])]
    rect = Rect(
        min(corners[0], corners[2]),
        min(corners[1], corners[3]),
        max(corners[0], corners[2]),
        max(corners[1], corners[3]),
    )
    return Widget(page, annotation, holder, ".".join(reversed(names)), kind, flags or 0, rect)


def widget_for(locator: PdfLocator, named: dict[str, list[Widget]]) -> Widget | None:
    """The widget that a locator means: among those of its name, the one at its place.

    The place decides, not the rank: writers order the widgets of a field as they like.
    """
    same = [one for one in named.get(locator.name, []) if one.page == locator.page - 1]
    here = [one for one in same if one.rect.contains(*locator.rect.centre)]
    return here[0] if here else None


def on_state(widget: Widget) -> str:
    """The widget's own on-state, with its slash; empty when its appearance names none.

    ISO 32000-2, 12.7.5.2.3: the states are the keys of /AP /N, « Off » aside.
    """
    states = normal_appearance(widget.annotation)
    if not isinstance(states, Dictionary):
        return ""
    return next((key for key in states.keys() if key != "/Off"), "")  # noqa: SIM118


def state_name(state: str) -> Name:
    """The name object of a state, whatever bytes its name holds (ISO 32000-2, 7.3.5)."""
    raw = state[1:].encode("utf-8", "surrogateescape")
    escaped = (bytes([one]) if one in _REGULAR else b"#%02X" % one for one in raw)
    name = Object.parse(b"/" + b"".join(escaped))
    assert isinstance(name, Name)
    return name


def normal_appearance(annotation: Object) -> Object | None:
    """The /N entry of the appearance dictionary, ``None`` when there is none."""
    appearance = annotation.get(Name.AP)
    return appearance.get(Name.N) if isinstance(appearance, Dictionary) else None
