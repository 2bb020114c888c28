"""Form fields that show something else than what they hold (ISO 32000-2, 12.7.4.3).

Reading takes a field's value; a viewer shows its appearance. A document in which the two differ
says one thing to a person and another to a program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pikepdf
from pikepdf import Dictionary, Name

from cqp_forms.mapping import PdfKind, PdfLocator, PdfMapping
from cqp_forms.pdf.compare.page import fingerprint
from cqp_forms.pdf.geometry import rect_of
from cqp_forms.pdf.opening import opened
from cqp_forms.pdf.page import Drawing, Pages, StreamMemo, TextRun
from cqp_forms.shown import Shown


def contradictions(
    document: bytes, mapping: PdfMapping, shown: Shown
) -> Iterator[tuple[PdfLocator, str, str]]:
    """Each text field whose appearance is not its value.

    Args:
        document: the PDF; one whose viewer sets the appearances anew has none to contradict.
        shown: what reading gave: the values.

    Yields:
        The place, the value, and what is seen.

    Raises:
        DocumentError: the document cannot be read.
    """
    with opened(document) as pdf:
        fields = _fields(pdf, mapping, shown)
        if not fields:
            return
        bare = {key: _items(pdf, one.page) for key, one in fields.items()}
        # Each appearance becomes part of its page, which can be read like any other.
        pdf.flatten_annotations()
        for key, one in fields.items():
            printed = {fingerprint(item) for item in bare[key]}
            runs = [
                item
                for item in _items(pdf, one.page)
                if isinstance(item, TextRun)
                and fingerprint(item) not in printed
                and one.rect.contains(item.x, item.y, 2.0)
            ]
            seen = "".join(run.text for run in runs if run.tag != "Reference")
            cut = any(run.tag == "Reference" for run in runs)
            value = _compact(shown.texts[key])
            if value != _compact(seen) and not (cut and value.startswith(_compact(seen))):
                yield one, shown.texts[key], seen.strip()


def _items(pdf: pikepdf.Pdf, page: int) -> list[Drawing | TextRun]:
    return Pages(pdf, StreamMemo()).items(page - 1)


def _fields(pdf: pikepdf.Pdf, mapping: PdfMapping, shown: Shown) -> Mapping[str, PdfLocator]:
    """The text placements that a field with an appearance fills."""
    form = pdf.Root.get(Name.AcroForm)
    if not isinstance(form, Dictionary) or form.get(Name.NeedAppearances):
        return {}
    found: dict[str, PdfLocator] = {}
    for key, one in mapping.locators.items():
        if key not in shown.texts or one.kind is not PdfKind.WIDGET or one.page > len(pdf.pages):
            continue
        for annotation in pdf.pages[one.page - 1].obj.get(Name.Annots, []):
            if not isinstance(annotation, Dictionary) or not _is_at(annotation, one):
                continue
            look = annotation.get(Name.AP)
            if isinstance(look, Dictionary) and isinstance(look.get(Name.N), pikepdf.Stream):
                found[key] = one
    return found


def _is_at(annotation: pikepdf.Object, locator: PdfLocator) -> bool:
    if annotation.get(Name.Subtype) != Name.Widget:
        return False
    rect = rect_of(annotation.get(Name.Rect))
    return rect is not None and locator.rect.contains(*rect.centre, 1.0)


def _compact(text: str) -> str:
    return "".join(text.split())
