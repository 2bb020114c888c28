"""A guide as data: its fields, its competences, and which placements each field has on paper.

Everything here comes from ``guide.yaml`` and is immutable. The wording lives nowhere else: blanks,
workbooks, messages and matching all read it from here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from cqp_forms.answers import Option

if TYPE_CHECKING:
    from cqp_forms.blocks import Block


class FieldKind(StrEnum):
    """What kind of answer a field takes."""

    CRITERION = "criterion"
    RESULT = "result"
    TICK = "tick"
    CHOICE = "choice"
    TEXT = "text"
    LONG_TEXT = "long-text"
    DATE = "date"
    SIGNATURE = "signature"


class Requirement(StrEnum):
    """Which rule asks for a text field."""

    NONE = "none"
    IDENTITY = "identity"
    COMMENT = "comment"
    ANSWER = "answer"


class Box(StrEnum):
    """Which of a field's tick boxes a placement is; the value ends the placement's id."""

    OUI = "oui"
    NON = "non"
    MASTERED = "maitrisee"
    NOT_MASTERED = "non_maitrisee"
    TICK = ""


class DatePart(StrEnum):
    """A part of a date that has a place of its own; the value ends the placement's id."""

    DAY = "jour"
    MONTH = "mois"
    YEAR = "annee"


class PlacementKind(StrEnum):
    """What a placement is on the page."""

    TICK_BOX = "tick-box"
    TEXT_AREA = "text-area"
    SIGNATURE_AREA = "signature-area"


_BOXES: Mapping[FieldKind, tuple[Box, ...]] = {
    FieldKind.CRITERION: (Box.OUI, Box.NON),
    FieldKind.RESULT: (Box.MASTERED, Box.NOT_MASTERED),
    FieldKind.TICK: (Box.TICK,),
}

#: Field ids: ASCII, lower case, dot-separated.
FIELD_ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")


@dataclass(frozen=True, slots=True)
class Placement:
    """One place on the document that a field fills.

    Attributes:
        id: ``c1.1.1.oui``, ``candidat.nom``, ``candidat.nom@2``.
        box: which box, for tick boxes: a :class:`Box`, or the id of a choice's option; ``None`` for
            areas.
        part: which part of a date it takes; ``None`` for the whole of an answer.
    """

    id: str
    field_id: str
    kind: PlacementKind
    box: str | None = None
    part: DatePart | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One data field of the guide.

    Attributes:
        label: the wording on the document, typeset.
        context: what stands above it (group title, block title); tells two « Nom » apart.
        sheet: the worksheet that asks for it.
        areas: how many text areas it has on the document; 0 when it is not printed.
        requirement: the rule that asks for an answer.
        detail: for an « Autre » box, the id of its « Précisez » field.
        options: the answers that a choice admits, or a text that goes into a drop-down list, in the
            document's order.
        split: whether a date has three places: the day's, the month's and the year's.
    """

    id: str
    kind: FieldKind
    label: str
    context: str
    sheet: str
    areas: int = 1
    requirement: Requirement = Requirement.NONE
    detail: str = ""
    options: tuple[Option, ...] = ()
    split: bool = False

    @property
    def placements(self) -> tuple[Placement, ...]:
        """The field's placements, boxes in the order OUI, NON, or that of the options."""
        if boxes := self.options if self.kind is FieldKind.CHOICE else _BOXES.get(self.kind):
            return tuple(
                Placement(
                    f"{self.id}.{box}" if box else self.id, self.id, PlacementKind.TICK_BOX, box
                )
                for box in boxes
            )
        if self.split:
            return tuple(
                Placement(f"{self.id}.{part}", self.id, PlacementKind.TEXT_AREA, part=part)
                for part in DatePart
            )
        kind = (
            PlacementKind.SIGNATURE_AREA
            if self.kind is FieldKind.SIGNATURE
            else PlacementKind.TEXT_AREA
        )
        return tuple(
            Placement(self.id if index == 1 else f"{self.id}@{index}", self.id, kind)
            for index in range(1, self.areas + 1)
        )

    @property
    def title(self) -> str:
        """A readable label that stands alone: « Candidat – Nom »."""
        return f"{self.context} – {self.label}" if self.context else self.label


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields under one title, in the document's order."""

    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One worksheet of the fiche: a competence, or a block such as « Candidat »."""

    sheet: str
    title: str
    groups: tuple[FieldGroup, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """All the fields of the sheet, in order."""
        return tuple(field for group in self.groups for field in group.fields)


@dataclass(frozen=True, slots=True)
class Competence:
    """One competence: its wording, its criterion groups and its result field.

    Attributes:
        number: from 1.
        title: without « Compétence N – ».
        heading: with it.
        modalities: the blocks of « Pour chaque compétence » (entretien, questionnement).
        abilities: what the competence is made of.
        method: the blocks under « Comment évaluer ? ».
        documents: the items under « Sur quels documents vous appuyer ? ».
        questions: the « Exemples de questions ».
    """

    number: int
    title: str
    heading: str
    groups: tuple[FieldGroup, ...]
    result: Field
    modalities: tuple[Block, ...] = ()
    abilities: tuple[str, ...] = ()
    method: tuple[Block, ...] = ()
    documents: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    @property
    def criteria(self) -> tuple[Field, ...]:
        """All the criteria, in the document's order."""
        return tuple(field for group in self.groups for field in group.fields)


@dataclass(frozen=True, slots=True)
class CompetencePhrases:
    """The wording that comes back under each competence (titles, « Consigne », « Rappel »)."""

    how: str
    documents: str
    instruction_title: str
    instructions: tuple[str, ...]
    legend_yes: str
    legend_no: str
    questions_title: str
    questions_intro: str
    criteria: str
    criteria_question: str
    evaluation: str
    yes: str
    no: str
    result_title: str
    mastered: str
    not_mastered: str
    reminder: str


@dataclass(frozen=True)
class Guide:
    """An evaluation guide.

    Attributes:
        id: the folder's name under ``mappings/``.
        tool: « OUTIL N°4 »; short: the file-name prefix, ``OUTIL4``.
        title: « GUIDE D’ÉVALUATION DES COMPÉTENCES ».
        certificate: the full name of the CQP.
        language: a BCP 47 tag, ``fr-FR``.
        key: id of the field that holds the file's own key, empty when the guide has none.
        candidate: ids of the fields that make the candidate's name: family name, first name.
        na_limit: how many criteria of a competence may be NA before a warning.
        sections: the worksheets, in order, competences included.
        phrases: the wording common to competences; ``None`` for a form without competences.
        document: the blocks of the blank, in order; empty when the guide brings its own document.
    """

    id: str
    tool: str
    short: str
    title: str
    certificate: str
    language: str
    key: str
    candidate: tuple[str, ...]
    na_limit: int
    sections: tuple[Section, ...]
    competences: tuple[Competence, ...] = ()
    phrases: CompetencePhrases | None = None
    document: tuple[Block, ...] = ()

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """Every field by id, in the order of the workbook."""
        return {field.id: field for section in self.sections for field in section.fields}

    def document_title(self, candidate: str) -> str:
        """The title of a person's documents: « OUTIL N°4 – GUIDE … – DUPONT Jean »."""
        return " – ".join(part for part in (self.tool, self.title, candidate) if part)

    @cached_property
    def placements_by_field(self) -> Mapping[str, tuple[Placement, ...]]:
        """Each field's placements, by field id: made once, where a batch asks a thousand times."""
        return {field.id: field.placements for field in self.fields.values()}

    @cached_property
    def placements(self) -> Mapping[str, Placement]:
        """Every placement by id, in the order of the fields."""
        return {one.id: one for places in self.placements_by_field.values() for one in places}

    def wording_of(self, place: Placement) -> str:
        """What a placement is called: its field's label, and the option that its box stands for."""
        field = self.fields[place.field_id]
        option = next((one.label for one in field.options if one == place.box), "")
        return f"{field.label} – {option}" if option else field.label

    def of_kind(self, *kinds: FieldKind) -> Iterator[Field]:
        """The fields of the given kinds, in order."""
        return (field for field in self.fields.values() if field.kind in kinds)

    def placements_of(self, kind: PlacementKind) -> tuple[Placement, ...]:
        """The placements of one kind, in order."""
        return tuple(one for one in self.placements.values() if one.kind is kind)
