"""What differs between two sets of answers, said for people. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from cqp_forms.answers import COMMENT, Answers, Option, Result, Value, Verdict
from cqp_forms.guide import Guide

NOTHING = "(vide)"

_WORDS: dict[Value, str] = {
    Verdict.OUI: "OUI",
    Verdict.NON: "NON",
    Verdict.NA: "NA (non applicable)",
    Result.MAITRISEE: "MAÎTRISÉE",
    Result.NON_MAITRISEE: "NON MAÎTRISÉE",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that differs.

    Attributes:
        field: the field id; ``ID:précision`` when it is the comment that differs.
        wording: the field's wording, with what stands above it: « Candidat – Nom ».
        before: what was answered, in French; « (vide) » when nothing was.
        after: what is.
    """

    field: str
    wording: str
    before: str
    after: str

    def as_json(self) -> dict[str, str]:
        """The change as ``diff --json`` prints it."""
        return {
            "field": self.field,
            "wording": self.wording,
            "before": self.before,
            "after": self.after,
        }


def changes(guide: Guide, before: Answers, after: Answers) -> tuple[Change, ...]:
    """Every answer that differs, in the guide's order; empty exactly when the two are equal.

    Args:
        guide: gives the order and the wording. A field that it does not have comes last, by its id.
        before: the version that stands, or the first document.
        after: the corrected fiche, or the second.
    """
    old, new = before.canonical(), after.canonical()
    keys = [key for one in guide.fields for key in (one, one + COMMENT)]
    keys.extend(sorted((old.keys() | new.keys()) - set(keys)))
    return tuple(
        Change(key, _wording(guide, key), _said(before, key), _said(after, key))
        for key in keys
        if old.get(key) != new.get(key)
    )


def _wording(guide: Guide, key: str) -> str:
    field = guide.fields.get(key.removesuffix(COMMENT))
    title = field.title if field else key.removesuffix(COMMENT)
    return f"{title} – Précision" if key.endswith(COMMENT) else title


def _said(answers: Answers, key: str) -> str:
    if key.endswith(COMMENT):
        return answers.comment(key.removesuffix(COMMENT)) or NOTHING
    match answers.value(key):
        case None | False | "":
            return NOTHING
        case True:
            return "coché"
        case Verdict() | Result() as chosen:
            return _WORDS[chosen]
        case Option() as option:
            return option.label
        case str() as text:
            return text
        case day:
            return f"{day:%d/%m/%Y}"
