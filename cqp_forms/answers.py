"""Answers: what one candidate's fiche says, each value with the cell it came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias


class Verdict(StrEnum):
    """The answer to a criterion. NA is ticked NON on the form."""

    OUI = "OUI"
    NON = "NON"
    NA = "NA"


class Result(StrEnum):
    """The result of a competence."""

    MAITRISEE = "MAITRISEE"
    NON_MAITRISEE = "NON_MAITRISEE"


class Option(str):
    """One of the answers that a choice admits: equal to its id, read by its wording.

    Args:
        name: its id, which ends the id of its box.
        label: the wording on the document.
    """

    label: str

    def __new__(cls, name: str, label: str) -> Option:
        """The id is the text itself."""
        option = super().__new__(cls, name)
        option.label = label
        return option

    def __reduce__(self) -> tuple[object, ...]:
        return (Option, (str(self), self.label))


#: ``True`` is a ticked box; an unticked one is simply not among the answers.
Value: TypeAlias = Verdict | Result | Option | bool | date | str


#: Ends the key of a field's comment in :meth:`Answers.canonical` and :attr:`Answers.places`.
COMMENT = ":précision"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value was read: worksheet and cell (``C14``)."""

    sheet: str
    cell: str


class RowPlaces(Mapping[str, Source]):
    """The cells of one row of a lot, each made when it is asked for: few ever are.

    Args:
        sheet: the worksheet.
        row: its number, as text.
        letters: the column of each field, the same for all rows.
    """

    __slots__ = ("_letters", "_row", "_sheet")

    def __init__(self, sheet: str, row: str, letters: Mapping[str, str]) -> None:
        self._sheet, self._row, self._letters = sheet, row, letters

    def __getitem__(self, key: str) -> Source:
        return Source(self._sheet, self._letters[key] + self._row)

    def __iter__(self) -> Iterator[str]:
        return iter(self._letters)

    def __len__(self) -> int:
        return len(self._letters)

    def __reduce__(self) -> tuple[object, ...]:
        return (RowPlaces, (self._sheet, self._row, dict(self._letters)))


@dataclass(frozen=True, slots=True)
class Answer:
    """One field's answer.

    Attributes:
        value: the typed value; ``None`` when only a comment was given.
        comment: the « Précision » of the row, lines separated by ``\\n``; empty when none.
        source: the cell under « Réponse »; ``None`` where only :attr:`Answers.places` knows it, and
            for answers that do not come from a workbook.
        comment_source: the cell under « Précision ».
    """

    value: Value | None
    comment: str = ""
    source: Source | None = None
    comment_source: Source | None = None


@dataclass(frozen=True)
class Answers(Mapping[str, Answer]):
    """The answers of one candidate, by field id: immutable, compared by what they say.

    Attributes:
        by_field: answers to those fields that have a value or a comment.
        places: the answer cell of every field that the workbook has a row for, empty ones
            included, so that a missing answer can be reported with the cell to fill; and, under
            ``ID:précision``, the cell of its comment.
        name: the workbook's (or document's) name, for messages.
    """

    by_field: Mapping[str, Answer]
    places: Mapping[str, Source] = field(default_factory=dict)
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_field", MappingProxyType(dict(self.by_field)))
        if not isinstance(self.places, RowPlaces):
            object.__setattr__(self, "places", MappingProxyType(dict(self.places)))

    def __getitem__(self, key: str) -> Answer:
        return self.by_field[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_field)

    def __len__(self) -> int:
        return len(self.by_field)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answers) and self.canonical() == other.canonical()

    def __hash__(self) -> int:
        return hash(self.sha256())

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy cannot be pickled, and a batch hands answers to its worker processes.
        places = self.places if isinstance(self.places, RowPlaces) else dict(self.places)
        return (Answers, (dict(self.by_field), places, self.name))

    def value(self, field_id: str) -> Value | None:
        """The value of a field, ``None`` when unanswered."""
        answer = self.by_field.get(field_id)
        return answer.value if answer else None

    def text(self, field_id: str) -> str:
        """The value of a text field, empty when unanswered."""
        value = self.value(field_id)
        return value if isinstance(value, str) and not isinstance(value, StrEnum | Option) else ""

    def ticked(self, field_id: str) -> bool:
        """Whether a tick field is ticked."""
        return self.value(field_id) is True

    def comment(self, field_id: str) -> str:
        """The « Précision » of a field, empty when none."""
        answer = self.by_field.get(field_id)
        return answer.comment if answer else ""

    def source(self, field_id: str) -> Source | None:
        """The cell that holds, or should hold, the answer to a field."""
        answer = self.by_field.get(field_id)
        return (answer.source if answer else None) or self.places.get(field_id)

    def place(self, key: str) -> Source | None:
        """The cell of a canonical key (see :meth:`canonical`), empty or not; ``None``: it has none.

        The comment of a field has a cell where the workbook has a column for comments.
        """
        field_id = key.removesuffix(COMMENT)
        if key == field_id:
            return self.source(field_id)
        answer = self.by_field.get(field_id)
        return (answer.comment_source if answer else None) or self.places.get(key)

    def canonical(self) -> dict[str, str | bool]:
        """What the answers say, as plain JSON values, keys sorted, ``ID:précision`` for comments.

        Two fiches that say the same give the same dictionary, wherever their cells lie.
        """
        plain: dict[str, str | bool] = {}
        for field_id in sorted(self.by_field):
            answer = self.by_field[field_id]
            match answer.value:
                case None | False | "":
                    pass
                case bool() as ticked:
                    plain[field_id] = ticked
                case date() as day:
                    plain[field_id] = day.isoformat()
                case str() as text:
                    plain[field_id] = str(text)
            if answer.comment:
                plain[field_id + COMMENT] = answer.comment
        return plain

    def canonical_json(self) -> str:
        """The canonical answers as one line of UTF-8 JSON, byte for byte reproducible."""
        return json.dumps(
            self.canonical(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )

    def sha256(self) -> str:
        """The SHA-256 of the canonical JSON, in hexadecimal."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()
