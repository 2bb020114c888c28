"""The guide's blocks as flowables, in the document's order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    Paragraph,
    Spacer,
)

from blank_rules import has_two_lines
from cqp_forms import blocks
from cqp_forms.errors import GuideError
from cqp_forms.guide import Competence, CompetencePhrases, Field, FieldGroup, Guide, Placement
from pdf_blank import style as look
from pdf_blank.cover import CoverPage
from pdf_blank.flow import (
    FieldLine,
    Recorder,
    WritingBox,
    colon,
    label_width,
)
from pdf_blank.headings import Banner, Heading, PartTitle
from pdf_blank.tables import (
    SIGNATURE_LABEL,
    callout,
    criteria_table,
    instruction,
    result_frame,
    signature_block,
    tick_table,
)

_HEADINGS = {2: look.HEADING_2, 3: look.HEADING_3}

#: The page templates (see build_pages).
COVER, BODY = "cover", "body"


class Placer:
    """Hands out a field's areas one after the other, in the document's order."""

    def __init__(self, guide: Guide) -> None:
        self.guide = guide
        self._used: Counter[str] = Counter()

    def boxes(self, field_id: str) -> tuple[Placement, ...]:
        """All the tick boxes of a field."""
        self._used[field_id] += 1
        return self.guide.fields[field_id].placements

    def area(self, field_id: str) -> tuple[Field, str]:
        """The field and the id of its next area.

        Raises:
            GuideError: the document shows it more often than its ``areas`` say.
        """
        field, rank = self.guide.fields[field_id], self._used[field_id]
        self._used[field_id] += 1
        if rank >= len(field.placements):
            raise GuideError(
                f"le document montre le champ « {field_id} » plus souvent que ne le dit sa clé "
                "« areas ».",
                remedy="Corrigez « areas » dans guide.yaml.",
            )
        return field, field.placements[rank].id


@dataclass(frozen=True, slots=True)
class Adjustments:
    """What a first lay-out teaches the second one.

    Attributes:
        more: points to add to the height of comment boxes, by placement.
        alone: results that were on a page without a criterion, by field.
    """

    more: Mapping[str, float] = field(default_factory=dict)
    alone: frozenset[str] = frozenset()


class Story:
    """Lays a guide out; :attr:`flowables` is the result.

    Args:
        guide: the guide, with its document's blocks.
        recorder: told where each placement is drawn.
        adjustments: from an earlier lay-out.
    """

    def __init__(self, guide: Guide, recorder: Recorder, adjustments: Adjustments) -> None:
        self.guide, self.recorder, self.adjustments = guide, recorder, adjustments
        self.placer = Placer(guide)
        self.flowables: list[Flowable] = []
        self._lead = False
        self._signature_indent = label_width(_signature_labels(guide), SIGNATURE_LABEL)
        for block in guide.document:
            self._add(block)

    def _add(self, block: blocks.Block) -> None:
        match block:
            case blocks.Cover():
                self._cover(block)
            case blocks.Heading():
                self._heading(block)
            case blocks.PageBreak():
                self._new_page()
            case blocks.Modalities():
                self._modalities()
            case blocks.Competences():
                self._competences()
            case _:
                self.flowables.extend(self._content(block))
                self._lead = False

    def _content(self, block: blocks.Block) -> list[Flowable]:
        match block:
            case blocks.Paragraph():
                return [self._paragraph(block)]
            case blocks.Bullets():
                return _bullets(block.items)
            case blocks.Callout():
                return callout(block.title, block.paragraphs)
            case blocks.FieldLines():
                return self._lines(block.fields)
            case blocks.TickList():
                return self._ticks(block.fields)
            case blocks.CommentBox():
                return [self._comment(block)]
            case blocks.SignatureBlock():
                area = self.placer.area
                return [signature_block(self.recorder, area, block, self._signature_indent)]
            case _:
                raise GuideError(f"le bloc « {type(block).__name__} » ne peut pas être ici.")

    def _cover(self, block: blocks.Cover) -> None:
        areas = [self.placer.area(one) for one in block.fields]
        self.flowables.append(CoverPage(self.recorder, block, areas))
        self.flowables.append(NextPageTemplate(BODY))
        self._new_page()
        self._lead = True

    def _new_page(self) -> None:
        """Go to a new page, unless one has just begun."""
        if self.flowables and not isinstance(self.flowables[-1], PageBreak):
            self.flowables.append(PageBreak())

    def _heading(self, block: blocks.Heading) -> None:
        self._lead = False
        level = min(max(block.level, 1), 3)
        text = look.markup(block.text)
        if level == 1:
            self._new_page()
            self.flowables.append(PartTitle(text, look.HEADING_1, blocks.plain(block.text)))
        else:
            self.flowables.append(Heading(text, _HEADINGS[level]))

    def _paragraph(self, block: blocks.Paragraph) -> Flowable:
        # The paragraph that follows the cover opens the document: it has no heading above it.
        if self._lead:
            return Paragraph(look.markup(block.text), look.LEAD)
        style = look.BODY
        if block.text.rstrip().endswith(":"):
            style = ParagraphStyle("introducing", style, keepWithNext=1, spaceAfter=3)
        return Paragraph(look.markup(block.text), style)

    def _lines(self, fields: tuple[str, ...]) -> list[Flowable]:
        areas = [self.placer.area(one) for one in fields]
        indent = label_width([field.label for field, _ in areas])
        rows = [
            FieldLine(self.recorder, one, field.label, indent, tall=has_two_lines(field))
            for field, one in areas
        ]
        return [*rows, Spacer(0, 5)]

    def _ticks(self, fields: tuple[str, ...]) -> list[Flowable]:
        rows = []
        for one in fields:
            (placement,) = self.placer.boxes(one)
            field = self.guide.fields[one]
            rows.append((placement.id, colon(field.label) if field.detail else field.label))
        table = tick_table(self.recorder, rows)
        # « Autre » is completed by the line that follows.
        table.keepWithNext = any(self.guide.fields[one].detail for one in fields)
        return [table]

    def _comment(self, block: blocks.CommentBox) -> Flowable:
        field, placement = self.placer.area(block.field)
        label = Paragraph(look.markup(colon(field.label)), look.LABEL)
        more = self.adjustments.more.get(placement, 0.0)
        box = WritingBox(self.recorder, placement, block.lines, more)
        return KeepTogether([Spacer(0, 4), label, Spacer(0, 3), box, Spacer(0, 7)])

    def _modalities(self) -> None:
        for one in self.guide.competences:
            title = Paragraph(look.markup(one.heading), look.HEADING_3)
            content = [made for block in one.modalities for made in self._content(block)]
            self.flowables.append(KeepTogether([title, *content]))

    def _competences(self) -> None:
        phrases = self.guide.phrases
        if phrases is None:
            return
        # Bookmarks stand under the part's, where there is a part.
        level = int(any(isinstance(one, CoverPage | PartTitle) for one in self.flowables))
        for one in self.guide.competences:
            # The first one stands under the part's title.
            if self.flowables and not isinstance(self.flowables[-1], PartTitle):
                self._new_page()
            text, bookmark = look.markup(one.heading), blocks.plain(one.heading)
            self.flowables.append(Banner(text, look.BANNER, bookmark, level))
            self.flowables.extend(_bullets(tuple(map(blocks.BulletItem, one.abilities))))
            self._competence(one, phrases)

    def _competence(self, one: Competence, phrases: CompetencePhrases) -> None:
        """What stands under a competence's heading and its abilities."""
        method = [flowable for block in one.method for flowable in self._content(block)]
        self._rubric(phrases.how, method)
        self._rubric(phrases.documents, _bullets(tuple(map(blocks.BulletItem, one.documents))))
        self.flowables.extend(instruction(phrases))
        introduction = Paragraph(look.markup(phrases.questions_intro), look.INTRO)
        questions = _bullets(tuple(map(blocks.BulletItem, one.questions)))
        self._rubric(phrases.questions_title, [introduction, *questions] if questions else [])
        self.flowables.append(Spacer(0, 10))
        for part in self._criteria(one):
            table = criteria_table(self.recorder, self.placer.boxes, part, phrases)
            self.flowables += [table, PageBreak()]
        self.flowables.pop()
        result = result_frame(self.recorder, self.placer.boxes(one.result.id), phrases)
        reminder = callout("", (phrases.reminder,))
        title = Paragraph(look.markup(phrases.result_title), look.HEADING_3)
        self.flowables.append(KeepTogether([Spacer(0, 4), title, result, *reminder]))

    def _criteria(self, one: Competence) -> list[tuple[FieldGroup, ...]]:
        """The groups of each table: all in one, unless the result would stand on a page alone."""
        if one.result.id not in self.adjustments.alone:
            return [one.groups]
        last = -1 if len(one.groups[-1].fields) > 1 else -2
        return [groups for groups in (one.groups[:last], one.groups[last:]) if groups]

    def _rubric(self, title: str, content: list[Flowable]) -> None:
        """A title and what it announces; nothing for a rubric that is empty."""
        if content:
            self.flowables.append(CondPageBreak(60))
            self.flowables.append(Paragraph(look.markup(title), look.HEADING_3))
            self.flowables.extend(content)


def _signature_labels(guide: Guide) -> list[str]:
    """The labels of all signature blocks: their lines begin at one place."""
    return [
        guide.fields[one].label
        for block in guide.document
        if isinstance(block, blocks.SignatureBlock)
        for one in (*block.fields, block.declarant, block.date)
        if one
    ]


def _bullets(items: tuple[blocks.BulletItem, ...]) -> list[Flowable]:
    found: list[Flowable] = []
    for item in items:
        style = look.BULLET
        if item.children:
            style = ParagraphStyle("bullet-with-items", style, keepWithNext=1)
        found.append(Paragraph(look.markup(item.text), style, bulletText="•"))
        found.extend(
            Paragraph(look.markup(one), look.SUB_BULLET, bulletText="–") for one in item.children
        )
    return [*found, Spacer(0, 4)] if found else []
