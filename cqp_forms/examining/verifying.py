"""Prove that a document says what a fiche says, and nothing else than its blank."""

from __future__ import annotations

from dataclasses import dataclass

from cqp_forms.alterations import Alteration
from cqp_forms.answers import Answers
from cqp_forms.examining.source import Document, Source
from cqp_forms.formats import format_of
from cqp_forms.guide import Guide
from cqp_forms.issuing.changes import Change, changes
from cqp_forms.plan import Plan, make_plan
from cqp_forms.shown import Difference, differences


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of it.

    Attributes:
        plan: what the fiche asks for.
        differences: placements that do not show it.
        alterations: what the document has otherwise than its blank.
        stale: where the answers that the document carries are not the fiche's; they are not shown,
            and do not count against the document.
    """

    plan: Plan
    differences: tuple[Difference, ...]
    alterations: tuple[Alteration, ...]
    stale: tuple[Change, ...]

    @property
    def proved(self) -> bool:
        """Whether nothing differs."""
        return not (self.differences or self.alterations)


def verify(source: Source, document: Document, fiche: Answers) -> Verification:
    """Compare a document with a fiche and with its blank.

    Args:
        source: where the document was read; ``document``: its own.
        fiche: the answers that it should show.

    Raises:
        DocumentError: the document cannot be read.
    """
    guide = source.guide
    plan = make_plan(guide, fiche)
    return Verification(
        plan,
        tuple(differences(plan, document.shown)),
        alterations_of(guide, document),
        changes(guide, document.embedded, fiche) if document.embedded is not None else (),
    )


def alterations_of(guide: Guide, document: Document) -> tuple[Alteration, ...]:
    """What a document has otherwise than its blank, in its own format."""
    return format_of(document.blank.format).alterations(
        document.content, document.blank, guide, document.shown, document.marks
    )
