"""Hold a mapping against its document: what is wrong with it that the YAML alone cannot tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cqp_forms.docx import wml
from cqp_forms.docx.opc import Part, open_package
from cqp_forms.mapping import DocxKind, DocxLocator, DocxMapping

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
