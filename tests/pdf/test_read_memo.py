"""What reading remembers from one document never hides what another shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
from blanks import mapping_of
from edits import BOX, OTHER, edited
from pikepdf import Array, Dictionary, Name
from samples import EDITION, plan_of, random_plan

from cqp_forms.guide import Guide
from cqp_forms.mapping import PdfMapping
from cqp_forms.pdf.opening import DAMAGE
from cqp_forms.pdf.page import Item, Pages, StreamMemo, TextRun
from cqp_forms.pdf.page.interpreter import Interpreter
from cqp_forms.pdf.page.items import XObjectUse
from cqp_forms.pdf.read import read
from cqp_forms.pdf.read.reader import _reader
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.shown import Mark, differences

Blank = tuple[bytes, PdfMapping]


def test_reading_is_not_fooled_by_what_it_remembers(
    flat: PdfStamper, blank: Blank, guide: Guide
) -> None:
    plans = [random_plan(guide, seed) for seed in range(4)]
    outs = [flat.stamp(plan, EDITION) for plan in plans]
    for plan, out in [*zip(plans, outs, strict=True)] * 2:
        assert differences(plan, read(out, blank[1], guide)) == []
    other = mapping_of(blank[0], {BOX: blank[1].locators[OTHER]}, guide)
    expected = plans[0].ticks[OTHER].value
    assert (read(outs[0], other, guide).ticks[BOX] is Mark.ON) == expected


def frames(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    """The forms that show the frames of boxes, which many boxes share."""
    found = {}
    for page in pdf.pages:
        for name, form in page.obj.Resources.get(Name.XObject, Dictionary()).items():
            if str(name).startswith("/CqpW") and float(form.BBox[2]) < 12:
                found[form.objgen] = form
    assert found
    return list(found.values())


def crossed_frames(pdf: pikepdf.Pdf) -> None:
    for form in frames(pdf):
        form.write(form.read_bytes() + b" 1 w 2 2 m 8 8 l 2 8 m 8 2 l S")


def crosses_in_forms_of_frames(pdf: pikepdf.Pdf) -> None:
    for form in frames(pdf):
        inner = pdf.make_stream(b"1 w 2 2 m 8 8 l 2 8 m 8 2 l S")
        inner.Type, inner.Subtype, inner.BBox = Name.XObject, Name.Form, Array([0, 0, 11, 11])
        inner.Resources = Dictionary()
        form.Resources = Dictionary(XObject=Dictionary(X=inner))
        form.write(form.read_bytes() + b" /X Do")


def crosses_before_the_overlay(pdf: pikepdf.Pdf) -> None:
    """In the page's own content, and by a form that every page had already."""
    for page in pdf.pages:
        own = page.obj.Contents[1].read_bytes()
        page.obj.Contents[1] = pdf.make_stream(own + b" 1 w 0 0 m 595 842 l 0 842 m 595 0 l S")


@pytest.mark.parametrize(
    "change",
    [crossed_frames, crosses_in_forms_of_frames, crosses_before_the_overlay],
)
def test_what_every_document_has_is_looked_at_in_each(
    flat: PdfStamper, blank: Blank, guide: Guide, change: Callable[[pikepdf.Pdf], None]
) -> None:
    outs = [flat.stamp(random_plan(guide, seed), EDITION) for seed in range(3)]
    before = [read(out, blank[1], guide, blank[0]) for out in outs * 2]
    assert before[:3] == before[3:]
    plan = plan_of(guide)
    out = flat.stamp(plan, EDITION)
    assert differences(plan, read(out, blank[1], guide, blank[0])) == []
    changed = edited(out, change)
    for _ in range(3):
        for one in (None, blank[0]):
            assert differences(plan, read(changed, blank[1], guide, one)) != []
        assert differences(plan, read(out, blank[1], guide, blank[0])) == []


def inside(crossed: bool) -> Callable[[pikepdf.Pdf], None]:
    """Frames with a form in them, which is empty or a cross: only the inner one differs."""

    def change(pdf: pikepdf.Pdf) -> None:
        crosses_in_forms_of_frames(pdf)
        for form in frames(pdf):
            if not crossed:
                form.Resources.XObject.X.write(b"1 w")

    return change


def moved(onto: bool) -> Callable[[pikepdf.Pdf], None]:
    """Frames with a cross beside the box, or moved onto it by the form's matrix alone."""

    def change(pdf: pikepdf.Pdf) -> None:
        for form in frames(pdf):
            form.write(b"1 w 22 2 m 28 8 l 22 8 m 28 2 l S")
            form.Matrix = Array([1, 0, 0, 1, -20 if onto else 0, 0])

    return change


@pytest.mark.parametrize("change", [inside, moved])
def test_what_is_deep_in_every_document_is_looked_at_in_each(
    flat: PdfStamper, blank: Blank, guide: Guide, change: Callable[[bool], Callable[..., None]]
) -> None:
    plans = [random_plan(guide, seed) for seed in range(4)]
    for plan in plans:
        out = edited(flat.stamp(plan, EDITION), change(False))
        assert differences(plan, read(out, blank[1], guide)) == []
    new = random_plan(guide, 9)
    out = edited(flat.stamp(new, EDITION), change(True))
    assert differences(new, read(out, blank[1], guide)) != []


CONTENT = (
    b"q 0.9 g 1 0 0 1 5 7 cm BT /F1 12 Tf 14 TL 10 20 Td (a \\) Q) Tj T* (b) Tj ET Q "
    b"1 0 0 RG q 3 w 10 10 m 20 25 l S Q 0 g 30 30 5 5 re f /Span << /MCID 1 >> BDC EMC "
    b"BI /W 1 /H 1 /BPC 8 /CS /G ID x EI q 2 0 0 2 0 0 cm 40 40 m 50 50 l 40 50 l S Q"
)


def shown_by(streams: Sequence[bytes], memo: StreamMemo) -> list[Item]:
    """What a page of these streams shows; marked-content sequences have numbers of their own."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page().obj
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        page.Contents = Array([pdf.make_stream(one) for one in streams])
        items = Pages(pdf, memo).items(0)
    return [replace(one, sequence=0) if isinstance(one, TextRun) else one for one in items]


def test_a_page_shows_the_same_wherever_its_content_is_cut_in_streams() -> None:
    reused = 0
    for begin in range(0, len(CONTENT), 6):
        for end in range(begin, len(CONTENT), 11):
            streams = [CONTENT[:begin], CONTENT[begin:end], CONTENT[end:]]
            memo = StreamMemo()
            try:
                expected = shown_by([b"\n".join(streams)], StreamMemo())
                alone = shown_by(streams[1:2], memo)  # what a blank may have shown
            except DAMAGE:
                continue  # half an operator, which no document shows
            assert shown_by(streams, memo) == expected, streams
            reused += bool(alone) and alone[0] in expected
    assert reused > 50


def test_the_blanks_own_content_is_interpreted_once(
    flat: PdfStamper, blank: Blank, guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = [page.Contents.read_bytes() for page in pikepdf.open(BytesIO(blank[0])).pages]
    seen: list[bytes] = []
    run = Interpreter.run

    def watched(self: Interpreter, stream: pikepdf.Object) -> list[Item | XObjectUse]:
        seen.append(stream.read_bytes())
        return run(self, stream)

    monkeypatch.setattr(Interpreter, "run", watched)
    mapping = replace(blank[1], document="another.pdf")  # nothing of it is known yet
    for seed in range(2):
        read(flat.stamp(random_plan(guide, seed), EDITION), mapping, guide, blank[0])
    assert own
    assert [seen.count(one) for one in own] == [1] * len(own)


def test_what_stands_in_one_document_alone_is_not_kept(
    flat: PdfStamper, blank: Blank, guide: Guide
) -> None:
    mapping = replace(blank[1], document="a third.pdf")
    memo = _reader(mapping, guide).memo
    kept = []
    for seed in range(6):
        read(flat.stamp(random_plan(guide, seed), EDITION), mapping, guide, blank[0])
        kept.append(len(memo._known))
    # The blank is known at once, what all documents share from the second on; then there is no end.
    assert kept[2:] == [kept[2]] * 4
