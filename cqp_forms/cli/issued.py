"""What is told at the end of ``fill`` and ``reissue``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cqp_forms.answers import Answers, Verdict
from cqp_forms.cli.console import count_of, echo, emit_json, show_findings
from cqp_forms.cli.session import Verbosity
from cqp_forms.guide import FieldKind, Guide, PlacementKind
from cqp_forms.typography import spaced

if TYPE_CHECKING:
    from cqp_forms.cli.session import Session
    from cqp_forms.findings import Finding
    from cqp_forms.issuing.request import AlreadyIssued, Issued
    from cqp_forms.mapping import Format
    from cqp_forms.workbook.candidate import Candidate


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
    what = f"version {version.number} émise" if version.number else "brouillon"
    session.say(f"{version.candidate}\u00a0: {what}", fg="green", bold=True)
    for one in version.files:
        echo(f"  {folder / one.path}")
    session.say(f"  {_read_back(guide, issued)}")
    if findings and session.verbosity is not Verbosity.QUIET:
        session.say(f"{count_of(len(findings), 'avertissement')}\u00a0:")
        show_findings(findings)
    if notes:
        session.say(spaced("À recopier dans « Résultats de l’évaluation » :"))
        for field, label, comment in notes:
            session.say(f"  {field} – {label}")
            session.say("      " + comment.replace("\n", "\n      "))


def _issued_json(
    folder: Path,
    issued: Issued,
    findings: tuple[Finding, ...],
    notes: list[tuple[str, str, str]],
) -> dict[str, object]:
    version = issued.version
    return {
        "state": "issued" if version.number else "draft",
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
    if lacking := already.lacks(wanted):
        names = " et ".join(kind.upper() for kind in lacking)
        session.say(
            f"Cette version n’a pas été émise en {names}. Pour l’obtenir\u00a0: "
            'cqp-forms reissue FICHE.xlsx --same --reason "…"',
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
