"""The rules of the guide: answers in, findings out. A function a rule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date
from typing import TypeAlias

from cqp_forms.answers import Answers, Result, Verdict
from cqp_forms.findings import Code, Finding, Severity, finding
from cqp_forms.guide import Competence, FieldKind, Guide, Requirement
from cqp_forms.plan import Unsettled
from cqp_forms.typography import spaced

Rule: TypeAlias = Callable[[Guide, Answers, date], Iterator[Finding]]

#: Two signature dates further apart than this are suspicious.
MAX_DAYS_BETWEEN_SIGNATURES = 30


def check_rules(guide: Guide, answers: Answers, today: date) -> tuple[Finding, ...]:
    """Apply every rule.

    Args:
        guide: the guide.
        answers: what was read from the fiche.
        today: the day against which a date is « in the future ».

    Returns:
        All findings in one pass, in the order of the rules, then of the document.
    """
    return tuple(one for rule in RULES for one in rule(guide, answers, today))


def unsettled(
    guide: Guide, answers: Answers, pending: Collection[str] = ()
) -> tuple[Unsettled, ...]:
    """What a draft marks: the findings of the rules, the same whatever the day, and blank places.

    They come in the order of the document.

    Args:
        pending: the placements that the draft leaves blank, since no one confirmed where they are.
    """
    # No date is in the future of the last day: a draft made again later has the same marks.
    found = [
        Unsettled(
            guide.fields[one.field].title,
            one.message,
            one.remedy,
            tuple(place.id for place in guide.placements_by_field[one.field]),
        )
        for one in check_rules(guide, answers, date.max)
    ]
    found += [
        Unsettled(
            guide.fields[place.field_id].title,
            spaced(f"l’emplacement « {place.id} » n’est pas confirmé : il est laissé vide."),
            spaced("Confirmez-le avec cqp-forms map, ou corrigez la correspondance."),
            (place.id,),
        )
        for place in guide.placements.values()
        if place.id in pending
    ]
    order = {place: rank for rank, place in enumerate(guide.placements)}
    return tuple(sorted(found, key=lambda one: order.get(next(iter(one.placements), ""), 0)))


def unanswered_criteria(guide: Guide, answers: Answers, _today: date) -> Iterator[Finding]:
    """« Pour chaque critère d’évaluation, vous devez cocher une case. »"""
    for criterion in guide.of_kind(FieldKind.CRITERION):
        if answers.value(criterion.id) is None:
            yield finding(
                Code.UNANSWERED_CRITERION,
                Severity.ERROR,
                f"le critère {criterion.id} n’a pas de réponse : « {criterion.label} ».",
                "Choisissez OUI, NON ou NA.",
                field=criterion.id,
                source=answers.source(criterion.id),
            )


def unanswered_results(guide: Guide, answers: Answers, _today: date) -> Iterator[Finding]:
    """Each competence has a result."""
    for competence in guide.competences:
        result = competence.result
        if answers.value(result.id) is None:
            yield finding(
                Code.UNANSWERED_RESULT,
                Severity.ERROR,
                f"la compétence {competence.number} n’a pas de résultat.",
                "Choisissez MAÎTRISÉE ou NON MAÎTRISÉE.",
                field=result.id,
                source=answers.source(result.id),
            )


def _with(competence: Competence, answers: Answers, verdict: Verdict) -> list[str]:
    return [one.id for one in competence.criteria if answers.value(one.id) == verdict]


def incoherent_mastery(guide: Guide, answers: Answers, _today: date) -> Iterator[Finding]:
    """« La compétence est maîtrisée lorsque tous les critères sont validés. »"""
    for competence in guide.competences:
        failed = _with(competence, answers, Verdict.NON)
        if failed and answers.value(competence.result.id) == Result.MAITRISEE:
            yield finding(
                Code.INCOHERENT_MASTERY,
                Severity.ERROR,
                f"la compétence {competence.number} est dite maîtrisée alors que "
                f"{_listed(failed)} à NON.",
                "Corrigez le résultat, ou les critères ; un critère non applicable se note NA.",
                field=competence.result.id,
                source=answers.source(competence.result.id),
            )


def _listed(ids: list[str]) -> str:
    if len(ids) == 1:
        return f"le critère {ids[0]} est"
    return f"les critères {', '.join(ids[:-1])} et {ids[-1]} sont"


def na_without_comment(guide: Guide, answers: Answers, _today: date) -> Iterator[Finding]:
    """« … coche non et le note en commentaire sur le document récapitulatif »."""
    for criterion in guide.of_kind(FieldKind.CRITERION):
        if answers.value(criterion.id) == Verdict.NA and not answers.comment(criterion.id):
            yield finding(
                Code.NA_WITHOUT_COMMENT,
                Severity.ERROR,
                f"le critère {criterion.id} est NA (non applicable) sans précision.",
                "Écrivez dans la colonne « Précision » pourquoi il n’est pas applicable.",
                field=criterion.id,
                source=answers.source(criterion.id),
            )


def too_many_na(guide: Guide, answers: Answers, _today: date) -> Iterator[Finding]:
    """« Il peut arriver qu’un ou deux critères ne soient pas applicables »."""
    for competence in guide.competences:
        skipped = _with(competence, answers, Verdict.NA)
        if len(skipped) > guide.na_limit:
            yield finding(
                Code.TOO_MANY_NA,
                Severity.WARNING,
                f"la compétence {competence.number} a {len(skipped)} critères NA "
                f"({', '.join(skipped)}) ; le guide en admet {guide.na_limit}.",
                "Vérifiez que ces critères ne sont vraiment pas applicables.",
                field=skipped[guide.na_limit],
                source=answers.source(skipped[guide.na_limit]),
            )


def not_mastered_without_non(guide: Guide, answers: Answers, _today: date) -> Iterator[Finding]:
    """Allowed: « seul l’évaluateur habilité par la CPNE peut décider »; still worth a word."""
    for competence in guide.competences:
        all_yes = all(answers.value(one.id) == Verdict.OUI for one in competence.criteria)
        if all_yes and answers.value(competence.result.id) == Result.NON_MAITRISEE:
            yield finding(
                Code.NOT_MASTERED_WITHOUT_NON,
                Severity.WARNING,
                f"la compétence {competence.number} n’est pas maîtrisée alors que tous ses "
                "critères sont à OUI.",
                "L’évaluateur habilité peut en décider ainsi : vérifiez que c’est voulu.",
                field=competence.result.id,
                source=answers.source(competence.result.id),
            )


def missing_comments(guide: Guide, answers: Answers, _today: date) -> Iterator[Finding]:
    """« Les évaluateurs doivent obligatoirement apporter des commentaires »."""
    yield from _missing(
        guide,
        answers,
        Requirement.COMMENT,
        Code.MISSING_COMMENT,
        "Écrivez le commentaire de l’évaluateur : le guide le rend obligatoire.",
    )


def incomplete_identity(guide: Guide, answers: Answers, _today: date) -> Iterator[Finding]:
    """The candidate's and both evaluators' identity lines are filled."""
    yield from _missing(
        guide, answers, Requirement.IDENTITY, Code.INCOMPLETE_IDENTITY, "Remplissez cette cellule."
    )


def missing_answers(guide: Guide, answers: Answers, _today: date) -> Iterator[Finding]:
    """Other fields, choices among them, that the guide makes compulsory (``required: answer``)."""
    yield from _missing(
        guide, answers, Requirement.ANSWER, Code.MISSING_ANSWER, "Répondez dans cette cellule."
    )


def _missing(
    guide: Guide, answers: Answers, requirement: Requirement, code: Code, remedy: str
) -> Iterator[Finding]:
    for field in guide.fields.values():
        value = answers.value(field.id)
        empty = value is None or (isinstance(value, str) and not value.strip())
        if field.requirement is requirement and empty:
            options = ", ".join(one.label for one in field.options)
            yield finding(
                code,
                Severity.ERROR,
                f"« {field.title} » est vide.",
                f"Choisissez l’une des réponses : {options}." if options else remedy,
                field=field.id,
                source=answers.source(field.id),
            )


def other_without_detail(guide: Guide, answers: Answers, _today: date) -> Iterator[Finding]:
    """« Autre » and « Précisez » go together."""
    for field in guide.fields.values():
        if not field.detail:
            continue
        ticked, detail = answers.ticked(field.id), answers.text(field.detail).strip()
        if ticked == bool(detail):
            continue
        shown = field.detail if ticked else field.id
        yield finding(
            Code.OTHER_WITHOUT_DETAIL,
            Severity.WARNING,
            "« Autre » est coché sans rien sous « Précisez »."
            if ticked
            else "« Précisez » est rempli mais « Autre » n’est pas coché.",
            "Précisez, ou décochez « Autre »."
            if ticked
            else "Cochez « Autre », ou videz « Précisez ».",
            field=shown,
            source=answers.source(shown),
        )


def incoherent_dates(guide: Guide, answers: Answers, today: date) -> Iterator[Finding]:
    """A signature date is not in the future, and both are close."""
    dated = [
        (field, value)
        for field in guide.of_kind(FieldKind.DATE)
        # A form's other dates, of birth or of a next visit, are as far apart as they are.
        if field.requirement is Requirement.IDENTITY
        and isinstance(value := answers.value(field.id), date)
    ]
    for field, day in dated:
        if day > today:
            yield finding(
                Code.INCOHERENT_DATE,
                Severity.WARNING,
                f"la date « {field.title} » ({day:%d/%m/%Y}) est dans le futur.",
                "Vérifiez le jour, le mois et l’année.",
                field=field.id,
                source=answers.source(field.id),
            )
    if len(dated) < 2:
        return
    (_, first), (last_field, last) = (
        min(dated, key=lambda one: one[1]),
        max(dated, key=lambda one: one[1]),
    )
    if (last - first).days > MAX_DAYS_BETWEEN_SIGNATURES:
        yield finding(
            Code.INCOHERENT_DATE,
            Severity.WARNING,
            f"{(last - first).days} jours séparent les signatures "
            f"({first:%d/%m/%Y} et {last:%d/%m/%Y}).",
            "Vérifiez les deux dates.",
            field=last_field.id,
            source=answers.source(last_field.id),
        )


RULES: tuple[Rule, ...] = (
    unanswered_criteria,
    unanswered_results,
    incoherent_mastery,
    na_without_comment,
    too_many_na,
    not_mastered_without_non,
    missing_comments,
    incomplete_identity,
    missing_answers,
    other_without_detail,
    incoherent_dates,
)
