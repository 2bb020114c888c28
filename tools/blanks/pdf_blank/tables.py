"""The parts of the blank PDF that are tables: callouts, criteria, results, signature blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer, Table

from blank_rules import has_two_lines, is_stamped
from cqp_forms import blocks
from cqp_forms.guide import CompetencePhrases, Field, FieldGroup, Placement
from pdf_blank import style as look
from pdf_blank.flow import (
    Chip,
    FieldLine,
    Recorder,
    SignatureBox,
    TickBox,
)

Command = tuple[object, ...]

_ALL = ((0, 0), (-1, -1))
#: Without it, cells name a font that is not in the document.
_FONT: Command = ("FONT", *_ALL, look.REGULAR)
_CENTRED: list[Command] = [("VALIGN", *_ALL, "MIDDLE"), ("ALIGN", (1, 0), (-1, -1), "CENTER")]

COLUMN_WIDTH = 43.0

#: The size of the labels of a signature block.
SIGNATURE_LABEL = 10.0

#: The length of a date's line.
DATE_LENGTH = 120.0

#: Room to sign and to stamp: 35 mm, without the label; to sign alone: 22 mm.
SIGNING_HEIGHT, SIGNATURE_HEIGHT = 100.5, 62.5


def _padding(left: float, right: float, top: float, bottom: float) -> list[Command]:
    return [
        ("LEFTPADDING", *_ALL, left),
        ("RIGHTPADDING", *_ALL, right),
        ("TOPPADDING", *_ALL, top),
        ("BOTTOMPADDING", *_ALL, bottom),
    ]


def _panel(rows: list[list[object]], widths: list[float], extra: list[Command]) -> list[Flowable]:
    """A tinted table with an accent bar at its left; on one page where it can be."""
    table = Table(
        rows,
        colWidths=widths,
        style=[
            _FONT,
            ("BACKGROUND", *_ALL, look.TINT),
            ("NOSPLIT", *_ALL),
            # A butt cap: the bar is as high as the ground.
            ("LINEBEFORE", (0, 0), (0, -1), 3, look.ACCENT, 0),
            *_padding(11, 10, 2.5, 2.5),
            ("TOPPADDING", (0, 0), (-1, 0), 7),
            ("BOTTOMPADDING", (0, -1), (-1, -1), 8),
            *extra,
        ],
        hAlign="LEFT",
    )
    return [Spacer(0, 7), table, Spacer(0, 8)]


def callout(title: str, paragraphs: tuple[str, ...]) -> list[Flowable]:
    """A tinted box: a title, where there is one, and paragraphs."""
    rows: list[list[object]] = [[Paragraph(look.markup(title), look.CALLOUT_TITLE)]] * bool(title)
    rows.extend([Paragraph(look.markup(one), look.CALLOUT)] for one in paragraphs)
    return _panel(rows, [look.TEXT_WIDTH], [])


def instruction(phrases: CompetencePhrases) -> list[Flowable]:
    """« Consigne », with what each column means beside a chip of its name."""
    title = Paragraph(look.markup(phrases.instruction_title), look.CALLOUT_TITLE)
    texts = [Paragraph(look.markup(one), look.CALLOUT) for one in phrases.instructions]
    rows: list[list[object]] = [[one, ""] for one in (title, *texts)]
    first = len(rows)
    for name, legend in ((phrases.yes, phrases.legend_yes), (phrases.no, phrases.legend_no)):
        rows.append([Chip(name), Paragraph(look.markup(legend), look.CALLOUT)])
    chip = max(Chip(one).width for one in (phrases.yes, phrases.no)) + 18
    spans: list[Command] = [("SPAN", (0, row), (1, row)) for row in range(first)]
    return _panel(
        rows,
        [chip, look.TEXT_WIDTH - chip],
        [
            *spans,
            ("VALIGN", (0, first), (-1, -1), "MIDDLE"),
            ("LEFTPADDING", (1, first), (1, -1), 0),
            ("RIGHTPADDING", (0, first), (0, -1), 0),
            ("TOPPADDING", (0, first), (-1, first), 4),
        ],
    )


def criteria_table(
    recorder: Recorder,
    boxes: Callable[[str], tuple[Placement, ...]],
    groups: Sequence[FieldGroup],
    phrases: CompetencePhrases,
) -> Flowable:
    """The criteria, a row each, under their groups; the two header rows come back on each page.

    As in the paper form, each group's row names the columns; the header names them too, for pages
    that begin in the middle of a group.

    Args:
        recorder: told where the boxes are.
        boxes: gives a field's placements.
        groups: of criteria.
        phrases: the columns' titles.
    """
    answers = (phrases.yes, phrases.no)
    title = [
        Paragraph(look.markup(phrases.criteria), look.TABLE_TITLE),
        Paragraph(look.markup(phrases.criteria_question), look.TABLE_QUESTION),
    ]
    rows: list[list[object]] = [
        [title, Paragraph(look.markup(phrases.evaluation), look.COLUMN), ""],
        ["", *(Paragraph(look.markup(one), look.COLUMN) for one in answers)],
    ]
    style: list[Command] = []
    for group in groups:
        row = len(rows)
        columns = (Paragraph(look.markup(one), look.GROUP_COLUMN) for one in answers)
        rows.append([Paragraph(look.markup(group.title), look.GROUP), *columns])
        style += [
            ("BACKGROUND", (0, row), (-1, row), look.SHADE),
            ("NOSPLIT", (0, row), (-1, row + 1)),
        ]
        for field in group.fields:
            ticks = [TickBox(recorder, one.id) for one in boxes(field.id)]
            label = Paragraph(look.markup(field.label), look.CRITERION, bulletText="•")
            rows.append([label, *ticks])
    return Table(
        rows,
        colWidths=[look.TEXT_WIDTH - 2 * COLUMN_WIDTH, COLUMN_WIDTH, COLUMN_WIDTH],
        repeatRows=2,
        splitByRow=1,
        style=[_FONT, *_CENTRED, *_padding(7, 7, 4.2, 5), *_GRID, *_HEADER, *style],
        hAlign="LEFT",
    )


_GRID: list[Command] = [
    ("LINEBELOW", (0, 2), (-1, -1), 0.5, look.GRID),
    ("LINEAFTER", (0, 2), (1, -1), 0.5, look.GRID),
    ("BOX", *_ALL, 0.8, look.NAVY),
    ("LINEBELOW", (0, "splitlast"), (-1, "splitlast"), 0.8, look.NAVY),
    ("LEFTPADDING", (1, 0), (-1, -1), 2),
    ("RIGHTPADDING", (1, 0), (-1, -1), 2),
]
_HEADER: list[Command] = [
    ("BACKGROUND", (0, 0), (-1, 1), look.NAVY),
    ("SPAN", (0, 0), (0, 1)),
    ("SPAN", (1, 0), (2, 0)),
    ("TOPPADDING", (0, 0), (-1, 0), 6),
    ("BOTTOMPADDING", (1, 0), (-1, 0), 1),
    ("TOPPADDING", (0, 1), (-1, 1), 2),
    ("BOTTOMPADDING", (0, 1), (-1, 1), 6),
    # A table does not begin at a page's foot with its first criterion alone.
    ("NOSPLIT", (0, 0), (-1, 4)),
]


def tick_table(recorder: Recorder, rows: list[tuple[str, str]]) -> Flowable:
    """Tick boxes, a line each: placement id and label."""
    return Table(
        [
            [TickBox(recorder, placement), Paragraph(look.markup(label), look.TICK_LABEL)]
            for placement, label in rows
        ],
        colWidths=[22, look.TEXT_WIDTH - 22],
        style=[_FONT, ("VALIGN", *_ALL, "MIDDLE"), *_padding(3, 2, 1.7, 1.7)],
        hAlign="LEFT",
    )


def result_frame(
    recorder: Recorder, boxes: tuple[Placement, ...], phrases: CompetencePhrases
) -> Flowable:
    """The competence's two result boxes, side by side in a frame."""
    cells: list[object] = []
    for box, label in zip(boxes, (phrases.mastered, phrases.not_mastered), strict=True):
        cells += [TickBox(recorder, box.id), Paragraph(look.markup(label), look.RESULT_LABEL)]
    half = look.TEXT_WIDTH / 2
    return Table(
        [cells],
        colWidths=[34, half - 34, 34, half - 34],
        style=[
            _FONT,
            ("VALIGN", *_ALL, "MIDDLE"),
            *_padding(4, 6, 9, 10),
            ("ALIGN", (0, 0), (0, 0), "RIGHT"),
            ("ALIGN", (2, 0), (2, 0), "RIGHT"),
            ("BOX", *_ALL, 0.8, look.NAVY),
            ("LINEAFTER", (1, 0), (1, 0), 0.5, look.GRID),
        ],
        hAlign="LEFT",
    )


def signature_block(
    recorder: Recorder,
    area: Callable[[str], tuple[Field, str]],
    block: blocks.SignatureBlock,
    indent: float,
) -> Flowable:
    """Who signs at the left, room to sign and stamp at the right.

    Args:
        recorder: told where lines and signature area are.
        area: gives a field and the id of its next area.
        block: what to show.
        indent: where its lines begin, the same for blocks that stand together.
    """
    left_width = look.TEXT_WIDTH * 0.61
    left = _identity(recorder, area, block, indent)
    inner = left_width - 20
    height = sum(one.wrap(inner, 1000)[1] for one in left)
    field, placement = area(block.signature)
    room = SIGNING_HEIGHT if is_stamped(field) else SIGNATURE_HEIGHT
    box_height = max(height, room + SignatureBox.LABEL_HEIGHT + 4)
    box = SignatureBox(recorder, placement, field.label, box_height)
    table = Table(
        [[Paragraph(look.markup(block.title), look.BLOCK_TITLE), ""], [left, box]],
        colWidths=[left_width, look.TEXT_WIDTH - left_width],
        style=[
            _FONT,
            ("VALIGN", *_ALL, "TOP"),
            *_padding(8, 8, 5, 6),
            ("SPAN", (0, 0), (1, 0)),
            ("BACKGROUND", (0, 0), (1, 0), look.SHADE),
            ("TOPPADDING", (0, 0), (1, 0), 3.3),
            ("BOTTOMPADDING", (0, 0), (1, 0), 4.5),
            ("RIGHTPADDING", (0, 1), (0, 1), 12),
            ("LEFTPADDING", (1, 1), (1, 1), 0),
            ("BOX", *_ALL, 0.8, look.NAVY),
        ],
        hAlign="LEFT",
    )
    return KeepTogether([table, Spacer(0, 7)])


def _identity(
    recorder: Recorder,
    area: Callable[[str], tuple[Field, str]],
    block: blocks.SignatureBlock,
    indent: float,
) -> list[Flowable]:
    """The lines of a signature block, then the declaration and the date."""

    def line(field_id: str, length: float = 0.0) -> Flowable:
        field, one = area(field_id)
        tall = has_two_lines(field)
        return FieldLine(recorder, one, field.label, indent, SIGNATURE_LABEL, length, tall=tall)

    lines = [line(one) for one in block.fields]
    if block.declarant:
        lines.append(line(block.declarant))
    if block.declaration:
        text = Paragraph(look.markup(block.declaration), look.DECLARATION)
        lines += [Spacer(0, 3), text, Spacer(0, 1)]
    if block.date:
        lines.append(line(block.date, DATE_LENGTH))
    return lines
