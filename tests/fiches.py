"""Fiches for tests whose claim is not how a fiche is laid out.

Laying one out takes a tenth of a second, putting answers into it a twentieth of that: here it is
laid out once. That one writer gives the bytes of ``write_fiche``, whoever came before, is held by
``test_nothing_of_a_candidate_is_left_in_the_next_one_s_fiche``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from cqp_forms.answers import Answer, Answers
from cqp_forms.guide import Guide
from cqp_forms.workbook.write import FicheWriter


@cache
def writer(guide: Guide) -> FicheWriter:
    return FicheWriter(guide)


def put_fiche(
    folder: Path, guide: Guide, answers: Answers, name: str = "fiche.xlsx", **changed: Any
) -> Path:
    """Put a fiche into a folder, over what is there; ``changed`` as for :func:`other`."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(writer(guide).fiche(other(answers, **changed)))
    return path


def other(answers: Answers, **changed: Any) -> Answers:
    """Answers of which some (``__`` for a dot) have another value or, with None, are left out."""
    found = dict(answers.by_field)
    for key, value in changed.items():
        field_id = key.replace("__", ".")
        found.pop(field_id, None)
        if value is not None:
            found[field_id] = value if isinstance(value, Answer) else Answer(value)
    return Answers(found)
