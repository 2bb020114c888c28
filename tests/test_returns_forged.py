"""A guide that was changed before or after it was signed is named, and never entered."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from returns_support import guide_of, returned, rows
from signers import AREAS, sign

from cqp_forms.guide import Guide
from cqp_forms.mapping import Format
from cqp_forms.project import Project


def drawn_over(page: int, operators: bytes) -> Callable[[bytes], bytes]:
    """A later revision that paints over a page, its beginning intact."""

    def forge(content: bytes) -> bytes:
        writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
        stream = generic.StreamObject(stream_data=b"q " + operators + b" Q")
        writer.add_stream_to_page(page, writer.add_object(stream))
        target = BytesIO()
        writer.write(target)
        return target.getvalue()

    return forge


def spot(placement: str, guide: Guide, project: Project) -> tuple[int, Any]:
    locator = project.blank(guide, Format.PDF).mapping.locators[placement]
    return locator.page, locator.rect  # type: ignore[union-attr]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["box", "note", "page", "field"])
def test_a_guide_forged_before_or_after_signing_is_named_and_not_entered(
    out: Path, guide: Guide, project: Project, what: str, when: str
) -> None:
    page, rect = spot("c1.1.1.non", guide, project)
    cross = f"1 w {rect.x0} {rect.y0} m {rect.x1} {rect.y1} l S".encode()
    forges = {
        "box": drawn_over(page - 1, cross),
        "note": later(add_note),
        "page": later(add_page),
        "field": later(enlarge),
    }
    content = guide_of(out).read_bytes()
    if when == "before":
        content = sign(forges[what](content), AREAS[0])
    else:
        content = forges[what](sign(content, AREAS[0]))
    found = returned(out, content, code=6)
    assert found["state"] == "altéré" and found["notes"], found
    if when == "after":
        assert found["signatures"][0]["verdict"] == "rompue", found
    assert rows(out) == []


def later(change: Callable[[IncrementalPdfFileWriter], None]) -> Callable[[bytes], bytes]:
    """A later revision, the beginning of the file intact."""

    def forge(content: bytes) -> bytes:
        writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
        change(writer)
        target = BytesIO()
        writer.write(target)
        return target.getvalue()

    return forge


def add_note(writer: IncrementalPdfFileWriter) -> None:
    look = generic.StreamObject(
        {generic.NameObject("/Type"): generic.NameObject("/XObject"),
         generic.NameObject("/Subtype"): generic.NameObject("/Form"),
         generic.NameObject("/BBox"): numbers(0, 0, 100, 100)},
        stream_data=b"1 0 0 rg 0 0 100 100 re f",
    )  # fmt: skip
    note = generic.DictionaryObject(
        {
            generic.NameObject("/Type"): generic.NameObject("/Annot"),
            generic.NameObject("/Subtype"): generic.NameObject("/Square"),
            generic.NameObject("/Rect"): numbers(100, 300, 200, 400),
            generic.NameObject("/F"): generic.NumberObject(4),
            generic.NameObject("/AP"): generic.DictionaryObject(
                {generic.NameObject("/N"): writer.add_object(look)}
            ),
        }
    )
    page = writer.root["/Pages"]["/Kids"].raw_get(4).get_object()
    page[generic.NameObject("/Annots")] = generic.ArrayObject([writer.add_object(note)])
    writer.update_container(page)


def numbers(*values: float) -> generic.ArrayObject:
    return generic.ArrayObject([generic.FloatObject(one) for one in values])


def add_page(writer: IncrementalPdfFileWriter) -> None:
    from pyhanko.pdf_utils.writer import PageObject

    content = writer.add_object(generic.StreamObject(stream_data=b""))
    writer.insert_page(PageObject(content, media_box=(0, 0, 595, 842)))


def enlarge(writer: IncrementalPdfFileWriter) -> None:
    """The area of another's signature grows over the page."""
    for parent in writer.root["/AcroForm"]["/Fields"]:
        for held in parent.get_object()["/Kids"]:
            kid = held.get_object()
            if kid["/T"] == "evaluateur_metier":
                kid[generic.NameObject("/Rect")] = numbers(0, 0, 595, 842)
                writer.update_container(kid)
