"""One batch in a process of its own: prints how long it took, and what memory it needed."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from common import ROOT

from cqp_forms.batch.intake import DiskQueue
from cqp_forms.batch.outcome import Outcome
from cqp_forms.batch.run import Job, run_batch
from cqp_forms.cli.session import Session, SettingsFactory
from cqp_forms.project import DEFAULT_GUIDE


class Silent:
    """Watches without a word."""

    def read(self, count: int) -> None:
        pass

    def begin(self, total: int) -> None:
        pass

    def done(self, outcome: Outcome) -> None:
        if not outcome.state.done:
            raise SystemExit(f"{outcome.candidate}: {outcome.problems}")

    def stopped(self) -> bool:
        return False


def peak_of(process: str = "self") -> int:
    """The peak of resident memory, in KiB (Linux: of this process image alone)."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def main() -> None:
    lot, output, jobs = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    job = Job(
        sources=(lot,),
        output=output,
        settings=SettingsFactory(Session(ROOT), DEFAULT_GUIDE),
        started=datetime(2026, 11, 24, 14, 5, tzinfo=UTC),
        jobs=jobs,
        clock=time.perf_counter,
    )
    start = time.perf_counter()
    with DiskQueue[Outcome]() as spool:
        totals = run_batch(job, job.settings(), Silent(), spool)
    seconds = time.perf_counter() - start
    workers = _worker_peak() if jobs > 1 else 0
    cpu = sum(os.times()[:4])
    told = {"seconds": seconds, "cpu": cpu, "done": totals.done, "parent": peak_of()}
    print(json.dumps(told | {"worker": workers}))


def _worker_peak() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


if __name__ == "__main__":
    main()
