"""How much of what is drawn at random a run tries: a little in the suite, all of it in CI.

``CQP_THOROUGH`` multiplies the examples; ``.ci/run`` sets it for the tests that draw.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import pytest

T = TypeVar("T")
TIMES = int(os.environ.get("CQP_THOROUGH", "1"))


def examples(few: int) -> int:
    """How many examples to try, of ``few`` in the suite."""
    return few * TIMES


def one_in(share: int, cases: Iterable[Sequence[Any]]) -> list[Any]:
    """The cases, one of so many in the suite and the others apart."""
    return [
        pytest.param(*case, marks=[pytest.mark.apart] if rank % share else [])
        for rank, case in enumerate(cases)
    ]
