"""The plan: what goes into each placement. The only place that decides what is ticked.

One plan serves both formats, so that the DOCX and the PDF of a candidate cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import TypeAlias

from cqp_forms.answers import Answers, Result, Value, Verdict
from cqp_forms.guide import Box, Field, FieldKind, Guide, PlacementKind


class Tick(Enum):
    """The state of a tick box."""

    OFF = False
    ON = True


@dataclass(frozen=True, slots=True)
class Text:
    """The text of an area, lines separated by ``\\n``; empty text leaves the area blank."""

    text: str


class LeaveBlank(Enum):
    """A signature area: nothing is put there."""

    SIGN = "sign"


Instruction: TypeAlias = Tick | Text | LeaveBlank


class Stage(StrEnum):
    """Whether the document is issued or only tried."""

    DRAFT = "draft"
    ISSUED = "issued"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Edition:
    """What is printed and stored around the answers.

    Attributes:
        title: the document's title, for its metadata.
        author: who issues, for its metadata; may be empty.
        issued_at: an aware date and time, for the metadata.
        stage: a draft carries « BROUILLON » on every page.
        cover_note: the mention on the first page (« Version 2 – annule et remplace… »), or empty.
        margin_note: the short mention in every page's margin, or empty.
        payload: the JSON to embed (``reponses.json``), or ``None`` to embed nothing.
    """

    title: str
    issued_at: datetime
    author: str = ""
    stage: Stage = Stage.ISSUED
    cover_note: str = ""
    margin_note: str = ""
    payload: bytes | None = None


@dataclass(frozen=True)
class Plan:
    """One instruction for every placement of the guide."""

    instructions: Mapping[str, Instruction]

    def __post_init__(self) -> None:
        object.__setattr__(self, "instructions", MappingProxyType(dict(self.instructions)))

    def __reduce__(self) -> tuple[object, ...]:
        return (Plan, (dict(self.instructions),))

    @property
    def ticks(self) -> dict[str, Tick]:
        """The tick boxes' states, by placement id."""
        return {key: one for key, one in self.instructions.items() if isinstance(one, Tick)}

    @property
    def texts(self) -> dict[str, str]:
        """The areas' texts, by placement id."""
        return {key: one.text for key, one in self.instructions.items() if isinstance(one, Text)}


_TICKED: Mapping[tuple[FieldKind, Value], Box] = {
    (FieldKind.CRITERION, Verdict.OUI): Box.OUI,
    (FieldKind.CRITERION, Verdict.NON): Box.NON,
    # The guide: « l’évaluateur habilité CPNE coche non et le note en commentaire ».
    (FieldKind.CRITERION, Verdict.NA): Box.NON,
    (FieldKind.RESULT, Result.MAITRISEE): Box.MASTERED,
    (FieldKind.RESULT, Result.NON_MAITRISEE): Box.NOT_MASTERED,
    (FieldKind.TICK, True): Box.TICK,
}


def make_plan(guide: Guide, answers: Answers) -> Plan:
    """Decide what goes into each placement.

    Args:
        guide: the guide.
        answers: the candidate's answers; unanswered fields leave their placements empty.
    """
    instructions: dict[str, Instruction] = {}
    for field in guide.fields.values():
        value = answers.value(field.id)
        box = None if value is None else _TICKED.get((field.kind, value))
        for placement in guide.placements_by_field[field.id]:
            match placement.kind:
                case PlacementKind.TICK_BOX:
                    # `Box.TICK` is the empty text: compare, do not test for truth.
                    on = box is not None and placement.box == box
                    instructions[placement.id] = Tick(on)
                case PlacementKind.TEXT_AREA:
                    instructions[placement.id] = Text(_shown(field, value))
                case PlacementKind.SIGNATURE_AREA:
                    instructions[placement.id] = LeaveBlank.SIGN
    return Plan(instructions)


def _shown(field: Field, value: Value | None) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return value if isinstance(value, str) else ""
