"""A PDF a candidate: ours, PyPDFForm, pypdf, a reportlab overlay, and deflating alone."""

from __future__ import annotations

import io
import logging
import zlib
from dataclasses import replace
from typing import cast

import pikepdf
import pypdfium2
from common import EDITION, ROOT, Line, compare, guide, milliseconds, plans
from pypdf import PdfReader, PdfWriter
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from cqp_forms.fonts import Style, blank_font
from cqp_forms.mapping import Format, PdfMapping
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Plan
from cqp_forms.project import Project
from cqp_forms.shown import differences

FONT = "Carlito"
#: Both libraries warn of what the blank's text fields leave to the viewer.
logging.disable(logging.WARNING)


def main() -> list[Line]:
    known = guide()
    blank = Project.at(ROOT).blank(known, Format.PDF)
    mapping = cast(PdfMapping, blank.mapping)
    stamper = PdfStamper(blank.content, mapping, known)
    name = {key: one.name for key, one in mapping.locators.items()}
    wanted = plans(96)
    pdfmetrics.registerFont(TTFont(FONT, io.BytesIO(blank_font(Style.REGULAR))))

    flat_blank = _with_flat_names(blank.content)
    flat_mapping = replace(
        mapping,
        locators={key: replace(one, name=_flat(key)) for key, one in mapping.locators.items()},
    )

    def ours(plan: Plan) -> bytes:
        return stamper.stamp(plan, EDITION)

    def pypdfform(plan: Plan) -> bytes:
        from PyPDFForm import PdfWrapper

        values: dict[str, str | bool] = {_flat(key): one.value for key, one in plan.ticks.items()}
        values |= {_flat(key): text for key, text in plan.texts.items() if text}
        return bytes(PdfWrapper(flat_blank).fill(values).read())

    def pypdf(plan: Plan) -> bytes:
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(blank.content)))
        # It looks for every value that it is given on the page: each page is given its own.
        values: dict[int, dict[str, str]] = {}
        for key, one in plan.ticks.items():
            state = mapping.locators[key].on_state if one.value else "/Off"
            values.setdefault(mapping.locators[key].page, {})[name[key]] = state
        for key, text in plan.texts.items():
            if text:
                values.setdefault(mapping.locators[key].page, {})[name[key]] = text
        for number, page in enumerate(writer.pages, start=1):
            if number in values:
                writer.update_page_form_field_values(page, values[number], auto_regenerate=False)
        target = io.BytesIO()
        writer.write(target)
        return target.getvalue()

    def overlay(plan: Plan) -> bytes:
        with (
            pikepdf.open(io.BytesIO(blank.content)) as document,
            pikepdf.open(io.BytesIO(_overlay(plan, mapping, len(document.pages)))) as drawn,
        ):
            for page, over in zip(document.pages, drawn.pages, strict=True):
                page.add_overlay(over)
            target = io.BytesIO()
            document.save(target)
            return target.getvalue()

    # Their own bytes, already composed: what is left is to compress and write them.
    ready = {id(plan): _streams(ours(plan), blank.content) for plan in wanted}

    def deflate(plan: Plan) -> bytes:
        fixed, own = ready[id(plan)]
        return b"".join([fixed, *(zlib.compress(one, 6) for one in own)])

    for label, method, places in (
        ("ours", ours, mapping),
        ("PyPDFForm", pypdfform, flat_mapping),
        ("pypdf", pypdf, mapping),
    ):
        for plan in wanted[:3]:
            if wrong := differences(plan, read(method(plan), places, known)):
                raise SystemExit(f"PDF, {label}: not a correct document: {wrong[:3]}")
    for plan in wanted[:3]:
        _require_ink(overlay(plan), plan, mapping)

    methods = {
        "ours": ours,
        "PyPDFForm": pypdfform,
        "pypdf": pypdf,
        "overlay": overlay,
        "deflate": deflate,
    }
    seconds = compare(methods, wanted, {"PyPDFForm": 4, "pypdf": 4, "overlay": 2})
    own = seconds["ours"]

    def line(against: str, peer: str, goal: float, at_least: bool) -> Line:
        other = seconds[peer]
        ratio = other / own if at_least else own / other
        detail = f"{milliseconds(own)} against {milliseconds(other)}"
        return Line("PDF stamped", against, ratio, goal, at_least, detail)

    return [
        line("PyPDFForm", "PyPDFForm", 60, True),
        line("pypdf’s form filling", "pypdf", 40, True),
        line("pikepdf with a reportlab overlay", "overlay", 6, True),
        line("deflating and writing the same bytes", "deflate", 6, False),
    ]


def _flat(key: str) -> str:
    return key.replace(".", "_").replace("@", "_at_")


def _with_flat_names(content: bytes) -> bytes:
    """The same blank without a hierarchy of fields, which PyPDFForm does not always follow.

    It takes « c1.1.1 » and « c1.1 » for one name.
    """
    inherited = ("/FT", "/Ff", "/DA", "/V", "/MaxLen", "/TU")
    with pikepdf.open(io.BytesIO(content)) as pdf:
        widgets = []
        for page in pdf.pages:
            for widget in page.obj.get("/Annots", []):
                names, node = [], widget
                while node is not None:
                    if "/T" in node:
                        names.append(str(node.T))
                    for key in inherited:
                        if key in node and key not in widget:
                            widget[key] = node[key]
                    node = node.get("/Parent")
                if not names:
                    continue
                widget.T = _flat(".".join(reversed(names)))
                if "/Parent" in widget:
                    del widget["/Parent"]
                widgets.append(widget)
        pdf.Root.AcroForm.Fields = pikepdf.Array(widgets)
        target = io.BytesIO()
        pdf.save(target)
        return target.getvalue()


def _overlay(plan: Plan, mapping: PdfMapping, pages: int) -> bytes:
    """Crosses and texts, page by page, drawn with reportlab."""
    target = io.BytesIO()
    canvas = Canvas(target)
    for number in range(1, pages + 1):
        for key, tick in plan.ticks.items():
            place = mapping.locators[key]
            if tick.value and place.page == number:
                box = place.rect
                canvas.line(box.x0 + 2, box.y0 + 2, box.x1 - 2, box.y1 - 2)
                canvas.line(box.x0 + 2, box.y1 - 2, box.x1 - 2, box.y0 + 2)
        for key, text in plan.texts.items():
            place = mapping.locators[key]
            if text and place.page == number:
                canvas.setFont(FONT, 10)
                y = place.rect.y1 - 11
                for line in simpleSplit(text, FONT, 10, place.rect.width - 4):
                    canvas.drawString(place.rect.x0 + 2, y, line)
                    y -= 12
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _require_ink(content: bytes, plan: Plan, mapping: PdfMapping) -> None:
    """Ticked boxes have ink in their middle, others none; each text is there, on its page."""
    document = pypdfium2.PdfDocument(content)
    document.init_forms()
    pages = [page.render(scale=2).to_pil().convert("L") for page in document]
    texts = ["".join(page.get_textpage().get_text_bounded().split()) for page in document]
    for key, tick in plan.ticks.items():
        place = mapping.locators[key]
        height = document[place.page - 1].get_height()
        x, y = place.rect.centre
        middle = (2 * x - 4, 2 * (height - y) - 4, 2 * x + 4, 2 * (height - y) + 4)
        inked = pages[place.page - 1].crop(tuple(map(int, middle))).getextrema()[0] < 128
        if inked != tick.value:
            raise SystemExit(f"PDF, overlay: {key} is not as it should be")
    for key, text in plan.texts.items():
        if "".join(text.split()) not in texts[mapping.locators[key].page - 1]:
            raise SystemExit(f"PDF, overlay: the text of {key} is not on its page")


def _streams(document: bytes, blank: bytes) -> tuple[bytes, list[bytes]]:
    """A candidate's file in two parts: the bytes of the blank, and the data of its own streams."""
    with pikepdf.open(io.BytesIO(blank)) as pdf:
        known = {one.read_bytes() for one in pdf.objects if isinstance(one, pikepdf.Stream)}
    own, packed = [], 0
    with pikepdf.open(io.BytesIO(document)) as pdf:
        for one in pdf.objects:
            if not isinstance(one, pikepdf.Stream) or "/Length1" in one:
                continue
            data = one.read_bytes()
            if data not in known:
                own.append(data)
                packed += len(one.read_raw_bytes())
    return document[: len(document) - packed], own


if __name__ == "__main__":
    print("\n".join(line.row() for line in main()))
