"""Small makers of WordprocessingML: elements, runs, paragraphs, cells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from lxml import etree

from cqp_forms.blocks import spans
from cqp_forms.docx.wml import PREFIXES, XML_SPACE, qn

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: A child, a text, or nothing.
Child: TypeAlias = "Element | str | None"

#: Prefixes whose attributes are written with the prefix too.
_QUALIFIED = frozenset({"w", "w14"})


def el(name: str, /, *children: Child, **attributes: str | int) -> Element:
    """An element; ``name`` is ``prefix:name``, or a bare ``w:`` name.

    A trailing ``_`` in an attribute's name is dropped (``type_``); ``w:`` and ``w14:`` attributes
    take the element's own prefix.
    """
    prefix, _, bare = name.rpartition(":")
    prefix = prefix or "w"
    made = etree.Element(qn(f"{prefix}:{bare}"), nsmap={prefix: PREFIXES[prefix]})
    for given, value in attributes.items():
        key = given.rstrip("_")
        made.set(qn(f"{prefix}:{key}") if prefix in _QUALIFIED else key, str(value))
    for child in children:
        if isinstance(child, str):
            made.text = child
        elif child is not None:
            made.append(child)
    return made


def text(content: str) -> Element:
    """``w:t``, its spaces kept."""
    made = el("t", content)
    if content != content.strip() or "  " in content:
        made.set(XML_SPACE, "preserve")
    return made


def run(content: str, style: str = "") -> Element:
    """A run, with a character style; ``\\n`` becomes a line break."""
    made = el("r")
    if style:
        made.append(el("rPr", el("rStyle", val=style)))
    for index, line in enumerate(content.split("\n")):
        if index:
            made.append(el("br"))
        if line:
            made.append(text(line))
    return made


def runs(marked: str) -> list[Element]:
    """The runs of a text with inline markup: bold is « Strong », italic is « Emphasis »."""
    return [
        run(span.text, "Strong" if span.bold else "Emphasis" if span.italic else "")
        for span in spans(marked)
    ]


def paragraph(style: str, content: str | Iterable[Child] = (), *properties: Element) -> Element:
    """A paragraph in a style.

    Args:
        content: a marked-up text, or ready-made children.
        properties: what the style does not say, in the schema's order.
    """
    children = runs(content) if isinstance(content, str) else content
    return el("p", el("pPr", el("pStyle", val=style), *properties), *children)


def cell(width: int, *content: Element, properties: Iterable[Element] = ()) -> Element:
    """A table cell; ``width`` in twentieths of a point, ``properties`` in the schema's order."""
    return el("tc", el("tcPr", el("tcW", w=width, type_="dxa"), *properties), *content)


def row(*cells: Element, properties: Iterable[Element] = ()) -> Element:
    """A table row."""
    kept = list(properties)
    return el("tr", el("trPr", *kept) if kept else None, *cells)


def table(style: str, widths: Iterable[int], *rows: Element, look: str = "0420") -> Element:
    """A fixed-layout table in a table style; widths in twentieths of a point."""
    grid = list(widths)
    return el(
        "tbl",
        el(
            "tblPr",
            el("tblStyle", val=style),
            el("tblW", w=sum(grid), type_="dxa"),
            el("tblLayout", type_="fixed"),
            el("tblLook", val=look),
        ),
        el("tblGrid", *(el("gridCol", w=width) for width in grid)),
        *rows,
    )


def root(name: str, *children: Child, prefixes: Iterable[str] = ("w", "r")) -> Element:
    """A part's root, which declares the prefixes once; ``w14`` is marked as ignorable."""
    declared = list(prefixes)
    made = etree.Element(qn(f"w:{name}"), nsmap={one: PREFIXES[one] for one in declared})
    if "w14" in declared:
        made.set(qn("mc:Ignorable"), "w14")
    for child in children:
        if child is not None and not isinstance(child, str):
            made.append(child)
    return made


def serialise(part: Element) -> bytes:
    """A part's bytes, namespaces declared at the root alone."""
    etree.cleanup_namespaces(part, keep_ns_prefixes=list(part.nsmap))  # type: ignore[arg-type]
    head = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return head + etree.tostring(part, encoding="UTF-8")
