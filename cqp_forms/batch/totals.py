"""What a batch adds up to: states, and how often each criterion was answered how. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cqp_forms.batch.outcome import UNANSWERED, Outcome, State
from cqp_forms.errors import ExitCode
from cqp_forms.guide import Guide


@dataclass(slots=True)
class Totals:
    """What a batch adds up to; grows with the guide, not with the candidates.

    Attributes:
        states: how many candidates ended in each state.
        complete: how many of those done master every competence.
        verdicts: for each criterion, in the guide's order, the count of each letter, over the
            candidates done.
        failures: how many candidates failed with each exit code.
    """

    states: Counter[State] = field(default_factory=Counter)
    complete: int = 0
    verdicts: list[Counter[str]] = field(default_factory=list)
    failures: Counter[ExitCode] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count one more candidate."""
        self.states[outcome.state] += 1
        if outcome.state.failed:
            self.failures[outcome.exit_code] += 1
        known = outcome.assessment
        if known is None or not outcome.state.done:
            return
        self.complete += outcome.complete is True
        if not self.verdicts:
            self.verdicts = [Counter() for _ in known.verdicts]
        for counter, letter in zip(self.verdicts, known.verdicts, strict=True):
            counter[letter] += 1

    @property
    def candidates(self) -> int:
        """How many were read, whatever became of them."""
        return sum(
            count
            for state, count in self.states.items()
            if state not in (State.UNREADABLE, State.REPEATED)
        )

    @property
    def done(self) -> int:
        """How many have their guide."""
        return sum(count for state, count in self.states.items() if state.done)

    @property
    def failed(self) -> int:
        """How many do not."""
        return sum(count for state, count in self.states.items() if state.failed)

    def count(self, *states: State) -> int:
        """How many ended in one of these states."""
        return sum(self.states[one] for one in states)

    @property
    def exit_code(self) -> ExitCode:
        """How the batch ended (contract, section 5).

        7 says « the others were issued »; where nobody was, the code is that of the failures: 3
        when answers are to blame for one at least, as for ``fill``.
        """
        if self.states[State.UNTREATED]:
            return ExitCode.INTERRUPTED
        if not self.failed:
            return ExitCode.DONE
        if self.done:
            return ExitCode.PARTIAL
        if ExitCode.ANSWERS in self.failures or len(self.failures) > 1:
            return ExitCode.ANSWERS
        return next(iter(self.failures))


@dataclass(frozen=True, slots=True)
class CriterionCount:
    """How often a criterion was answered in each way, over the candidates done."""

    field: str
    label: str
    competence: str
    yes: int
    no: int
    na: int
    unanswered: int
    rank: int | None

    @property
    def share_of_no(self) -> float:
        """NON among OUI and NON, 0 to 1."""
        asked = self.yes + self.no
        return self.no / asked if asked else 0.0

    def as_json(self) -> dict[str, Any]:
        """One criterion of ``batch --json``."""
        return {
            "field": self.field,
            "label": self.label,
            "oui": self.yes,
            "non": self.no,
            "na": self.na,
            "unanswered": self.unanswered,
            "rank": self.rank,
        }


def criterion_counts(guide: Guide, totals: Totals) -> tuple[CriterionCount, ...]:
    """The counts of every criterion, in the guide's order; rank 1 is the one most often NON."""
    criteria = [
        (competence.heading, one) for competence in guide.competences for one in competence.criteria
    ]
    counters: Iterable[Counter[str]] = totals.verdicts or [Counter[str]() for _ in criteria]
    counted = list(zip(criteria, counters, strict=True))
    failing = sorted({counter["N"] for _, counter in counted if counter["N"]}, reverse=True)
    ranks: dict[int, int] = {}
    for number in failing:
        ranks[number] = 1 + sum(counter["N"] > number for _, counter in counted)
    return tuple(
        CriterionCount(
            one.id,
            one.label,
            heading,
            counter["O"],
            counter["N"],
            counter["A"],
            counter[UNANSWERED],
            ranks.get(counter["N"]),
        )
        for (heading, one), counter in counted
    )
