"""Unsigned signature fields, named as their placements (ISO 32000-2, 12.7.5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

from cqp_forms.mapping import Rect

#: Annotation flag « Print » (table 167).
_PRINT = 4


@dataclass(frozen=True, slots=True)
class SignatureSpot:
    """Where somebody signs: page from 0, and a wording for the field's tooltip."""

    page: int
    rect: Rect
    wording: str


def add_signatures(pdf: pikepdf.Pdf, spots: Mapping[str, SignatureSpot]) -> None:
    """Add the fields to the document's form, made when it has none.

    A placement's id becomes the field's full name: ``signature.candidat`` is the field ``candidat``
    under ``signature``.
    """
    if not spots:
        return
    if not isinstance(pdf.Root.get(Name.AcroForm), Dictionary):
        pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array()))
    form = pdf.Root.AcroForm
    blank = pdf.make_stream(b"")
    blank.Type, blank.Subtype, blank.BBox = Name.XObject, Name.Form, Array([0, 0, 1, 1])
    blank.Resources = Dictionary()
    parents: dict[str, Object] = {}
    for identity, spot in spots.items():
        *path, last = identity.split(".")
        parent = _parent(pdf, form, parents, path)
        page = pdf.pages[spot.page].obj
        widget = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Sig,
                T=String(last),
                TU=String(spot.wording),
                F=_PRINT,
                Rect=Array([round(one, 2) for one in _corners(spot.rect)]),
                P=page,
                AP=Dictionary(N=blank),
            )
        )
        if parent is None:
            form.Fields.append(widget)
        else:
            widget.Parent = parent
            parent.Kids.append(widget)
        if Name.Annots not in page:
            page.Annots = Array()
        page.Annots.append(widget)


def _corners(rect: Rect) -> tuple[float, float, float, float]:
    return rect.x0, rect.y0, rect.x1, rect.y1


def _parent(
    pdf: pikepdf.Pdf, form: Object, made: dict[str, Object], path: list[str]
) -> Object | None:
    """The field that holds those of one prefix, made at first use."""
    parent: Object | None = None
    for depth in range(1, len(path) + 1):
        name = ".".join(path[:depth])
        if name not in made:
            node = pdf.make_indirect(Dictionary(T=String(path[depth - 1]), Kids=Array()))
            if parent is None:
                form.Fields.append(node)
            else:
                node.Parent = parent
                parent.Kids.append(node)
            made[name] = node
        parent = made[name]
    return parent
