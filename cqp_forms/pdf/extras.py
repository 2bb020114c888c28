"""What a PDF carries and does besides what its pages show: annotations, actions, scripts, files.

A document is held against its twin: what the blank has of right, its twin has too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from cqp_forms import limits
from cqp_forms.mapping import Rect
from cqp_forms.pdf.geometry import chain, inherited, rect_of
from cqp_forms.pdf.widgets import UNSEEN
from cqp_forms.proof import Alteration, alteration

_ANNOTATIONS = {
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
    "/FileAttachment": "fichier joint",
}
#: Actions (ISO 32000-2, 12.6.4) that do more than show another place of the document.
_ACTIONS = {
    "/JavaScript": "programme JavaScript",
    "/Launch": "lancement d’un programme",
    "/SubmitForm": "envoi du formulaire",
    "/ImportData": "import de données",
    "/ResetForm": "effacement du formulaire",
    "/URI": "adresse web",
    "/GoToR": "renvoi à un autre document",
    "/GoToE": "renvoi à un document joint",
    "/Hide": "champs masqués ou montrés",
    "/SetOCGState": "calques masqués ou montrés",
    "/Rendition": "média",
    "/RichMediaExecute": "média",
    "/Movie": "média",
    "/Sound": "son",
    "/GoTo3DView": "vue en trois dimensions",
}
#: Entries of the catalog (7.7.2) and of the form that change what is seen or asked.
_CATALOG = {
    "/OCProperties": "calques (contenu facultatif)",
    "/Collection": "porte-documents",
    "/Requirements": "exigences envers le lecteur",
}
#: A pop-up belongs to the annotation that it comments.
_POPUP = "/Popup"
#: How far an annotation may reach out of the place that it fills, in points.
_SLACK = 3.0
#: Nothing that acts or shows is under these.
_CONTAINERS = (Array, Dictionary, pikepdf.Stream)
_ASIDE = frozenset({"/Parent", "/P", "/StructTreeRoot", "/StructParents", "/Pg", "/Popup", "/IRT"})


def added_annotations(
    found: pikepdf.Page, expected: pikepdf.Page, places: Sequence[Rect], signing: Sequence[Rect]
) -> Iterator[tuple[Rect, str, str]]:
    """What a page's annotations are otherwise than its twin's (12.5).

    Args:
        places: what an annotation may fill, its text being read for the answer; user space.
        signing: signature areas: what a person puts there, or makes flat, is a signature.

    Yields:
        Rectangle in user space, what happened, and what the annotation says.
    """
    mine, theirs = _annotations(found), _annotations(expected)
    for key, one in mine.items():
        if key in theirs or any(_holds(place, key.rect) for place in (*places, *signing)):
            continue
        if _is_invisible_signature(key, one):
            continue
        if key.kind == "/Widget":
            yield key.rect, "champ de formulaire ajouté", key.name
        else:
            kind = _ANNOTATIONS.get(key.kind, key.kind.lstrip("/"))
            yield key.rect, f"annotation ajoutée ({kind})", _said(one)
    for key, one in theirs.items():
        other = mine.get(key)
        if other is not None:
            if _flags(other) != _flags(one):
                yield key.rect, "annotation masquée ou montrée autrement", key.name
        elif not any(_holds(place, key.rect) for place in signing):
            what = "champ de formulaire absent" if key.kind == "/Widget" else "annotation absente"
            yield key.rect, what, key.name


def _is_invisible_signature(key: _Key, annotation: Object) -> bool:
    """Whether this is a signature that shows nothing (12.7.5.5)."""
    flat = key.rect.width == 0 or key.rect.height == 0
    return flat and key.kind == "/Widget" and inherited(annotation, "/FT") == Name.Sig


@dataclass(frozen=True)
class _Key:
    """What tells an annotation from others on its page; ``rank`` counts those that are alike."""

    kind: str
    name: str
    rect: Rect
    rank: int = 0


def _annotations(page: pikepdf.Page) -> dict[_Key, Object]:
    listed = page.obj.get(Name.Annots)
    found: dict[_Key, Object] = {}
    for one in listed if isinstance(listed, Array) else ():
        if isinstance(one, Dictionary) and str(one.get(Name.Subtype)) != _POPUP:
            rect = rect_of(one.get(Name.Rect)) or Rect(0, 0, 0, 0)
            box = Rect(round(rect.x0), round(rect.y0), round(rect.x1), round(rect.y1))
            key = _Key(str(one.get(Name.Subtype)), _name(one), box)
            while key in found:
                key = replace(key, rank=key.rank + 1)
            found[key] = one
    return found


def field_names(page: pikepdf.Page) -> Iterator[str]:
    """The full names of the form fields on a page, signatures left out."""
    for key, one in _annotations(page).items():
        if key.kind == "/Widget" and inherited(one, "/FT") != Name.Sig:
            yield key.name


def _holds(place: Rect, rect: Rect) -> bool:
    return place.contains(rect.x0, rect.y0, _SLACK) and place.contains(rect.x1, rect.y1, _SLACK)


def _flags(annotation: Object) -> int:
    """Whether it is seen, and printed (12.5.3)."""
    flags = annotation.get(Name.F)
    return flags & (UNSEEN | 1 << 2) if isinstance(flags, int) else 0


def _name(annotation: Object) -> str:
    """A field's fully qualified name (12.7.4.2)."""
    names = [str(one[Name.T]) for one in chain(annotation) if Name.T in one]
    return ".".join(reversed(names)) if annotation.get(Name.Subtype) == Name.Widget else ""


def _said(annotation: Object) -> str:
    text = annotation.get(Name.Contents)
    return " ".join(str(text).split()) if isinstance(text, pikepdf.String) else ""


def acts_and_carries(found: pikepdf.Pdf, expected: pikepdf.Pdf) -> Iterator[Alteration]:
    """Each action, attached file and layer that a document has and its twin has not."""
    mine, theirs = Counter(_acts(found)), Counter(_acts(expected))
    for what, said in mine - theirs:
        yield alteration("document", what, after=said)
    for key, what in _CATALOG.items():
        if _plain(found.Root.get(key)) != _plain(expected.Root.get(key)):
            yield alteration("document", f"{what} d’une autre sorte que dans le document vierge")
    form = found.Root.get(Name.AcroForm)
    if isinstance(form, Dictionary) and Name.XFA in form:
        # Stamping refuses a blank that has one: the twin never does.
        yield alteration("document", "formulaire XFA ajouté")


def _acts(pdf: pikepdf.Pdf) -> Iterator[tuple[str, str]]:
    """What acts and what is attached, from the catalog down; every object once."""
    seen: set[tuple[int, int]] = set()
    todo: list[Object] = [pdf.Root]
    for _ in range(limits.PDF_OBJECTS):
        if not todo:
            return
        one = todo.pop()
        if one.is_indirect:
            if one.objgen in seen:
                continue
            seen.add(one.objgen)
        if isinstance(one, Array):
            todo.extend(item for item in _items(one) if isinstance(item, _CONTAINERS))
            continue
        entries: Mapping[str, Object] = dict(one.items())
        yield from _told(entries)
        todo.extend(
            value
            for key, value in entries.items()
            if key not in _ASIDE and isinstance(value, _CONTAINERS)
        )
    yield "structure trop vaste pour être parcourue en entier", ""


def _items(array: Array) -> list[Object]:
    return [array[rank] for rank in range(len(array))]


def _told(entries: Mapping[str, Object]) -> Iterator[tuple[str, str]]:
    action = entries.get("/S")
    if isinstance(action, Name) and str(action) in _ACTIONS:
        kind = str(action)
        target = entries.get("/URI", entries.get("/JS", entries.get("/F", "")))
        if kind != "/JavaScript" or "/JS" in entries:
            yield f"action ajoutée ({_ACTIONS[kind]})", _short(target)
    if "/EF" in entries:
        yield "fichier joint", _short(entries.get("/UF", entries.get("/F", "")))


def _short(value: object) -> str:
    if isinstance(value, pikepdf.Stream):
        value = value.read_bytes()[:200].decode("latin-1")
    text = str(value) if isinstance(value, (pikepdf.String, str)) else ""
    return " ".join(text.split())[:80]


def _plain(value: object, depth: int = 8) -> object:
    """An entry as plain values, for comparison: references and their numbers aside."""
    if depth and isinstance(value, Array):
        return [_plain(one, depth - 1) for one in value]
    if depth and isinstance(value, Dictionary):
        return {key: _plain(one, depth - 1) for key, one in value.items()}
    return str(value) if isinstance(value, (Name, pikepdf.String)) else repr(value)[:80]
