"""What a corrected version says of itself on its pages. Pure."""

from __future__ import annotations

from cqp_forms.errors import UsageError
from cqp_forms.fonts import describe, unprintable
from cqp_forms.issuing.version import Version
from cqp_forms.plan import Stage, Trail
from cqp_forms.typography import typeset

#: The mention stands on the cover, where a few lines are free.
MAX_REASON = 300


def clean_reason(text: str) -> str:
    """A reason as it is printed: one line, typeset.

    Raises:
        UsageError: it is empty, too long, or has a character that cannot be printed.
    """
    reason = typeset(" ".join(text.split()))
    if not reason:
        raise UsageError(
            "le motif est vide.",
            remedy="Dites en quelques mots pourquoi la version est remplacée : --reason "
            '"erreur sur la date d’évaluation".',
        )
    if len(reason) > MAX_REASON:
        raise UsageError(
            f"le motif est trop long : {len(reason)} caractères, {MAX_REASON} au plus.",
            remedy="Raccourcissez-le : la liste des modifications donne déjà le détail.",
        )
    if strange := unprintable(reason):
        raise UsageError(
            f"le motif contient un caractère qui ne s’imprime pas : {describe(strange[0])}.",
            remedy="Retapez le motif sans ce caractère.",
        )
    return reason


def trail_of(version: Version, previous: Version | None) -> Trail:
    """What a version's documents say of it; number 0 is a draft."""
    return Trail(
        stage=Stage.ISSUED if version.number else Stage.DRAFT,
        number=version.number,
        replaces=previous.number if previous else 0,
        replaced_on=previous.issued_at.date() if previous else None,
        reason=version.reason,
        code=version.code,
    )
