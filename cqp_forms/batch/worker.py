"""What a batch does for one candidate, in whatever process: stamp, read back, write, measure.

Everything here can be sent to a process that starts from nothing (``spawn``, as on Windows).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cqp_forms.issuing.making import make_files
from cqp_forms.issuing.request import IssueRequest, Settings
from cqp_forms.issuing.staging import Staged


class Made(NamedTuple):
    """A candidate's files, finished and waiting for their names.

    Attributes:
        seconds: what making them took.
    """

    staged: Staged
    seconds: float


@dataclass(frozen=True)
class Bench:
    """Where a worker works.

    Attributes:
        settings: makes the run's settings; it can be sent to another process, they cannot.
        session_folder: where files wait for their names.
        clock: seconds from any origin.
    """

    settings: Callable[[], Settings]
    session_folder: Path
    clock: Callable[[], float]


class Worker:
    """One process's work, with the blanks compiled once.

    Args:
        settings: what ``bench.settings`` makes, made once.
    """

    def __init__(self, settings: Settings, bench: Bench) -> None:
        self._settings, self._bench = settings, bench

    def make(self, order: IssueRequest) -> Made:
        """Make one candidate's files. Raises as :func:`make_files`."""
        start = self._bench.clock()
        staged = make_files(self._settings, order, self._bench.session_folder)
        return Made(staged, self._bench.clock() - start)


class _Process:
    """The worker of this process, when it is one of a pool's."""

    bench: Bench | None = None
    worker: Worker | None = None


def start_process(bench: Bench) -> None:
    """Begin a pool's process: Ctrl-C is the parent's business alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _Process.bench, _Process.worker = bench, None


def _leave_with_parent() -> None:
    """A parent that is killed cannot stop its pool, and the pool would wait for orders for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def make_in_process(order: IssueRequest) -> Made:
    """:meth:`Worker.make`, in a pool's process, which compiles the blanks at its first order.

    Not sooner: an exception while a process starts would break the whole pool.
    """
    if _Process.worker is None:
        assert _Process.bench is not None
        _Process.worker = Worker(_Process.bench.settings(), _Process.bench)
    return _Process.worker.make(order)
