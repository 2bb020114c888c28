"""What fiches and lots are read with alike: columns, answers with their cells, findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from cqp_forms.answers import Answer, Answers, Source, Value, Verdict
from cqp_forms.findings import Code, Finding, Severity, finding
from cqp_forms.fonts import unprintable
from cqp_forms.guide import Field, FieldKind, Guide
from cqp_forms.workbook.cells import Cell, CellKind
from cqp_forms.workbook.formats import Epoch
from cqp_forms.workbook.values import (
    Trouble,
    read_comment,
    read_value,
    unprintable_trouble,
)


def key_of(cell: Cell | None) -> str:
    """A cell's text as an id is compared: case and surrounding spaces aside."""
    if cell is None or cell.kind is not CellKind.TEXT:
        return ""
    return cell.text.strip().casefold()


@dataclass
class Collector:
    """Gathers one candidate's answers, cell after cell.

    Attributes:
        places: the cell under « Réponse » of each field, empty ones included.
    """

    epoch: Epoch
    places: Mapping[str, Source]
    answers: dict[str, Answer] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def take_value(self, one: Field, cell: Cell, source: Source) -> None:
        """Take the cell under « Réponse » of a field."""
        self.keep(one, read_value(one.kind, cell, self.epoch), source)

    def keep(self, one: Field, value: Value | Trouble | None, source: Source) -> None:
        """Keep a field's value, or report why there is none."""
        if isinstance(value, Trouble):
            self._report(value, one, source)
        elif value is not None and value is not False:  # an unticked box is no answer
            if type(value) is str:
                self._check_printable(value, one, source)
            self.answers[one.id] = Answer(value, source=source)

    def take_comment(self, one: Field, cell: Cell, source: Source) -> None:
        """Take the cell under « Précision » of a field, after its value.

        A comment that has no place on the guide (on an answer other than NA) is kept all the same.
        """
        comment = read_comment(cell, self.epoch)
        if isinstance(comment, Trouble):
            self._report(comment, one, source)
            return
        if not comment:
            return
        self._check_printable(comment, one, source)
        answer = self.answers.get(one.id, Answer(None, source=self.places.get(one.id)))
        self.answers[one.id] = replace(answer, comment=comment, comment_source=source)
        if answer.value != Verdict.NA:
            self.findings.append(_comment_without_place(one, source))

    def _check_printable(self, text: str, one: Field, source: Source) -> None:
        if text.isascii() and text.isprintable():
            return  # every bundled font has these; most cells end here
        if characters := unprintable(text):
            self._report(unprintable_trouble(characters), one, source)

    def _report(self, trouble: Trouble, one: Field, source: Source) -> None:
        self.findings.append(told(trouble, source, one.id))

    def finished(self, name: str) -> Answers:
        """The answers gathered."""
        return Answers(self.answers, self.places, name)


def told(trouble: Trouble, source: Source, field_id: str = "") -> Finding:
    """A trouble as a finding."""
    return finding(
        trouble.code,
        Severity.ERROR,
        trouble.message,
        trouble.remedy,
        field=field_id,
        source=source,
    )


def _comment_without_place(one: Field, source: Source) -> Finding:
    message = (
        "seule la précision d’un critère NA est reportée ; celle-ci reste dans la fiche."
        if one.kind is FieldKind.CRITERION
        else "ce champ n’a pas de précision sur le guide ; celle-ci reste dans la fiche."
    )
    return finding(
        Code.COMMENT_WITHOUT_PLACE,
        Severity.WARNING,
        f"{one.id} : {message}",
        "Déplacez ce texte dans les commentaires des évaluateurs s’il doit figurer au guide.",
        field=one.id,
        source=source,
    )


def unknown_field(guide: Guide, key: str, source: Source) -> Finding:
    """The finding for an id that the guide does not have, with the nearest that it has."""
    near = nearest(key, guide.fields)
    hint = f"Vouliez-vous dire « {near} » ? " if near else ""
    return finding(
        Code.UNKNOWN_FIELD,
        Severity.ERROR,
        f"le champ « {key} » n’existe pas dans le guide « {guide.id} ».",
        f"{hint}Corrigez cet identifiant, ou videz cette cellule.",
        field=key,
        source=source,
    )


def duplicate_field(key: str, first: Source, second: Source) -> Finding:
    """The finding for an id that stands twice; both cells are named."""
    return finding(
        Code.DUPLICATE_FIELD,
        Severity.ERROR,
        f"« {key} » figure deux fois : feuille {first.sheet}, cellule {first.cell}, et feuille "
        f"{second.sheet}, cellule {second.cell}.",
        "Gardez celui qui porte la bonne réponse et supprimez l’autre.",
        field=key,
        source=second,
    )


def unreadable_header(cell: Cell, source: Source, epoch: Epoch) -> Finding | None:
    """The finding for an id's cell that holds no text at all (a formula, an error)."""
    trouble = read_comment(cell, epoch)
    return told(trouble, source) if isinstance(trouble, Trouble) else None


def nearest(key: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The known id most like ``key``, empty when none is like it."""
    from difflib import get_close_matches  # only a mistyped id pays for it

    return next(iter(get_close_matches(key, list(known), n=1, cutoff=cutoff)), "")
