"""Annotations that a document has and its blank has not (ISO 32000-2, 12.5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pikepdf
from pikepdf import Dictionary, Name, Object

from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import Rect

#: A pop-up belongs to the annotation that it comments.
_IGNORED = {"/Popup"}
_NAMES = {
    "/FreeText": "texte libre",
    "/Ink": "trait à main levée",
    "/Highlight": "surlignage",
    "/StrikeOut": "texte barré",
    "/Underline": "soulignement",
    "/Square": "rectangle",
    "/Circle": "ellipse",
    "/Line": "trait",
    "/Stamp": "tampon",
    "/Text": "note",
    "/Link": "lien",
    "/Redact": "caviardage",
}
_SLACK = 3.0


def added_annotations(
    found: Sequence[Sequence[Object]],
    expected: Sequence[Sequence[Object]],
    places: Mapping[str, tuple[int, Rect, str]],
    guide: Guide,
) -> Iterator[tuple[int, Rect, str, str]]:
    """Each annotation that neither the blank has nor fills a placement.

    Args:
        found: the document's, page by page; ``expected``: the blank's.
        places: page from 1, rectangle and field name of each placement.
        guide: tells signature areas.

    Yields:
        Page from 1, rectangle, what it is, and what it says.
    """
    signatures = {one.id for one in guide.placements_of(PlacementKind.SIGNATURE_AREA)}
    for index, page in enumerate(found):
        known = {_key(one) for one in (expected[index] if index < len(expected) else ())}
        here = {key: one for key, one in places.items() if one[0] == index + 1}
        for one in page:
            if not isinstance(one, Dictionary) or str(one.get(Name.Subtype)) in _IGNORED:
                continue
            rect = _rect(one)
            if _key(one) in known or _fills(one, rect, here, signatures):
                continue
            kind = str(one.get(Name.Subtype))
            if kind == "/Widget":
                yield index + 1, rect, "champ de formulaire ajouté", _name(one)
            else:
                title = _NAMES.get(kind, kind.lstrip("/"))
                yield index + 1, rect, f"annotation ajoutée ({title})", _said(one)


def _key(annotation: Object) -> tuple[object, ...]:
    rect = _rect(annotation)
    box = tuple(round(value) for value in (rect.x0, rect.y0, rect.x1, rect.y1))
    return (str(annotation.get(Name.Subtype)), _name(annotation), *box)


def _fills(
    annotation: Object,
    rect: Rect,
    here: Mapping[str, tuple[int, Rect, str]],
    signatures: set[str],
) -> bool:
    """Whether it is a placement's own field, or lies in the place that it fills."""
    widget = annotation.get(Name.Subtype) == Name.Widget
    for key, (_, place, name) in here.items():
        inside = place.contains(rect.x0, rect.y0, _SLACK) and place.contains(
            rect.x1, rect.y1, _SLACK
        )
        if not inside:
            continue
        if not widget:
            # Reading takes it for the answer; in a signature area it is the signature.
            return True
        if _name(annotation) == name or key in signatures:
            return True
    return False


def _rect(annotation: Object) -> Rect:
    listed = annotation.get(Name.Rect)
    values = [float(one) for one in listed] if isinstance(listed, pikepdf.Array) else []
    if len(values) != 4:
        return Rect(0, 0, 0, 0)
    x0, y0, x1, y1 = values
    return Rect(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _name(annotation: Object) -> str:
    names = []
    node: Object | None = annotation
    for _ in range(32):
        if not isinstance(node, Dictionary):
            break
        if (name := node.get(Name.T)) is not None and (
            node.get(Name.Subtype) in (None, Name.Widget)
        ):
            names.append(str(name))
        node = node.get(Name.Parent)
    return ".".join(reversed(names))


def _said(annotation: Object) -> str:
    text = annotation.get(Name.Contents)
    return " ".join(str(text).split()) if isinstance(text, pikepdf.String) else ""
