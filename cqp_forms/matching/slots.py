"""What a guide expects to find in a document, in the document's order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from cqp_forms.blocks import (
    Block,
    CommentBox,
    Competences,
    Cover,
    FieldLines,
    Heading,
    SignatureBlock,
    TickList,
)
from cqp_forms.guide import Competence, Field, FieldKind, Guide


class SlotKind(StrEnum):
    """What a slot is made of."""

    CRITERION = "criterion"  # a row with its OUI and NON boxes
    RESULT = "result"  # the two boxes of a competence's result
    TICK = "tick"
    CHOICE = "choice"  # the boxes of a question, one of which is ticked
    AREA = "area"
    SIGNATURE = "signature"


_KINDS = {
    FieldKind.CRITERION: SlotKind.CRITERION,
    FieldKind.RESULT: SlotKind.RESULT,
    FieldKind.TICK: SlotKind.TICK,
    FieldKind.CHOICE: SlotKind.CHOICE,
    FieldKind.TEXT: SlotKind.AREA,
    FieldKind.LONG_TEXT: SlotKind.AREA,
    FieldKind.DATE: SlotKind.AREA,
    FieldKind.SIGNATURE: SlotKind.SIGNATURE,
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing to find: a row of boxes, a box, or an area.

    Attributes:
        placements: the placement ids that it gives, in the order OUI, NON.
        labels: its wording, then others by which a document may call it.
        contexts: the titles that may stand above it.
        block: rank of the part of the document that it belongs to; parts may be found in another
            order than the guide's.
        multiline: whether it takes a long text.
    """

    kind: SlotKind
    field: Field
    placements: tuple[str, ...]
    labels: tuple[str, ...]
    contexts: tuple[str, ...]
    block: int
    multiline: bool = False

    @property
    def label(self) -> str:
        """The wording that the guide gives it."""
        return self.labels[0]


#: Other ways of naming a date line.
_DATE_LABELS = ("Fait le", "Le", "Date et lieu")


class _Collector:
    """Walks the guide's blocks and notes each slot once, with the titles above it."""

    def __init__(self, guide: Guide) -> None:
        self.guide = guide
        self.slots: list[Slot] = []
        self.block = 0
        self._seen: dict[str, int] = {}
        self._parents = {one.detail: one for one in guide.fields.values() if one.detail}

    def add(self, field: Field, *titles: str) -> None:
        """Note the next slot of a field, unless all of its areas are noted already."""
        kind = _KINDS[field.kind]
        places = [one.id for one in field.placements]
        if kind in (SlotKind.AREA, SlotKind.SIGNATURE) and not field.split:
            rank = self._seen.get(field.id, 0)
            places = places[rank : rank + 1]
            self._seen[field.id] = rank + 1
        elif field.id in self._seen:
            return
        else:
            self._seen[field.id] = 1
        if places:
            contexts = tuple(dict.fromkeys(one for one in (*titles, field.context) if one))
            multiline = field.kind is FieldKind.LONG_TEXT
            labels = self._labels(field)
            self.slots.append(
                Slot(kind, field, tuple(places), labels, contexts, self.block, multiline)
            )

    def _labels(self, field: Field) -> tuple[str, ...]:
        phrases = self.guide.phrases
        if field.kind is FieldKind.RESULT and phrases is not None:
            return (field.label, phrases.mastered, phrases.result_title)
        if field.kind is FieldKind.DATE:
            return (field.label, *_DATE_LABELS)
        parent = self._parents.get(field.id)
        return (field.label, parent.label) if parent else (field.label,)

    def competence(self, one: Competence) -> None:
        """Note the criteria of a competence, then its result."""
        self.block += 1
        for group in one.groups:
            for field in group.fields:
                self.add(field, group.title, one.heading)
        self.add(one.result, one.heading, *(group.title for group in one.groups))
        self.block += 1

    def document(self, blocks: tuple[Block, ...]) -> None:
        """Note what the guide's own blank lays out."""
        title, outer = "", ""
        for block in blocks:
            match block:
                case Heading():
                    outer = block.text if block.level < 3 else outer
                    title = block.text
                    self.block += 1
                case Competences():
                    for competence in self.guide.competences:
                        self.competence(competence)
                case Cover():
                    self._fields(block.fields, block.fields_title)
                case FieldLines() | TickList():
                    self._fields(block.fields, title, outer)
                case CommentBox():
                    self.add(self.guide.fields[block.field], title, outer)
                case SignatureBlock():
                    self.block += 1
                    self._fields(tuple(_of_signature(block)), block.title)
                    self.block += 1
                case _:
                    pass

    def _fields(self, ids: tuple[str, ...], *titles: str) -> None:
        for one in ids:
            self.add(self.guide.fields[one], *titles)

    def rest(self) -> None:
        """Note what no block lays out, in the order of the workbook."""
        numbered = {f"C{one.number}": one for one in self.guide.competences}
        for section in self.guide.sections:
            if section.sheet in numbered:
                self.competence(numbered[section.sheet])
                continue
            for group in section.groups:
                self.block += 1
                for field in group.fields:
                    for _ in range(len(field.placements)):
                        self.add(field, group.title, section.title)


def _of_signature(block: SignatureBlock) -> Iterator[str]:
    yield from block.fields
    yield from (one for one in (block.declarant, block.date, block.signature) if one)


def slots_of(guide: Guide) -> tuple[Slot, ...]:
    """Everything that a document of this guide should hold, in the order of its blank.

    A guide that brings its own document lays nothing out: its order is then the workbook's.
    """
    collector = _Collector(guide)
    collector.document(guide.document)
    collector.rest()
    return tuple(collector.slots)
