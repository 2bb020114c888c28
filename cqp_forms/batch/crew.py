"""Who does the work: this process alone, or several beside it. First ordered, first given back.

At most a few candidates are under way at any moment: memory does not grow with their number.
"""

from __future__ import annotations

import multiprocessing
from abc import ABC, abstractmethod
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from concurrent.futures.process import BrokenProcessPool
from typing import Self

from cqp_forms.batch.worker import Bench, Made, Worker, make_in_process, start_process
from cqp_forms.errors import CqpError
from cqp_forms.issuing.request import IssueRequest, Settings

#: How many candidates are released together: each time, the disk is waited for once.
GROUP = 8

#: How many more wait for each process, so that none is idle while the parent writes.
_AHEAD = 3

#: How often a wait looks up, in seconds: on Windows nothing else lets Ctrl-C through.
_GLANCE = 0.2


class WorkerLostError(CqpError):
    """A process ended in the middle of its work."""

    def __init__(self) -> None:
        super().__init__(
            "un processus de travail s’est arrêté brutalement (mémoire insuffisante ?).",
            remedy="Relancez la même commande : elle reprend où elle s’est arrêtée ; avec --jobs 1 "
            "si cela se répète.",
        )


class Crew(ABC):
    """Takes orders, gives back what was made, first in first out."""

    @property
    @abstractmethod
    def has_room(self) -> bool:
        """Whether another order may be given before a result is taken."""

    @abstractmethod
    def give(self, order: IssueRequest) -> None:
        """Give an order."""

    @abstractmethod
    def take(self) -> Made:
        """Wait for the result of the oldest order. Raises what making it raised."""

    @abstractmethod
    def close(self) -> None:
        """Drop what is under way, and wait until nobody works any more."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Alone(Crew):
    """This process does everything."""

    def __init__(self, settings: Settings, bench: Bench) -> None:
        self._worker = Worker(settings, bench)
        self._orders: deque[IssueRequest] = deque()

    @property
    def has_room(self) -> bool:
        """A group of orders, and no more."""
        return len(self._orders) < GROUP

    def give(self, order: IssueRequest) -> None:
        """Keep the order."""
        self._orders.append(order)

    def take(self) -> Made:
        """Make it now."""
        return self._worker.make(self._orders.popleft())

    def close(self) -> None:
        """Drop the orders: nothing is under way between two calls."""
        self._orders.clear()


class Processes(Crew):
    """Several processes; started from nothing (``spawn``), the same on every system.

    Args:
        jobs: how many, from 2.
    """

    def __init__(self, bench: Bench, jobs: int) -> None:
        self._bench, self._jobs = bench, jobs
        self._under_way: deque[Future[Made]] = deque()
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._jobs, multiprocessing.get_context("spawn"), start_process, (self._bench,)
        )

    @property
    def has_room(self) -> bool:
        """A group, and a few orders for each process."""
        return len(self._under_way) < GROUP + self._jobs * _AHEAD

    def give(self, order: IssueRequest) -> None:
        """Send the order; a pool that lost a process is replaced."""
        try:
            future = self._pool.submit(make_in_process, order)
        except BrokenProcessPool:
            self._pool.shutdown(wait=False)
            self._pool = self._start()
            future = self._pool.submit(make_in_process, order)
        self._under_way.append(future)

    def take(self) -> Made:
        """Wait for the oldest order."""
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


def make_crew(settings: Settings, bench: Bench, jobs: int) -> Crew:
    """The crew for that many jobs.

    Args:
        settings: this process's own, used again by a crew of one.
        bench: makes the same for other processes.
    """
    return Alone(settings, bench) if jobs == 1 else Processes(bench, jobs)
