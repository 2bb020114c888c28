"""``extract``: read a filled guide back into a fiche."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cqp_forms.cli.console import count_of, echo, emit_json, show_findings
from cqp_forms.cli.options import examined_options, workbook_path
from cqp_forms.cli.session import Session, pass_session
from cqp_forms.cli.verify import keep_pictures
from cqp_forms.errors import ExitCode, UsageError
from cqp_forms.findings import errors
from cqp_forms.typography import command_line, spaced

if TYPE_CHECKING:
    from cqp_forms.answers import Answers
    from cqp_forms.examine import OpenedSource
    from cqp_forms.findings import Finding


@click.command("extract")
@click.argument("path", metavar="GUIDE", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FICHE.xlsx",
    type=click.Path(path_type=Path),
    help="La fiche à créer (par défaut : le nom du guide, en .xlsx, dans le dossier courant).",
)
@examined_options
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    path: Path,
    target: Path | None,
    guide_id: str,
    documents: tuple[Path, ...],
    mappings: tuple[Path, ...],
    folder: Path | None,
    as_json: bool,
) -> None:
    """Relit un guide rempli (DOCX ou PDF) et en fait une fiche, prête pour « reissue ».

    La fiche dit ce que le guide montre : cases changées dans Word ou LibreOffice, champs remplis à
    la main dans un lecteur de PDF. Des réponses jointes au guide ne revient que ce qu’il ne peut
    pas montrer, là où elles s’accordent avec lui : NA (coché NON), précisions, référence du
    dossier.

    Une réponse en doute n’est jamais devinée : case cochée deux fois ou à demi effacée, place
    absente, ou document qui montre autre chose que ce qui y est lu. Elle est nommée avec sa page,
    et son champ reste vide. La fiche est alors écrite quand même, et le code de sortie est 6 :
    complétez-la avant « check » et « reissue ».

    Un fichier qui existe déjà n’est jamais remplacé (code 5).
    """
    from cqp_forms.workbook.write import write_fiche

    run = session.examine(guide_id, documents, mappings)
    (source,) = run.open(path)
    if source.document is None:
        raise UsageError(
            "c’est déjà une fiche.",
            where=str(source.path),
            remedy="Donnez un guide rempli, en DOCX ou en PDF. Pour produire celui de la fiche : "
            f"{command_line('fill', source.path)}",
        )
    answers, findings = source.restored()
    target = workbook_path(target or Path(f"{path.stem}.xlsx"))
    write_fiche(target, source.guide, answers, rooms=run.rooms(source.guide))
    pictures = keep_pictures(folder, source)
    if as_json:
        plain = _as_json(source, target, answers, findings)
        emit_json(plain | {"pictures": [str(one) for one in pictures]})
    else:
        _tell(session, target, answers, findings)
    if errors(findings):
        ctx.exit(ExitCode.DIFFERENCE)


def _as_json(
    source: OpenedSource, target: Path, answers: Answers, findings: tuple[Finding, ...]
) -> dict[str, object]:
    carried = source.document.carried if source.document else None
    return {
        "source": str(source.path),
        "kind": source.kind,
        "guide": source.guide.id,
        "version": carried.version.number if carried else None,
        "fiche": str(target),
        "answers": answers.canonical(),
        "findings": [one.as_json() for one in findings],
    }


def _tell(session: Session, target: Path, answers: Answers, findings: tuple[Finding, ...]) -> None:
    echo(target)
    doubts = {one.field for one in errors(findings)}
    session.say(spaced(f"Fiche extraite : {count_of(len(answers), 'réponse')}."), fg="green")
    show_findings(findings)
    if doubts:
        session.say(
            spaced(
                f"{count_of(len(doubts), 'champ laissé vide', 'champs laissés vides')} : tranchez "
                "d’après l’original avant d’émettre."
            ),
            fg="yellow",
            bold=True,
        )
