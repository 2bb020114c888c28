"""Mark in a stamped draft what is not settled: its places shaded, and a list at the end.

A draft alone has these marks, and each has its own: they are put into the rendered document.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.docx.opc import open_docx, read_member
from cqp_forms.docx.stamp.template import serialised, write_member
from cqp_forms.mapping import MAIN_PART, DocxKind, DocxLocator, DocxMapping
from cqp_forms.plan import Unsettled

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: The shade of a place that cannot be taken for an answer (RRGGBB).
_AMBER = "FFD58A"
_NAVY = "1F3864"
#: What may follow the shade in CT_RPr (ECMA-376, part 1, 17.3.2.28).
_AFTER_SHADE = frozenset(
    {
        *("fitText", "vertAlign", "rtl", "cs", "em", "lang", "eastAsianLayout", "specVanish"),
        "oMath",
    }
)


def mark_unsettled(content: bytes, mapping: DocxMapping, unsettled: Sequence[Unsettled]) -> bytes:
    """The draft with its marks; equal input gives equal bytes.

    Args:
        content: the stamped document.
        mapping: where each placement lies.
    """
    places = [
        mapping.locators[key]
        for key in dict.fromkeys(key for one in unsettled for key in one.placements)
        if key in mapping.locators
    ]
    archive = open_docx(content, {one.part for one in places})
    roots = {
        part: wml.parse(read_member(archive, part))
        for part in sorted({MAIN_PART, *(one.part for one in places)})
    }
    for part, root in roots.items():
        for element in _elements(root, [one for one in places if one.part == part]):
            for run in _runs(element):
                _shade(run)
    body = wml.child(roots[MAIN_PART], "body")
    if body is not None:
        _list(body, unsettled)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name in archive.namelist():
            known = name in roots
            write_member(
                target, name, serialised(roots[name]) if known else read_member(archive, name)
            )
    return out.getvalue()


def _elements(root: Element, places: Iterable[DocxLocator]) -> list[Element]:
    """All of them, found before any is changed."""
    tagged = {wml.tag_of(one): one for one in wml.all_words(root, "sdt")}
    found = (
        tagged.get(one.target) if one.kind is DocxKind.CONTROL else wml.find_path(root, one.target)
        for one in places
    )
    return [one for one in found if one is not None]


def _runs(element: Element) -> Iterator[Element]:
    """The runs that a place is made of: its own, or the one that it stands in."""
    inside = list(wml.all_words(element, "r"))
    around = (one for one in element.iterancestors() if wml.is_word(one, "r"))
    yield from inside or [one for one in [next(around, None)] if one is not None]


def _shade(run: Element) -> None:
    namespace = wml.dialect(run.getroottree().getroot())
    properties = wml.child(run, "rPr")
    if properties is None:
        properties = etree.Element(wml.w("rPr", namespace))
        run.insert(0, properties)
    for old in [one for one in properties if wml.is_word(one, "shd")]:
        properties.remove(old)
    shade = etree.Element(wml.w("shd", namespace))
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", _AMBER)):
        shade.set(wml.w(key, namespace), value)
    after = next((one for one in properties if wml.local(one) in _AFTER_SHADE), None)
    if after is None:
        properties.append(shade)
    else:
        after.addprevious(shade)


def _list(body: Element, unsettled: Sequence[Unsettled]) -> None:
    """« À régler », in a section of its own after all the rest."""
    namespace = wml.dialect(body.getroottree().getroot())
    last = body[-1] if len(body) and wml.is_word(body[-1], "sectPr") else None
    control, added = _own_control(namespace)
    if last is not None:
        # LibreOffice drops the look of the first words of a control that begins a section.
        added.append(_paragraph("", 1, namespace))
    added.append(_paragraph("À régler", 16, namespace, bold=True, begins=last is None))
    for one in unsettled:
        added.append(_paragraph(one.title, 10, namespace, bold=True))
        told = f"{one.message[:1].upper()}{one.message[1:]} {one.remedy}"
        added.append(_paragraph(told, 10, namespace))
    if last is None:
        body.append(control)
        return
    end = _paragraph("", 1, namespace)
    end[0].append(deepcopy(last))
    for element in (end, control):
        last.addprevious(element)
    _begin_on_a_page(last, namespace)


def _own_control(namespace: str) -> tuple[Element, Element]:
    """A control that reading passes over, its wording not the form's, and what it holds."""
    control = etree.Element(wml.w("sdt", namespace))
    tag = etree.SubElement(
        etree.SubElement(control, wml.w("sdtPr", namespace)), wml.w("tag", namespace)
    )
    tag.set(wml.w("val", namespace), f"{wml.OWN_TAG}a-regler")
    return control, etree.SubElement(control, wml.w("sdtContent", namespace))


def _begin_on_a_page(section: Element, namespace: str) -> None:
    kind = wml.child(section, "type")
    if kind is None:
        kind = etree.Element(wml.w("type", namespace))
        # Only references and notes come before it (ECMA-376, part 1, 17.6.17).
        before = ("headerReference", "footerReference", "footnotePr", "endnotePr")
        section.insert(sum(wml.local(one) in before for one in section), kind)
    kind.set(wml.w("val", namespace), "nextPage")


def _paragraph(
    text: str, size: int, namespace: str, *, bold: bool = False, begins: bool = False
) -> Element:
    """A paragraph of one run; ``size`` in points, ``begins``: on a page of its own."""
    paragraph = etree.Element(wml.w("p", namespace))
    properties = etree.SubElement(paragraph, wml.w("pPr", namespace))
    if bold:
        etree.SubElement(properties, wml.w("keepNext", namespace))
    if begins:
        etree.SubElement(properties, wml.w("pageBreakBefore", namespace))
    spacing = etree.SubElement(properties, wml.w("spacing", namespace))
    after = "0" if not text else "40" if bold else "160"
    line = ("20", "exact") if not text else ("240", "auto")
    for key, value in zip(
        ("before", "after", "line", "lineRule"), ("0", after, *line), strict=True
    ):
        spacing.set(wml.w(key, namespace), value)
    if not text:
        return paragraph
    run = etree.SubElement(paragraph, wml.w("r", namespace))
    look = etree.SubElement(run, wml.w("rPr", namespace))
    if bold:
        etree.SubElement(look, wml.w("b", namespace))
        etree.SubElement(look, wml.w("color", namespace)).set(wml.w("val", namespace), _NAVY)
    for name in ("sz", "szCs"):
        etree.SubElement(look, wml.w(name, namespace)).set(wml.w("val", namespace), str(2 * size))
    written = etree.SubElement(run, wml.w("t", namespace))
    written.set(wml.XML_SPACE, "preserve")
    written.text = text
    return paragraph
