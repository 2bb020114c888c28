"""An AcroForm whose names tell nothing: radio groups, check boxes Case1…, texts Texte1…"""

from __future__ import annotations

import io

import pikepdf

from cqp_forms.guide import Box, Field, Guide
from cqp_forms.mapping import Rect
from renditions.pdf_flow import Flow, Rendition


class Form(Flow):
    """Each criterion has a radio group; a printed box lies under each check box."""

    name = "form"
    side = 11.0

    def __init__(self, guide: Guide) -> None:
        super().__init__(guide)
        self._names = 0
        self._signatures: list[tuple[int, Rect]] = []

    def fresh(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}{self._names}"

    def criterion(self, one: Field) -> None:
        lines = self.split(one.label, 365)
        self.need(13 * len(lines) + 8)
        self.column(lines, self.margin, self.y)
        group = self.fresh("Groupe")
        x, y = self.width - self.margin - 105, self.y - 12
        for box, text, offset in ((Box.OUI, "OUI", 0), (Box.NON, "NON", 55)):
            self.write(x + offset, y + 2, text)
            left = x + offset + 27
            self.canvas.acroForm.radio(
                name=group, value=text, selected=False, x=left, y=y, size=self.side,
                shape="square", buttonStyle="cross", forceBorder=True,
            )  # fmt: skip
            self.place(f"{one.id}.{box}", Rect(left, y, left + self.side, y + self.side))
        self.y -= 13 * len(lines) + 6

    def labelled_box(self, placement: str, text: str) -> None:
        self.need(20)
        x, y = self.margin + 4, self.y - 13
        self.write(x, y + 1, "❏", 11, "ZapfDingbats")
        self.canvas.acroForm.checkbox(
            name=self.fresh("Case"), x=x, y=y, size=self.side, forceBorder=True
        )
        self.place(placement, Rect(x, y, x + self.side, y + self.side))
        self.write(x + 18, self.y - 11, text)
        self.y -= 18

    def field(self, one: Field, x: float, height: float, flags: str = "") -> None:
        width = self.width - self.margin - x
        self.canvas.acroForm.textfield(
            name=self.fresh("Texte"), x=x, y=self.y, width=width, height=height, fieldFlags=flags,
            fontSize=9,
        )  # fmt: skip
        self.place(self.area_id(one), Rect(x, self.y, x + width, self.y + height))

    def line(self, one: Field) -> None:
        self.y -= 21
        self.write(self.margin, self.y + 4, one.label)
        self.field(one, self.margin + 140, 16)

    def comment(self, one: Field, lines: int) -> None:
        height = lines * 13 + 10
        self.need(height + 40)
        self.text(one.label)
        self.y -= height
        self.field(one, self.margin, height, "multiline")
        self.y -= 10

    def sign(self, one: Field) -> None:
        self.text(one.label)
        rect = Rect(self.margin, self.y - 50, self.margin + 220, self.y)
        self._signatures.append((self.page, rect))
        self.place(self.area_id(one), rect)
        self.y -= 60

    def build(self) -> Rendition:
        made = super().build()
        with pikepdf.open(io.BytesIO(made.document)) as pdf:
            for rank, (number, rect) in enumerate(self._signatures):
                page = pdf.pages[number - 1]
                widget = pdf.make_indirect(
                    pikepdf.Dictionary(
                        Type=pikepdf.Name.Annot,
                        Subtype=pikepdf.Name.Widget,
                        FT=pikepdf.Name.Sig,
                        T=f"Signature{rank}",
                        Rect=[rect.x0, rect.y0, rect.x1, rect.y1],
                        F=4,
                        P=page.obj,
                    )
                )
                if "/Annots" not in page.obj:
                    page.obj.Annots = pdf.make_indirect(pikepdf.Array())
                page.obj.Annots.append(widget)
                pdf.Root.AcroForm.Fields.append(widget)
            out = io.BytesIO()
            pdf.save(out, deterministic_id=True)
        made.document = out.getvalue()
        return made
