"""Traps for what paints a PDF: they are refused before anything paints them."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from samples import EDITION, random_plan

from cqp_forms.errors import DocumentError, ExitCode
from cqp_forms.guide import Guide
from cqp_forms.mapping import PdfMapping
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Finish


def shows_itself(pdf: pikepdf.Pdf) -> None:
    form = pdf.make_stream(b"/Again Do /Again Do")
    form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 9, 9])
    form.Resources = Dictionary(XObject=Dictionary(Again=form))
    painted(pdf, b"/Again Do", "/XObject", {"/Again": form})


def tiled_with_dust(pdf: pikepdf.Pdf) -> None:
    tile = pdf.make_stream(b"0 0 1 1 re f")
    tile.PatternType, tile.PaintType, tile.TilingType = 1, 1, 1
    tile.BBox, tile.XStep, tile.YStep = Array([0, 0, 1, 1]), 1, 1
    tile.Matrix, tile.Resources = Array([0.001, 0, 0, 0.001, 0, 0]), Dictionary()
    painted(pdf, b"/Pattern cs /Dust scn 0 0 600 800 re f", "/Pattern", {"/Dust": tile})


def painted(pdf: pikepdf.Pdf, content: bytes, kind: str, named: dict[str, pikepdf.Object]) -> None:
    page = pdf.pages[5]
    resources = Dictionary(page.obj.Resources)
    resources[kind] = Dictionary({**dict(resources.get(kind, Dictionary()).items()), **named})
    page.obj.Resources = resources
    page.contents_add(pdf.make_stream(content))


@pytest.mark.parametrize("trap", [shows_itself, tiled_with_dust])
def test_what_no_viewer_ends_painting_is_refused_before_it_is_painted(
    trap: Callable[[pikepdf.Pdf], None], guide: Guide, real: tuple[bytes, PdfMapping]
) -> None:
    issued = PdfStamper(*real, guide, Finish.FLAT).stamp(random_plan(guide, 7), EDITION)
    out = BytesIO()
    with pikepdf.open(BytesIO(issued)) as pdf:
        trap(pdf)
        pdf.save(out)
    with pytest.raises(DocumentError, match="dessine plus que ne le fait aucun guide") as refused:
        read(out.getvalue(), real[1], guide, real[0])
    assert refused.value.exit_code is ExitCode.DOCUMENT
