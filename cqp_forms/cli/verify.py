"""``verify``: prove that a document says what a fiche says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cqp_forms.cli.console import count_of, echo, emit_json, show_changes, show_differences
from cqp_forms.cli.options import examined_options
from cqp_forms.cli.session import Session, pass_session
from cqp_forms.errors import ExitCode, UsageError
from cqp_forms.typography import spaced

if TYPE_CHECKING:
    from cqp_forms.examine import OpenedSource, Verification
    from cqp_forms.guide import Guide
    from cqp_forms.proof import Alteration


@click.command("verify")
@click.argument("path", metavar="GUIDE", type=click.Path(path_type=Path))
@click.argument("fiche", metavar="FICHE.xlsx", type=click.Path(path_type=Path))
@click.option(
    "--render",
    is_flag=True,
    expose_value=False,
    hidden=True,
    help="Sans effet : les pages sont toujours comparées.",
)
@examined_options
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    path: Path,
    fiche: Path,
    guide_id: str,
    documents: tuple[Path, ...],
    mappings: tuple[Path, ...],
    folder: Path | None,
    as_json: bool,
) -> None:
    """Prouve qu’un guide (DOCX ou PDF) dit ce que dit la fiche, et n’a pas changé autrement.

    Chaque case et chaque texte est comparé à la fiche. Puis le guide est refait d’après ce qui y
    est lu, et les deux sont comparés tels qu’ils se montrent : une case couverte, un mot changé,
    une page en plus, une note par-dessus le texte sont trouvés ; un programme, un fichier joint ou
    un texte qui se copie autrement aussi. Ce qui n’a pas pu être regardé est dit.

    Code de sortie 6 si quelque chose diffère.
    """
    from cqp_forms.examine import verify

    source, answers = session.examine(guide_id, documents, mappings).open(path, fiche)
    document = source.document
    if document is None or answers.document is not None:
        raise UsageError(
            "il faut un guide, puis une fiche.",
            remedy="L’ordre est : cqp-forms verify GUIDE FICHE.xlsx. Pour comparer autre chose : "
            "cqp-forms diff.",
        )
    found = verify(source, document, answers.answers)
    pictures = keep_pictures(folder, source)
    if as_json:
        emit_json(_as_json(path, fiche, found, document.proof.pages, pictures))
    else:
        _show(session, source.guide, found, document.proof.pages)
        for picture in pictures:
            echo(picture)
    if found.differs:
        ctx.exit(ExitCode.DIFFERENCE)


def keep_pictures(folder: Path | None, *sources: OpenedSource) -> list[Path]:
    """Write the pictures of the pages that differ, where a folder was named for them.

    Raises:
        OutputError: they cannot be written.
    """
    from cqp_forms.files import Existing, save

    kept = []
    for source in sources if folder else ():
        for name, content in source.document.proof.pictures.items() if source.document else ():
            assert folder is not None
            target = folder / f"{source.path.stem}_{name}"
            save(target, content, Existing.REPLACE)
            kept.append(target)
    return kept


def _as_json(
    path: Path, fiche: Path, found: Verification, pages: int, pictures: list[Path]
) -> dict[str, object]:
    return {
        "guide": str(path),
        "fiche": str(fiche),
        "proved": not found.differs and not found.unseen,
        "differs": found.differs,
        "ticks": len(found.plan.ticks),
        "texts": len(found.plan.texts),
        "pages": pages,
        "differences": [
            {
                "placement": one.placement,
                "place": one.place,
                "expected": one.expected,
                "shown": one.shown,
            }
            for one in found.differences
        ],
        "alterations": [one.as_json() for one in found.alterations],
        "unseen": [spaced(one) for one in found.unseen],
        "embedded": [one.as_json() for one in found.stale],
        "pictures": [str(one) for one in pictures],
    }


def _show(session: Session, guide: Guide, found: Verification, pages: int) -> None:
    titles = {key: guide.wording_of(one) for key, one in guide.placements.items()}
    if found.differences:
        title = count_of(len(found.differences), "différence")
        session.say(spaced(f"{title} avec la fiche :"), bold=True)
        show_differences(found.differences, titles)
    if found.alterations:
        title = count_of(len(found.alterations), "altération")
        session.say(spaced(f"{title} par rapport au document tel qu’il devrait être :"), bold=True)
        for one in found.alterations:
            _show_alteration(one)
    if not found.differs:
        _verdict(session, found, pages)
    elif found.unseen:
        session.say(spaced(f"Pas regardé : {' ; '.join(found.unseen)}."), fg="yellow")
    if found.stale:
        session.say(
            spaced(
                "Les réponses jointes au document (qui ne se voient pas) ne sont pas celles de la "
                "fiche :"
            ),
            fg="yellow",
        )
        show_changes(found.stale)


def _verdict(session: Session, found: Verification, pages: int) -> None:
    on = sum(tick.value for tick in found.plan.ticks.values())
    said = (
        f"{count_of(len(found.plan.ticks), 'case')} (dont {count_of(on, 'cochée')}) et "
        f"{count_of(len(found.plan.texts), 'texte')} disent ce que dit la fiche"
    )
    if pages:
        said += f" ; {count_of(pages, 'page')} comparées une à une"
    if found.unseen:
        session.say(spaced(f"Rien ne diffère : {said}."), fg="green")
        session.say(spaced(f"Mais : {' ; '.join(found.unseen)}."), fg="yellow")
    else:
        session.say(spaced(f"Prouvé : {said}, et rien d’autre n’a changé."), fg="green")


def _show_alteration(one: Alteration) -> None:
    echo(spaced(f"  {one.where} : {one.what}"))
    if one.before:
        echo(spaced(f"      attendu  : « {one.before} »"))
    if one.after:
        echo(spaced(f"      document : « {one.after} »"))
