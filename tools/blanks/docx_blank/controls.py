"""The blank's content controls: tick boxes, text areas, signature areas (ECMA-376-1, 17.5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cqp_forms.blocks import plain
from cqp_forms.docx.wml import BOX_FONT, TICKED, UNTICKED, bookmark_name
from cqp_forms.errors import GuideError
from cqp_forms.guide import Box, Field, FieldKind, Guide, Placement
from docx_blank.xml import el, run

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: Word refuses to edit a title longer than this.
ALIAS_LENGTH = 64

#: What an empty area holds, as placeholder text: blanks that a person can click in Word, and that
#: print as nothing, so that « Cliquez ici… » never stands on a signed guide. A date keeps the
#: bars of the paper form.
EMPTY = "\u2002" * 12
EMPTY_DATE = "\u2002\u2002\u2002/\u2002\u2002\u2002/\u2002\u2002\u2002\u2002"

#: The building blocks (``word/glossary``) that Word puts back when an area is emptied again.
EMPTY_PART, EMPTY_DATE_PART = "ZoneVide", "DateVide"

_BOXES: Mapping[str, str] = {
    Box.OUI: "OUI",
    Box.NON: "NON",
    Box.MASTERED: "maîtrisée",
    Box.NOT_MASTERED: "non maîtrisée",
    Box.TICK: "",
}


class Controls:
    """Makes each placement's control once, and knows which were made.

    A field with several areas gets them in the order in which they are asked for.
    """

    def __init__(self, guide: Guide) -> None:
        self._guide = guide
        self._rank = {one: rank for rank, one in enumerate(guide.placements, start=1)}
        self._waiting = {
            field.id: list(field.placements) for field in guide.fields.values() if field.placements
        }

    @property
    def missing(self) -> list[str]:
        """Placements that no block of the guide has laid out."""
        return [one.id for places in self._waiting.values() for one in places]

    def field(self, field_id: str) -> Field:
        """The field of that id."""
        return self._guide.fields[field_id]

    def _next(self, field: Field, box: Box | None = None) -> Placement:
        waiting = self._waiting.get(field.id, [])
        found = next((one for one in waiting if box is None or one.box is box), None)
        if found is None:
            raise GuideError(
                f"le champ « {field.id} » est mis en page plus souvent qu’il n’a de zones.",
                where=self._guide.id,
                remedy="Retirez-le d’un bloc de la clé « document », ou corrigez « areas ».",
            )
        waiting.remove(found)
        return found

    def tick_box(self, field: Field, box: Box) -> list[Element]:
        """A run-level ``w14:checkbox``, unticked, in its bookmark."""
        placement = self._next(field, box)
        states = (("checkedState", TICKED), ("uncheckedState", UNTICKED))
        kind = el(
            "w14:checkbox",
            el("w14:checked", val=0),
            *(el(f"w14:{name}", val=f"{ord(glyph):04X}", font=BOX_FONT) for name, glyph in states),
        )
        head = self._properties(placement, alias(field, placement), "Box")
        control = el("sdt", el("sdtPr", *head, kind), el("sdtContent", run(UNTICKED, "Box")))
        return self._marked(placement, control)

    def text_area(self, field: Field) -> list[Element]:
        """A run-level plain-text control, showing its blank placeholder, in its bookmark."""
        placement = self._next(field)
        date = field.kind is FieldKind.DATE
        # A line break that a person typed in the fiche stays one in each word processor.
        kind = el("text") if date else el("text", multiLine=1)
        head = self._properties(placement, alias(field, placement), "Answer")
        control = el(
            "sdt",
            el(
                "sdtPr",
                *head,
                el("placeholder", el("docPart", val=EMPTY_DATE_PART if date else EMPTY_PART)),
                el("showingPlcHdr"),
                kind,
            ),
            el("sdtContent", run(EMPTY_DATE if date else EMPTY, "PlaceholderText")),
        )
        return self._marked(placement, control)

    def signature_area(self, field: Field) -> Element:
        """A block-level rich-text control: it takes ink, a picture of a signature, or a stamp."""
        placement = self._next(field)
        head = self._properties(placement, alias(field, placement), "")
        blank = el("p", el("pPr", el("pStyle", val="FieldAnswer")))
        return el("sdt", el("sdtPr", *head), el("sdtContent", blank))

    def _marked(self, placement: Placement, control: Element) -> list[Element]:
        rank = self._rank[placement.id]
        start = el("bookmarkStart", id=rank, name=bookmark_name(placement.id))
        return [start, control, el("bookmarkEnd", id=rank)]

    def _properties(self, placement: Placement, title: str, style: str) -> list[Element]:
        look = [el("rPr", el("rStyle", val=style))] if style else []
        return [
            *look,
            el("alias", val=title),
            el("tag", val=placement.id),
            el("id", val=1000 + self._rank[placement.id]),
            el("lock", val="sdtLocked"),
        ]


def alias(field: Field, placement: Placement) -> str:
    """A control's readable title: « OUI – c1.1.2 – Le choix des sources… », 64 signs at most."""
    label = plain(field.label).replace("\n", " ")
    if field.kind is FieldKind.CRITERION:
        parts = [_BOXES[placement.box or Box.TICK], field.id, label]
    elif field.kind is FieldKind.RESULT:
        number = field.id.partition(".")[0].removeprefix("c")
        parts = [f"Compétence {number} {_BOXES[placement.box or Box.TICK]}"]
    else:
        parts = [label, plain(field.context).replace("\n", " ")]
    title = " – ".join(one for one in parts if one)
    return title if len(title) <= ALIAS_LENGTH else title[: ALIAS_LENGTH - 1].rstrip() + "…"
