"""The blank's tables: field lines, criteria, results, comment boxes, signature blocks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cqp_forms.blocks import SignatureBlock, plain
from cqp_forms.docx.build_controls import Controls
from cqp_forms.docx.build_look import GROUP, MAIN, RULE, TEXT_WIDTH, TINT
from cqp_forms.docx.build_xml import cell, el, paragraph, row, run, runs, table
from cqp_forms.guide import Box, Competence, CompetencePhrases, Field
from cqp_forms.typography import NBSP

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

LABEL_WIDTH = 2500
BOX_WIDTH = 800
#: A line to write on.
LINE_HEIGHT = 380
#: A signature area is at least 35 mm high and 63 mm wide.
SIGNATURE_HEIGHT, SIGNATURE_WIDTH = 2000, 3600


def colon(label: str) -> str:
    """« Nom : », unless the label ends with a mark of its own."""
    return label if label.rstrip().endswith((":", "?", "…")) else f"{label}{NBSP}:"


def _shade(fill: str) -> Element:
    return el("shd", val="clear", color="auto", fill=fill)


def _ruled() -> Element:
    return el("tcBorders", el("bottom", val="single", sz=4, space=0, color=RULE))


def _whole(height: int = 0) -> list[Element]:
    kept = [el("cantSplit")]
    if height:
        kept.append(el("trHeight", val=height, hRule="atLeast"))
    return kept


def _line(controls: Controls, field: Field, widths: tuple[int, int]) -> list[Element]:
    bottom = el("vAlign", val="bottom")
    return [
        cell(
            widths[0],
            paragraph("FieldLabel", colon(plain(field.label))),
            properties=[el("vAlign", val="bottom")],
        ),
        cell(
            widths[1],
            paragraph("FieldAnswer", controls.text_area(field)),
            properties=[_ruled(), bottom],
        ),
    ]


def field_lines(controls: Controls, fields: Iterable[str]) -> Element:
    """« Label : ______ » rows."""
    widths = (LABEL_WIDTH, TEXT_WIDTH - LABEL_WIDTH)
    return table(
        "FieldTable",
        widths,
        *(
            row(*_line(controls, controls.field(one), widths), properties=_whole(420))
            for one in fields
        ),
    )


def card(controls: Controls, title: str, fields: Iterable[str]) -> Element:
    """The candidate's card on the cover: a tinted frame with an accent bar."""
    edge = 240
    widths = (LABEL_WIDTH - 900, TEXT_WIDTH - LABEL_WIDTH + 900 - edge, edge)
    head = row(
        cell(
            TEXT_WIDTH,
            paragraph("CardTitle", title),
            properties=[el("gridSpan", val=3), _shade(TINT)],
        ),
        properties=_whole(),
    )
    rows = []
    for one in fields:
        cells = _line(controls, controls.field(one), (widths[0], widths[1]))
        for made in cells:
            _fill(made)
        side = cell(edge, paragraph("Bare"), properties=[_shade(TINT)])
        rows.append(row(*cells, side, properties=_whole(567)))
    foot = row(
        cell(TEXT_WIDTH, paragraph("Bare"), properties=[el("gridSpan", val=3), _shade(TINT)]),
        properties=_whole(200),
    )
    return table("CardTable", widths, head, *rows, foot)


def _fill(made: Element) -> None:
    properties = made[0]
    properties.insert(len(properties) - 1, _shade(TINT))


def criteria_table(
    controls: Controls, competence: Competence, phrases: CompetencePhrases
) -> Element:
    """The criteria: a repeated header, shaded group rows, a box under OUI and under NON."""
    widths = (TEXT_WIDTH - 2 * BOX_WIDTH, BOX_WIDTH, BOX_WIDTH)
    rows = [_criteria_head(phrases, widths)]
    for group in competence.groups:
        rows.append(_group_row(group.title, phrases, widths))
        first = group is competence.groups[0]
        rows.extend(
            # A table does not begin at the foot of a page with a row or two.
            _criterion_row(controls, one, widths, keep=first and rank < min(3, len(group.fields)))
            for rank, one in enumerate(group.fields, start=1)
        )
    return table("CriteriaTable", widths, *rows)


def _criteria_head(phrases: CompetencePhrases, widths: tuple[int, int, int]) -> Element:
    question = [paragraph("TableHeadNote", phrases.criteria_question)]
    return row(
        cell(
            widths[0],
            paragraph("TableHead", phrases.criteria),
            *(question if phrases.criteria_question else []),
            properties=[_shade(MAIN), el("vAlign", val="center")],
        ),
        cell(
            widths[1] + widths[2],
            paragraph("TableHeadBox", phrases.evaluation),
            properties=[el("gridSpan", val=2), _shade(MAIN), el("vAlign", val="center")],
        ),
        properties=[el("cantSplit"), el("tblHeader")],
    )


def _group_row(title: str, phrases: CompetencePhrases, widths: tuple[int, int, int]) -> Element:
    def shaded(width: int, style: str, content: str) -> Element:
        return cell(
            width,
            paragraph(style, content),
            properties=[_shade(GROUP), el("vAlign", val="center")],
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
                    tick_line(controls, field, box, f"**{label}**"),
                    properties=[el("vAlign", val="center")],
                )
                for box, label in sides
            ),
            properties=_whole(454),
        ),
    )


def tick_line(controls: Controls, field: Field, box: Box, label: str) -> Element:
    """« ☐ label »; the lines of a list stay on one page, with what follows it."""
    content = [*controls.tick_box(field, box), el("r", el("tab")), *runs(label)]
    return paragraph("TickLine", content)


def comment_box(controls: Controls, field: Field, lines: int) -> Element:
    """A dashed box that is ``lines`` lines of 10 pt high, and grows with its text."""
    # A line of the style is 10 pt × 1.22 × 1.08; a long comment may run on to the next page, so
    # that this row, alone of all, can split.
    return table(
        "CommentTable",
        (TEXT_WIDTH,),
        row(
            cell(TEXT_WIDTH, paragraph("BoxAnswer", controls.text_area(field))),
            properties=[el("trHeight", val=lines * 265 + 160, hRule="atLeast")],
        ),
    )


def signature_table(controls: Controls, block: SignatureBlock) -> Element:
    """Identity lines on the left, a roomy signature area on the right; never split."""
    left = (2240, TEXT_WIDTH - SIGNATURE_WIDTH - 2240)
    rows: list[list[Element]] = [_line(controls, controls.field(one), left) for one in block.fields]
    if block.declarant:
        rows.append(_line(controls, controls.field(block.declarant), left))
    if block.declaration:
        text = paragraph("Declaration", block.declaration, el("keepNext"))
        rows.append([cell(sum(left), text, properties=[el("gridSpan", val=2)])])
    if block.date:
        rows.append(_line(controls, controls.field(block.date), left))
    blank = paragraph("Bare")
    rows.append([cell(sum(left), blank, properties=[el("gridSpan", val=2)])])
    heights = [LINE_HEIGHT] * (len(rows) - 1)
    # The label of the signature takes a line of its own above the area.
    heights.append(max(80, SIGNATURE_HEIGHT + LINE_HEIGHT - sum(heights)))
    field = controls.field(block.signature)
    body = []
    for index, (cells, height) in enumerate(zip(rows, heights, strict=True)):
        area = _signature_cell(controls, field) if index == 0 else _continued()
        body.append(row(*cells, area, properties=_whole(height)))
    return table("SignatureTable", (*left, SIGNATURE_WIDTH), _title_row(block.title), *body)


def _title_row(title: str) -> Element:
    return row(
        cell(
            TEXT_WIDTH,
            paragraph("Group", title),
            properties=[el("gridSpan", val=3), _shade(GROUP)],
        ),
        properties=_whole(),
    )


def _signature_side() -> Element:
    return el("tcBorders", el("left", val="single", sz=4, space=0, color=RULE))


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
