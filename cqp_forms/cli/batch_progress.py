"""How a batch is told while it runs: a bar on a terminal, a line a candidate when piped."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Self

from cqp_forms.cli.console import BAD, GOOD, NOTE, Bar, count_of, echo, show_findings
from cqp_forms.cli.session import Session, Verbosity
from cqp_forms.findings import errors
from cqp_forms.typography import NBSP

if TYPE_CHECKING:
    from cqp_forms.batch.outcome import Outcome

#: After how many candidates the count of those read is told anew.
_READ = 50
#: How many errors of a candidate are told here; all are in the report.
_TOLD = 3


class Interruption:
    """Turns the first Ctrl-C into a request to end well; the second ends at once."""

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)


class Progress:
    """Tells how a batch goes on, on stderr."""

    def __init__(self, session: Session, interruption: Interruption) -> None:
        self._interruption = interruption
        self._quiet = session.verbosity is Verbosity.QUIET
        self._bar = Bar(wanted=not self._quiet)

    def read(self, count: int) -> None:
        """Candidates have been read."""
        if self._interruption.asked:
            raise KeyboardInterrupt  # nothing has been issued yet: nothing to end well
        if count % _READ == 0:
            self._bar.say(f"Lecture{NBSP}: {count_of(count, 'candidat')}")

    def begin(self, total: int) -> None:
        """Their turn comes."""
        self._bar.clear()
        self._bar.begin(total)
        if not self._quiet and not self._bar.shown:
            echo(f"{count_of(total, 'candidat à traiter', 'candidats à traiter')}", err=True)

    def done(self, outcome: Outcome) -> None:
        """One more is dealt with."""
        if (outcome.state.failed or outcome.state.passed) and not self._interruption.asked:
            if outcome.state.failed or not self._quiet:
                self._bar.clear()
                _tell_failure(outcome)
        elif not self._quiet and not self._bar.shown:
            _tell(outcome)
        self._bar.step()

    def stopped(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._interruption.asked

    def end(self) -> None:
        """Leave the terminal as it was."""
        self._bar.end()


def _where(outcome: Outcome) -> str:
    row = f", ligne {outcome.row}" if outcome.row else ""
    return f"{outcome.source}{row}"


def _tell(outcome: Outcome) -> None:
    version = f" (version {outcome.version})" if outcome.version else ""
    warned = f", {count_of(len(outcome.warnings), 'avertissement')}" if outcome.warnings else ""
    name = outcome.candidate or outcome.source
    echo(f"{name}{NBSP}: {outcome.label}{version}{warned}", mark=GOOD, err=True)


def _tell_failure(outcome: Outcome) -> None:
    """A candidate who has no guide, or a source that gave nobody: why, and what to do."""
    name = f"{outcome.candidate} – " if outcome.candidate else ""
    mark = BAD if outcome.state.failed else NOTE
    echo(f"{name}{_where(outcome)}{NBSP}: {outcome.label}", mark=mark, err=True)
    found = errors(outcome.told) or outcome.told
    show_findings(found[:_TOLD])
    if len(found) > _TOLD:
        echo(f"    … et {len(found) - _TOLD} de plus, dans le rapport.", err=True)
