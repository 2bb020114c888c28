"""Which folder is whose, told by the fiches that lie there: people add to them, and to the lot."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path

from cqp_forms.answers import Answers
from cqp_forms.errors import AnswersError
from cqp_forms.guide import Guide
from cqp_forms.issuing.naming import person, suffixed
from cqp_forms.typography import folded
from cqp_forms.workbook.read import read_fiche


class Likeness(IntEnum):
    """How sure it is that a fiche is a candidate's."""

    OTHER = 0
    POSSIBLE = 1
    SAME = 2


class Homes:
    """Gives each candidate of a lot a folder: theirs from an earlier run, else a new one."""

    def __init__(self, guide: Guide, output: Path) -> None:
        self._guide, self._output = guide, output
        self._given: set[str] = set()

    def fiche_name(self, folder: str) -> str:
        """« fiche_DUPONT_Jean.xlsx »."""
        return f"fiche_{folder}.xlsx"

    def of(self, answers: Answers) -> str:
        """The candidate's folder, relative to the output folder; nobody else gets it in this run.

        The fiche that is surely theirs decides; else one that may be (an evaluator has meanwhile
        filled in the company, say); else the first folder of that name without a fiche.
        """
        stem = person(self._guide, answers).stem
        there = [
            (self._likeness(folder, answers), -rank, folder)
            for rank, folder in enumerate(self._existing(stem))
            if folder not in self._given
        ]
        likeness, _, folder = max(there, default=(Likeness.OTHER, 0, ""))
        chosen = folder if likeness is not Likeness.OTHER else self._free(stem)
        self._given.add(chosen)
        return chosen

    def _existing(self, stem: str) -> Iterator[str]:
        rank = 1
        while self._fiche(folder := suffixed(stem, rank)).exists():
            yield folder
            rank += 1

    def _free(self, stem: str) -> str:
        rank = 1
        while (folder := suffixed(stem, rank)) in self._given or self._fiche(folder).exists():
            rank += 1
        return folder

    def _fiche(self, folder: str) -> Path:
        return self._output / folder / self.fiche_name(folder)

    def _likeness(self, folder: str, answers: Answers) -> Likeness:
        try:
            there = read_fiche(self._fiche(folder), self._guide).answers
        except AnswersError:
            return Likeness.POSSIBLE  # open in Excel, perhaps; by its name it is theirs
        theirs, own = person(self._guide, there), person(self._guide, answers)
        if theirs.key == own.key:
            return Likeness.SAME
        pairs = [
            (self._reference(there), self._reference(answers)),
            *zip(theirs.identity.split("|"), own.identity.split("|"), strict=False),
        ]
        # What one of them does not say cannot contradict the other.
        alike = all(one == other or not one or not other for one, other in pairs)
        return Likeness.POSSIBLE if alike else Likeness.OTHER

    def _reference(self, answers: Answers) -> str:
        return folded(answers.text(self._guide.key)) if self._guide.key else ""
