"""``map``: find where each field lies in a blank document that the program has never seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cqp_forms.cli.mapped import show_changes_of_edition, show_check, show_list, show_matched
from cqp_forms.cli.options import guide_option, json_option
from cqp_forms.cli.report import emit_json
from cqp_forms.cli.session import Session, pass_session
from cqp_forms.errors import DocumentError, ExitCode, UsageError

if TYPE_CHECKING:
    from cqp_forms.detection import Detected
    from cqp_forms.editions import Change
    from cqp_forms.guide import Guide
    from cqp_forms.mapping import Format
    from cqp_forms.matching import Matched


@click.command("map", short_help="Repère les cases et les zones d’un document vierge.")
@click.argument("document", type=click.Path(path_type=Path), metavar="DOCUMENT")
@guide_option
@click.option(
    "-o",
    "--output",
    "output",
    metavar="CORRESPONDANCE.yaml",
    type=click.Path(path_type=Path),
    help="Le fichier à créer (par défaut : le nom du document, en .yaml).",
)
@click.option(
    "--preview",
    metavar="FICHIER.pdf",
    type=click.Path(path_type=Path),
    help="Le document avec chaque emplacement tracé et nommé.",
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
    "--new-guide", metavar="ID", help="Ébauche un guide et sa correspondance d’après le document."
)
@click.option(
    "--check",
    "checked",
    metavar="CORRESPONDANCE.yaml",
    type=click.Path(path_type=Path),
    help="Contrôle une correspondance complétée à la main.",
)
@json_option
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    document: Path,
    guide_id: str | None,
    output: Path | None,
    preview: Path | None,
    listing: bool,
    against: Path | None,
    new_guide: str | None,
    checked: Path | None,
    as_json: bool,
) -> None:
    """Repère dans un document vierge, Word ou PDF, où se trouve chaque champ du guide.

    Écrit une correspondance (YAML) qu’une personne peut relire et corriger, et la résume, le moins
    sûr d’abord. Code de sortie 4 si des emplacements restent à trouver : ils y sont marqués TODO ;
    complétez-les, puis contrôlez le fichier avec --check.
    """
    from cqp_forms.mapmaking import detect, format_of, read_document

    modes = [name for name, on in _modes(listing, against, new_guide, checked) if on]
    if len(modes) > 1:
        raise UsageError(f"{' et '.join(modes)} s’excluent.", remedy="Gardez-en une seule.")
    content = read_document(document)
    kind = format_of(content, document)
    if checked:
        _check(ctx, session, guide_id, checked, content, as_json)
        return
    found = detect(content, kind)
    if listing:
        show_list(found, as_json=as_json)
        return
    if not found:
        raise DocumentError(
            "aucune case ni zone à remplir n’a été trouvée dans ce document.",
            where=str(document),
            remedy="Vérifiez que c’est bien le formulaire vierge.",
        )
    if new_guide:
        _draft(session, document, content, kind, found, new_guide, as_json)
        return
    guide = session.guide(guide_id)
    matched, changes = _match(guide, found, against)
    target = output or Path(document.with_suffix(".yaml").name)
    _write_mapping(target, guide, matched, kind, document, content)
    if preview:
        _write_preview(preview, content, kind, guide, matched)
    if as_json:
        _json(guide, matched, changes, target)
    else:
        show_matched(session, guide, matched)
        if against:
            show_changes_of_edition(session, changes)
        click.echo(target)
        if preview:
            click.echo(preview)
    if matched.missing:
        ctx.exit(ExitCode.DOCUMENT)


def _modes(
    listing: bool, against: Path | None, new_guide: str | None, checked: Path | None
) -> list[tuple[str, bool]]:
    return [
        ("--list", listing),
        ("--against", against is not None),
        ("--new-guide", new_guide is not None),
        ("--check", checked is not None),
    ]


def _check(
    ctx: click.Context,
    session: Session,
    guide_id: str | None,
    checked: Path,
    content: bytes,
    as_json: bool,
) -> None:
    from cqp_forms.mapmaking import lint
    from cqp_forms.mapping_file import read_mapping

    mapping = read_mapping(checked)
    problems = lint(mapping, session.guide(guide_id or mapping.guide), content)
    show_check(session, checked, problems, as_json=as_json)
    if problems:
        ctx.exit(ExitCode.DOCUMENT)


def _match(
    guide: Guide, found: tuple[Detected, ...], against: Path | None
) -> tuple[Matched, tuple[Change, ...]]:
    from cqp_forms.editions import carry_over
    from cqp_forms.mapping_file import read_mapping
    from cqp_forms.matching import match

    if against is None:
        return match(found, guide), ()
    carried = carry_over(guide, read_mapping(against), found)
    return carried.matched, carried.changes


def _write_mapping(
    target: Path, guide: Guide, matched: Matched, kind: Format, document: Path, content: bytes
) -> None:
    from cqp_forms.files import Existing, save
    from cqp_forms.mapping_file import dump_mapping
    from cqp_forms.matching import mapping_of

    mapping = mapping_of(matched, guide, kind, document.name, content)
    save(target, dump_mapping(mapping, guide.placements).encode(), Existing.REFUSE)


def _write_preview(
    target: Path, content: bytes, kind: Format, guide: Guide, matched: Matched
) -> None:
    from cqp_forms.files import Existing, save
    from cqp_forms.mapmaking import preview

    save(target, preview(content, kind, guide, matched), Existing.REPLACE)


def _draft(
    session: Session,
    document: Path,
    content: bytes,
    kind: Format,
    found: tuple[Detected, ...],
    guide_id: str,
    as_json: bool,
) -> None:
    from cqp_forms.drafting import draft
    from cqp_forms.files import Existing, save
    from cqp_forms.guide_file import GUIDE_FILE
    from cqp_forms.mapping_file import dump_mapping
    from cqp_forms.project import MAPPINGS, SOURCE_DOCS

    name = f"{guide_id}.{kind.value}"
    made = draft(found, guide_id, kind, name, content)
    folder = session.folder / MAPPINGS / guide_id
    files = {
        folder / GUIDE_FILE: made.text.encode(),
        folder / f"{kind.value}.yaml": dump_mapping(made.mapping, made.guide.placements).encode(),
        session.folder / SOURCE_DOCS / name: content,
    }
    for path, body in files.items():
        save(path, body, Existing.REFUSE)
    if as_json:
        emit_json({"guide": guide_id, "files": [str(path) for path in files]})
        return
    for path in files:
        click.echo(path)
    session.say(
        f"{len(made.guide.fields)} champs ébauchés d’après {document.name}. Relisez guide.yaml "
        f"(libellés, identifiants), puis\u00a0: cqp-forms new --guide {guide_id}",
        fg="green",
    )


def _json(guide: Guide, matched: Matched, changes: tuple[Change, ...], target: Path) -> None:
    from cqp_forms.matching import counts

    emit_json(
        {
            "mapping": str(target),
            "counts": [
                {"kind": one.kind.value, "placed": one.placed, "expected": one.expected}
                for one in counts(matched, guide)
            ],
            "missing": list(matched.missing),
            "placements": {
                place: {"confidence": one.locator.confidence, "reason": one.locator.reason}
                for place, one in matched.placed.items()
            },
            "unused": len(matched.unused),
            "changes": [one.as_json() for one in changes],
        }
    )
