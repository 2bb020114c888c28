"""What is drafted of a form, in short: for tests that say what a person should read there."""

from __future__ import annotations

from cqp_forms.docx.detect import detect as detect_docx
from cqp_forms.mapping import Format
from cqp_forms.matching.drafting import draft
from cqp_forms.pdf.detect import detect as detect_pdf

_DETECT = {Format.DOCX: detect_docx, Format.PDF: detect_pdf}


def outline_of(document: bytes, kind: Format) -> list[tuple[str, str]]:
    """The title and the label of each field drafted of a form, its options behind it.

    A field whose place waits to be confirmed begins with « ? ». Spaces are plain ones.
    """
    made = draft(_DETECT[kind](document), "essai", kind, f"x.{kind}", document)
    waiting = {place.partition("@")[0] for place in made.mapping.unconfirmed}
    return [
        (
            group.title.replace("\u00a0", " "),
            ("? " if any(one == f.id or one.startswith(f"{f.id}.") for one in waiting) else "")
            + " | ".join([f.label, *(one.label for one in f.options)]).replace("\u00a0", " "),
        )
        for section in made.guide.sections
        for group in section.groups
        for f in group.fields
    ]
