"""The production of guides in the background: it goes on whatever page is open, or none."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock, Thread

from cqp_forms import __version__
from cqp_forms.app.folder import Folder
from cqp_forms.batch.bundle import make_bundle
from cqp_forms.batch.intake import DiskQueue
from cqp_forms.batch.outcome import Outcome, Totals
from cqp_forms.batch.report import Header, write_report
from cqp_forms.batch.run import Job, run_batch
from cqp_forms.errors import CqpError

#: The name of the file with all guides to print.
BUNDLE = "a-imprimer.pdf"


@dataclass
class Production:
    """One run of a batch, as pages tell it; a watcher of it.

    Attributes:
        total: how many are to be dealt with; 0 while they are read.
        outcomes: of those dealt with, without those that are ready and done.
        trouble: what ended it before its end, or kept a file from being written.
    """

    started: datetime
    read_so_far: int = 0
    total: int = 0
    finished: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    ended: bool = False
    _stop: bool = False

    def read(self, count: int) -> None:
        """See :class:`cqp_forms.batch.run.Watcher`."""
        self.read_so_far = count

    def begin(self, total: int) -> None:
        """See :class:`cqp_forms.batch.run.Watcher`."""
        self.total = total

    def done(self, outcome: Outcome) -> None:
        """See :class:`cqp_forms.batch.run.Watcher`."""
        self.finished += 1
        self.outcomes.append(outcome)

    def stopped(self) -> bool:
        """See :class:`cqp_forms.batch.run.Watcher`."""
        return self._stop

    def stop(self) -> None:
        """Ask it to end: what is issued stays issued."""
        self._stop = True


class Producer:
    """Runs one production at a time."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._lock = Lock()
        self._thread: Thread | None = None
        self.last: Production | None = None

    def start(self, guide_id: str, sources: tuple[Path, ...]) -> None:
        """Begin, unless one is running already: a second click changes nothing."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return
            self.last = production = Production(self._folder.now())
            work: Callable[[], None] = lambda: self._run(production, guide_id, sources)  # noqa: E731
            self._thread = Thread(target=work, name="production")
            self._thread.start()

    def stop(self) -> None:
        """Ask the one that runs to end, and wait for it."""
        if self.last is not None:
            self.last.stop()
        if self._thread is not None:
            self._thread.join()

    def _run(self, production: Production, guide_id: str, sources: tuple[Path, ...]) -> None:
        folder = self._folder
        factory = folder.factory(guide_id)
        job = Job(
            sources=sources,
            output=folder.output,
            settings=factory,
            started=production.started,
            jobs=os.cpu_count() or 1,
            clock=time.perf_counter,
            known=folder.project.known_guides,
        )
        try:
            # Settings of its own: pages may stamp drafts meanwhile.
            settings = factory()
            with DiskQueue[Outcome]() as outcomes:
                totals = run_batch(job, settings, production, outcomes)
                header = Header(settings.guide, job.output, job.started, f"cqp-forms {__version__}")
                self._conclude(production, header, outcomes, totals)
        except CqpError as error:
            production.trouble.append(str(error))
        except Exception as error:  # told on the page: a thread has nobody else to tell
            production.trouble.append(f"Panne imprévue ({type(error).__name__} : {error}).")
        finally:
            production.ended = True

    def _conclude(
        self,
        production: Production,
        header: Header,
        outcomes: DiskQueue[Outcome],
        totals: Totals,
    ) -> None:
        production.counted = totals.counted()
        if totals.candidates:
            try:
                write_report(header, outcomes, totals)
            except CqpError as error:
                production.trouble.append(str(error))
        try:
            make_bundle(header, outcomes, header.folder / BUNDLE)
        except CqpError as error:
            production.trouble.append(str(error))
