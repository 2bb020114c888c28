"""What a batch is asked to do, and who is told how it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Protocol

from cqp_forms.batch.outcome import Outcome
from cqp_forms.findings import Finding, lenient, strict
from cqp_forms.issuing.request import Settings


class Purpose(Enum):
    """What the documents are for."""

    ISSUE = "issue"
    DRAFT = "draft"


class Strictness(Enum):
    """Whether warnings block."""

    LENIENT = "lenient"
    STRICT = "strict"


@dataclass(frozen=True)
class Job:
    """A batch to run.

    Attributes:
        sources: folders, fiches and lots.
        output: the output folder.
        settings: makes the settings in another process, to which it is sent.
        started: the date and time of issue of every candidate, aware: it does not depend on when
            their turn comes.
        jobs: how many processes make files.
        clock: seconds from any origin, to measure with.
    """

    sources: tuple[Path, ...]
    output: Path
    settings: Callable[[], Settings]
    started: datetime
    jobs: int
    clock: Callable[[], float]
    purpose: Purpose = Purpose.ISSUE
    strictness: Strictness = Strictness.LENIENT

    def weighed(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """The findings, as severe as the job wants them."""
        if self.strictness is Strictness.STRICT:
            findings = strict(findings)
        # Last: what a draft may lack, it may lack whatever else is asked.
        return lenient(findings) if self.purpose is Purpose.DRAFT else findings


class Watcher(Protocol):
    """Who is told how the batch goes on, and may stop it."""

    def read(self, count: int) -> None:
        """``count`` candidates have been read so far."""

    def begin(self, total: int) -> None:
        """All have been read; their turn comes."""

    def done(self, outcome: Outcome) -> None:
        """One more has been dealt with."""

    def stopped(self) -> bool:
        """Whether to end: what is released stays, the others are told as not treated."""
