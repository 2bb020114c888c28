"""``verify``: prove that a document says what a fiche says."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cqp_forms.cli.console import count_of, echo, emit_json, show_changes, show_differences
from cqp_forms.cli.examined import blanks_of, examined_options, open_one
from cqp_forms.cli.session import Session, pass_session
from cqp_forms.errors import ExitCode, OutputError, UsageError, refusal
from cqp_forms.typography import spaced

if TYPE_CHECKING:
    from cqp_forms.alterations import Alteration
    from cqp_forms.examining.source import Document, Source
    from cqp_forms.examining.verifying import Verification
    from cqp_forms.guide import Guide
    from cqp_forms.pdf.render import Rendering


@click.command("verify")
@click.argument("path", metavar="GUIDE", type=click.Path(path_type=Path))
@click.argument("fiche", metavar="FICHE.xlsx", type=click.Path(path_type=Path))
@click.option(
    "--render",
    "rendered",
    is_flag=True,
    help="Regarde aussi l’encre : chaque page est affichée et comparée au document vierge. Pour un "
    "DOCX, il faut LibreOffice.",
)
@click.option(
    "--pictures",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Où garder l’image des pages qui diffèrent (par défaut : à côté du guide).",
)
@examined_options
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    path: Path,
    fiche: Path,
    rendered: bool,
    folder: Path | None,
    guide_id: str,
    documents: tuple[Path, ...],
    mappings: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Prouve qu’un guide (DOCX ou PDF) dit ce que dit la fiche, et n’a pas changé autrement.

    Chaque case et chaque texte est comparé à la fiche ; tout le reste est comparé au document
    vierge : un mot changé dans un critère, une ligne supprimée, un rectangle ou une note par-dessus
    une page sont trouvés.

    Code de sortie 6 si quelque chose diffère.
    """
    from cqp_forms.examining.verifying import verify

    if folder and not rendered:
        raise UsageError("--pictures va avec --render.", remedy="Ajoutez --render.")
    blanks = blanks_of(guide_id, documents, mappings, path, fiche)
    source, answers = open_one(session, path, blanks), open_one(session, fiche, blanks)
    document = source.document
    if document is None or answers.document is not None:
        raise UsageError(
            "il faut un guide, puis une fiche.",
            remedy="L’ordre est : cqp-forms verify GUIDE FICHE.xlsx. Pour comparer autre chose : "
            "cqp-forms diff.",
        )
    found = verify(source, document, answers.answers)
    ink = _render(source, document, found) if rendered else None
    pictures = _keep(ink, folder or path.with_name(f"{path.stem}_rendu")) if ink else []
    if as_json:
        emit_json(_as_json(path, fiche, found, ink, pictures))
    else:
        _show(session, source.guide, found, ink, pictures)
    if not found.proved or (ink and (ink.differences or ink.alterations)):
        ctx.exit(ExitCode.DIFFERENCE)


def _render(source: Source, document: Document, found: Verification) -> Rendering:
    from cqp_forms.formats import format_of

    program = shutil.which("soffice") or shutil.which("libreoffice")
    blank = document.blank
    return format_of(blank.format).render(
        document.content,
        blank,
        source.guide,
        found.plan,
        document.marks,
        Path(program) if program else None,
    )


def _keep(ink: Rendering, folder: Path) -> list[Path]:
    """Write the pictures of the pages that differ."""
    from cqp_forms.pdf.render import saved

    kept = []
    try:
        for name, content in saved(ink.pictures):
            folder.mkdir(parents=True, exist_ok=True)
            target = folder / name
            target.write_bytes(content)
            kept.append(target)
    except OSError as problem:
        raise OutputError(
            f"les images des pages ne peuvent pas être écrites ({refusal(problem)}).",
            where=str(folder),
            remedy="Donnez un autre dossier avec --pictures.",
        ) from problem
    return kept


def _as_json(
    path: Path,
    fiche: Path,
    found: Verification,
    ink: Rendering | None,
    pictures: list[Path],
) -> dict[str, object]:
    differences = (*found.differences, *(ink.differences if ink else ()))
    altered = (*found.alterations, *(ink.alterations if ink else ()))
    return {
        "guide": str(path),
        "fiche": str(fiche),
        "proved": not (differences or altered),
        "ticks": len(found.plan.ticks),
        "texts": len(found.plan.texts),
        "differences": [
            {
                "placement": one.placement,
                "place": one.place,
                "expected": one.expected,
                "shown": one.shown,
            }
            for one in differences
        ],
        "alterations": [one.as_json() for one in altered],
        "embedded": [one.as_json() for one in found.stale],
        "rendered": {"pages": ink.pages, "boxes": ink.boxes} if ink else None,
        "pictures": [str(one) for one in pictures],
    }


def _show(
    session: Session,
    guide: Guide,
    found: Verification,
    ink: Rendering | None,
    pictures: list[Path],
) -> None:
    titles = {key: guide.fields[one.field_id].label for key, one in guide.placements.items()}
    differences = (*found.differences, *(ink.differences if ink else ()))
    altered = (*found.alterations, *(ink.alterations if ink else ()))
    if differences:
        session.say(
            spaced(f"{count_of(len(differences), 'différence')} avec la fiche :"), bold=True
        )
        show_differences(differences, titles)
    if altered:
        title = count_of(len(altered), "altération")
        session.say(spaced(f"{title} par rapport au document vierge :"), bold=True)
        for one in altered:
            _show_alteration(one)
    for picture in pictures:
        echo(f"  {picture}")
    if not (differences or altered):
        on = sum(tick.value for tick in found.plan.ticks.values())
        session.say(
            spaced(
                f"Prouvé : {count_of(len(found.plan.ticks), 'case')} (dont "
                f"{count_of(on, 'cochée')}) et {count_of(len(found.plan.texts), 'texte')} disent "
                "ce que dit la fiche ; rien d’autre n’a changé dans le document."
            ),
            fg="green",
        )
    if ink and not (ink.differences or ink.alterations):
        told = f"{count_of(ink.pages, 'page')}, {count_of(ink.boxes, 'case')}"
        session.say(spaced(f"Encre vérifiée : {told}."), fg="green")
    if found.stale:
        session.say(
            spaced(
                "Les réponses jointes au document (qui ne se voient pas) ne sont pas celles de la "
                "fiche :"
            ),
            fg="yellow",
        )
        show_changes(found.stale)


def _show_alteration(one: Alteration) -> None:
    echo(spaced(f"  {one.where} : {one.what}"))
    if one.before:
        echo(spaced(f"      vierge   : « {one.before} »"))
    if one.after:
        echo(spaced(f"      document : « {one.after} »"))
