"""What the benchmarks share: the guide, invented candidates, and a stopwatch that is fair."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from generated_lots import candidates  # noqa: E402

from cqp_forms.answers import Answers  # noqa: E402
from cqp_forms.guide import Guide  # noqa: E402
from cqp_forms.plan import Edition, Plan, make_plan  # noqa: E402
from cqp_forms.project import Project  # noqa: E402

EDITION = Edition("Guide", datetime(2026, 11, 24, 14, 5, tzinfo=UTC))


@dataclass(frozen=True)
class Line:
    """One line of the table.

    Attributes:
        goal: the ratio to reach: at least, or at most, ``goal``.
        at_least: which of the two.
    """

    what: str
    against: str
    measured: float
    goal: float
    at_least: bool
    detail: str

    @property
    def met(self) -> bool:
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal

    def row(self) -> str:
        sign = "≥" if self.at_least else "≤"
        mark = "yes" if self.met else "**no**"
        return (
            f"| {self.what} | {self.against} | {sign} {self.goal:g} | {self.measured:.2f} "
            f"| {mark} | {self.detail} |"
        )


def guide() -> Guide:
    return Project.at(ROOT).guide()


def answers(count: int) -> list[Answers]:
    return list(candidates(guide(), count))


def plans(count: int) -> list[Plan]:
    known = guide()
    return [make_plan(known, one) for one in candidates(known, count)]


Method = Callable[[Plan], object]


def compare(
    methods: Mapping[str, Method], wanted: list[Plan], every: Mapping[str, int]
) -> dict[str, float]:
    """Seconds a candidate for each method: the median over the candidates.

    The methods take turns at each candidate, as the steps of a batch do: none has the processor's
    caches to itself, and what else the machine does falls on all alike. CPU time of this process is
    counted: none of these methods waits for anything.

    Args:
        every: a method makes each n-th candidate alone; the slow ones need not make them all.
    """
    times: dict[str, list[float]] = {name: [] for name in methods}
    for method in methods.values():
        method(wanted[0])  # what is made once is not counted
    gc.collect()
    for number, plan in enumerate(wanted):
        for name, method in methods.items():
            if number % every.get(name, 1) == 0:
                times[name].append(_seconds(method, plan))
    return {name: statistics.median(found) for name, found in times.items()}


def _seconds(method: Method, plan: Plan) -> float:
    start = time.process_time()
    method(plan)
    return time.process_time() - start


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 10 else f"{seconds:.1f} s"
