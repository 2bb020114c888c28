"""``guides``: the guides at hand, their documents, and how completely each is mapped."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from cqp_forms.cli.console import echo, emit_json, table
from cqp_forms.cli.options import json_option
from cqp_forms.cli.session import Session, pass_session
from cqp_forms.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cqp_forms.guide import Guide
    from cqp_forms.mapping import Format
    from cqp_forms.project import Project


@click.command("guides")
@json_option
@pass_session
def command(session: Session, as_json: bool) -> None:
    """Dit quels guides sont disponibles, leurs documents et leurs correspondances.

    Pour chaque document : combien d’emplacements sont repérés, sur combien d’attendus. Les anciens
    documents d’un guide restent connus, par leur empreinte SHA-256 : ce qui a été fait sur eux se
    relit, se prouve et se corrige toujours.
    """
    session = session.knowing(session.folder / "output")
    rows = [row for guide_id in session.project.guide_ids() for row in _rows(session, guide_id)]
    if as_json:
        emit_json({"guides": rows})
        return
    if not rows:
        session.say("Aucun guide : il n’y a pas de mappings/ID/guide.yaml.", fg="yellow")
        return
    echo(
        table(
            ["Guide", "Format", "Document", "Repérés", "État"],
            [
                [row["guide"], row["format"], row["document"], row["mapped"], row["state"]]
                for row in rows
            ],
        )
    )
    for row in rows:
        if row["remedy"]:
            session.say(f"{row['where'] or row['guide']}\u00a0: {row['state']}", fg="yellow")
            session.say(f"→ {row['remedy']}")


def _rows(session: Session, guide_id: str) -> list[dict[str, str]]:
    from cqp_forms.mapping import Format

    project = session.project
    try:
        guide = project.guide(guide_id)
    except DocumentError as error:
        return [_row(guide_id, refused=error)]
    kinds = [kind for kind in Format if project.mapping_path(guide_id, kind)]
    if not kinds:
        return [_row(guide_id, mapped=f"0/{len(guide.placements)}", state="aucun document")]
    current = [_document_row(project, guide, kind) for kind in kinds]
    return [*current, *_former_rows(project, guide)]


def _former_rows(project: Project, guide: Guide) -> Iterator[dict[str, str]]:
    """What documents that were made on former blanks are still read with."""
    from cqp_forms.mapping_yaml import read_mapping

    current = set()
    for kind in project.formats(guide):
        with suppress(DocumentError):  # told in its own row
            if path := project.mapping_path(guide.id, kind):
                current.add(read_mapping(path).sha256)
    for blank in project.former(guide):
        if blank.sha256 in current:
            continue
        mapped = f"{len(blank.mapping.locators)}/{len(guide.placements)}"
        document = f"{blank.mapping.document} ({blank.sha256[:12]})"
        yield _row(guide.id, blank.format.value, document, mapped, "ancien, encore lu")


def _document_row(project: Project, guide: Guide, kind: Format) -> dict[str, str]:
    from cqp_forms.mapping_lint import pending
    from cqp_forms.mapping_yaml import read_mapping

    path = project.mapping_path(guide.id, kind)
    assert path is not None  # the caller listed the kinds that have one
    try:
        mapping = read_mapping(path)
    except DocumentError as error:
        return _row(guide.id, kind.value, refused=error)
    mapped = len(guide.placements) - len(pending(mapping, guide))
    refused = None
    try:
        project.blank(guide, kind)
    except DocumentError as error:
        refused = error
    count = f"{mapped}/{len(guide.placements)}"
    return _row(guide.id, kind.value, mapping.document, count, "prêt", refused)


def _row(
    guide: str,
    kind: str = "",
    document: str = "",
    mapped: str = "",
    state: str = "",
    refused: DocumentError | None = None,
) -> dict[str, str]:
    return {
        "guide": guide,
        "format": kind,
        "document": document,
        "mapped": mapped,
        "state": refused.message if refused else state,
        "where": refused.where if refused else "",
        "remedy": refused.remedy if refused else "",
    }
