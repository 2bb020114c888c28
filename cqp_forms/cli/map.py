"""``map``: find where each field lies in a blank document that the program has never seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cqp_forms.cli.console import echo, emit_json
from cqp_forms.cli.mapped import (
    show_changes_of_edition,
    show_check,
    show_list,
    show_matched,
    show_unfillable,
)
from cqp_forms.cli.options import guide_option, json_option
from cqp_forms.cli.session import Session, pass_session
from cqp_forms.errors import DocumentError, ExitCode, OutputError, UsageError, refusal

if TYPE_CHECKING:
    from cqp_forms.guide import Guide
    from cqp_forms.mapping import AnyMapping, Detected, Format
    from cqp_forms.matching import Matched
    from cqp_forms.matching.editions import Change


@click.command("map")
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
    from cqp_forms.formats import recognise

    modes = [name for name, on in _modes(listing, against, new_guide, checked) if on]
    if len(modes) > 1:
        raise UsageError(f"{' et '.join(modes)} s’excluent.", remedy="Gardez-en une seule.")
    if (output or preview) and modes not in ([], ["--against"]):
        raise UsageError(
            f"-o et --preview ne vont pas avec {modes[0]}.", remedy="Enlevez l’une des options."
        )
    form = _Form(document, content := _read(document), recognise(content, document))
    if checked:
        ctx.exit(_check(session, guide_id, checked, form, as_json))
    if listing:
        show_list(session, form.found, as_json=as_json)
    elif new_guide is not None:
        _draft(session, form, new_guide, as_json)
    else:
        target = output or Path(document.with_suffix(".yaml").name)
        former = _former(against, guide_id)
        guide = session.guide(guide_id or (former.guide if former else None))
        ctx.exit(_map(session, guide, form, target, preview, former, as_json))


@dataclass(frozen=True)
class _Form:
    """The document to map."""

    path: Path
    content: bytes
    kind: Format

    @cached_property
    def found(self) -> tuple[Detected, ...]:
        """What is detected, what cannot be filled included."""
        from cqp_forms.formats import format_of

        return format_of(self.kind).detect(self.content)

    def closed(self) -> tuple[Detected, ...]:
        """What is detected and cannot be filled."""
        return tuple(one for one in self.found if one.unfillable)

    def boxes(self) -> tuple[Detected, ...]:
        """What is detected; a document without anything to fill is an error."""
        found = tuple(one for one in self.found if not one.unfillable)
        if not found:
            raise DocumentError(
                "aucune case ni zone à remplir n’a été trouvée dans ce document.",
                where=str(self.path),
                remedy="Vérifiez que c’est bien le formulaire vierge.",
            )
        return found


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise DocumentError(
            f"document illisible ({refusal(problem)}).",
            where=str(path),
            remedy="Vérifiez le chemin et les droits.",
        ) from problem


def _map(
    session: Session,
    guide: Guide,
    form: _Form,
    target: Path,
    preview: Path | None,
    former: AnyMapping | None,
    as_json: bool,
) -> ExitCode:
    from cqp_forms.files import Existing, require_free, save
    from cqp_forms.formats import preview as preview_of
    from cqp_forms.mapping_yaml import dump_mapping
    from cqp_forms.matching import mapping_of

    require_free(target)
    if preview:
        require_free(preview, option="--preview")
    matched, changes = _match(session, guide, form.boxes(), former)
    mapping = mapping_of(matched, guide, form.kind, form.path.name, form.content)
    save(target, dump_mapping(mapping, guide.placements).encode(), Existing.REFUSE)
    if preview:
        shown = preview_of(form.content, form.kind, form.path.name, matched)
        save(preview, shown, Existing.REFUSE)
    if as_json:
        _json(guide, matched, changes, target)
    else:
        show_matched(session, guide, matched)
        show_unfillable(session, form.closed())
        if former:
            show_changes_of_edition(session, changes)
        for path in (target, preview):
            if path:
                echo(path)
    return ExitCode.DOCUMENT if matched.missing else ExitCode.DONE


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
    session: Session, guide_id: str | None, checked: Path, form: _Form, as_json: bool
) -> ExitCode:
    from cqp_forms.formats import lint
    from cqp_forms.mapping_yaml import read_mapping

    mapping = read_mapping(checked)
    problems = lint(mapping, session.guide(guide_id or mapping.guide), form.content)
    show_check(session, checked, problems, as_json=as_json)
    return ExitCode.DOCUMENT if problems else ExitCode.DONE


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
) -> tuple[Matched, tuple[Change, ...]]:
    from cqp_forms.matching import match
    from cqp_forms.matching.editions import carry_over

    if former is None:
        return match(found, guide), ()
    carried = carry_over(guide, former, found, _former_found(session, former))
    return carried.matched, carried.changes


def _former_found(session: Session, former: AnyMapping) -> tuple[Detected, ...]:
    """What the former document holds, where it is still at hand: wordings are best compared so."""
    from cqp_forms.formats import format_of

    content = session.project.document(former)
    return format_of(former.format).detect(content) if content is not None else ()


def _draft(session: Session, form: _Form, guide_id: str, as_json: bool) -> None:
    from cqp_forms.files import Existing, require_free, save
    from cqp_forms.guide_yaml import GUIDE_FILE
    from cqp_forms.mapping_yaml import dump_mapping
    from cqp_forms.matching.drafting import draft
    from cqp_forms.project import MAPPINGS, SOURCE_DOCS

    if guide_id in session.project.guide_ids():
        raise OutputError(
            f"le guide « {guide_id} » existe déjà ; il n’a pas été modifié.",
            remedy="Donnez un autre identifiant ; « cqp-forms guides » les liste.",
        )
    kind = form.kind.value
    name = f"{guide_id}.{kind}"
    made = draft(form.boxes(), guide_id, form.kind, name, form.content)
    folder = session.folder / MAPPINGS / guide_id
    files = {
        folder / GUIDE_FILE: made.text.encode(),
        folder / f"{kind}.yaml": dump_mapping(made.mapping, made.guide.placements).encode(),
        session.folder / SOURCE_DOCS / name: form.content,
    }
    require_free(*files, option="--new-guide")
    for path, body in files.items():
        save(path, body, Existing.REFUSE)
    if as_json:
        emit_json({"guide": guide_id, "files": [str(path) for path in files]})
        return
    for path in files:
        echo(path)
    session.say(
        f"{len(made.guide.fields)} champs ébauchés d’après {form.path.name}. Relisez guide.yaml "
        f"(libellés, identifiants), puis\u00a0: cqp-forms new --guide {guide_id}",
        fg="green",
    )
    show_unfillable(session, form.closed())


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
