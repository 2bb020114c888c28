"""Small blanks made for tests: a form with every placement of a guide, plain enough to be read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from cqp_forms.guide import FieldKind, Guide, PlacementKind
from cqp_forms.mapping import Format, PdfKind, PdfLocator, PdfMapping, Rect

WIDE, HIGH = 595.0, 842.0
ROWS = 36


@dataclass
class Draft:
    """A blank in the making."""

    pdf: pikepdf.Pdf
    contents: list[list[str]]
    locators: dict[str, PdfLocator]
    fields: list[pikepdf.Object]

    def page(self) -> int:
        """Add a page; gives its number from 1."""
        self.pdf.add_blank_page(page_size=(WIDE, HIGH))
        self.contents.append([])
        return len(self.contents)


def form_blank(guide: Guide) -> tuple[bytes, PdfMapping]:
    """An AcroForm with a widget for each placement, named as it."""
    draft = Draft(pikepdf.new(), [], {}, [])
    y, number = 0.0, 0
    for field in guide.fields.values():
        x = 330.0
        for placement in field.placements:
            tall = 90.0 if field.kind in {FieldKind.LONG_TEXT, FieldKind.SIGNATURE} else 22.0
            if y - tall < 60 or not number:
                number, y = draft.page(), HIGH - 70
                draft.contents[-1].append(_text(60, HIGH - 40, "En-tete courant"))
                draft.contents[-1].append(_text(280, 30, f"page {number}"))
            if placement.kind is PlacementKind.TICK_BOX:
                rect = Rect(x, y - 15, x + 10.5, y - 4.5)
                x += 60
            else:
                rect = Rect(200, y - tall + 4, 540, y - 2)
            label = "".join(one if ord(one) < 127 else "?" for one in placement.id)
            draft.contents[-1].append(_text(60, y - 14, label))
            _widget(draft, placement.id, placement.kind, field.kind, number, rect)
            if placement.kind is not PlacementKind.TICK_BOX:
                y -= tall
        if field.kind in {FieldKind.CRITERION, FieldKind.RESULT, FieldKind.TICK}:
            y -= 18
    return _saved(draft, guide)


def _text(x: float, y: float, text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /F1 9 Tf {x} {y} Td ({escaped}) Tj ET"


def _form(pdf: pikepdf.Pdf, rect: Rect, content: str) -> pikepdf.Object:
    form = pdf.make_stream(content.encode())
    form.Type, form.Subtype = Name.XObject, Name.Form
    form.BBox = Array([0, 0, rect.width, rect.height])
    form.Resources = Dictionary()
    return form


def _widget(
    draft: Draft, name: str, kind: PlacementKind, field: FieldKind, page: int, rect: Rect
) -> None:
    pdf = draft.pdf
    widget = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        Rect=Array([rect.x0, rect.y0, rect.x1, rect.y1]),
        F=4,
        T=String(name),
        TU=String(name),
        P=pdf.pages[page - 1].obj,
    )
    frame = f"0.5 w 0.3 G 0.25 0.25 {rect.width - 0.5} {rect.height - 0.5} re S"
    on = ""
    if kind is PlacementKind.TICK_BOX:
        on = "/Oui"
        widget.FT, widget.V, widget.AS = Name.Btn, Name.Off, Name.Off
        cross = f"{frame} 2 2 m 8 8 l 2 8 m 8 2 l S"
        widget.AP = Dictionary(
            N=Dictionary({on: _form(pdf, rect, cross), "/Off": _form(pdf, rect, frame)})
        )
    elif kind is PlacementKind.SIGNATURE_AREA:
        widget.FT = Name.Sig
    else:
        widget.FT = Name.Tx
        widget.DA = String("/Helv 10 Tf 0 g")
        if field is FieldKind.LONG_TEXT:
            widget.Ff = 1 << 12
        dashed = f"q [3 2] 0 d {frame} Q /Tx BMC EMC"
        widget.AP = Dictionary(N=_form(pdf, rect, dashed))
    made = pdf.make_indirect(widget)
    draft.fields.append(made)
    target = pdf.pages[page - 1].obj
    if Name.Annots not in target:
        target.Annots = Array()
    target.Annots.append(made)
    draft.locators[name] = PdfLocator(PdfKind.WIDGET, page, rect, name, on)


def _saved(draft: Draft, guide: Guide, name: str = "essai.pdf") -> tuple[bytes, PdfMapping]:
    pdf = draft.pdf
    font = pdf.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    )
    shared = pdf.make_indirect(Dictionary(Font=Dictionary(F1=font, Helv=font)))
    for page, content in zip(pdf.pages, draft.contents, strict=True):
        # One dictionary for all pages, a stray matrix left behind: both must be survived.
        page.obj.Resources = shared
        page.obj.Contents = pdf.make_stream("\n".join([*content, "2 0 0 2 40 40 cm"]).encode())
    if draft.fields:
        pdf.Root.AcroForm = pdf.make_indirect(
            Dictionary(
                Fields=Array(draft.fields),
                DR=Dictionary(Font=Dictionary(Helv=font)),
                NeedAppearances=True,
            )
        )
    buffer = BytesIO()
    pdf.save(buffer, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    content_bytes = buffer.getvalue()
    return content_bytes, mapping_of(content_bytes, draft.locators, guide, name)


def mapping_of(
    document: bytes, locators: dict[str, PdfLocator], guide: Guide, name: str = "essai.pdf"
) -> PdfMapping:
    """A mapping for a document made here."""
    digest = hashlib.sha256(document).hexdigest()
    return PdfMapping(guide.id, Format.PDF, name, digest, locators)


def drawn_blank(
    guide: Guide, rotate: int = 0, crop: tuple[float, float, float, float] | None = None
) -> tuple[bytes, PdfMapping]:
    """A flat blank: squares, empty cells, ruled lines and bordered areas; no form field.

    Only the fields of the first competence's first group, the candidate, the comments and the
    signatures are in it.
    """
    draft = Draft(pikepdf.new(), [], {}, [])
    number = draft.page()
    content = draft.contents[-1]
    y = 760.0
    for field in guide.fields.values():
        if not field.id.startswith(("c1.1.", "c1.2.", "candidat.", "commentaires.", "sig")):
            continue
        for rank, placement in enumerate(field.placements):
            kind, rect = _drawn(field.kind, y, rank)
            frame = f"{rect.x0} {rect.y0} {rect.width} {rect.height}"
            if kind is PdfKind.LINE:
                content.append(f"0.5 w {rect.x0} {rect.y0} m {rect.x1} {rect.y0} l S")
            else:
                content.append(f"0.5 w {frame} re S")
            content.append(_text(60, y - 12, placement.id))
            draft.locators[placement.id] = PdfLocator(kind, number, rect)
        y -= 60 if field.kind in {FieldKind.LONG_TEXT, FieldKind.SIGNATURE} else 20
    page = draft.pdf.pages[0]
    if rotate:
        page.obj.Rotate = rotate
    if crop:
        page.obj.CropBox = Array(list(crop))
    return _saved(draft, guide)


def _drawn(kind: FieldKind, y: float, rank: int) -> tuple[PdfKind, Rect]:
    if kind is FieldKind.CRITERION:
        if rank:
            return PdfKind.CELL, Rect(360, y - 18, 420, y)
        return PdfKind.BOX, Rect(300, y - 14, 308, y - 6)
    if kind in {FieldKind.LONG_TEXT, FieldKind.SIGNATURE}:
        return PdfKind.AREA, Rect(200, y - 55, 540, y)
    return PdfKind.LINE, Rect(200 + 170 * rank, y - 18, 360 + 170 * rank, y - 2)
