"""``return``: take signed copies back, prove them and enter them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cqp_forms import __version__
from cqp_forms.cli.console import count_of, echo, emit_json
from cqp_forms.cli.issued import tell_unprotected
from cqp_forms.cli.options import (
    json_option,
    output_folder_option,
    own_documents,
    returned_argument,
    with_options,
)
from cqp_forms.cli.session import Session, pass_session
from cqp_forms.errors import ExitCode, UsageError, refusal
from cqp_forms.typography import command_line, spaced

if TYPE_CHECKING:
    from cqp_forms.returns import Returned

_own_documents = partial(
    with_options,
    options=own_documents(
        "Document vierge d’origine, si ce n’est pas celui du guide ; va avec --mapping."
    ),
)


@click.command("return")
@returned_argument
@output_folder_option
@click.option(
    "--trust",
    "roots",
    metavar="FICHIER",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Certificat racine reconnu (PEM ou DER) ; sans lui, il est dit qui signe, non si son "
    "certificat est reconnu.",
)
@click.option("--candidate", metavar="NOM", default="", help="Pour un scan : de qui il est.")
@click.option(
    "--version",
    "number",
    metavar="N",
    type=click.IntRange(1),
    help="Pour un scan : quelle version.",
)
@_own_documents
@json_option
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    sources: tuple[Path, ...],
    folder: Path,
    roots: tuple[Path, ...],
    candidate: str,
    number: int | None,
    documents: tuple[Path, ...],
    mappings: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Reprend des exemplaires signés (PDF, ou dossiers de PDF).

    Pour chacun : quelle version c’est, si elle dit encore ce qui a été émis, qui a signé et si rien
    n’a changé depuis. Un exemplaire prouvé est copié à côté des fichiers émis (…_v1_signe.pdf) et
    inscrit au registre ; rien n’est jamais remplacé. Les autres sont nommés, avec la raison.

    Un scan ne se prouve pas : « return SCAN --candidate NOM --version N » l’inscrit comme déclaré.

    Code de sortie 6 si un fichier n’a pas été reçu, ou contredit un autre.
    """
    from cqp_forms.issuing.register import Access, Register
    from cqp_forms.issuing.signed import Archivist
    from cqp_forms.returns import Returns, find_files

    if bool(candidate) != (number is not None) or (candidate and len(sources) != 1):
        raise UsageError(
            "--candidate et --version vont ensemble, avec un seul fichier.",
            remedy=command_line("return", "SCAN.pdf", "--candidate", "NOM", "--version", "1"),
        )
    trusted = [_root(one) for one in roots]
    # Reading alone says that there is no register; what is to be entered needs it in writing.
    Register.open(folder, Access.READ).close()
    with Register.open(folder, Access.WRITE) as register:
        if not register.is_protected:
            tell_unprotected(folder)
        run = session.knowing(folder).examine("", documents, mappings)
        archivist = Archivist(folder, register, session.now, __version__, session.user)
        returns = Returns(run, session.guide, archivist, trusted)
        if candidate and number is not None:
            taken = iter((returns.declare(sources[0], candidate, number),))
        else:
            taken = map(returns.take, find_files(sources))
        done = []
        for one in taken:
            done.append(one)
            if not as_json:
                _show(session, folder, one)
    if as_json:
        emit_json({"returned": [one.as_json(folder) for one in done]})
    elif done:
        received = sum(one.state.is_good for one in done)
        session.say(f"{count_of(received, 'exemplaire')} sur {len(done)} en ordre.")
    else:
        session.say("Aucun PDF dans ces dossiers.", fg="yellow")
    if not all(one.state.is_good for one in done):
        ctx.exit(ExitCode.DIFFERENCE)


def _root(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise UsageError(
            f"ce certificat ne peut pas être lu ({refusal(problem)}).",
            where=str(path),
            remedy="Vérifiez le chemin.",
        ) from problem


def _show(session: Session, folder: Path, one: Returned) -> None:
    version = one.version
    who = f"{version.candidate}, version {version.number}" if version else one.state.value
    colour = "green" if one.state.is_good else "red"
    echo(spaced(f"{one.path} : {who if not version else f'{who} – {one.state.value}'}"), fg=colour)
    if version is None:
        _notes(one)
        return
    from cqp_forms.issuing.signed import area_title
    from cqp_forms.returns import said_of

    guide = session.guide(version.guide)
    if one.found_by:
        session.detail(spaced(f"  reconnu par {one.found_by}"))
    for signature in one.signatures:
        echo(spaced(f"  {area_title(guide, signature.area)} : {said_of(signature)}"))
    if one.missing and one.copy:
        left = ", ".join(area_title(guide, area) for area in one.missing)
        echo(spaced(f"  manque : {left}"), fg="yellow")
    if one.replaced_by:
        number = version.number
        echo(spaced(f"  v{number} signée, remplacée par la {one.replaced_by}"), fg="yellow")
    if one.copy:
        echo(f"  {folder / one.copy.path}")
    _notes(one)


def _notes(one: Returned) -> None:
    for note in one.notes:
        echo(spaced(f"  {note}"), fg="yellow" if one.state.is_good else "red")
