"""Who makes a batch's files: this process alone, or several beside it; first given, first back.

At most a few candidates are under way at any moment: memory does not grow with their number. What
is sent to a process can start from nothing there (``spawn``, the same on every system).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cqp_forms.errors import CqpError
from cqp_forms.issuing.request import IssueRequest, Settings, make_files
from cqp_forms.issuing.staging import Staged

#: How many candidates are released together: each time, the disk is waited for once.
GROUP = 8

#: How many more wait for each process, so that none is idle while the parent writes.
_AHEAD = 3

#: How often a wait looks up, in seconds: on Windows nothing else lets Ctrl-C through.
_GLANCE = 0.2

#: Candidates for which one more process pays: starting one takes as long as making so many.
PER_PROCESS = 48


class WorkerLostError(CqpError):
    """A process ended in the middle of its work."""

    def __init__(self) -> None:
        super().__init__(
            "un processus de travail s’est arrêté brutalement (mémoire insuffisante ?).",
            remedy="Relancez la même commande : elle reprend où elle s’est arrêtée ; avec --jobs 1 "
            "si cela se répète.",
        )


class Made(NamedTuple):
    """A candidate's files, finished and waiting for their names.

    Attributes:
        seconds: what making them took.
    """

    staged: Staged
    seconds: float


@dataclass(frozen=True)
class WorkerConfig:
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
        settings: what ``config.settings`` makes, made once.
    """

    def __init__(self, settings: Settings, config: WorkerConfig) -> None:
        self._settings, self._config = settings, config

    def make(self, request: IssueRequest) -> Made:
        """Make one candidate's files. Raises as :func:`make_files`."""
        start = self._config.clock()
        staged = make_files(self._settings, request, self._config.session_folder)
        return Made(staged, self._config.clock() - start)


class _Process:
    """The worker of this process, when it is one of a pool's."""

    config: WorkerConfig | None = None
    worker: Worker | None = None


def start_process(config: WorkerConfig) -> None:
    """Begin a pool's process: Ctrl-C is the parent's business alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _Process.config, _Process.worker = config, None


def _leave_with_parent() -> None:
    """End with the parent: killed, it cannot stop its pool, which would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def make_in_process(request: IssueRequest) -> Made:
    """:meth:`Worker.make`, in a pool's process, which compiles the blanks at its first request.

    Not sooner: an exception while a process starts would break the whole pool.
    """
    if _Process.worker is None:
        assert _Process.config is not None
        _Process.worker = Worker(_Process.config.settings(), _Process.config)
    return _Process.worker.make(request)


class Executor(ABC):
    """Takes requests, gives back what was made, first in first out."""

    @property
    @abstractmethod
    def has_room(self) -> bool:
        """Whether another request may be given before a result is taken."""

    @abstractmethod
    def give(self, request: IssueRequest) -> None:
        """Give a request."""

    @abstractmethod
    def take(self) -> Made:
        """Wait for the result of the oldest request. Raises what making it raised."""

    @abstractmethod
    def close(self) -> None:
        """Drop what is under way, and wait until nothing works any more."""


class InThisProcess(Executor):
    """This process does everything."""

    def __init__(self, settings: Settings, config: WorkerConfig) -> None:
        self._worker = Worker(settings, config)
        self._requests: deque[IssueRequest] = deque()

    @property
    def has_room(self) -> bool:
        """A group of requests, and no more."""
        return len(self._requests) < GROUP

    def give(self, request: IssueRequest) -> None:
        """Keep the request."""
        self._requests.append(request)

    def take(self) -> Made:
        """Make it now."""
        return self._worker.make(self._requests.popleft())

    def close(self) -> None:
        """Drop the requests: nothing is under way between two calls."""
        self._requests.clear()


class InProcesses(Executor):
    """Several processes; started from nothing (``spawn``), the same on every system.

    Args:
        jobs: how many, from 2.
    """

    def __init__(self, config: WorkerConfig, jobs: int) -> None:
        self._config, self._jobs = config, jobs
        self._under_way: deque[Future[Made]] = deque()
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._jobs, multiprocessing.get_context("spawn"), start_process, (self._config,)
        )

    @property
    def has_room(self) -> bool:
        """A group, and a few requests for each process."""
        return len(self._under_way) < GROUP + self._jobs * _AHEAD

    def give(self, request: IssueRequest) -> None:
        """Send the request; a pool that lost a process is replaced."""
        try:
            future = self._pool.submit(make_in_process, request)
        except BrokenProcessPool:
            self._pool.shutdown(wait=False)
            self._pool = self._start()
            future = self._pool.submit(make_in_process, request)
        self._under_way.append(future)

    def take(self) -> Made:
        """Wait for the oldest request."""
        return _result(self._under_way.popleft())

    def close(self) -> None:
        """Drop what has not begun, wait for what has."""
        self._under_way.clear()
        self._pool.shutdown(cancel_futures=True)


def _result(future: Future[Made]) -> Made:
    while True:
        try:
            return future.result(_GLANCE)
        except NotYet:
            if future.done():  # the work itself timed out, which is a result
                return future.result()
        except BrokenProcessPool as problem:
            raise WorkerLostError from problem


def make_executor(settings: Settings, config: WorkerConfig, jobs: int) -> Executor:
    """The executor for that many jobs.

    Args:
        settings: this process's own, used again by an executor of one.
        config: makes the same for other processes.
    """
    return InThisProcess(settings, config) if jobs == 1 else InProcesses(config, jobs)
