"""The blank's tables: field lines, criteria, results, comment boxes, signature blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from blank_rules import has_two_lines, is_stamped
from cqp_forms.blocks import SignatureBlock, plain
from cqp_forms.guide import Box, Competence, CompetencePhrases, Field
from cqp_forms.typography import NBSP
from docx_blank.controls import Controls
from docx_blank.look import GRID, GROUP, MAIN, QUIET, TEXT_WIDTH, shade
from docx_blank.xml import cell, el, paragraph, row, run, runs, table

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

BOX_WIDTH = 860
#: A line to write on; a signature block's.
LINE_ROW, LINE_HEIGHT = 420, 385
#: The same for two lines of text.
TWO_LINES_HEIGHT = 540
#: A signature area is 63 mm wide at least, and 35 mm high, or 22 mm where no stamp goes.
STAMP_HEIGHT, SIGNATURE_HEIGHT, SIGNATURE_WIDTH = 2000, 1260, 3600
#: What separates the lines of a signature block from its signature area.
SIDE = 170


def colon(label: str) -> str:
    """« Nom : », unless the label ends with a mark of its own."""
    return label if label.rstrip().endswith((":", "?", "…")) else f"{label}{NBSP}:"


def _ruled() -> Element:
    return el("tcBorders", el("bottom", val="single", sz=4, space=0, color=QUIET))


def label_width(labels: Iterable[str]) -> int:
    """The room that labels need before their lines, in twentieths of a point.

    A letter of a label is 5 points wide at most, on average.
    """
    return max(len(colon(plain(one))) for one in labels) * 100 + 230


def _whole(height: int = 0) -> list[Element]:
    kept = [el("cantSplit")]
    if height:
        kept.append(el("trHeight", val=height, hRule="atLeast"))
    return kept


def line_cells(
    controls: Controls,
    field: Field,
    widths: tuple[int, int],
    style: str = "FieldLabel",
    answer: str = "FieldAnswer",
) -> list[Element]:
    """A row's two cells: a label, and the line to write on."""
    bottom = el("vAlign", val="bottom")
    return [
        cell(
            widths[0],
            paragraph(style, colon(plain(field.label))),
            properties=[el("vAlign", val="bottom")],
        ),
        cell(
            widths[1],
            paragraph(answer, controls.text_area(field)),
            properties=[_ruled(), bottom],
        ),
    ]


def field_lines(controls: Controls, fields: Sequence[str]) -> Element:
    """« Label : ______ » rows."""
    left = label_width(controls.field(one).label for one in fields)
    widths = (left, TEXT_WIDTH - left)
    return table(
        "FieldTable",
        widths,
        *(
            row(
                *line_cells(controls, controls.field(one), widths),
                properties=_whole(
                    TWO_LINES_HEIGHT if has_two_lines(controls.field(one)) else LINE_ROW
                ),
            )
            for one in fields
        ),
    )


def criteria_table(
    controls: Controls, competence: Competence, phrases: CompetencePhrases
) -> Element:
    """The criteria: a repeated header, shaded group rows, a box under OUI and under NON."""
    widths = (TEXT_WIDTH - 2 * BOX_WIDTH, BOX_WIDTH, BOX_WIDTH)
    rows = _criteria_head(phrases, widths)
    # A table does not begin at the foot of a page with a row or two, and the result does not stand
    # on a page without a criterion.
    criteria = competence.criteria
    kept = {one.id for one in (*criteria[:2], *criteria[-2:])}
    for group in competence.groups:
        rows.append(_group_row(group.title, phrases, widths))
        rows.extend(
            _criterion_row(controls, one, widths, keep=one.id in kept) for one in group.fields
        )
    return table("CriteriaTable", widths, *rows)


def _criteria_head(phrases: CompetencePhrases, widths: tuple[int, int, int]) -> list[Element]:
    """Two rows, which come back on each page: a page may begin in the middle of a group."""

    def dark(width: int, *content: Element, properties: Iterable[Element] = ()) -> Element:
        look = [*properties, _unruled(), shade(MAIN), el("vAlign", val="center")]
        return cell(width, *content, properties=look)

    title = [paragraph("TableHead", phrases.criteria)]
    if phrases.criteria_question:
        title.append(paragraph("TableHeadNote", phrases.criteria_question))
    evaluation = paragraph("TableHeadBox", phrases.evaluation)
    upper = [
        dark(widths[0], *title, properties=[el("vMerge", val="restart")]),
        dark(widths[1] + widths[2], evaluation, properties=[el("gridSpan", val=2)]),
    ]
    lower = [
        dark(widths[0], paragraph("TableHead"), properties=[el("vMerge")]),
        dark(widths[1], paragraph("TableHeadBox", phrases.yes)),
        dark(widths[2], paragraph("TableHeadBox", phrases.no)),
    ]
    return [row(*one, properties=[el("cantSplit"), el("tblHeader")]) for one in (upper, lower)]


def _unruled() -> Element:
    """Borders of the ground's colour."""
    sides = ("top", "left", "bottom", "right")
    return el("tcBorders", *(el(one, val="single", sz=4, space=0, color=MAIN) for one in sides))


def _group_row(title: str, phrases: CompetencePhrases, widths: tuple[int, int, int]) -> Element:
    def shaded(width: int, style: str, content: str) -> Element:
        return cell(
            width,
            paragraph(style, content),
            properties=[shade(GROUP), el("vAlign", val="center")],
        )

    return row(
        shaded(widths[0], "Group", title),
        shaded(widths[1], "GroupBox", phrases.yes),
        shaded(widths[2], "GroupBox", phrases.no),
        properties=_whole(),
    )


def _criterion_row(
    controls: Controls, field: Field, widths: tuple[int, int, int], *, keep: bool
) -> Element:
    kept = [el("keepNext")] if keep else []
    boxes = [
        cell(
            width,
            paragraph("TickCell", controls.tick_box(field, box)),
            properties=[el("vAlign", val="center")],
        )
        for width, box in zip(widths[1:], (Box.OUI, Box.NON), strict=True)
    ]
    return row(
        cell(
            widths[0],
            paragraph("Criterion", field.label, *kept),
            properties=[el("vAlign", val="center")],
        ),
        *boxes,
        properties=_whole(),
    )


def result_table(controls: Controls, field: Field, phrases: CompetencePhrases) -> Element:
    """The two boxes of a competence's result, side by side."""
    width = TEXT_WIDTH // 2
    sides = ((Box.MASTERED, phrases.mastered), (Box.NOT_MASTERED, phrases.not_mastered))
    return table(
        "ResultTable",
        (width, width),
        row(
            *(
                cell(
                    width,
                    tick_line(controls, field, box, f"**{label}**", "ResultLine"),
                    properties=[el("vAlign", val="center")],
                )
                for box, label in sides
            ),
            properties=_whole(454),
        ),
    )


def tick_line(
    controls: Controls, field: Field, box: Box, label: str, style: str = "TickLine"
) -> Element:
    """« ☐ label »; the lines of a list stay on one page, with what follows it."""
    content = [*controls.tick_box(field, box), el("r", el("tab")), *runs(label)]
    return paragraph(style, content, el("keepNext"))


def comment_box(controls: Controls, field: Field, height: float) -> Element:
    """A dashed box, ``height`` points high at least; it grows with its text."""
    # A long comment may run on to the next page, so that this row, alone of all, can split.
    return table(
        "CommentTable",
        (TEXT_WIDTH,),
        row(
            cell(TEXT_WIDTH, paragraph("BoxAnswer", controls.text_area(field))),
            properties=[el("trHeight", val=round(height * 20), hRule="atLeast")],
        ),
    )


def signature_table(controls: Controls, block: SignatureBlock, label: int) -> Element:
    """Identity lines on the left, a roomy signature area on the right; never split.

    Args:
        controls: makes the fields.
        block: what to show.
        label: the room for its labels, the same for blocks that stand together.
    """
    left = (label, TEXT_WIDTH - SIGNATURE_WIDTH - SIDE - label)

    def whole(content: Element) -> list[Element]:
        return [cell(sum(left), content, properties=[el("gridSpan", val=2)])]

    def line(field_id: str) -> list[Element]:
        return line_cells(controls, controls.field(field_id), left, answer="SignatureAnswer")

    rows = [line(one) for one in block.fields]
    if block.declarant:
        rows.append(line(block.declarant))
    if block.declaration:
        rows.append(whole(paragraph("Declaration", block.declaration, el("keepNext"))))
    if block.date:
        rows.append(line(block.date))
    rows.append(whole(paragraph("Bare")))
    heights = [LINE_HEIGHT] * (len(rows) - 1)
    for index, one in enumerate(block.fields):
        if has_two_lines(controls.field(one)):
            heights[index] = TWO_LINES_HEIGHT
    # The label of the signature takes a line of its own above the area.
    field = controls.field(block.signature)
    room = STAMP_HEIGHT if is_stamped(field) else SIGNATURE_HEIGHT
    heights.append(max(80, room + LINE_HEIGHT - sum(heights)))
    body = []
    for index, (cells, height) in enumerate(zip(rows, heights, strict=True)):
        area = _signature_cell(controls, field) if index == 0 else _continued()
        side = cell(SIDE, paragraph("Bare"))
        body.append(row(*cells, side, area, properties=_whole(height)))
    return table("SignatureTable", (*left, SIDE, SIGNATURE_WIDTH), _title_row(block.title), *body)


def _title_row(title: str) -> Element:
    return row(
        cell(
            TEXT_WIDTH,
            paragraph("Group", title),
            properties=[el("gridSpan", val=4), shade(GROUP)],
        ),
        properties=_whole(),
    )


def _signature_side() -> Element:
    return el("tcBorders", el("left", val="single", sz=4, space=0, color=GRID))


def _signature_cell(controls: Controls, field: Field) -> Element:
    label = paragraph("FieldLabel", [run(colon(plain(field.label)))])
    return cell(
        SIGNATURE_WIDTH,
        label,
        controls.signature_area(field),
        properties=[el("vMerge", val="restart"), _signature_side()],
    )


def _continued() -> Element:
    return cell(SIGNATURE_WIDTH, paragraph("Bare"), properties=[el("vMerge"), _signature_side()])
