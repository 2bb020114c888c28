"""``history``: what was issued, and whether the files are still as issued."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cqp_forms import __version__
from cqp_forms.cli.console import count_of, echo, emit_json, table
from cqp_forms.cli.issued import tell_unprotected
from cqp_forms.cli.options import guide_option, json_option
from cqp_forms.cli.session import Session, SettingsFactory, pass_session
from cqp_forms.errors import ExitCode, OutputError
from cqp_forms.typography import command_line, folded, spaced

if TYPE_CHECKING:
    from cqp_forms.formats import PreparedBlank
    from cqp_forms.issuing.history import HistoryEntry
    from cqp_forms.issuing.rebuild import Rebuilt
    from cqp_forms.issuing.register import Register
    from cqp_forms.mapping import Format


@click.command("history")
@click.argument(
    "folder",
    metavar="[DIR]",
    required=False,
    default=Path("output"),
    type=click.Path(path_type=Path),
)
@click.option("--candidate", metavar="NOM", default="", help="Seulement ce candidat.")
@click.option(
    "--rebuild",
    is_flag=True,
    help="Refait un registre perdu, d’après les réponses jointes aux documents.",
)
@click.option(
    "--unsigned",
    is_flag=True,
    help="Seulement les versions en vigueur auxquelles il manque une signature, et laquelle.",
)
@guide_option
@json_option
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    folder: Path,
    candidate: str,
    rebuild: bool,
    unsigned: bool,
    guide_id: str | None,
    as_json: bool,
) -> None:
    """Dit ce qui a été émis dans un dossier (par défaut : output), version par version.

    « Où en est » : émis, signé 2/3, signé, remplacé, ou altéré. Chaque fichier est comparé à son
    empreinte : intact, altéré ou manquant ; un PDF signé à l’endroit même où il a été émis est
    « complété sur place » tant qu’il n’a pas été rendu (cqp-forms return). Code de sortie 6 si un
    fichier est altéré ou manquant, ou si les protections du registre ont été retirées.
    """
    from cqp_forms.issuing.history import history
    from cqp_forms.issuing.register import Access, Register
    from cqp_forms.issuing.signed import areas_of

    rebuilt = _rebuild(session, folder, guide_id) if rebuild else None
    with Register.open(folder, Access.READ) as register:
        known = session.knowing(folder)

        @cache
        def areas(guide: str) -> tuple[str, ...]:
            return areas_of(known.guide(guide)) if guide in known.project.guide_ids() else ()

        entries = history(folder, register, candidate, areas)
        if unsigned:
            entries = (one for one in entries if one.stands and not one.signing.is_complete)
        if as_json:
            bad = _emit(entries, register.is_protected, rebuilt)
        else:
            bad = _show(session, entries, rebuilt, candidate, known if unsigned else None)
        if not register.is_protected:
            tell_unprotected(folder)
            bad = True
    if bad or (rebuilt and rebuilt.problems):
        ctx.exit(ExitCode.DIFFERENCE)


def _rebuild(session: Session, folder: Path, guide_id: str | None) -> Rebuilt:
    from cqp_forms.formats import prepare_blank
    from cqp_forms.issuing.issue_errors import holds_issued
    from cqp_forms.issuing.rebuild import rebuild
    from cqp_forms.issuing.register import REGISTER, Access, Register

    if not (holds_issued(folder) or (folder / REGISTER).is_file()):
        raise OutputError(
            "aucun guide émis n’a été trouvé dans ce dossier.",
            where=str(folder),
            remedy="Indiquez le dossier de sortie, celui qui contient les dossiers des candidats.",
        )
    session = session.knowing(folder)
    settings = SettingsFactory(session, guide_id or session.guide_id_of(None))()

    @cache
    def other(kind: Format, sha256: str) -> PreparedBlank | None:
        blank = session.project.blank_named(settings.guide, kind, sha256)
        return prepare_blank(settings.guide, blank) if blank else None

    with Register.open(folder, Access.WRITE) as register:
        rebuilt = rebuild(settings, folder, register, session.now, other)
        return _with_copies(session, folder, register, rebuilt)


def _with_copies(session: Session, folder: Path, register: Register, rebuilt: Rebuilt) -> Rebuilt:
    """Enter again the signed copies that lie in a folder: each proved as if it came back today."""
    from cqp_forms.issuing.rebuild import Problem
    from cqp_forms.issuing.signed import Archivist
    from cqp_forms.returns import Returns, ReturnState, kept_copies

    archivist = Archivist(folder, register, session.now, __version__, session.user)
    returns = Returns(session.examine("", (), ()), session.guide, archivist)
    problems = list(rebuilt.problems)
    copies = 0
    for path in kept_copies(folder):
        name = path.relative_to(folder).as_posix()
        if register.signed_at(name):
            continue
        found = returns.take(path)
        copies += found.state in (ReturnState.ENTERED, ReturnState.CONFLICT)
        if not found.state.is_good:
            why = "\u00a0; ".join((found.state.value, *found.notes))
            again = command_line(
                "return", str(path), "-o", str(folder), "--candidate", "NOM", "--version", "N"
            )
            remedy = "" if found.version else spaced(f" Si c’est un scan : {again}.")
            problems.append(Problem(name, spaced(f"exemplaire signé non repris : {why}.{remedy}")))
    return replace(rebuilt, problems=tuple(problems), copies=copies)


def _emit(entries: Iterable[HistoryEntry], is_protected: bool, rebuilt: Rebuilt | None) -> bool:
    """All as JSON; whether a file is not as issued."""
    versions = [one.as_json() for one in entries]
    found: dict[str, object] = {"versions": versions, "protected": is_protected}
    if rebuilt is not None:
        found["rebuilt"] = {
            "entered": len(rebuilt.entered),
            "known": rebuilt.known,
            "copies": rebuilt.copies,
            "problems": [{"path": one.path, "message": one.message} for one in rebuilt.problems],
        }
    emit_json(found)
    return any(one["state"] != "intact" for one in versions)


@dataclass
class _Listing:
    """What is kept of each version until all are known: a line of the table, no answers."""

    unsigned: Session | None = None
    owners: dict[str, set[str]] = field(default_factory=dict)
    rows: list[tuple[str, str, list[str]]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def add(self, entry: HistoryEntry) -> None:
        version = entry.version
        self.owners.setdefault(folded(version.candidate), set()).add(version.key)
        cells = [
            str(version.number),
            f"{version.issued_at:%d/%m/%Y %H:%M}",
            entry.state.value,
            entry.standing,
            self._missing(entry) if self.unsigned else version.reason or "première émission",
        ]
        self.rows.append((version.candidate, version.folder, cells))
        self.troubles.extend(
            f"  {one.file.path}\u00a0: {one.state.value}"
            for one in entry.files
            if one.state.value != "intact"
        )
        self.troubles.extend(
            f"  {copy.path}\u00a0: {state.value}"
            for copy, state in entry.copies
            if state.value != "intact"
        )
        if entry.signing.copies and entry.signing.standing is None:
            self.troubles.extend(
                spaced(f"  {one.path} : contredit un autre exemplaire signé")
                for one in entry.signing.ends
            )

    def _missing(self, entry: HistoryEntry) -> str:
        from cqp_forms.issuing.signed import area_title

        assert self.unsigned is not None
        guide = self.unsigned.guide(entry.version.guide)
        return " ; ".join(area_title(guide, one) for one in entry.signing.missing)

    def table(self) -> str:
        """Candidates of one name are told apart by their folders."""
        rows = []
        for candidate, folder, cells in self.rows:
            alike = len(self.owners[folded(candidate)]) > 1
            rows.append([f"{candidate} ({folder})" if alike else candidate, *cells])
        last = "Signature attendue" if self.unsigned else "Motif"
        return table(["Candidat", "Version", "Date", "Fichiers", "Où en est", last], rows)


def _show(
    session: Session,
    entries: Iterable[HistoryEntry],
    rebuilt: Rebuilt | None,
    candidate: str,
    unsigned: Session | None,
) -> bool:
    """All as a table; whether a file is not as issued.

    Args:
        unsigned: what knows the guides, when the missing signatures are to be named.
    """
    if rebuilt:
        known = f"{rebuilt.known} déjà connue" + ("s" if rebuilt.known > 1 else "")
        session.say(
            f"Registre reconstitué\u00a0: {count_of(len(rebuilt.entered), 'version')} de plus, "
            f"{known}\u00a0; {count_of(rebuilt.copies, 'exemplaire signé', 'exemplaires signés')}."
        )
        for one in rebuilt.problems:
            echo(f"  {one.path}\u00a0: {one.message}", fg="yellow", err=True)
    listing = _Listing(unsigned)
    for entry in entries:
        listing.add(entry)
    if not listing.rows:
        of = spaced(f" pour « {candidate} »") if candidate else ""
        what = "Aucune signature ne manque" if unsigned else "Aucune version émise"
        session.say(f"{what}{of}.")
        return False
    echo(listing.table())
    for trouble in listing.troubles:
        echo(trouble, fg="red", err=True)
    return bool(listing.troubles)
