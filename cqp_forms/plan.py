"""The plan: what goes into each placement. The only place that decides what is ticked.

One plan serves both formats, so that the DOCX and the PDF of a candidate cannot disagree.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import TypeAlias

from cqp_forms.answers import Answers, Result, Value, Verdict
from cqp_forms.guide import Box, DatePart, Field, FieldKind, Guide, PlacementKind
from cqp_forms.pagecode import is_id
from cqp_forms.typography import typeset

#: The number of the way documents are drawn: raised whenever the same answers would be drawn
#: otherwise, so that a document is only held pixel by pixel against one that is drawn like it.
RENDERING = 2


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


class Finish(Enum):
    """What becomes of a document's form fields."""

    FLAT = "flat"
    EDITABLE = "editable"


class Archive(Enum):
    """Whether a document that conforms to PDF/A says so: viewers open it read-only then."""

    SILENT = "silent"
    CLAIMED = "claimed"


@dataclass(frozen=True, slots=True)
class Trail:
    """What a document says of its own making, so that it can be made again and compared.

    Attributes:
        number: the version, from 1; 0 for a draft or a prepared blank.
        replaces: the number of the version that it replaces, 0 for none.
        replaced_on: the day on which that version was issued.
        reason: why it was replaced.
        rendering: the :data:`RENDERING` that it was drawn by; 0 when it does not say.
        code: the version's random id, drawn on its pages; empty for none.
        blank: the SHA-256 of the blank that it was made from; empty when it does not say.
    """

    stage: Stage = Stage.ISSUED
    number: int = 0
    replaces: int = 0
    replaced_on: date | None = None
    reason: str = ""
    rendering: int = RENDERING
    code: str = ""
    blank: str = ""

    @property
    def margin_note(self) -> str:
        """« Version 2 – annule et remplace la version 1 du 24/11/2026 »; empty for a first one."""
        if not self.replaces or self.replaced_on is None:
            return ""
        return (
            f"Version {self.number} – annule et remplace la version {self.replaces} "
            f"du {self.replaced_on:%d/%m/%Y}"
        )

    @property
    def cover_note(self) -> str:
        """The same with « – motif : … »."""
        note = self.margin_note
        return typeset(f"{note} – motif : {self.reason}") if note else ""

    def properties(self) -> dict[str, str]:
        """The trail as named texts, as a document's metadata hold it."""
        replaced_on = self.replaced_on.isoformat() if self.replaced_on else ""
        return {
            "stage": self.stage.value,
            "version": str(self.number),
            "replaces": str(self.replaces) if self.replaces else "",
            "replacedOn": replaced_on,
            "reason": self.reason,
            "rendering": str(self.rendering),
            "code": self.code,
            "blank": self.blank,
        }

    @classmethod
    def of_properties(cls, named: Mapping[str, str]) -> Trail | None:
        """The trail that :meth:`properties` wrote; ``None`` when these texts are not one."""
        try:
            replaced_on, code = named.get("replacedOn", ""), named.get("code", "")
            return cls(
                Stage(named["stage"]),
                int(named.get("version") or 0),
                int(named.get("replaces") or 0),
                date.fromisoformat(replaced_on) if replaced_on else None,
                named.get("reason", ""),
                int(named.get("rendering") or 0),
                code if is_id(code) else "",
                named.get("blank", ""),
            )
        except (KeyError, ValueError):
            return None


#: The title of the last pages of a draft.
UNSETTLED_TITLE = "À régler"


@dataclass(frozen=True, slots=True)
class Unsettled:
    """What a draft lacks or contradicts: marked at its place, and listed on a last page.

    Attributes:
        title: the question.
        message: what is wrong with it, in French.
        remedy: what to do, in French.
        placements: the boxes and areas that cannot be taken for an answer.
    """

    title: str
    message: str
    remedy: str
    placements: tuple[str, ...]


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
        trail: stored in the metadata, whether anything is embedded or not.
        archive: whether it is to say that it is made to last, where its format can.
        unsettled: what a draft marks and lists; an issued document has none.
    """

    title: str
    issued_at: datetime
    author: str = ""
    stage: Stage = Stage.ISSUED
    cover_note: str = ""
    margin_note: str = ""
    payload: bytes | None = None
    trail: Trail = Trail()
    archive: Archive = Archive.SILENT
    unsettled: tuple[Unsettled, ...] = ()

    @classmethod
    def of(
        cls,
        trail: Trail,
        title: str,
        issued_at: datetime,
        author: str = "",
        payload: bytes | None = None,
        archive: Archive = Archive.SILENT,
        unsettled: tuple[Unsettled, ...] = (),
    ) -> Edition:
        """The edition of a version, which says of itself what its trail says."""
        return cls(
            title,
            issued_at,
            author,
            trail.stage,
            trail.cover_note,
            trail.margin_note,
            payload,
            trail,
            archive,
            unsettled if trail.stage is Stage.DRAFT else (),
        )


@dataclass(frozen=True)
class Plan:
    """One instruction for every placement of the guide."""

    instructions: Mapping[str, Instruction]

    def __post_init__(self) -> None:
        object.__setattr__(self, "instructions", MappingProxyType(dict(self.instructions)))

    def __reduce__(self) -> tuple[object, ...]:
        return (Plan, (dict(self.instructions),))

    def without(self, placements: Collection[str]) -> Plan:
        """The same without some of its placements."""
        if not placements:
            return self
        kept = {key: one for key, one in self.instructions.items() if key not in placements}
        return Plan(kept)

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
        box = ticked_box(field, value)
        for placement in guide.placements_by_field[field.id]:
            match placement.kind:
                case PlacementKind.TICK_BOX:
                    # `Box.TICK` is the empty text: compare, do not test for truth.
                    on = box is not None and placement.box == box
                    instructions[placement.id] = Tick(on)
                case PlacementKind.TEXT_AREA:
                    instructions[placement.id] = Text(_shown(value, placement.part))
                case PlacementKind.SIGNATURE_AREA:
                    instructions[placement.id] = LeaveBlank.SIGN
    return Plan(instructions)


def ticked_box(field: Field, value: Value | None) -> str | None:
    """Which of a field's boxes an answer ticks; ``None`` for none of them."""
    if value is None:
        return None
    if field.kind is FieldKind.CHOICE:
        return next((one for one in field.options if one == value), None)
    return _TICKED.get((field.kind, value))


_PARTS = {DatePart.DAY: "%d", DatePart.MONTH: "%m", DatePart.YEAR: "%Y", None: "%d/%m/%Y"}


def _shown(value: Value | None, part: DatePart | None) -> str:
    if isinstance(value, date):
        return value.strftime(_PARTS[part])
    return value if isinstance(value, str) else ""
