"""Show a mapping in a Word document: each place highlighted, with a comment that names it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import docx
from docx.document import Document
from docx.opc.exceptions import OpcError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.run import Run
from lxml.etree import LxmlError
from lxml.etree import _Element as Element

from cqp_forms.docx import wml
from cqp_forms.docx.opc import CONTENT_TYPES, open_docx, read_member
from cqp_forms.docx.stamp.runs import split_at
from cqp_forms.errors import DocumentError
from cqp_forms.mapping import MAIN_PART, Detected, DocxKind, DocxLocator, Locator
from cqp_forms.typography import spaced

_AUTHOR, _INITIALS = "cqp-forms", "CQP"
#: Fills of what is sure, what a person has to look at, and what is no placement (RRGGBB).
_SURE, _DOUBTFUL, _UNUSED = "C6EFCE", "FFC7CE", "D9D9D9"
#: What python-docx raises of a package that is not as it expects.
_UNREADABLE = (
    *(AssertionError, AttributeError, LookupError, TypeError, ValueError),
    *(BadZipFile, LxmlError, SyntaxError, OpcError),
)


@dataclass(frozen=True, slots=True)
class _Note:
    """What is said at one place; ``None`` for what has none."""

    locator: DocxLocator | None
    text: str
    colour: str
    number: int = 0


def preview(
    document: bytes,
    placed: Mapping[str, Detected],
    unused: Sequence[Detected] = (),
    missing: Sequence[str] = (),
) -> bytes:
    """The document with every place highlighted, and a comment with its number and its name.

    Args:
        document: the DOCX.
        placed: what was found, by placement id.
        unused: what was found and is no placement, in grey.
        missing: placements still to be found, named in a comment at the beginning.

    Raises:
        DocumentError: the document cannot be read, or is of a kind that cannot be commented.
    """
    notes = [
        _Note(
            one.locator,
            _said(place, one),
            _SURE if one.locator.confirmed else _DOUBTFUL,
            one.number,
        )
        for place, one in placed.items()
        if isinstance(one.locator, DocxLocator)
    ]
    notes += [
        _Note(one.locator, _said("", one), _UNUSED, one.number)
        for one in unused
        if isinstance(one.locator, DocxLocator)
    ]
    if missing:
        told = f"Emplacements à trouver ({len(missing)}) : {', '.join(missing)}."
        notes.append(_Note(None, told, _DOUBTFUL))
    return _annotated(document, notes)


def mark(document: bytes, pending: Mapping[str, Locator | None]) -> bytes:
    """A draft with a comment at each place that was left blank, since no one confirmed it.

    Raises:
        DocumentError: the document is of a kind that cannot be commented.
    """
    return _annotated(
        document,
        [
            _Note(
                one if isinstance(one, DocxLocator) else None,
                f"{place} : laissé vide, son emplacement reste à confirmer.",
                _DOUBTFUL,
            )
            for place, one in pending.items()
        ],
    )


def _said(place: str, one: Detected) -> str:
    label = " – ".join(part for part in (one.label, one.option or one.column) if part)
    lines = [f"n° {one.number} : {place or 'hors du guide'}", label]
    if not one.locator.confirmed:
        numbers = " ou ".join(f"n° {each}" for each in one.locator.candidates)
        lines.append(f"À confirmer ({one.locator.reason}) : {numbers}")
    return "\n".join(line for line in lines if line)


def _annotated(content: bytes, notes: Sequence[_Note]) -> bytes:
    document = _opened(content)
    apart = []
    # Paths count runs, which comments add: every place is found before the first is commented.
    for note, element in [(one, _element(document, one.locator)) for one in notes]:
        if element is None or note.locator is None:
            apart.append(note.text)
            continue
        runs = _characters(element, note.locator)
        _highlight(element, note.colour, runs)
        if note.locator.part == MAIN_PART:
            anchor = _before(runs[0] if runs else _run_of(element))
            _comment(document, anchor, note.text, note.number)
        else:
            # Word allows no comments in headers and footers.
            apart.append(f"{note.text} (en-tête ou pied de page)")
    if apart:
        _comment(document, _first_run(document), "\n".join(apart))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _opened(content: bytes) -> Document:
    """The document, with all that comments are put in.

    python-docx reads every part of it, also those that detection and stamping never look at.
    """
    try:
        document = docx.Document(io.BytesIO(_as_plain_document(content)))
        _ = document.comments  # read, or made, now
    except _UNREADABLE as problem:
        raise DocumentError(
            "ce document, dont une partie est abîmée, ne se commente pas.",
            remedy="Demandez la liste des emplacements (--preview FICHIER.pdf), ou enregistrez-le "
            "dans Word comme « Document Word (.docx) ».",
        ) from problem
    document.element.attrib.pop(qn("w:conformance"), None)
    relations = document.part.rels
    for name in [key for key, one in relations.items() if one.reltype.endswith("/vbaProject")]:
        relations.pop(name)
    return document


_WORD_TYPE = b"application/vnd.openxmlformats-officedocument.wordprocessingml.%b.main+xml"
_MACRO_TYPE = b"application/vnd.ms-word.%b.macroEnabled%b.main+xml"
#: The main part of a template, of a document with macros, and of a template with macros.
_OTHER_MAIN = (
    _WORD_TYPE % b"template",
    _MACRO_TYPE % (b"document", b""),
    _MACRO_TYPE % (b"template", b"Template"),
)
#: The strict names (ISO/IEC 29500-1, annex A) and what the transitional ones put in them.
_STRICT_NAME = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
_HYPHENATED = {
    b"extendedProperties": b"extended-properties",
    b"customProperties": b"custom-properties",
}


def _as_plain_document(content: bytes) -> bytes:
    """A template, a document with macros or a strict one, as the .docx that python-docx opens.

    The copy is for looking at: macros and the conformance class, which only the others have, go.
    """
    archive, out = open_docx(content), io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as plain:
        for name in archive.namelist():
            member = read_member(archive, name)
            if name == CONTENT_TYPES:
                for other in _OTHER_MAIN:
                    member = member.replace(other, _WORD_TYPE % b"document")
            if name.endswith((".xml", ".rels")):
                member = _STRICT_NAME.sub(_transitional, member)
            plain.writestr(name, member)
    return out.getvalue()


def _transitional(strict: re.Match[bytes]) -> bytes:
    area, name = strict.groups()
    plain = _HYPHENATED.get(name, name)
    return b"http://schemas.openxmlformats.org/" + area + b"/2006/" + plain


def _element(document: Document, locator: DocxLocator | None) -> Element | None:
    parts = document.part.package.iter_parts()
    named = (one for one in parts if locator and one.partname.lstrip("/") == locator.part)
    root = getattr(next(named, None), "element", None)
    if root is None or locator is None:
        return None
    if locator.kind is DocxKind.CONTROL:
        tagged = (one for one in wml.all_words(root, "sdt") if wml.tag_of(one) == locator.target)
        return next(tagged, None)
    return wml.find_path(root, locator.target)


def _characters(element: Element, locator: DocxLocator) -> list[Element]:
    """The runs of a box or a line that is characters of a paragraph, and of nothing else in it."""
    if locator.kind not in (DocxKind.GLYPH, DocxKind.LEADER):
        return []
    end = locator.offset + 1
    if locator.kind is DocxKind.LEADER:
        end = wml.leader_end(wml.text_of(element), locator.offset)
    return split_at(element, locator.offset, end) if end > locator.offset else []


def _before(run: Element) -> Run:
    """An empty run before another: a comment is shown where its anchor ends.

    In a form field it would stand within the field's code, and LibreOffice not draw its box.
    """
    empty = OxmlElement("w:r")
    run.addprevious(empty)
    return Run(empty, None)  # type: ignore[arg-type]


def _comment(document: Document, run: Run, text: str, number: int = 0) -> None:
    # LibreOffice loses the first line of some comments, never who wrote them.
    author = spaced(f"{_AUTHOR} – n° {number}") if number else _AUTHOR
    document.add_comment(run, spaced(text), author, _INITIALS)


def _first_run(document: Document) -> Run:
    paragraph = document.paragraphs[0] if document.paragraphs else document.add_paragraph()
    return paragraph.runs[0] if paragraph.runs else paragraph.add_run("")


def _highlight(element: Element, colour: str, characters: Sequence[Element]) -> None:
    """Shade a cell, or the text of what is not one: all of it, or some of its characters."""
    cell = next(_cells_around(element), None)
    if cell is not None and wml.local(element) == "tc":
        _shade(_properties(cell, "w:tcPr"), colour)
        return
    for run in characters or _runs(element):
        _shade(_properties(run, "w:rPr"), colour)


def _cells_around(element: Element) -> Iterator[Element]:
    yield from (one for one in (element, *element.iterancestors()) if wml.local(one) == "tc")


def _properties(element: Element, name: str) -> Element:
    found = element.find(qn(name))
    if found is None:
        found = OxmlElement(name)
        element.insert(0, found)
    return found


def _shade(properties: Element, colour: str) -> None:
    for old in properties.findall(qn("w:shd")):
        properties.remove(old)
    shade = OxmlElement("w:shd")
    for key, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", colour)):
        shade.set(qn(key), value)
    # In CT_RPr and CT_TcPr (ECMA-376, part 1, 17.3.2 and 17.4.66) few elements may follow it.
    followers = [one for one in properties if wml.local(one) in _AFTER_SHADE]
    if followers:
        followers[0].addprevious(shade)
    else:
        properties.append(shade)


_AFTER_SHADE = frozenset(
    {
        *("fitText", "vertAlign", "rtl", "cs", "em", "lang", "eastAsianLayout", "specVanish"),
        *("oMath", "noWrap", "tcMar", "textDirection", "tcFitText", "vAlign", "hideMark"),
    }
)


def _runs(element: Element) -> list[Element]:
    """The runs that a place is made of: its own, or the one that it stands in."""
    inside = [one for one in element.iter() if wml.local(one) == "r"]
    around = [one for one in element.iterancestors() if wml.local(one) == "r"]
    return around[:1] if wml.local(element) in ("sym", "fldChar") else inside


def _run_of(element: Element) -> Element:
    """The run to comment: in a cell or a paragraph without any, an empty one is put."""
    runs = _runs(element) or [one for one in element.iterancestors() if wml.local(one) == "r"]
    if runs:
        return runs[-1] if wml.local(element) in ("sym", "fldChar") else runs[0]
    found = OxmlElement("w:r")
    paragraph = next((one for one in element.iter() if wml.local(one) == "p"), None)
    if paragraph is not None:
        paragraph.append(found)
    else:
        element.addprevious(found)
    return found
