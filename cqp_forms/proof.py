"""Proof by making again: a document beside its twin, and what the two show otherwise. Pure.

The twin is stamped from the answers that were read; stamping is deterministic. So reading has to be
right, and the proof has only to find that two documents are the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from types import MappingProxyType

from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.plan import Instruction, LeaveBlank, Plan, Text, Tick, Trail
from cqp_forms.shown import Mark, Shown
from cqp_forms.typography import spaced

#: The word that a draft carries on every page.
DRAFT = "BROUILLON"

_NOTE = re.compile(
    r"Version([1-9]\d*)–annuleetremplacelaversion([1-9]\d*)du\d\d/\d\d/\d{4}(?:–motif:(.+))?"
)

#: Below this share of a blank's text, a document was made from another one.
ALIKE = 0.6


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
        signed: the signature areas that show something, by placement: no difference.
    """

    alterations: tuple[Alteration, ...] = ()
    unseen: tuple[str, ...] = ()
    pages: int = 0
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    signed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "pictures", MappingProxyType(dict(self.pictures)))


@dataclass(frozen=True, slots=True)
class Alteration:
    """Something that the blank has otherwise, or not at all; values for people, in French.

    Attributes:
        where: page or heading, and the criterion nearest to it.
        what: what happened: « texte modifié », « annotation ajoutée ».
        before: what the blank shows; empty for an addition.
        after: what the document shows; empty for a removal.
        placement: the box or area that is concerned, when one is.
    """

    where: str
    what: str
    before: str = ""
    after: str = ""
    placement: str = ""

    def as_json(self) -> dict[str, str]:
        """The alteration as ``verify --json`` prints it."""
        return asdict(self)


def alteration(
    where: str, what: str, before: str = "", after: str = "", placement: str = ""
) -> Alteration:
    """Make an alteration, its place typeset."""
    return Alteration(spaced(where), spaced(what), before, after, placement)


@dataclass(frozen=True, slots=True)
class OwnMarks:
    """The marks of an edition that a document may carry without being altered.

    Attributes:
        number: the version that the document says it is; 0 for a draft; ``None`` when it does not
            say, and any well-formed mention is taken for ours.
        reason: why that version was issued.
    """

    number: int | None = None
    reason: str = ""

    @property
    def draft(self) -> bool:
        """Whether « BROUILLON » may stand on the pages."""
        return self.number in (None, 0)

    @property
    def corrected(self) -> bool:
        """Whether the document must say which version it replaces."""
        return self.number is not None and self.number > 1

    def is_margin(self, text: str) -> bool:
        """Whether this is the mention of a margin, spaces aside."""
        found = self._note(text)
        return found is not None and found[3] is None

    def is_cover(self, text: str) -> bool:
        """Whether this is the mention of the cover, spaces aside."""
        found = self._note(text)
        if found is None or found[3] is None:
            return False
        return self.number is None or found[3] == _compact(self.reason)

    def _note(self, text: str) -> re.Match[str] | None:
        found = _NOTE.fullmatch(_compact(text))
        if found is None or int(found[1]) <= int(found[2]):
            return None
        return found if self.number in (None, int(found[1])) else None


def _compact(text: str) -> str:
    return "".join(text.split())


def plan_shown(guide: Guide, shown: Shown) -> Plan:
    """The plan that a document follows, whatever it was meant to follow.

    A box in doubt is off; what the document does not show at all is off or empty.
    """
    instructions: dict[str, Instruction] = {}
    for key, one in guide.placements.items():
        match one.kind:
            case PlacementKind.TICK_BOX:
                instructions[key] = Tick(shown.ticks.get(key) is Mark.ON)
            case PlacementKind.TEXT_AREA:
                instructions[key] = Text(shown.texts.get(key, ""))
            case PlacementKind.SIGNATURE_AREA:
                instructions[key] = LeaveBlank.SIGN
    return Plan(instructions)
