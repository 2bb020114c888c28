"""One candidate, as read from a workbook; and several fiches of one candidate joined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from cqp_forms.answers import Answer, Answers, Source, Value, Verdict
from cqp_forms.findings import FIX, INCOMPLETENESS, Code, Finding, Severity, errors, finding
from cqp_forms.fonts import describe, unprintable
from cqp_forms.guide import Field, FieldKind, Guide
from cqp_forms.rules import check_rules
from cqp_forms.typography import command_line, spaced
from cqp_forms.workbook.cells import Cell, CellKind, Fidelity, Workbook, quoted_text
from cqp_forms.workbook.formats import Epoch, shown_date
from cqp_forms.workbook.values import read_comment, read_value, visible

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate's answers, with what reading them found.

    Attributes:
        answers: what the workbook says; a cell that could not be understood gives no answer.
        findings: the problems of reading, in the order of the sheets.
        source: the workbook.
        row: the row of a lot, from 1; ``None`` for a fiche.
        label: a name for messages: « DURAND Léa », else the file's name and row.
    """

    answers: Answers
    findings: tuple[Finding, ...]
    source: Path
    row: int | None
    label: str

    def check(self, guide: Guide, today: date) -> tuple[Finding, ...]:
        """All problems in one pass: those of reading, then those of the guide's rules.

        A field whose cell could not be understood is reported once: not as unanswered as well.
        """
        unread = {one.field for one in errors(self.findings) if one.field}
        rules = (
            self._placed(one)
            for one in check_rules(guide, self.answers, today)
            if not (one.code in INCOMPLETENESS and one.field in unread)
        )
        return (*self.findings, *rules)

    def readable(self) -> Candidate:
        """The same without the answers of which something cannot be read: a draft has none."""
        unread = {one.field for one in errors(self.findings)}
        if not unread & set(self.answers):
            return self
        kept = {key: one for key, one in self.answers.items() if key not in unread}
        return replace(self, answers=replace(self.answers, by_field=kept))

    def _placed(self, one: Finding) -> Finding:
        """A finding that asks for an answer, told otherwise where there is no cell to fill."""
        if one.cell or one.code not in INCOMPLETENESS:
            return one
        what = (
            f"la ligne « {one.field} » manque dans la fiche : rétablissez son identifiant, "
            f"ou : {FIX}"
            if self.row is None
            else f"la colonne « {one.field} » manque dans le lot : ajoutez-la"
        )
        return replace(one, remedy=spaced(f"Aucune cellule à remplir, {what}."))


def waiting_beside(path: Path, row: int | None) -> Path:
    """Where answers given on the screen wait while another program has their workbook open.

    Args:
        path: of the workbook.
        row: of a lot, from 1; ``None`` for a fiche.
    """
    of_row = "" if row is None else f".{row}"
    return path.with_name(f".{path.name}{of_row}.attente.json")


def faithful(book: Workbook, candidate: Candidate) -> Candidate:
    """The candidate, with a word on what the file does not hold, or its format does not show."""
    told = []
    if waiting_beside(book.path, candidate.row).exists():
        told.append(
            finding(
                Code.WAITING_ANSWERS,
                Severity.ERROR,
                "des réponses données à l’écran attendent que ce classeur soit fermé : elles n’y "
                "sont pas encore.",
                "Fermez-le dans Excel, puis ouvrez cette fiche à l’écran : "
                f"{command_line('app', str(book.path.parent))}.",
            )
        )
    if book.fidelity is not Fidelity.EXACT:
        told.append(
            finding(
                Code.VALUES_ONLY,
                Severity.WARNING,
                f"un classeur « {book.path.suffix.lower()} » est lu sans ses mises en forme : "
                "réponses barrées, lignes et colonnes masquées, erreurs et formules non calculées "
                "ne s’y voient pas.",
                "Vérifiez la fiche à l’écran, ou enregistrez-la au format « .xlsx ».",
            )
        )
    return replace(candidate, findings=(*told, *candidate.findings)) if told else candidate


def label_of(guide: Guide, answers: Answers, otherwise: str) -> str:
    """« DURAND Léa » from the fields that make the candidate's name, in the guide's order."""
    names = [quoted_text(answers.text(field_id), 80) for field_id in guide.candidate]
    if names and names[0]:
        names[0] = names[0].upper()
    return " ".join(name for name in names if name) or quoted_text(otherwise, 200)


def key_of(cell: Cell | None) -> str:
    """A cell's text as an id is compared: case, invisible characters and outer spaces aside."""
    if cell is None or cell.kind is not CellKind.TEXT:
        return ""
    return visible(cell.text).strip().casefold()


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
        understood = read_value(one.kind, cell, self.epoch, one.options)
        self._report(understood.troubles, one, source)
        self.keep(one, understood.value, source)

    def keep(self, one: Field, value: Value | None, source: Source) -> None:
        """Keep a field's value."""
        if value is not None and value is not False:  # an unticked box is no answer
            if type(value) is str:
                self._check_printable(value, one, source)
            self.answers[one.id] = Answer(value, source=source)

    def take_comment(self, one: Field, cell: Cell, source: Source) -> None:
        """Take the cell under « Précision » of a field, after its value.

        A comment that has no place on the guide (on an answer other than NA) is kept all the same.
        """
        understood = read_comment(cell, self.epoch)
        self._report(understood.troubles, one, source)
        comment = understood.value
        if not comment or not isinstance(comment, str):
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
            named = ", ".join(describe(char) for char in characters[:10])
            trouble = finding(
                Code.UNPRINTABLE_CHARACTER,
                Severity.ERROR,
                f"ce texte contient ce qui ne peut pas être imprimé : {named}.",
                "Retirez-le, ou écrivez-le autrement.",
            )
            self._report((trouble,), one, source)

    def _report(self, troubles: Iterable[Finding], one: Field, source: Source) -> None:
        self.findings.extend(_at(trouble, source, one.id) for trouble in troubles)

    def finished(self, name: str) -> Answers:
        """The answers gathered."""
        return Answers(self.answers, self.places, name)


def _at(trouble: Finding, source: Source, field_id: str = "") -> Finding:
    return replace(trouble, field=field_id, sheet=source.sheet, cell=source.cell)


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
    shown = quoted_text(key)
    return finding(
        Code.UNKNOWN_FIELD,
        Severity.ERROR,
        f"le champ « {shown} » n’existe pas dans le guide « {guide.id} ».",
        f"{hint}Corrigez cet identifiant, ou videz cette cellule.",
        field=shown,
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


def unread_header(cell: Cell, source: Source, epoch: Epoch) -> Finding | None:
    """The finding for a header's or an id's cell that holds no text (a formula, an error)."""
    return next(
        (
            _at(one, source)
            for one in read_comment(cell, epoch).troubles
            if one.code in (Code.FORMULA_WITHOUT_VALUE, Code.EXCEL_ERROR)
        ),
        None,
    )


def nearest(key: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The known id most like ``key``, empty when none is like it."""
    from difflib import get_close_matches  # only a mistyped id pays for it

    return next(iter(get_close_matches(key[:80], list(known), n=1, cutoff=cutoff)), "")


@dataclass(frozen=True)
class Merged:
    """Fiches of one candidate, joined.

    Attributes:
        answers: what only one fiche gives, and what all that give it give alike.
        conflicts: an error for each answer or comment that differs, naming all its cells; the
            answers have neither.
    """

    answers: Answers
    conflicts: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """What one fiche gives for a field: an answer's value or its comment, and its cell."""

    fiche: str
    what: Value
    source: Source | None


def merge(guide: Guide, fiches: Sequence[Answers]) -> Merged:
    """Join fiches of one candidate.

    A box ticked in one fiche and left alone in another is ticked: an empty cell is no answer.

    Args:
        guide: the guide that they answer; the conflicts come in the order of its fields.
        fiches: their answers, each with its workbook's name.
    """
    joined: dict[str, Answer] = {}
    conflicts: list[Finding] = []
    for asked in guide.fields.values():
        given = [(fiche.name, fiche[asked.id]) for fiche in fiches if asked.id in fiche]
        values = [
            _Said(name, one.value, one.source) for name, one in given if one.value is not None
        ]
        comments = [
            _Said(name, one.comment, one.comment_source) for name, one in given if one.comment
        ]
        conflicts += [_conflict(asked, said) for said in (values, comments) if _differ(said)]
        value, comment = _agreed(values), _agreed(comments)
        if value or comment:
            joined[asked.id] = Answer(
                value.what if value else None,
                str(comment.what) if comment else "",
                value.source if value else None,
                comment.source if comment else None,
            )
    name = " + ".join(fiche.name for fiche in fiches)
    return Merged(Answers(joined, name=name), tuple(conflicts))


def _differ(said: Iterable[_Said]) -> bool:
    return len({one.what for one in said}) > 1


def _agreed(said: Sequence[_Said]) -> _Said | None:
    return said[0] if said and not _differ(said) else None


def _conflict(field: Field, said: Sequence[_Said]) -> Finding:
    each = " ; ".join(f"« {_shown(one.what)} » dans {one.fiche}{_cell(one.source)}" for one in said)
    return finding(
        Code.TWO_ANSWERS,
        Severity.ERROR,
        f"{field.id}, les fiches se contredisent : {each}.",
        "Corrigez l’une des fiches, ou videz sa cellule, puis relancez la commande.",
        field=field.id,
        source=said[0].source,
    )


def _shown(value: Value) -> str:
    if isinstance(value, date):
        return shown_date(value)
    text = " ".join(str("X" if value is True else value).split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _cell(source: Source | None) -> str:
    return f" (feuille {source.sheet}, cellule {source.cell})" if source else ""
