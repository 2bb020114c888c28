"""Make mappings: the doors of both formats to detection, and a check against the document."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from cqp_forms.detection import Detected
from cqp_forms.errors import DocumentError, refusal
from cqp_forms.guide import Guide
from cqp_forms.mapping import AnyMapping, DocxMapping, Format, PdfMapping
from cqp_forms.mapping import lint as lint_mapping
from cqp_forms.matching import Matched


def read_document(path: Path) -> bytes:
    """A document's bytes.

    Raises:
        DocumentError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as problem:
        raise DocumentError(
            f"document illisible ({refusal(problem)}).",
            where=str(path),
            remedy="Vérifiez le chemin et les droits.",
        ) from problem


def format_of(content: bytes, path: Path) -> Format:
    """A document's format, by what it holds; where that tells nothing, by its name.

    The doors of a format say what is wrong with a document that is damaged; this only chooses one.

    Raises:
        DocumentError: neither a Word document nor a PDF.
    """
    if b"%PDF-" in content[:1024]:
        return Format.PDF
    # A zip, or a compound file: an old or a locked Word document.
    if content[:2] == b"PK" or content[:4] == b"\xd0\xcf\x11\xe0":
        return Format.DOCX
    suffix = path.suffix.casefold().lstrip(".")
    if suffix in {"docx", "docm", "dotx", "dotm"}:
        return Format.DOCX
    if suffix == "pdf":
        return Format.PDF
    raise DocumentError(
        "ce fichier n’est ni un document Word ni un PDF.",
        where=str(path),
        remedy="Donnez le guide vierge, en .docx ou en .pdf.",
    )


def detect(content: bytes, kind: Format) -> tuple[Detected, ...]:
    """Every box and area of a document, in reading order.

    Raises:
        DocumentError: the document cannot be read, or is of a kind that cannot be filled.
    """
    if kind is Format.DOCX:
        from cqp_forms.docx.detect import detect as detect_docx

        return detect_docx(content)
    from cqp_forms.pdf.detect import detect as detect_pdf

    return detect_pdf(content)


def preview(content: bytes, kind: Format, name: str, matched: Matched) -> bytes:
    """A PDF that shows a mapping: the document with its placements drawn, or a list of them.

    A Word document has no pages of its own to draw on: its placements are listed.

    Args:
        name: the document's file name.

    Raises:
        DocumentError: the document cannot be read.
    """
    from cqp_forms.pdf.preview import listing
    from cqp_forms.pdf.preview import preview as drawn

    if kind is Format.PDF:
        return drawn(content, matched.placed, matched.unused, matched.missing)
    return listing(name, matched.placed, matched.unused, matched.missing)


def lint(mapping: AnyMapping, guide: Guide, content: bytes) -> list[str]:
    """All that is wrong with a mapping, alone and against its document, in French.

    Raises:
        DocumentError: the document is not the mapped one, or cannot be read.
    """
    mapping.require_document(content)
    problems = lint_mapping(mapping, guide)
    if mapping.format is Format.DOCX:
        from cqp_forms.docx.lint import lint as lint_docx

        return [*problems, *lint_docx(content, cast(DocxMapping, mapping))]
    from cqp_forms.pdf.lint import lint as lint_pdf

    return [*problems, *lint_pdf(content, cast(PdfMapping, mapping))]
