"""Find every tick box and every area of a DOCX that the program has never seen.

Boxes: ``w14:checkbox`` controls wherever they stand, FORMCHECKBOX fields, ``w:sym`` and characters
of pictorial fonts, ☐ and its likes in ordinary runs, small drawn rectangles, empty cells under OUI
and NON. Areas: content controls, FORMTEXT fields, text boxes, leaders of dots or lines, empty cells
and bordered paragraphs, and « Nom : » with nothing behind it. Protection changes nothing to where
they are.
"""

from __future__ import annotations

from cqp_forms.docx import wml
from cqp_forms.docx.detect.blocks import PartReader
from cqp_forms.docx.detect.fields import FoundField, detected
from cqp_forms.docx.detect.styles import StyleSheet
from cqp_forms.docx.opc import open_package
from cqp_forms.mapping import Detected


def detect(document: bytes) -> tuple[Detected, ...]:
    """Find the boxes and areas of a document.

    Args:
        document: a .docx or .dotx, transitional or strict, protected for forms or not.

    Returns:
        What was found, in reading order: the body first, then headers and footers.

    Raises:
        DocumentError: not a DOCX, damaged, encrypted, or built to exhaust memory. A document
            without any box is no error: the result is empty.
    """
    package = open_package(document)
    styles = StyleSheet(package.styles)
    fields: list[FoundField] = []
    for part in package.parts:
        reader = PartReader(part.name, styles)
        body = wml.child(part.root, "body")
        reader.read(part.root if body is None else body)
        fields += reader.part.found
    return detected(fields, [part.root for part in package.parts])
