"""Proof by making again: a document beside its twin, and what the two show otherwise. Pure.

The twin is stamped from the answers that were read; stamping is deterministic. So reading has to be
right, and the proof has only to find that two documents are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from cqp_forms.alterations import Alteration
from cqp_forms.plan import Plan, Trail


class Closeness(Enum):
    """How like its twin an untouched document is."""

    #: Both were drawn by the same rendering: all that is seen is the same.
    SAME = "same"
    #: The document was drawn by another rendering, or by a person: boxes are compared by their
    #: state, areas by their text, and all the rest as it is seen, mentions of the version aside.
    LOOSE = "loose"


@dataclass(frozen=True)
class Twin:
    """A document made again, to be held against the one that came back.

    Attributes:
        content: the document.
        plan: what was stamped into it: what was read.
        trail: what it says of its making.
    """

    content: bytes
    plan: Plan
    trail: Trail
    closeness: Closeness = Closeness.SAME


@dataclass(frozen=True)
class Proof:
    """What comparing a document with its twin gave.

    Attributes:
        alterations: what the document shows, carries or does otherwise.
        unseen: what was not looked at, or not in full, and why: sentences in French.
        pages: how many pages were compared as they are seen; 0 when none was.
        pictures: PNG files by name, of the pages that differ.
    """

    alterations: tuple[Alteration, ...] = ()
    unseen: tuple[str, ...] = ()
    pages: int = 0
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pictures", MappingProxyType(dict(self.pictures)))
