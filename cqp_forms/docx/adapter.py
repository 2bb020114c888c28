"""The DOCX side of :mod:`cqp_forms.formats`: each function loads only the room that does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from cqp_forms.docx import wml
from cqp_forms.docx.opc import Part, open_package
from cqp_forms.mapping import AnyMapping, DocxKind, DocxLocator, DocxMapping

#: The element that each kind names (:class:`DocxLocator`); the others have more than one shape.
_ELEMENT = {
    DocxKind.CONTROL_AT: "sdt",
    DocxKind.FORM_CHECKBOX: "fldChar",
    DocxKind.FORM_TEXT: "fldChar",
    DocxKind.SYMBOL: "sym",
    DocxKind.GLYPH: "p",
    DocxKind.LEADER: "p",
    DocxKind.PARAGRAPH: "p",
    DocxKind.CELL: "tc",
    DocxKind.TEXT_BOX: "txbxContent",
}


if TYPE_CHECKING:
    from collections.abc import Mapping

    from cqp_forms.docx.stamp import DocxStamper
    from cqp_forms.guide import Guide
    from cqp_forms.mapping import Detected, Locator
    from cqp_forms.matching import Matched
    from cqp_forms.plan import Finish, Trail
    from cqp_forms.project import Blank
    from cqp_forms.proof import Proof, Twin
    from cqp_forms.shown import Shown

SUFFIXES = frozenset({"docx", "doc", "docm", "dotx", "dotm"})

#: A zip archive, or a compound file: an old or a locked Word document ([MS-CFB]).
_HEADS = (b"PK", b"\xd0\xcf\x11\xe0")


def recognises(content: bytes) -> bool:
    """Whether this may be a Word document."""
    return content.startswith(_HEADS)


def detect(content: bytes) -> tuple[Detected, ...]:
    """Every box and area, in reading order."""
    from cqp_forms.docx.detect import detect

    return detect(content)


def check(content: bytes, mapping: AnyMapping) -> list[str]:
    """What of a mapping does not hold in its document."""
    from cqp_forms.docx.adapter import lint

    return lint(content, _mapping(mapping))


def preview(content: bytes, matched: Matched) -> bytes:
    """The document itself, each place highlighted and commented."""
    from cqp_forms.docx.preview import preview

    return preview(content, matched.placed, matched.unused, matched.missing)


def laid_out(content: bytes) -> bytes | None:
    """The pages as LibreOffice lays them out, comments as text annotations; ``None`` without it."""
    from cqp_forms.docx.looks import WITH_COMMENTS, office, to_pdfs

    program = office()
    return None if program is None else to_pdfs([content], program, WITH_COMMENTS)[0]


def mark(content: bytes, pending: Mapping[str, Locator | None]) -> bytes:
    """The draft with each place that was left blank highlighted and commented."""
    from cqp_forms.docx.preview import mark

    return mark(content, pending)


def stamper(blank: Blank, guide: Guide, finish: Finish) -> DocxStamper:
    """Compile a blank; controls stay, whatever the finish: a DOCX is made to be corrected."""
    from cqp_forms.docx.stamp import DocxStamper

    return DocxStamper(blank.content, _mapping(blank.mapping), guide)


def read(content: bytes, blank: Blank, guide: Guide) -> Shown:
    """What a document shows."""
    from cqp_forms.docx.read import read

    return read(content, _mapping(blank.mapping), guide, blank.content)


def payload(content: bytes) -> bytes | None:
    """The embedded answers."""
    from cqp_forms.docx.read import read_payload

    return read_payload(content)


def trail(content: bytes) -> Trail | None:
    """What the document says of its own making."""
    from cqp_forms.docx.read import read_trail

    return read_trail(content)


def likeness(content: bytes, blank: Blank, guide: Guide) -> float:
    """How much of the blank's wording the document has."""
    from cqp_forms.docx.prove import likeness

    return likeness(content, blank.content, guide)


def finish(content: bytes) -> Finish:
    """Controls always stay."""
    from cqp_forms.plan import Finish

    return Finish.FLAT


def prove(content: bytes, twin: Twin, blank: Blank, guide: Guide) -> Proof:
    """Compare a document with its twin, by the lines that a reader sees."""
    from cqp_forms.docx.prove import prove

    return prove(content, twin, guide)


def _mapping(mapping: AnyMapping) -> DocxMapping:
    return cast(DocxMapping, mapping)


def lint(document: bytes, mapping: DocxMapping) -> list[str]:
    """What does not hold in the document, in French; empty when all does.

    Raises:
        DocumentError: the document cannot be read.
    """
    parts = {part.name: part for part in open_package(document).parts}
    tags = {
        part.name: Counter(wml.tag_of(one) for one in wml.all_words(part.root, "sdt"))
        for part in parts.values()
    }
    return [
        f"« {placement} » : {problem}"
        for placement, one in mapping.locators.items()
        for problem in _problems(one, parts.get(one.part), tags.get(one.part, Counter()))
    ]


def _problems(one: DocxLocator, part: Part | None, tags: Counter[str]) -> Iterator[str]:
    if part is None:
        yield f"le document n’a pas de partie « {one.part} »"
        return
    if one.kind is DocxKind.CONTROL:
        if tags[one.target] != 1:
            count = (
                f"{tags[one.target]} contrôles portent"
                if tags[one.target]
                else "aucun contrôle ne porte"
            )
            yield f"{count} la balise « {one.target} »"
        return
    element = wml.find_path(part.root, one.target)
    if element is None:
        yield f"il n’y a rien à « {one.target} »"
        return
    expected = _ELEMENT.get(one.kind)
    if expected and wml.local(element) != expected:
        yield f"« {one.target} » est un élément « {wml.local(element)} », pas « {expected} »"
    elif one.kind in (DocxKind.GLYPH, DocxKind.LEADER):
        length = len(wml.text_of(element))
        # A glyph is a character of the text; an answer may also be put after its end.
        if one.offset > length or (one.kind is DocxKind.GLYPH and one.offset == length):
            yield f"le paragraphe n’a que {length} caractères, pas {one.offset}"
