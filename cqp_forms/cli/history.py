"""``history``: what was issued, and whether the files are still as issued."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cqp_forms.cli.console import count_of, echo, emit_json, table
from cqp_forms.cli.making import Making
from cqp_forms.cli.options import guide_option, json_option
from cqp_forms.cli.session import Session, pass_session
from cqp_forms.errors import ExitCode, OutputError
from cqp_forms.typography import folded, spaced

if TYPE_CHECKING:
    from cqp_forms.issuing.history import Entry
    from cqp_forms.issuing.rebuild import Rebuilt
    from cqp_forms.issuing.version import Version


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
    guide_id: str | None,
    as_json: bool,
) -> None:
    """Dit ce qui a été émis dans un dossier (par défaut : output), version par version.

    Chaque fichier est comparé à son empreinte : intact, altéré ou manquant. Code de sortie 6 si un
    fichier est altéré ou manquant.
    """
    from cqp_forms.issuing.history import State, history
    from cqp_forms.issuing.register import Access, Register

    rebuilt = _rebuild(session, folder, guide_id) if rebuild else None
    with Register.open(folder, Access.READ) as register:
        entries = history(folder, register, candidate)
    if as_json:
        emit_json({"versions": [one.as_json() for one in entries], **_rebuilt_json(rebuilt)})
    else:
        _show(session, entries, rebuilt, candidate)
    if any(one.state is not State.INTACT for one in entries) or (rebuilt and rebuilt.problems):
        ctx.exit(ExitCode.DIFFERENCE)


def _rebuild(session: Session, folder: Path, guide_id: str | None) -> Rebuilt:
    from cqp_forms.issuing.rebuild import rebuild
    from cqp_forms.issuing.register import REGISTER, Access, Register
    from cqp_forms.issuing.register_errors import holds_issued

    if not (holds_issued(folder) or (folder / REGISTER).is_file()):
        raise OutputError(
            "aucun guide émis n’a été trouvé dans ce dossier.",
            where=str(folder),
            remedy="Indiquez le dossier de sortie, celui qui contient les dossiers des candidats.",
        )
    settings = Making(session, guide_id or session.guide_id_of(None))()
    with Register.open(folder, Access.WRITE) as register:
        return rebuild(settings, folder, register)


def _homonyms(entries: tuple[Entry, ...]) -> set[str]:
    """The names, folded, that several candidates bear."""
    owners: dict[str, set[str]] = {}
    for one in entries:
        owners.setdefault(folded(one.version.candidate), set()).add(one.version.key)
    return {name for name, keys in owners.items() if len(keys) > 1}


def _name(version: Version, homonyms: set[str]) -> str:
    """Whose it is; homonyms are told apart by their folders."""
    alike = folded(version.candidate) in homonyms
    return f"{version.candidate} ({version.folder})" if alike else version.candidate


def _rebuilt_json(rebuilt: Rebuilt | None) -> dict[str, object]:
    if rebuilt is None:
        return {}
    return {
        "rebuilt": {
            "entered": len(rebuilt.entered),
            "known": rebuilt.known,
            "problems": [{"path": one.path, "message": one.message} for one in rebuilt.problems],
        }
    }


def _show(
    session: Session, entries: tuple[Entry, ...], rebuilt: Rebuilt | None, candidate: str
) -> None:
    if rebuilt:
        known = f"{rebuilt.known} déjà connue" + ("s" if rebuilt.known > 1 else "")
        session.say(
            f"Registre reconstitué\u00a0: {count_of(len(rebuilt.entered), 'version')} de plus, "
            f"{known}."
        )
        for one in rebuilt.problems:
            echo(f"  {one.path}\u00a0: {one.message}", fg="yellow", err=True)
    if not entries:
        of = spaced(f" pour « {candidate} »") if candidate else ""
        session.say(f"Aucune version émise{of}.")
        return
    homonyms = _homonyms(entries)
    rows = [
        [
            _name(one.version, homonyms),
            str(one.version.number),
            f"{one.version.issued_at:%d/%m/%Y %H:%M}",
            one.state.value,
            "en vigueur" if one.stands else "remplacée",
            one.version.reason or "première émission",
        ]
        for one in entries
    ]
    echo(table(["Candidat", "Version", "Date", "Fichiers", "Valeur", "Motif"], rows))
    for entry in entries:
        for state in entry.files:
            if state.state.value != "intact":
                echo(f"  {state.file.path}\u00a0: {state.state.value}", fg="red", err=True)
