"""The pages of the blank PDF: templates, running header, « Page x / y », metadata."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import partial

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from cqp_forms.blocks import Cover
from cqp_forms.guide import Field, Guide
from cqp_forms.mapping import PageCodes, PageTotal, Rect
from pdf_blank import style as look
from pdf_blank.flow import TWO_LINES_AREA, Recorder
from pdf_blank.story import BODY, COVER, Adjustments, Story

_HEADER_LINE = look.PAGE_HEIGHT - 16 * 72 / 25.4
_FOOTER_LINE = 15 * 72 / 25.4

#: Room for « / 22 » after « Page 3 », which is left to who stamps: an annex counts.
_NUMBER, _TOTAL = 8.5, 22.0
#: The lower left corner of a page's code, in points; a cover's stands above its band.
_CODE, _COVER_CODE = (548.0, 14.0), (548.0, 23.0)

#: A comment box that ends its page has only its inset and its spacing under its area.
_UNDER_BOX = 16.0


class _Canvas(Canvas):  # type: ignore[misc]
    """A canvas that never names the standard fonts: nothing in the document is left to embed."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{**kwargs, "initialFontName": look.REGULAR})


def document_title(guide: Guide) -> str:
    """The document's title, for its metadata."""
    return " – ".join(one for one in (guide.tool, guide.title, guide.certificate) if one)


class _Document(BaseDocTemplate):  # type: ignore[misc]
    """Knows how far down each page is filled."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.floors: dict[int, float] = {}

    def afterFlowable(self, _flowable: Flowable) -> None:  # noqa: N802 - reportlab's name
        """Note where the page ends for now."""
        if self.frame is not None:
            self.floors[self.page] = self.frame._y


def lay_out(guide: Guide) -> tuple[bytes, Recorder]:
    """The pages without their form fields, and where each placement is.

    Pages are laid out twice: the first time tells what room is left under the comment boxes that
    end a page, and which results fall on a page without a criterion.
    """
    look.register_fonts()
    first, drawn, _ = _pass(guide, Adjustments())
    adjusted = Adjustments(_room_left(first.floors, drawn), _results_alone(guide, drawn))
    _, recorder, stream = _pass(guide, adjusted)
    return stream.getvalue(), recorder


def _results_alone(guide: Guide, recorder: Recorder) -> frozenset[str]:
    """The results that no criterion of their competence shares the page of."""

    def page(field: Field) -> int:
        return recorder.spots[field.placements[0].id].page

    return frozenset(
        one.result.id
        for one in guide.competences
        if one.criteria[-1].placements[0].id in recorder.spots
        and one.result.placements[0].id in recorder.spots
        and page(one.criteria[-1]) < page(one.result)
    )


def _room_left(floors: Mapping[int, float], recorder: Recorder) -> dict[str, float]:
    """How much higher each comment box can be, in points: people run out of room, not of paper."""
    more: dict[str, float] = {}
    for page, floor in floors.items():
        boxes = {
            key: spot.rect
            for key, spot in recorder.spots.items()
            if spot.page == page and spot.multiline and spot.rect.height > TWO_LINES_AREA
        }
        if not boxes or min(rect.y0 for rect in boxes.values()) - floor > _UNDER_BOX:
            continue
        share = max(0.0, floor - look.MARGIN - 2) / len(boxes)
        more |= {key: min(share, rect.height * 1.2) for key, rect in boxes.items()}
    return more


def _pass(guide: Guide, adjustments: Adjustments) -> tuple[_Document, Recorder, io.BytesIO]:
    recorder, stream = Recorder(), io.BytesIO()
    story = Story(guide, recorder, adjustments)
    document = _Document(
        stream,
        pagesize=(look.PAGE_WIDTH, look.PAGE_HEIGHT),
        pageTemplates=_templates(guide),
        title=document_title(guide),
        author="",
        subject=guide.certificate or guide.title,
        creator="cqp-forms",
        lang=guide.language,
        invariant=1,
        pageCompression=1,
    )
    document.build(story.flowables, canvasmaker=_Canvas)
    return document, recorder, stream


def _templates(guide: Guide) -> list[PageTemplate]:
    """The cover's page and the others'; first the one that the document begins with."""
    height, inside = look.PAGE_HEIGHT, look.PAGE_HEIGHT - 2 * look.MARGIN
    whole = Frame(0, 0, look.PAGE_WIDTH, height, 0, 0, 0, 0)
    text = Frame(look.MARGIN, look.MARGIN, look.TEXT_WIDTH, inside, 0, 0, 0, 0)
    templates = [
        PageTemplate(COVER, [whole]),
        PageTemplate(BODY, [text], onPage=partial(_surround, guide)),
    ]
    if not (guide.document and isinstance(guide.document[0], Cover)):
        templates.reverse()
    return templates


def page_total(guide: Guide) -> PageTotal:
    """Where the number of pages goes, after each page's own; the cover has none."""
    right, baseline = look.PAGE_WIDTH - look.MARGIN, _FOOTER_LINE - 12
    covered = bool(guide.document) and isinstance(guide.document[0], Cover)
    corners = (right - _TOTAL, baseline, right, baseline + _NUMBER)
    return PageTotal(2 if covered else 1, Rect(*(round(one, 2) for one in corners)))


def page_codes(guide: Guide) -> PageCodes:
    """Where each page's code goes: in the corner of its foot; above the band of a cover."""
    places = [(1, *_COVER_CODE)] if page_total(guide).first == 2 else []
    return PageCodes((*places, (len(places) + 1, *_CODE)))


def _surround(guide: Guide, canvas: Canvas, _document: BaseDocTemplate) -> None:
    """Header and footer, inside the margins."""
    left, right = look.MARGIN, look.PAGE_WIDTH - look.MARGIN
    canvas.saveState()
    canvas.setStrokeColor(look.GRID)
    canvas.setLineWidth(0.6)
    canvas.line(left, _HEADER_LINE, right, _HEADER_LINE)
    canvas.line(left, _FOOTER_LINE, right, _FOOTER_LINE)
    canvas.setFillColor(look.QUIET)
    canvas.setFont(look.BOLD, 8.5)
    head = " – ".join(one for one in (guide.tool, guide.title) if one)
    canvas.drawString(left, _HEADER_LINE + 5, head)
    canvas.setFont(look.REGULAR, _NUMBER)
    canvas.drawRightString(right, _HEADER_LINE + 5, guide.certificate)
    canvas.drawRightString(right - _TOTAL, _FOOTER_LINE - 12, f"Page {canvas.getPageNumber()}")
    canvas.restoreState()
