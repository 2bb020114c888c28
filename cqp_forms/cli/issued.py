"""What ``fill`` and ``reissue`` share: a fiche fit to be issued, and what is told at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cqp_forms.answers import Answers, Verdict
from cqp_forms.cli.console import count_of, echo, emit_json, show_findings, summary
from cqp_forms.cli.session import Verbosity
from cqp_forms.errors import AnswersError
from cqp_forms.findings import Finding, errors, lenient
from cqp_forms.findings import strict as made_strict
from cqp_forms.guide import FieldKind, Guide, PlacementKind
from cqp_forms.plan import Archive
from cqp_forms.typography import command_line, spaced

if TYPE_CHECKING:
    from cqp_forms.cli.session import Session
    from cqp_forms.issuing.issuer import Issuer
    from cqp_forms.issuing.request import AlreadyIssued, Issued, Settings
    from cqp_forms.mapping import Format
    from cqp_forms.workbook.candidate import Candidate

#: So many reasons are told; a blank without its fonts has one for each.
_MANY = 4


def read_checked(
    session: Session, fiche: Path, guide_id: str | None, *, strict: bool, draft: bool = False
) -> tuple[Guide, Candidate, tuple[Finding, ...]]:
    """Read a fiche that is fit to be issued.

    Args:
        guide_id: the guide named by the user; the fiche's own where none is.
        strict: warnings block.
        draft: what is missing or contradictory does not; what cannot be read is left empty.

    Returns:
        The guide, the candidate, and the warnings.

    Raises:
        AnswersError: with every finding, in one pass.
    """
    from cqp_forms.workbook.opening import open_workbook
    from cqp_forms.workbook.read import read_fiche

    with open_workbook(fiche) as book:
        guide = session.guide(guide_id, book)
        candidate = read_fiche(book, guide, session.project.known_guides)
    findings = candidate.check(guide, session.today)
    if strict:
        findings = made_strict(findings)
    if draft:
        # Last: what a draft may lack, it may lack whatever else is asked.
        findings, candidate = lenient(findings), candidate.readable()
    if errors(findings):
        raise AnswersError(
            f"{summary(findings)} ; rien n’a été écrit.",
            where=str(fiche),
            remedy="Corrigez les cellules indiquées, enregistrez la fiche et relancez la commande.",
            findings=findings,
            brief=_briefly(guide, candidate, findings),
        )
    return guide, candidate, findings


def namesakes(issuer: Issuer, candidate: Candidate, *, strict: bool) -> tuple[Finding, ...]:
    """The warning that the same name and company stand under another reference, if so.

    Raises:
        AnswersError: so it is, and warnings block.
    """
    found = issuer.namesake(candidate.answers)
    if found is None:
        return ()
    if strict:
        raise AnswersError(
            "ce nom et cette entreprise sont déjà au registre ; rien n’a été écrit.",
            where=str(candidate.source),
            remedy=found.remedy,
            findings=made_strict((found,)),
        )
    return (found,)


def tell_register(session: Session, issuer: Issuer) -> None:
    """What opening the register has brought to light."""
    for one in issuer.completed:
        session.say(
            spaced(
                f"Émission interrompue, terminée maintenant : {one.candidate}, version {one.number}"
            ),
            fg="yellow",
        )
    if not issuer.is_protected:
        tell_unprotected(issuer.directory)


def tell_unprotected(folder: Path) -> None:
    """Somebody has taken away what keeps a register from being changed."""
    echo(
        spaced(
            "Attention : les protections de ce registre ont été retirées ; il a pu être modifié. "
            "Comparez-le à une sauvegarde, ou vérifiez les documents : "
            f"{command_line('history', folder)}"
        ),
        fg="red",
        err=True,
    )


def tell_blanks(session: Session, settings: Settings) -> None:
    """What the blanks do not allow: a code on each page, a PDF that says that it lasts."""
    every = {blank.format: blank.stamper.uncoded for blank in settings.blanks}
    pages = [one for found in every.values() for one in found if one]
    if settings.draw_code is not None:
        for form in (one for one, found in every.items() if 0 in found):
            said = f"{form.upper()} : ses marges n’ont pas de place pour le code (QR)"
            session.say(spaced(f"{said} ; il n’en porte pas."), fg="yellow")
    if settings.draw_code is not None and pages:
        some = ", ".join(map(str, pages))
        where = f"Pages {some} : pas de place" if len(pages) > 1 else f"Page {some} : pas de place"
        session.say(spaced(f"{where} pour le code (QR) ; elles n’en portent pas."), fg="yellow")
    if settings.archive is Archive.CLAIMED:
        why = [one for blank in settings.blanks for one in blank.stamper.unarchivable]
        if why:
            session.say(
                spaced(f"Le PDF ne se déclare pas PDF/A-3 : {' ; '.join(why[:_MANY])}."),
                fg="yellow",
            )


def tell_pending(session: Session, settings: Settings) -> None:
    """The placements that a draft leaves blank, since no one confirmed where they are."""
    left = frozenset[str]().union(*(blank.pending for blank in settings.blanks))
    waiting = [one for one in settings.guide.placements if one in left]
    if waiting:
        count = count_of(len(waiting), "emplacement laissé vide", "emplacements laissés vides")
        more = f" et {len(waiting) - _MANY} de plus" if len(waiting) > _MANY else ""
        session.say(
            spaced(f"{count}, à trouver ou à confirmer : {', '.join(waiting[:_MANY])}{more}."),
            fg="yellow",
        )


def _briefly(
    guide: Guide, candidate: Candidate, findings: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    """The findings, those of a sheet that nobody has begun in one."""
    from cqp_forms.progress import condensed  # a sound fiche has none

    return condensed(guide, candidate.answers, findings, candidate.row)


def tell_issued(
    session: Session,
    guide: Guide,
    folder: Path,
    candidate: Candidate,
    findings: tuple[Finding, ...],
    issued: Issued,
    *,
    as_json: bool,
) -> None:
    """The files written, what was read back, the warnings, and the NA comments to copy."""
    version = issued.version
    notes = na_notes(guide, candidate.answers)
    if as_json:
        emit_json(_issued_json(folder, issued, findings, notes))
        return
    session.say(f"{version.candidate}\u00a0: {_what(issued)}", fg="green", bold=True)
    for one in issued.added or version.files:
        echo(f"  {folder / one.path}")
    session.say(f"  {_read_back(guide, issued)}")
    if findings and session.verbosity is not Verbosity.QUIET:
        session.say(f"{count_of(len(findings), 'avertissement')}\u00a0:")
        show_findings(_briefly(guide, candidate, findings))
    if notes:
        session.say(spaced("À recopier dans « Résultats de l’évaluation » :"))
        for field, label, comment in notes:
            session.say(f"  {field} – {label}")
            session.say("      " + comment.replace("\n", "\n      "))


def _what(issued: Issued) -> str:
    if issued.added:
        formats = " et ".join(one.role.upper() for one in issued.added)
        return f"{formats} ajouté à la version {issued.version.number} du {issued.version.day}"
    return f"version {issued.version.number} émise" if issued.version.number else "brouillon"


def _issued_json(
    folder: Path,
    issued: Issued,
    findings: tuple[Finding, ...],
    notes: list[tuple[str, str, str]],
) -> dict[str, object]:
    version = issued.version
    return {
        "state": "added" if issued.added else "issued" if version.number else "draft",
        "candidate": version.candidate,
        "version": version.number,
        "files": [{"path": str(folder / one.path), "sha256": one.sha256} for one in version.files],
        "ticks": issued.ticks,
        "texts": issued.texts,
        "changes": [one.as_json() for one in issued.changes],
        "findings": [one.as_json() for one in findings],
        "na_comments": [
            {"field": field, "criterion": label, "comment": comment}
            for field, label, comment in notes
        ],
    }


def _read_back(guide: Guide, issued: Issued) -> str:
    boxes = len(guide.placements_of(PlacementKind.TICK_BOX))
    return (
        f"posé et relu\u00a0: {issued.ticks}/{issued.ticks} cases cochées (sur {boxes}), "
        f"{issued.texts}/{issued.texts} textes"
    )


def na_notes(guide: Guide, answers: Answers) -> list[tuple[str, str, str]]:
    """Field, wording and comment of each criterion that is not applicable."""
    return [
        (one.id, one.label, answers.comment(one.id))
        for one in guide.of_kind(FieldKind.CRITERION)
        if answers.value(one.id) == Verdict.NA
    ]


def tell_already(
    session: Session,
    fiche: Path,
    folder: Path,
    already: AlreadyIssued,
    wanted: tuple[Format, ...],
    *,
    as_json: bool,
) -> None:
    """The same answers were issued before: which version, and whether its files still stand."""
    version = already.version
    if as_json:
        emit_json(_already_json(folder, already))
        return
    session.say(
        spaced(
            f"{version.candidate} : déjà émis (version {version.number} du {version.day}), mêmes "
            "réponses ; rien n’a été écrit."
        ),
        fg="green",
    )
    for one in already.files:
        mark = "" if one.state.value == "intact" else f"  ({one.state.value})"
        echo(f"  {folder / one.file.path}{mark}")
    for lacking in already.lacks(wanted):
        command = command_line("fill", fiche, "--format", lacking.value, "-o", folder)
        session.say(
            spaced(f"Cette version n’a pas de {lacking.upper()}. Pour l’ajouter : {command}"),
            fg="yellow",
        )


def _already_json(folder: Path, already: AlreadyIssued) -> dict[str, object]:
    version = already.version
    return {
        "state": "already-issued",
        "candidate": version.candidate,
        "version": version.number,
        "issued_at": version.issued_at.isoformat(),
        "files": [
            {
                "path": str(folder / one.file.path),
                "sha256": one.file.sha256,
                "state": one.state.value,
            }
            for one in already.files
        ],
    }
