"""``map``: find where each field lies in a blank document that the program has never seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cqp_forms.cli.console import echo, emit_json
from cqp_forms.cli.mapped import (
    matched_json,
    show_changes_of_edition,
    show_check,
    show_confirmed,
    show_drafted,
    show_list,
    show_matched,
    show_unfillable,
)
from cqp_forms.cli.options import guide_option, json_option
from cqp_forms.cli.session import Session, pass_session
from cqp_forms.errors import ExitCode, OutputError, UsageError

if TYPE_CHECKING:
    from cqp_forms.blank_form import BlankForm
    from cqp_forms.guide import Guide
    from cqp_forms.mapping import AnyMapping, Detected
    from cqp_forms.matching import Matched
    from cqp_forms.matching.editions import EditionChange


@click.command("map")
@click.argument("words", nargs=-1, required=True, metavar="DOCUMENT [AUTRE_DOCUMENT | ID[=#N]]...")
@guide_option
@click.option(
    "-o",
    "--output",
    "output",
    metavar="CORRESPONDANCE.yaml",
    type=click.Path(path_type=Path),
    help="Le fichier à créer (par défaut : le nom du document, en .yaml) ; avec --confirm, celui "
    "à compléter.",
)
@click.option(
    "--preview",
    metavar="FICHIER",
    type=click.Path(path_type=Path),
    help="Le document avec chaque emplacement montré et numéroté : un PDF pour un PDF, un DOCX "
    "commenté pour un DOCX (ou un PDF : la liste).",
)
@click.option(
    "--list", "listing", is_flag=True, help="Liste ce qui est détecté ; aucun guide n’est requis."
)
@click.option(
    "--against",
    metavar="ANCIENNE.yaml",
    type=click.Path(path_type=Path),
    help="Nouvelle édition : reprend cette correspondance et dit ce qui a changé.",
)
@click.option(
    "--new-guide",
    metavar="ID",
    help="Ébauche un guide et sa correspondance d’après le document ; deux documents (.docx et "
    ".pdf) du même formulaire donnent un guide et deux correspondances.",
)
@click.option(
    "--check",
    "checked",
    metavar="CORRESPONDANCE.yaml",
    type=click.Path(path_type=Path),
    help="Contrôle une correspondance complétée à la main.",
)
@click.option(
    "--confirm",
    is_flag=True,
    help="Confirme les emplacements supposés : tous, ou ceux nommés après le document (ID, ou "
    "ID=#37 pour la place n° 37).",
)
@json_option
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    words: tuple[str, ...],
    guide_id: str | None,
    output: Path | None,
    preview: Path | None,
    listing: bool,
    against: Path | None,
    new_guide: str | None,
    checked: Path | None,
    confirm: bool,
    as_json: bool,
) -> None:
    """Repère dans un document vierge, Word ou PDF, où se trouve chaque champ du guide.

    Écrit une correspondance (YAML) qu’une personne peut relire et corriger, et la résume, le moins
    sûr d’abord. Code de sortie 4 si des emplacements restent à trouver (TODO) ou à confirmer
    (confirmed: false) : rien n’est émis avec eux. Regardez l’aperçu, puis confirmez-les (--confirm)
    ou corrigez le fichier et contrôlez-le (--check).
    """
    modes = {
        "--list": listing,
        "--against": against is not None,
        "--new-guide": new_guide is not None,
        "--check": checked is not None,
        "--confirm": confirm,
    }
    from cqp_forms.blank_form import BlankForm

    mode = _only([name for name, on in modes.items() if on])
    _refuse_unused(mode, words, output, preview)
    form = BlankForm.read(Path(words[0]))
    if checked:
        ctx.exit(_check(session, guide_id, checked, form, as_json))
    if confirm:
        ctx.exit(_confirm(session, guide_id, output, form, words[1:], as_json))
    if listing:
        show_list(session, form.found, as_json=as_json)
        _preview_unmapped(form, preview)
    elif new_guide is not None:
        forms = [form, *(BlankForm.read(Path(one)) for one in words[1:])]
        ctx.exit(_draft(session, forms, new_guide, preview, as_json))
    else:
        target = output or Path(form.path.with_suffix(".yaml").name)
        former = _former(against, guide_id)
        guide = session.guide(guide_id or (former.guide if former else None))
        ctx.exit(_map(session, guide, form, target, preview, former, as_json))


def _only(modes: list[str]) -> str:
    if len(modes) > 1:
        raise UsageError(f"{' et '.join(modes)} s’excluent.", remedy="Gardez-en une seule.")
    return modes[0] if modes else ""


def _refuse_unused(
    mode: str, words: tuple[str, ...], output: Path | None, preview: Path | None
) -> None:
    unused = []
    if output and mode not in ("", "--against", "--confirm"):
        unused.append("-o")
    if preview and mode in ("--check", "--confirm"):
        unused.append("--preview")
    if unused:
        raise UsageError(
            f"{' et '.join(unused)} ne va pas avec {mode}.", remedy="Enlevez l’une des options."
        )
    if len(words) > 1 and mode not in ("--new-guide", "--confirm"):
        raise UsageError(
            f"un seul document à la fois : « {words[1]} » est de trop.",
            remedy="Deux documents ne vont ensemble qu’avec --new-guide ; ID=#37, avec --confirm.",
        )


def _map(
    session: Session,
    guide: Guide,
    form: BlankForm,
    target: Path,
    preview: Path | None,
    former: AnyMapping | None,
    as_json: bool,
) -> ExitCode:
    from cqp_forms.files import Existing, require_free, save
    from cqp_forms.mapping_yaml import dump_mapping
    from cqp_forms.matching import mapping_of

    require_free(target)
    matched, changes = _match(session, guide, form.boxes(), former)
    shown = _shown(form, matched, preview)
    mapping = mapping_of(matched, guide, form.kind, form.path.name, form.content)
    save(target, dump_mapping(mapping, guide.placements).encode(), Existing.REFUSE)
    if preview:
        save(preview, shown, Existing.REFUSE)
    if as_json:
        emit_json(matched_json(guide, matched, changes, target))
    else:
        show_matched(session, guide, matched)
        show_unfillable(session, form.closed)
        if former:
            show_changes_of_edition(session, changes)
        for path in (target, preview):
            if path:
                echo(path)
    return ExitCode.DOCUMENT if matched.missing or matched.doubtful else ExitCode.DONE


def _shown(form: BlankForm, matched: Matched, preview: Path | None) -> bytes:
    """The preview, made before anything is written; empty when none is asked for."""
    from cqp_forms.files import require_free
    from cqp_forms.formats import preview as preview_of

    if preview is None:
        return b""
    require_free(preview, option="--preview")
    suffix = preview.suffix.casefold().lstrip(".")
    return preview_of(form.content, form.kind, form.path.name, matched, suffix)


def _preview_unmapped(form: BlankForm, preview: Path | None) -> None:
    """All that was detected, numbered: what a person needs to write a mapping."""
    from cqp_forms.files import Existing, save
    from cqp_forms.matching import Matched

    if preview:
        save(preview, _shown(form, Matched({}, (), form.found), preview), Existing.REFUSE)
        echo(preview)


def _check(
    session: Session, guide_id: str | None, checked: Path, form: BlankForm, as_json: bool
) -> ExitCode:
    from cqp_forms.formats import lint
    from cqp_forms.mapping_yaml import read_mapping

    mapping = read_mapping(checked)
    problems = lint(mapping, session.guide(guide_id or mapping.guide), form.content)
    show_check(session, checked, problems, as_json=as_json)
    return ExitCode.DOCUMENT if problems else ExitCode.DONE


def _confirm(
    session: Session,
    guide_id: str | None,
    output: Path | None,
    form: BlankForm,
    words: tuple[str, ...],
    as_json: bool,
) -> ExitCode:
    from cqp_forms.files import Existing, save
    from cqp_forms.formats import lint
    from cqp_forms.mapping_yaml import dump_mapping, read_mapping
    from cqp_forms.matching.confirm import confirmed, wishes_of

    wishes = wishes_of(words)
    path = output or _mapping_of(session, form, guide_id)
    mapping = read_mapping(path)
    mapping.require_document(form.content, str(form.path))
    guide = session.guide(guide_id or mapping.guide)
    made, keys = confirmed(mapping, guide, form.found, wishes)
    problems = lint(made, guide, form.content)
    save(path, dump_mapping(made, guide.placements).encode(), Existing.REPLACE)
    found = {one.locator: one for one in form.found}
    places = {key: made.locators[key] for key in keys}
    show_confirmed(session, path, places, found, problems, as_json)
    return ExitCode.DOCUMENT if problems else ExitCode.DONE


def _mapping_of(session: Session, form: BlankForm, guide_id: str | None) -> Path:
    """The mapping to complete: the one beside the document's name, else a guide's of the folder."""
    own = Path(form.path.with_suffix(".yaml").name)
    if guide_id is None and own.is_file():
        return own
    path = session.project.own_mapping(form.content, form.kind, guide_id)
    if path is not None:
        return path
    raise UsageError(
        "on ne sait pas quelle correspondance compléter.",
        where=str(form.path),
        remedy="Donnez-la : -o CORRESPONDANCE.yaml.",
    )


def _former(against: Path | None, guide_id: str | None) -> AnyMapping | None:
    """The mapping of the former edition; it says which guide it is for."""
    from cqp_forms.mapping_yaml import read_mapping

    if against is None:
        return None
    former = read_mapping(against)
    if guide_id and guide_id != former.guide:
        raise UsageError(
            f"cette correspondance est faite pour le guide « {former.guide} », pas « {guide_id} ».",
            where=str(against),
            remedy="Enlevez --guide, ou donnez la correspondance de l’édition précédente.",
        )
    return former


def _match(
    session: Session, guide: Guide, found: tuple[Detected, ...], former: AnyMapping | None
) -> tuple[Matched, tuple[EditionChange, ...]]:
    from cqp_forms.formats import format_of
    from cqp_forms.matching import match
    from cqp_forms.matching.editions import carry_over

    if former is None:
        return match(found, guide), ()
    # What the former document holds, where it is still at hand: wordings are best compared so.
    content = session.project.document(former)
    before = format_of(former.format).detect(content) if content is not None else ()
    carried = carry_over(guide, former, found, before)
    return carried.matched, carried.changes


def _draft(
    session: Session, forms: list[BlankForm], guide_id: str, preview: Path | None, as_json: bool
) -> ExitCode:
    from cqp_forms.blank_form import draft_guide
    from cqp_forms.files import Existing, require_free, save
    from cqp_forms.matching import Matched

    if guide_id in session.project.guide_ids():
        raise OutputError(
            f"le guide « {guide_id} » existe déjà ; il n’a pas été modifié.",
            remedy="Donnez un autre identifiant ; « cqp-forms guides » les liste.",
        )
    drafted = draft_guide(forms, guide_id)
    made, first = drafted.made, forms[0]
    blanks = {one.path.resolve() for one in forms}
    files = {
        target: body
        for path, body in drafted.files.items()
        if (target := session.folder / path).resolve() not in blanks  # it is there already
    }
    problems = {session.folder / path: told for path, told in drafted.problems.items()}
    if preview:
        places = {place: made.numbered[place] for place in made.guide.placements}
        files[preview] = _shown(first, Matched(places, (), ()), preview)
    require_free(*files, option="--new-guide")
    for path, body in files.items():
        save(path, body, Existing.REFUSE)
    show_drafted(session, guide_id, made, first.path.name, problems, list(files), as_json)
    show_unfillable(session, [each for one in forms for each in one.closed])
    return ExitCode.DOCUMENT if any(problems.values()) else ExitCode.DONE
